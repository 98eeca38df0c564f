// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/host.h"

#include "intend/intend.h"

#include <sys/socket.h>

void host_warn(struct firewall *firewall, const struct config *config,
	       const struct registry *registry, struct warnings *warnings)
{
	const struct forwarded forwarded = {
		.link = config->ifname,
		.ipv4 = intend_forwards(config, registry, AF_INET),
		.ipv6 = intend_forwards(config, registry, AF_INET6),
	};
	const struct forward_chains *chains;

	if (!forwarded.ipv4 && !forwarded.ipv6)
		return;
	if (firewall_forward_chains(firewall, &chains, NULL) == 0)
		forward_warn(chains, &forwarded, warnings);
}
