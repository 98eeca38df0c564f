// SPDX-License-Identifier: GPL-2.0-or-later
#include "firewall/text.h"

#include "firewall/babel.h"
#include "firewall/limited.h"
#include "firewall/selection.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* A node's network has at most 64 bits. */
#define NETWORK_BYTES 8

/* What tells the tunnel of a packet where a chain is entered, and what its chains are called. */
struct entry {
	const char *tunnel; /* an expression of nftables */
	const char *chain_prefix;
};

static const struct entry by_interface = { "iifname", "" };

/*
 * A packet from a tunnel in a VRF comes by prerouting with the tunnel as its interface, then once
 * more, and to input and forward, with the VRF. Those two can ask for the tunnel (since Linux 5.6),
 * and after decapsulation too.
 */
static const struct entry outer = { "iifname", "outer_" };
static const struct entry by_vrf_member = { "meta sdifname", "" };

static void format_selection(struct strbuf *ret, const char *name, uint16_t family,
			     const char *comment, struct selection *selection)
{
	char text[IP_PREFIX_TEXT_SIZE];

	selection_merge(selection);

	strbuf_printf(ret,
		      "\tset %s {\n\t\ttype %s\n\t\tflags interval\n"
		      "\t\tcomment \"%s\"\n",
		      name, family == AF_INET ? "ipv4_addr" : "ipv6_addr", comment);
	for (size_t i = 0; i < selection->count; i++)
		strbuf_printf(ret, "%s%s", i ? ",\n\t\t\t     " : "\t\telements = { ",
			      ip_prefix_format(&selection->prefixes[i], text));
	strbuf_puts(ret, selection->count ? " }\n\t}\n\n" : "\t}\n\n");
}

static void format_set(struct strbuf *ret, const char *name, uint16_t family, const char *comment,
		       struct list first, struct list second)
{
	CLEANUP(selection_done) struct selection selection = { 0 };

	selection_add(&selection, family, first);
	selection_add(&selection, family, second);
	format_selection(ret, name, family, comment, &selection);
}

static struct list own_of(const struct firewall_rules *rules)
{
	return (struct list) { rules->own, rules->own_count };
}

static struct list remote_of(const struct firewall_rules *rules)
{
	return (struct list) { rules->remote, rules->remote_count };
}

/* Prefixes that this node has together with others. */
static void select_shared(const struct firewall_rules *rules, uint16_t family,
			  struct selection *ret)
{
	CLEANUP(selection_done) struct selection remote = { 0 };

	selection_add(ret, family, own_of(rules));
	selection_add(&remote, family, remote_of(rules));
	selection_keep(ret, &remote, true);
}

/* Of other nodes alone: what is of this one, too, may come from here. */
static void format_remote_set(const struct firewall_rules *rules, uint16_t family, const char *name,
			      const char *comment, struct strbuf *ret)
{
	CLEANUP(selection_done) struct selection own = { 0 }, remote = { 0 };

	selection_add(&own, family, own_of(rules));
	selection_add(&remote, family, remote_of(rules));
	selection_keep(&remote, &own, false);
	format_selection(ret, name, family, comment, &remote);
}

static void format_counter(struct strbuf *ret, const char *name, const char *comment)
{
	strbuf_printf(ret, "\tcounter %s {\n\t\tcomment \"%s\"\n\t}\n\n", name, comment);
}

static void format_sets(const struct firewall_rules *rules, struct strbuf *ret)
{
	struct list own = own_of(rules);
	struct list own_sids = { &rules->own_sids, rules->own_sids.length ? 1 : 0 };
	struct list sids = { rules->remote_sids, rules->remote_sids_count };
	struct list none = { 0 };

	format_set(ret, "own4", AF_INET, "IPv4 prefixes of this node", own, none);
	format_set(ret, "own6", AF_INET6, "IPv6 prefixes of this node", own, none);
	format_set(ret, "sids", AF_INET6, "SRv6 segment identifiers of all nodes", own_sids, sids);
}

/* ICMP errors of routers in the overlay that have no IPv4 address (RFC 7600, Linux 5.13). */
static const char icmp_dummy_accept[] =
	"\t\tip saddr 192.0.0.8 icmp type @icmp_errors accept comment "
	"\"routers without an IPv4 address\"\n";

static const char link_local_accept[] =
	"\t\tip6 saddr @link_local accept comment \"Babel, neighbour discovery\"\n";

static const char icmp_errors_set[] =
	"\tset icmp_errors {\n\t\ttype icmp_type\n"
	"\t\telements = { destination-unreachable, time-exceeded, parameter-problem }\n\t}\n\n";

static const char link_local_set[] = "\tset link_local {\n\t\ttype ipv6_addr\n\t\tflags interval\n"
				     "\t\telements = { ::, fe80::/10 }\n\t}\n\n";

#define CLAMP_RULE "\t\ttcp flags syn tcp option maxseg size set rt mtu\n"

static void format_overlay_hooks(const struct firewall_rules *rules, struct strbuf *ret)
{
	strbuf_printf(
		ret,
		"\tchain prerouting {\n"
		"\t\tcomment \"packets to our own segment identifiers\"\n"
		"\t\ttype filter hook prerouting priority raw; policy accept;\n"
		"\t\tip6 daddr @own_sids iifname != \"lo\" iifname != \"%s\" iifname != \"%s\" "
		"counter name sid_from_outside drop\n"
		"\t\tip6 daddr @own_sids jump source\n"
		"\t}\n\n"
		"\tchain clamp {\n"
		"\t\tcomment \"TCP segments that fit the path\"\n"
		"\t\ttype filter hook forward priority mangle; policy accept;\n" CLAMP_RULE
		"\t}\n\n"
		"\tchain forward {\n"
		"\t\ttype filter hook forward priority filter; policy accept;\n"
		"\t\tip6 daddr @sids iifname != \"lo\" iifname != \"%s\" iifname != \"%s\" "
		"counter name sid_from_outside drop\n",
		rules->link, rules->tunnel_pattern, rules->link, rules->tunnel_pattern);
	if (rules->no_transit)
		/* A pattern such as "ar*" has the main link in it, "aronet". */
		strbuf_printf(
			ret,
			"\t\tiifname \"%s\" iifname != \"%s\" oifname \"%s\" oifname != \"%s\" "
			"counter name transit drop\n",
			rules->tunnel_pattern, rules->link, rules->tunnel_pattern, rules->link);
	strbuf_puts(ret, "\t\tjump source\n"
			 "\t}\n\n");
	babel_format_chain(rules, by_interface.tunnel, ret);
	strbuf_printf(ret,
		      "\tchain input {\n"
		      "\t\ttype filter hook input priority filter; policy accept;\n"
		      "%s"
		      "\t\tjump source\n"
		      "\t}\n\n",
		      babel_rule);
	strbuf_puts(ret, babel_output_chain);
}

/* What happens to a source that is in no set: accepted where @list has an exit of its family. */
static void format_rest(struct list list, const char *comment, const char *counter,
			struct strbuf *ret)
{
	bool has_v4 = list_has_default(list, AF_INET), has_v6 = list_has_default(list, AF_INET6);

	if (has_v4 && has_v6) {
		strbuf_printf(ret, "\t\taccept comment \"%s\"\n", comment);
		return;
	}
	if (has_v4 || has_v6)
		strbuf_printf(ret, "\t\tmeta nfproto %s accept comment \"%s\"\n",
			      has_v4 ? "ipv4" : "ipv6", comment);
	strbuf_printf(ret, "\t\tcounter name %s drop\n", counter);
}

static void format_from_host(const struct firewall_rules *rules, struct strbuf *ret)
{
	strbuf_puts(ret, "\tchain from_host {\n"
			 "\t\tip saddr @own4 accept\n"
			 "\t\tip6 saddr @own6 accept\n");
	strbuf_puts(ret, link_local_accept);
	strbuf_puts(ret, icmp_dummy_accept);
	format_rest(own_of(rules), "this node is an exit", "unauthorized_source", ret);
	strbuf_puts(ret, "\t}\n\n");
}

static void format_spoofed(uint16_t family, struct strbuf *ret)
{
	const char *protocol = family == AF_INET ? "ip" : "ip6";
	char version = family == AF_INET ? '4' : '6';

	strbuf_printf(
		ret, "\t\t%s saddr @own%c %s saddr != @shared%c counter name spoofed_source drop\n",
		protocol, version, protocol, version);
}

static void format_from_tunnel(const struct firewall_rules *rules, const struct entry *entry,
			       struct strbuf *ret)
{
	strbuf_printf(ret, "\tchain %sfrom_tunnel {\n", entry->chain_prefix);
	format_spoofed(AF_INET, ret);
	format_spoofed(AF_INET6, ret);
	if (rules->limits_count)
		strbuf_printf(ret, "\t\t%s @limited goto %sfrom_limited\n", entry->tunnel,
			      entry->chain_prefix);
	strbuf_puts(ret, "\t\tip saddr @known4 accept\n"
			 "\t\tip6 saddr @known6 accept\n");
	strbuf_puts(ret, link_local_accept);
	strbuf_puts(ret, icmp_dummy_accept);
	format_rest(remote_of(rules), "the overlay has an exit", "unknown_source", ret);
	strbuf_puts(ret, "\t}\n");
}

static void format_from_limited(const struct entry *entry, struct strbuf *ret)
{
	strbuf_printf(ret,
		      "\tchain %sfrom_limited {\n"
		      "\t\t%s . ip saddr @limited4 accept\n"
		      "\t\t%s . ip6 saddr @limited6 accept\n",
		      entry->chain_prefix, entry->tunnel, entry->tunnel);
	strbuf_puts(ret, link_local_accept);
	strbuf_puts(ret, icmp_dummy_accept);
	strbuf_printf(ret,
		      "\t\tip saddr @known4 counter name relayed_source drop\n"
		      "\t\tip6 saddr @known6 counter name relayed_source drop\n"
		      "\t\tmeta nfproto ipv4 %s @limited_exits4 accept\n"
		      "\t\tmeta nfproto ipv6 %s @limited_exits6 accept\n"
		      "\t\tcounter name unknown_source drop\n"
		      "\t}\n\n",
		      entry->tunnel, entry->tunnel);
}

static void format_tunnel_sources(const struct firewall_rules *rules, const struct entry *entry,
				  struct strbuf *ret)
{
	if (rules->limits_count)
		format_from_limited(entry, ret);
	format_from_tunnel(rules, entry, ret);
}

static void format_overlay_sources(const struct firewall_rules *rules, struct strbuf *ret)
{
	strbuf_printf(ret,
		      "\tchain source {\n"
		      "\t\tcomment \"an unknown interface is treated as strictly as a tunnel\"\n"
		      "\t\tiifname \"lo\" accept\n"
		      "\t\tiifname \"%s\" goto from_host\n"
		      "\t\tgoto from_tunnel\n"
		      "\t}\n\n",
		      rules->link);
	format_from_host(rules, ret);
	format_tunnel_sources(rules, &by_interface, ret);
}

static void format_shared_set(const struct firewall_rules *rules, uint16_t family, const char *name,
			      struct strbuf *ret)
{
	CLEANUP(selection_done) struct selection shared = { 0 };

	select_shared(rules, family, &shared);
	format_selection(ret, name, family, "of this node and of others (anycast)", &shared);
}

static void format_optional_counters(const struct firewall_rules *rules, struct strbuf *ret)
{
	babel_format_counters(ret);
	if (rules->limits_count)
		format_counter(ret, "relayed_source",
			       "from a node that carries no transit, with a source of another");
	if (rules->no_transit)
		format_counter(ret, "transit", "from tunnel to tunnel: this node carries none");
}

static void format_overlay_sets(const struct firewall_rules *rules, struct strbuf *ret)
{
	struct list remote = remote_of(rules);
	struct list own_sids = { &rules->own_sids, rules->own_sids.length ? 1 : 0 };
	struct list none = { 0 };

	format_set(ret, "own_sids", AF_INET6, "SRv6 segment identifiers of this node", own_sids,
		   none);
	format_set(ret, "known4", AF_INET, "IPv4 prefixes of all other nodes", remote, none);
	format_set(ret, "known6", AF_INET6, "IPv6 prefixes of all other nodes", remote, none);
	format_shared_set(rules, AF_INET, "shared4", ret);
	format_shared_set(rules, AF_INET6, "shared6", ret);
	strbuf_puts(ret, link_local_set);
	strbuf_puts(ret, icmp_errors_set);
	limited_format_sets(rules, ret);
	babel_format_sets(rules, ret);
}

void firewall_format_overlay(const struct firewall_rules *rules, struct strbuf *ret)
{
	format_counter(ret, "spoofed_source", "from a tunnel, with a source of this node");
	format_counter(ret, "unknown_source", "from a tunnel, with a source of no node");
	format_counter(ret, "unauthorized_source", "from the host, not with a source of this node");
	format_counter(ret, "sid_from_outside", "to a SID, from an interface that is not aronet's");
	format_optional_counters(rules, ret);
	format_sets(rules, ret);
	format_overlay_sets(rules, ret);
	format_overlay_hooks(rules, ret);
	format_overlay_sources(rules, ret);
}

/*
 * Each node has its address on the main link at the same place of its network. It lies among the
 * SIDs but is none: neighbours in the underlay and networks behind this node may speak to it.
 */
static void format_no_host(const struct firewall_rules *rules, struct strbuf *ret)
{
	struct ip_address mask = { .family = AF_INET6 }, place = rules->host_address;
	char mask_text[IP_ADDRESS_TEXT_SIZE], place_text[IP_ADDRESS_TEXT_SIZE];

	if (!ip_address_present(&rules->host_address))
		return;
	memset(mask.bytes + NETWORK_BYTES, 0xff, sizeof(mask.bytes) - NETWORK_BYTES);
	memset(place.bytes, 0, NETWORK_BYTES);
	strbuf_printf(ret, "ip6 daddr & %s != %s ", ip_address_format(&mask, mask_text),
		      ip_address_format(&place, place_text));
}

/* @tunnel_rule: what to do with that of a tunnel, where tunnels are. */
static void format_underlay_prerouting(const struct firewall_rules *rules, const char *tunnel_rule,
				       struct strbuf *ret)
{
	strbuf_printf(ret,
		      "\tchain prerouting {\n"
		      "\t\tcomment \"before connection tracking\"\n"
		      "\t\ttype filter hook prerouting priority raw; policy accept;\n"
		      "\t\tiifname \"lo\" accept\n"
		      "\t\tiifname \"%s\" accept\n"
		      "%s",
		      rules->link, tunnel_rule);
	/* Group 0 is that of all other links. */
	if (rules->link_group)
		strbuf_printf(ret, "\t\tiifgroup %u accept comment \"of another instance\"\n",
			      rules->link_group);
	strbuf_puts(ret, "\t\tip6 daddr @sids ");
	format_no_host(rules, ret);
	strbuf_puts(ret, "counter name sid_from_outside drop\n"
			 "\t\tip saddr @remote4 counter name spoofed_source drop\n"
			 "\t\tip6 saddr @remote6 counter name spoofed_source drop\n"
			 "\t}\n\n");
}

/* Does the host send what nobody else has into the overlay? */
static bool uses_exit(const struct firewall_rules *rules, uint16_t family)
{
	return rules->tunnel_ports_count && list_has_default(remote_of(rules), family) &&
	       !list_has_default(own_of(rules), family);
}

/*
 * The host's own default route has gone, and a tunnel's packet is about to enter a tunnel, there to
 * become another such packet.
 */
static void format_loop_guard(const struct firewall_rules *rules, uint16_t family,
			      struct strbuf *ret)
{
	if (!uses_exit(rules, family))
		return;
	strbuf_printf(ret,
		      "\t\tiif 0 %s daddr != @remote%c udp dport @tunnel_ports "
		      "counter name tunnel_in_tunnel drop\n",
		      family == AF_INET ? "ip" : "ip6", family == AF_INET ? '4' : '6');
}

static void format_tunnel_ports(const struct firewall_rules *rules, struct strbuf *ret)
{
	strbuf_puts(ret, "\tset tunnel_ports {\n\t\ttype inet_service\n"
			 "\t\tcomment \"where this node's tunnels send to\"\n");
	for (size_t i = 0; i < rules->tunnel_ports_count; i++)
		strbuf_printf(ret, "%s%u", i ? ", " : "\t\telements = { ", rules->tunnel_ports[i]);
	strbuf_puts(ret, " }\n\t}\n\n");
}

/* @host_rule: what to do with what is made on this host. */
static void format_underlay_postrouting(const struct firewall_rules *rules, const char *host_rule,
					struct strbuf *ret)
{
	strbuf_printf(ret,
		      "\tchain postrouting {\n"
		      "\t\tcomment \"what enters the overlay, after source NAT\"\n"
		      "\t\ttype filter hook postrouting priority srcnat + 10; policy accept;\n"
		      "\t\toifname != \"%s\" accept\n",
		      rules->link);
	format_loop_guard(rules, AF_INET, ret);
	format_loop_guard(rules, AF_INET6, ret);
	strbuf_printf(ret,
		      "%s"
		      "\t\tiifname \"%s\" accept\n"
		      "\t\tip saddr @own4 accept\n"
		      "\t\tip6 saddr @own6 accept\n"
		      "\t\tip6 saddr @link_local accept\n",
		      host_rule, rules->link);
	format_rest(own_of(rules), "this node is an exit", "unauthorized_source", ret);
	strbuf_puts(ret, "\t}\n");
}

static bool has_loop_guard(const struct firewall_rules *rules)
{
	return uses_exit(rules, AF_INET) || uses_exit(rules, AF_INET6);
}

static void format_loop_counter(const struct firewall_rules *rules, struct strbuf *ret)
{
	if (has_loop_guard(rules))
		format_counter(
			ret, "tunnel_in_tunnel",
			"of a tunnel, on the way to the exit: the host has no default route");
}

static void format_underlay_sets(const struct firewall_rules *rules, struct strbuf *ret)
{
	if (has_loop_guard(rules))
		format_tunnel_ports(rules, ret);
	format_remote_set(rules, AF_INET, "remote4", "IPv4 prefixes of all other nodes", ret);
	format_remote_set(rules, AF_INET6, "remote6", "IPv6 prefixes of all other nodes", ret);
}

static void format_vxlan_counter(const struct firewall_rules *rules, struct strbuf *ret)
{
	if (rules->vxlan_port)
		format_counter(ret, "vxlan_without_esp", "of a tunnel, but not in ESP");
}

/* Before connection tracking. Without an SA, charon's route through its device is missing. */
static void format_vxlan_hooks(const struct firewall_rules *rules, struct strbuf *ret)
{
	static const struct {
		const char *hook, *interface;
	} ways[] = { { "input", "iifname" }, { "output", "oifname" } };

	for (size_t i = 0; rules->vxlan_port && i < ARRAY_SIZE(ways); i++)
		strbuf_printf(
			ret,
			"\n\tchain vxlan_%s {\n"
			"\t\tcomment \"tunnels of ESP in userspace\"\n"
			"\t\ttype filter hook %s priority raw; policy accept;\n"
			"\t\tudp dport %u %s != \"ipsec*\" counter name vxlan_without_esp drop\n"
			"\t}\n",
			ways[i].hook, ways[i].hook, rules->vxlan_port, ways[i].interface);
}

void firewall_format_underlay(const struct firewall_rules *rules, struct strbuf *ret)
{
	format_counter(ret, "sid_from_outside", "to a SID, but not out of the overlay");
	format_counter(ret, "spoofed_source", "source of another node, but not out of the overlay");
	format_counter(ret, "unauthorized_source",
		       "into the overlay, not with a source of this node");
	format_loop_counter(rules, ret);
	format_vxlan_counter(rules, ret);
	format_sets(rules, ret);
	strbuf_puts(ret, link_local_set);
	format_underlay_sets(rules, ret);
	format_underlay_prerouting(rules, "", ret);
	/* The overlay's table looks at that. */
	format_underlay_postrouting(rules, "\t\tiif 0 accept comment \"made on this host\"\n", ret);
	format_vxlan_hooks(rules, ret);
}

static int compare_names(const void *a, const void *b)
{
	const char *const *left = a, *const *right = b;

	return strcmp(*left, *right);
}

/* The tunnels of this instance; others on the host have their own. */
static void format_tunnel_set(const struct firewall_rules *rules, struct strbuf *ret)
{
	CLEANUP(free) const char **names = NEW_ARRAY(const char *, rules->tunnels_count);

	for (size_t i = 0; i < rules->tunnels_count; i++)
		names[i] = rules->tunnels[i].link;
	if (rules->tunnels_count)
		qsort(names, rules->tunnels_count, sizeof(*names), compare_names);
	strbuf_puts(ret, "\tset tunnels {\n\t\ttype ifname\n");
	for (size_t i = 0; i < rules->tunnels_count; i++)
		strbuf_printf(ret, "%s\"%s\"", i ? ",\n\t\t\t     " : "\t\telements = { ",
			      names[i]);
	strbuf_puts(ret, rules->tunnels_count ? " }\n\t}\n\n" : "\t}\n\n");
}

static void format_vrf_hooks(const struct firewall_rules *rules, struct strbuf *ret)
{
	strbuf_puts(ret, "\tchain own_sids {\n"
			 "\t\tcomment \"what is for them does not come to forward and input\"\n"
			 "\t\tip6 daddr @own_sids goto outer_from_tunnel\n"
			 "\t}\n\n");
	strbuf_printf(ret,
		      "\tchain clamp {\n"
		      "\t\tcomment \"TCP segments that fit the path\"\n"
		      "\t\ttype filter hook forward priority mangle; policy accept;\n"
		      "\t\tiifname != \"%s\" oifname != \"%s\" accept\n" CLAMP_RULE "\t}\n\n"
		      "\tchain forward {\n"
		      "\t\ttype filter hook forward priority filter; policy accept;\n"
		      "\t\tiifname != \"%s\" accept\n",
		      rules->link, rules->link, rules->link);
	if (rules->no_transit)
		strbuf_puts(ret, "\t\toifname @tunnels counter name transit drop\n");
	strbuf_puts(ret, "\t\tgoto source\n\t}\n\n");
	babel_format_chain(rules, by_vrf_member.tunnel, ret);
	strbuf_printf(ret,
		      "\tchain input {\n"
		      "\t\ttype filter hook input priority filter; policy accept;\n"
		      "\t\tiifname != \"%s\" accept\n"
		      "%s"
		      "\t\tgoto source\n"
		      "\t}\n\n"
		      "\tchain source {\n"
		      "\t\tmeta sdifname \"%s\" accept comment \"from this host to itself\"\n"
		      "\t\tgoto from_tunnel\n"
		      "\t}\n\n",
		      rules->link, babel_rule, rules->link);
}

void firewall_format_vrf(const struct firewall_rules *rules, struct strbuf *ret)
{
	format_counter(ret, "spoofed_source",
		       "of this node, but from a tunnel, or of another, but from elsewhere");
	format_counter(ret, "unknown_source", "from a tunnel, with a source of no node");
	format_counter(ret, "unauthorized_source",
		       "into the overlay, not with a source of this node");
	format_counter(ret, "sid_from_outside", "to a SID, but not out of the overlay");
	format_loop_counter(rules, ret);
	format_vxlan_counter(rules, ret);
	format_optional_counters(rules, ret);
	format_sets(rules, ret);
	format_overlay_sets(rules, ret);
	format_underlay_sets(rules, ret);
	format_tunnel_set(rules, ret);
	format_underlay_prerouting(rules, "\t\tiifname @tunnels goto own_sids\n", ret);
	format_tunnel_sources(rules, &outer, ret);
	strbuf_puts(ret, "\n");
	format_vrf_hooks(rules, ret);
	format_tunnel_sources(rules, &by_vrf_member, ret);
	strbuf_puts(ret, "\n");
	format_underlay_postrouting(rules, icmp_dummy_accept, ret);
	format_vxlan_hooks(rules, ret);
}

void firewall_format_replace(const char *table, const char *comment, const char *body,
			     struct strbuf *ret)
{
	/* Named once before the deletion: deleting what is not there would fail. */
	strbuf_printf(ret, "table inet %s\ndelete table inet %s\ntable inet %s {\n", table, table,
		      table);
	if (comment)
		strbuf_printf(ret, "\tcomment \"%s\"\n\n", comment);
	strbuf_printf(ret, "%s}\n", body);
}
