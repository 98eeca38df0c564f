/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/model.h"

/*
 * BIRD 2.14 is the first with all that is needed: "type tunnel" and "rtt cost", return types of
 * functions (both 2.14), and IPv4 by way of IPv6 for Babel (2.13; RFC 9229). Debian 12 has 2.0.12,
 * Debian 13 has 2.17. BIRD 3 has another interior and has not been tried.
 */
#define BIRD_VERSION_MAJOR 2
#define BIRD_VERSION_MINOR 14
bool bird_version_is_usable(const struct bird_version *version);

/* "BIRD version 2.17.6", with or without what a distribution adds. 0 or -EINVAL. */
int bird_version_parse(const char *text, struct bird_version *ret);
