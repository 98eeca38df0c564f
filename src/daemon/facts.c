// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/facts.h"

#include "babel/probe.h"
#include "base/file.h"
#include "base/prefix_list.h"
#include "netlink/facts.h"
#include "netlink/gateway.h"
#include "wireguard/wireguard.h"

#include <string.h>

#define RESOLVER_FILE "/etc/resolv.conf"
#define RESOLVER_FILE_MAX 65536

void facts_probe(struct spaces *spaces, struct facts *facts)
{
	struct wireguard_features wireguard = wireguard_probe();

	facts->has_kernel_wireguard = wireguard.has_kernel;
	facts->has_userspace_wireguard = wireguard.has_userspace;
	babel_probe(facts);
	facts->has_seg6 = netlink_has_seg6(spaces);
	facts->has_nf_tables = netlink_has_nf_tables();
	facts->has_vrf = netlink_has_vrf(spaces);
	if (!spaces_netns_name(spaces))
		(void)netlink_vrf_of_table(spaces, spaces_overlay_table(spaces), facts->table_owner,
					   NULL);
}

/* `nameserver ADDRESS` lines; nothing else in that file matters here, nor that it is missing. */
static void append_resolvers(struct prefix_list *prefixes)
{
	CLEANUP(free) char *text = NULL;
	struct ip_address address;
	struct ip_prefix resolver;
	size_t size;
	char *rest;

	if (file_read(RESOLVER_FILE, RESOLVER_FILE_MAX, &text, &size, NULL) < 0)
		return;
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char *words, *word = strtok_r(line, " \t", &words);

		if (!word || strcmp(word, "nameserver") != 0)
			continue;
		word = strtok_r(NULL, " \t", &words);
		if (!word || ip_address_parse(word, &address) < 0)
			continue;
		resolver = ip_prefix_single(&address);
		prefix_list_add(prefixes, &resolver, 1);
	}
}

static int read_advertised_links(const struct sysctls *sysctls, struct facts *facts,
				 struct error *error)
{
	char(*links)[IFNAME_SIZE];
	size_t count;
	int result = sysctls_advertised_links(sysctls, &links, &count, error);

	if (result < 0)
		return result;
	free(facts->advertised_links);
	facts->advertised_links = links;
	facts->advertised_links_count = count;
	return 0;
}

int facts_read_underlay(struct spaces *spaces, const struct sysctls *sysctls, struct facts *facts,
			struct error *error)
{
	CLEANUP(prefix_list_done) struct prefix_list addresses = { 0 };
	CLEANUP(prefix_list_done) struct prefix_list gateways = { 0 };
	struct prefix_list all = { 0 };
	int result = netlink_underlay_addresses(spaces, &addresses.items, &addresses.count, error);

	if (result == 0)
		result = netlink_default_gateways(spaces, &gateways.items, &gateways.count, error);
	if (result < 0)
		return result;
	prefix_list_add(&all, addresses.items, addresses.count);
	prefix_list_add(&all, gateways.items, gateways.count);
	append_resolvers(&all);
	free(facts->underlay_addresses);
	facts->underlay_addresses = all.items;
	facts->underlay_addresses_count = all.count;
	/* In netns mode IPv6 forwarding of the host is left alone. */
	return spaces_netns_name(spaces) ? 0 : read_advertised_links(sysctls, facts, error);
}
