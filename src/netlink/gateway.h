/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "netlink/spaces.h"

/*
 * The gateways of the underlay's default routes in its main table, IPv4 and IPv6, as single
 * addresses. *ret is owned by the caller.
 */
int netlink_default_gateways(struct spaces *spaces, struct ip_prefix **ret, size_t *ret_count,
			     struct error *error);
