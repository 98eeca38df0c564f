/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/model.h"
#include "netlink/spaces.h"
#include "netlink/sysctl.h"

/*
 * What the kernel can do and which programs are installed, but for the version of BIRD; asked once,
 * at start, in the underlay.
 */
void facts_probe(struct spaces *spaces, struct facts *facts);

/*
 * Replace facts->underlay_addresses: addresses of the host with their connected networks, default
 * gateways, and the resolvers of /etc/resolv.conf. No prefix of the overlay may capture these. And
 * facts->advertised_links.
 */
int facts_read_underlay(struct spaces *spaces, const struct sysctls *sysctls, struct facts *facts,
			struct error *error);
