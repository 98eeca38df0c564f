/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/ip.h"

/*
 * Why no node may ever announce @prefix, whoever signed it (registry specification, section 6.2):
 * "default route", "loopback", ...; NULL if it may. Covering such addresses is refused like lying
 * in them.
 */
const char *prefix_refusal(const struct ip_prefix *prefix);

/*
 * Why @address cannot be the address of an endpoint, in config.json and registry alike: "is a
 * multicast address", ...; NULL if it can.
 */
const char *endpoint_address_refusal(const struct ip_address *address);
