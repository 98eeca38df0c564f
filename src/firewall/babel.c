// SPDX-License-Identifier: GPL-2.0-or-later
#include "firewall/babel.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* RFC 8966 section 4 */
const char babel_rule[] = "\t\tmeta nfproto ipv6 udp dport 6696 jump babel\n";

const char babel_output_chain[] =
	"\tchain output {\n"
	"\t\ttype filter hook output priority filter; policy accept;\n"
	"\t\tudp sport @" BABEL_SILENT_SET " drop comment \"a new babeld that is not ready yet\"\n"
	"\t}\n\n";

static const struct {
	const char *name, *comment;
} counters[] = {
	{ "babel_stranger", "to babeld, not from the node at the end of a tunnel" },
	{ "babel_hidden", "to babeld, in fragments or behind extension headers" },
	{ "babel_flood", "to babeld, from a node that sends too many packets" },
};

void babel_format_counters(struct strbuf *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++)
		strbuf_printf(ret, "\tcounter %s {\n\t\tcomment \"%s\"\n\t}\n\n", counters[i].name,
			      counters[i].comment);
}

static int compare_tunnels(const void *a, const void *b)
{
	const struct firewall_tunnel *left = a;
	const struct firewall_tunnel *right = b;

	return strcmp(left->link, right->link);
}

void babel_format_sets(const struct firewall_rules *rules, struct strbuf *ret)
{
	CLEANUP(free)
	struct firewall_tunnel *tunnels = NEW_ARRAY(struct firewall_tunnel, rules->tunnels_count);
	char text[IP_ADDRESS_TEXT_SIZE];

	for (size_t i = 0; i < rules->tunnels_count; i++)
		tunnels[i] = rules->tunnels[i];
	if (rules->tunnels_count)
		qsort(tunnels, rules->tunnels_count, sizeof(*tunnels), compare_tunnels);
	strbuf_puts(ret, "\tset babel_peers {\n\t\ttype ifname . ipv6_addr\n"
			 "\t\tcomment \"tunnels, and the address at the other end\"\n");
	for (size_t i = 0; i < rules->tunnels_count; i++)
		strbuf_printf(ret, "%s\"%s\" . %s", i ? ",\n\t\t\t     " : "\t\telements = { ",
			      tunnels[i].link, ip_address_format(&tunnels[i].peer, text));
	strbuf_puts(ret, rules->tunnels_count ? " }\n\t}\n\n" : "\t}\n\n");
	strbuf_puts(ret, "\tset babel_senders {\n\t\ttype ifname\n\t\tsize 65535\n"
			 "\t\tflags dynamic,timeout\n\t\ttimeout 1m\n"
			 "\t\tcomment \"made by the rule that limits them\"\n\t}\n\n");
	strbuf_puts(ret, "\tset " BABEL_SILENT_SET " {\n\t\ttype inet_service\n\t\tsize 8\n"
			 "\t\tflags dynamic,timeout\n"
			 "\t\tcomment \"ports, for a moment\"\n\t}\n\n");
}

void babel_format_chain(const struct firewall_rules *rules, const char *tunnel, struct strbuf *ret)
{
	size_t prefixes = rules->own_count + rules->remote_count;
	size_t rate = BABEL_PACKETS_PER_SECOND + prefixes / BABEL_PREFIXES_PER_PACKET_SECOND;

	strbuf_printf(ret,
		      "\tchain babel {\n"
		      "\t\tip6 nexthdr != udp counter name babel_hidden drop\n"
		      "\t\t%s . ip6 saddr != @babel_peers counter name babel_stranger drop\n"
		      "\t\tupdate @babel_senders { %s limit rate over %zu/second burst %zu "
		      "packets } counter name babel_flood drop\n"
		      "\t}\n\n",
		      tunnel, tunnel, rate, rate * BABEL_BURST_SECONDS);
}
