/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/ip.h"

/*
 * Why no node may ever announce @prefix, whoever signed it (registry specification, section 6.2):
 * "default route", "loopback", ...; NULL if it may. Covering
 * such addresses is refused like lying in them.
 */
const char *prefix_refusal(const struct ip_prefix *prefix);
