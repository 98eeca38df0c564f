/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/model.h"
#include "json/json.h"

/* The member `transports` of an endpoint, in the registry and in config.json: a set of names. */
int transports_read(const struct json_cursor *cursor, uint8_t *ret, struct error *error);

/* "wireguard", "ipsec", "wireguard, ipsec" or, for none, "". Never to be freed. */
const char *transports_name(uint8_t set);
