// SPDX-License-Identifier: GPL-2.0-or-later
#include "firewall/forward.h"

#include "base/memory.h"

#include <linux/netfilter.h>
#include <string.h>

void forward_chains_done(struct forward_chains *chains)
{
	free(chains->items);
	*chains = (struct forward_chains) { 0 };
}

static const char *family_name(uint8_t family)
{
	switch (family) {
	case NFPROTO_IPV4:
		return "ip";
	case NFPROTO_IPV6:
		return "ip6";
	default:
		return "inet";
	}
}

static bool may_drop(const struct forward_chain *chain, const struct forwarded *forwarded)
{
	if (chain->lets_link_pass)
		return false;
	switch (chain->family) {
	case NFPROTO_IPV4:
		return forwarded->ipv4;
	case NFPROTO_IPV6:
		return forwarded->ipv6;
	default:
		return forwarded->ipv4 || forwarded->ipv6;
	}
}

/* These are the names that iptables-nft gives; nft warns of changing them by other means. */
static bool is_of_iptables(const struct forward_chain *chain)
{
	return chain->family != NFPROTO_INET && !strcmp(chain->table, "filter") &&
	       !strcmp(chain->name, "FORWARD");
}

static void warn_of_iptables(const struct forward_chain *chain, const char *link,
			     struct warnings *warnings)
{
	const char *program = chain->family == NFPROTO_IPV4 ? "iptables" : "ip6tables";
	const char *place = chain->has_docker_user ? "DOCKER-USER" : chain->name;

	warnings_add(warnings, "W07",
		     "chain %s %s %s drops by default and may drop the overlay's packets; unless a "
		     "rule accepts them: %s -I %s -i %s -j ACCEPT; %s -I %s -o %s -j ACCEPT",
		     family_name(chain->family), chain->table, chain->name, program, place, link,
		     program, place, link);
}

static void warn_of_nftables(const struct forward_chain *chain, const char *link,
			     struct warnings *warnings)
{
	const char *family = family_name(chain->family);

	warnings_add(warnings, "W07",
		     "chain %s %s %s drops by default and may drop the overlay's packets; unless a "
		     "rule accepts them: nft insert rule %s %s %s iifname %s accept; the same with "
		     "oifname",
		     family, chain->table, chain->name, family, chain->table, chain->name, link);
}

void forward_warn(const struct forward_chains *chains, const struct forwarded *forwarded,
		  struct warnings *warnings)
{
	for (size_t i = 0; i < chains->count; i++) {
		const struct forward_chain *chain = &chains->items[i];

		if (!may_drop(chain, forwarded))
			continue;
		if (is_of_iptables(chain))
			warn_of_iptables(chain, forwarded->link, warnings);
		else
			warn_of_nftables(chain, forwarded->link, warnings);
	}
}
