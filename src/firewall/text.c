// SPDX-License-Identifier: GPL-2.0-or-later
#include "firewall/text.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct list {
	const struct ip_prefix *prefixes;
	size_t count;
};

/* Sorted, without repetition, one family, without /0. */
struct selection {
	struct ip_prefix *prefixes;
	size_t count;
	bool has_default; /* there was a /0 */
};

static void selection_done(struct selection *selection)
{
	free(selection->prefixes);
}
CLEANUP_DEFINE_IN_PLACE(struct selection, selection_done);

static void selection_add(struct selection *selection, uint16_t family, struct list list)
{
	for (size_t i = 0; i < list.count; i++) {
		const struct ip_prefix *prefix = &list.prefixes[i];

		if (prefix->address.family != family)
			continue;
		if (prefix->length == 0)
			selection->has_default = true;
		else
			*ARRAY_APPEND(selection->prefixes, selection->count) = *prefix;
	}
}

static void selection_sort(struct selection *selection)
{
	size_t kept = 0;

	if (selection->count == 0)
		return;
	qsort(selection->prefixes, selection->count, sizeof(*selection->prefixes),
	      ip_prefix_compare_qsort);
	for (size_t i = 1; i < selection->count; i++)
		if (ip_prefix_compare(&selection->prefixes[i], &selection->prefixes[kept]) != 0)
			selection->prefixes[++kept] = selection->prefixes[i];
	selection->count = kept + 1;
}

static bool has_default(struct list list)
{
	for (size_t i = 0; i < list.count; i++)
		if (list.prefixes[i].length == 0)
			return true;
	return false;
}

static void format_set(struct strbuf *ret, const char *name, uint16_t family, const char *comment,
		       struct list first, struct list second)
{
	CLEANUP(selection_done) struct selection selection = { 0 };
	char text[IP_PREFIX_TEXT_SIZE];

	selection_add(&selection, family, first);
	selection_add(&selection, family, second);
	selection_sort(&selection);
	strbuf_printf(ret,
		      "\tset %s {\n\t\ttype %s\n\t\tflags interval\n\t\tauto-merge\n"
		      "\t\tcomment \"%s\"\n",
		      name, family == AF_INET ? "ipv4_addr" : "ipv6_addr", comment);
	for (size_t i = 0; i < selection.count; i++)
		strbuf_printf(ret, "%s%s", i ? ",\n\t\t\t     " : "\t\telements = { ",
			      ip_prefix_format(&selection.prefixes[i], text));
	strbuf_puts(ret, selection.count ? " }\n\t}\n\n" : "\t}\n\n");
}

static void format_counter(struct strbuf *ret, const char *name, const char *comment)
{
	strbuf_printf(ret, "\tcounter %s {\n\t\tcomment \"%s\"\n\t}\n\n", name, comment);
}

static void format_sets(const struct firewall_rules *rules, struct strbuf *ret)
{
	struct list own = { rules->own, rules->own_count };
	struct list own_sids = { &rules->own_sids, rules->own_sids.length ? 1 : 0 };
	struct list sids = { rules->remote_sids, rules->remote_sids_count };
	struct list none = { 0 };

	format_set(ret, "own4", AF_INET, "IPv4 prefixes of this node", own, none);
	format_set(ret, "own6", AF_INET6, "IPv6 prefixes of this node", own, none);
	format_set(ret, "sids", AF_INET6, "SRv6 segment identifiers of all nodes", own_sids, sids);
}

static int compare_limits(const void *a, const void *b)
{
	const struct firewall_limit *left = a;
	const struct firewall_limit *right = b;

	return strcmp(left->link, right->link);
}

/* By name, so that the order of the tunnels does not matter; owned by the caller. */
static struct firewall_limit *sorted_limits(const struct firewall_rules *rules)
{
	struct firewall_limit *limits = NEW_ARRAY(struct firewall_limit, rules->limits_count);

	for (size_t i = 0; i < rules->limits_count; i++)
		limits[i] = rules->limits[i];
	qsort(limits, rules->limits_count, sizeof(*limits), compare_limits);
	return limits;
}

/* Elements of a set, one after the other. */
struct elements {
	struct strbuf *text;
	size_t count;
};

static void add_element(struct elements *elements, const char *link, const char *prefix)
{
	strbuf_puts(elements->text, elements->count++ ? ",\n\t\t\t     " : "\t\telements = { ");
	strbuf_printf(elements->text, "\"%s\"%s%s", link, prefix ? " . " : "",
		      prefix ? prefix : "");
}

static void end_elements(struct elements *elements)
{
	strbuf_puts(elements->text, elements->count ? " }\n\t}\n\n" : "\t}\n\n");
}

static void add_sources(struct elements *elements, uint16_t family,
			const struct firewall_limit *limit)
{
	CLEANUP(selection_done) struct selection selection = { 0 };
	char text[IP_PREFIX_TEXT_SIZE];

	selection_add(&selection, family, (struct list) { limit->prefixes, limit->prefixes_count });
	selection_sort(&selection);
	for (size_t i = 0; i < selection.count; i++)
		add_element(elements, limit->link, ip_prefix_format(&selection.prefixes[i], text));
}

static void format_limited_sources(const struct firewall_limit *limits, size_t count,
				   uint16_t family, struct strbuf *ret)
{
	struct elements elements = { .text = ret };

	strbuf_printf(ret,
		      "\tset limited%c {\n\t\ttype ifname . %s\n\t\tflags interval\n"
		      "\t\tcomment \"what may come out of them\"\n",
		      family == AF_INET ? '4' : '6', family == AF_INET ? "ipv4_addr" : "ipv6_addr");
	for (size_t i = 0; i < count; i++)
		add_sources(&elements, family, &limits[i]);
	end_elements(&elements);
}

static bool is_exit_of(const struct firewall_limit *limit, uint16_t family)
{
	for (size_t i = 0; i < limit->prefixes_count; i++)
		if (limit->prefixes[i].length == 0 && limit->prefixes[i].address.family == family)
			return true;
	return false;
}

/* Of the limited links those at whose end there is an exit; AF_UNSPEC: all. */
static void format_links(const struct firewall_limit *limits, size_t count, uint16_t family,
			 const char *name, const char *comment, struct strbuf *ret)
{
	struct elements elements = { .text = ret };

	strbuf_printf(ret, "\tset %s {\n\t\ttype ifname\n\t\tcomment \"%s\"\n", name, comment);
	for (size_t i = 0; i < count; i++)
		if (family == AF_UNSPEC || is_exit_of(&limits[i], family))
			add_element(&elements, limits[i].link, NULL);
	end_elements(&elements);
}

static void format_limits(const struct firewall_rules *rules, struct strbuf *ret)
{
	CLEANUP(free) struct firewall_limit *limits = NULL;
	size_t count = rules->limits_count;

	if (!count)
		return;
	limits = sorted_limits(rules);
	format_links(limits, count, AF_UNSPEC, "limited", "tunnels to nodes that carry no transit",
		     ret);
	format_limited_sources(limits, count, AF_INET, ret);
	format_limited_sources(limits, count, AF_INET6, ret);
	format_links(limits, count, AF_INET, "limited_exits4", "of these with an exit for IPv4",
		     ret);
	format_links(limits, count, AF_INET6, "limited_exits6", "of these with an exit for IPv6",
		     ret);
}

/* ICMP errors of routers in the overlay that have no IPv4 address (RFC 7600, Linux 5.13). */
static const char icmp_dummy_accept[] =
	"\t\tip saddr 192.0.0.8 icmp type { destination-unreachable, time-exceeded, "
	"parameter-problem } accept comment \"routers without an IPv4 address\"\n";

static const char link_local_accept[] =
	"\t\tip6 saddr { ::, fe80::/10 } accept comment \"Babel, neighbour discovery\"\n";

static void format_overlay_hooks(const struct firewall_rules *rules, struct strbuf *ret)
{
	strbuf_printf(ret,
		      "\tchain prerouting {\n"
		      "\t\tcomment \"packets to our own segment identifiers\"\n"
		      "\t\ttype filter hook prerouting priority raw; policy accept;\n"
		      "\t\tip6 daddr @own_sids iifname != { \"lo\", \"%s\" } iifname != \"%s\" "
		      "counter name sid_from_outside drop\n"
		      "\t\tip6 daddr @own_sids jump source\n"
		      "\t}\n\n"
		      "\tchain clamp {\n"
		      "\t\tcomment \"TCP segments that fit the path\"\n"
		      "\t\ttype filter hook forward priority mangle; policy accept;\n"
		      "\t\ttcp flags syn tcp option maxseg size set rt mtu\n"
		      "\t}\n\n"
		      "\tchain forward {\n"
		      "\t\ttype filter hook forward priority filter; policy accept;\n"
		      "\t\tip6 daddr @sids iifname != { \"lo\", \"%s\" } iifname != \"%s\" "
		      "counter name sid_from_outside drop\n",
		      rules->link, rules->tunnel_pattern, rules->link, rules->tunnel_pattern);
	if (rules->no_transit)
		strbuf_printf(ret, "\t\tiifname \"%s\" oifname \"%s\" counter name transit drop\n",
			      rules->tunnel_pattern, rules->tunnel_pattern);
	strbuf_puts(ret, "\t\tjump source\n"
			 "\t}\n\n"
			 "\tchain input {\n"
			 "\t\ttype filter hook input priority filter; policy accept;\n"
			 "\t\tjump source\n"
			 "\t}\n\n");
}

static void format_from_host(const struct firewall_rules *rules, struct strbuf *ret)
{
	bool is_exit = has_default((struct list) { rules->own, rules->own_count });

	strbuf_puts(ret, "\tchain from_host {\n"
			 "\t\tip saddr @own4 accept\n"
			 "\t\tip6 saddr @own6 accept\n");
	strbuf_puts(ret, link_local_accept);
	strbuf_puts(ret, icmp_dummy_accept);
	strbuf_puts(ret, is_exit ? "\t\taccept comment \"this node is an exit\"\n"
				 : "\t\tcounter name unauthorized_source drop\n");
	strbuf_puts(ret, "\t}\n\n");
}

static void format_from_tunnel(const struct firewall_rules *rules, struct strbuf *ret)
{
	bool has_exit = has_default((struct list) { rules->remote, rules->remote_count });

	strbuf_puts(ret, "\tchain from_tunnel {\n"
			 "\t\tip saddr @own4 counter name spoofed_source drop\n"
			 "\t\tip6 saddr @own6 counter name spoofed_source drop\n");
	strbuf_puts(ret, rules->limits_count ? "\t\tiifname @limited goto from_limited\n" : "");
	strbuf_puts(ret, "\t\tip saddr @known4 accept\n"
			 "\t\tip6 saddr @known6 accept\n");
	strbuf_puts(ret, link_local_accept);
	strbuf_puts(ret, icmp_dummy_accept);
	strbuf_puts(ret, has_exit ? "\t\taccept comment \"the overlay has an exit\"\n"
				  : "\t\tcounter name unknown_source drop\n");
	strbuf_puts(ret, "\t}\n");
}

static void format_from_limited(struct strbuf *ret)
{
	strbuf_puts(ret, "\tchain from_limited {\n"
			 "\t\tiifname . ip saddr @limited4 accept\n"
			 "\t\tiifname . ip6 saddr @limited6 accept\n");
	strbuf_puts(ret, link_local_accept);
	strbuf_puts(ret, icmp_dummy_accept);
	strbuf_puts(ret, "\t\tip saddr @known4 counter name relayed_source drop\n"
			 "\t\tip6 saddr @known6 counter name relayed_source drop\n"
			 "\t\tmeta nfproto ipv4 iifname @limited_exits4 accept\n"
			 "\t\tmeta nfproto ipv6 iifname @limited_exits6 accept\n"
			 "\t\tcounter name unknown_source drop\n"
			 "\t}\n\n");
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
	if (rules->limits_count)
		format_from_limited(ret);
	format_from_tunnel(rules, ret);
}

void firewall_format_overlay(const struct firewall_rules *rules, struct strbuf *ret)
{
	struct list remote = { rules->remote, rules->remote_count };
	struct list own_sids = { &rules->own_sids, rules->own_sids.length ? 1 : 0 };
	struct list none = { 0 };

	format_counter(ret, "spoofed_source", "from a tunnel, with a source of this node");
	format_counter(ret, "unknown_source", "from a tunnel, with a source of no node");
	format_counter(ret, "unauthorized_source", "from the host, not with a source of this node");
	format_counter(ret, "sid_from_outside", "to a SID, from an interface that is not aronet's");
	if (rules->limits_count)
		format_counter(ret, "relayed_source",
			       "from a node that carries no transit, with a source of another");
	if (rules->no_transit)
		format_counter(ret, "transit", "from tunnel to tunnel: this node carries none");
	format_sets(rules, ret);
	format_set(ret, "own_sids", AF_INET6, "SRv6 segment identifiers of this node", own_sids,
		   none);
	format_set(ret, "known4", AF_INET, "IPv4 prefixes of all other nodes", remote, none);
	format_set(ret, "known6", AF_INET6, "IPv6 prefixes of all other nodes", remote, none);
	format_limits(rules, ret);
	format_overlay_hooks(rules, ret);
	format_overlay_sources(rules, ret);
}

static void format_underlay_prerouting(const struct firewall_rules *rules, struct strbuf *ret)
{
	char address[IP_ADDRESS_TEXT_SIZE];

	strbuf_printf(ret,
		      "\tchain prerouting {\n"
		      "\t\tcomment \"before connection tracking\"\n"
		      "\t\ttype filter hook prerouting priority raw; policy accept;\n"
		      "\t\tiifname { \"lo\", \"%s\" } accept\n"
		      "\t\tip6 daddr @sids ",
		      rules->link);
	if (ip_address_present(&rules->host_address))
		strbuf_printf(ret, "ip6 daddr != %s ",
			      ip_address_format(&rules->host_address, address));
	strbuf_puts(ret, "counter name sid_from_outside drop\n"
			 "\t\tip saddr @remote4 counter name spoofed_source drop\n"
			 "\t\tip6 saddr @remote6 counter name spoofed_source drop\n"
			 "\t}\n\n");
}

static void format_underlay_postrouting(const struct firewall_rules *rules, struct strbuf *ret)
{
	bool is_exit = has_default((struct list) { rules->own, rules->own_count });

	strbuf_printf(ret,
		      "\tchain postrouting {\n"
		      "\t\tcomment \"what enters the overlay, after source NAT\"\n"
		      "\t\ttype filter hook postrouting priority srcnat + 10; policy accept;\n"
		      "\t\toifname != \"%s\" accept\n"
		      "\t\tiif 0 accept comment \"made on this host\"\n"
		      "\t\tiifname \"%s\" accept\n"
		      "\t\tip saddr @own4 accept\n"
		      "\t\tip6 saddr @own6 accept\n"
		      "\t\tip6 saddr { ::, fe80::/10 } accept\n",
		      rules->link, rules->link);
	strbuf_puts(ret, is_exit ? "\t\taccept comment \"this node is an exit\"\n"
				 : "\t\tcounter name unauthorized_source drop\n");
	strbuf_puts(ret, "\t}\n");
}

void firewall_format_underlay(const struct firewall_rules *rules, struct strbuf *ret)
{
	struct list remote = { rules->remote, rules->remote_count };
	struct list none = { 0 };

	format_counter(ret, "sid_from_outside", "to a SID, but not out of the overlay");
	format_counter(ret, "spoofed_source", "source of another node, but not out of the overlay");
	format_counter(ret, "unauthorized_source",
		       "into the overlay, not with a source of this node");
	format_sets(rules, ret);
	format_set(ret, "remote4", AF_INET, "IPv4 prefixes of all other nodes", remote, none);
	format_set(ret, "remote6", AF_INET6, "IPv6 prefixes of all other nodes", remote, none);
	format_underlay_prerouting(rules, ret);
	format_underlay_postrouting(rules, ret);
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
