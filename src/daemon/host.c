// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/host.h"

#include "intend/intend.h"
#include "registry/guard.h"

#include <sys/socket.h>

static void warn_of_firewall(struct firewall *firewall, const struct config *config,
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

static void warn_of_filter(const struct sysctls *sysctls, struct warnings *warnings)
{
	unsigned filter = sysctls_rp_filter(sysctls);

	if (filter)
		warnings_add(warnings, "W08",
			     "net.ipv4.conf.all.rp_filter is %u: IPv4 packets that come by another "
			     "tunnel than the one that leads back are dropped; set it to 0, and "
			     "that of other links to what they need",
			     filter);
}

static void warn_of_collision(const struct facts *facts, const struct config *config,
			      const struct registry *registry, struct warnings *warnings)
{
	struct error error = { 0 };

	if (registry && guard_check(registry, config, facts, &error) < 0)
		warnings_add(warnings, "W10",
			     "%s; the registry stays in use, but no load of it is taken",
			     error.text);
}

void host_warn(struct firewall *firewall, const struct sysctls *sysctls, const struct facts *facts,
	       const struct config *config, const struct registry *registry,
	       struct warnings *warnings)
{
	warn_of_collision(facts, config, registry, warnings);
	warn_of_firewall(firewall, config, registry, warnings);
	if (registry && config->mode == OVERLAY_VRF)
		warn_of_filter(sysctls, warnings);
}
