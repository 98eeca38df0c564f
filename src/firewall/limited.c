// SPDX-License-Identifier: GPL-2.0-or-later
#include "firewall/limited.h"

#include "firewall/selection.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

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
	selection_merge(&selection);
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
	return list_has_default((struct list) { limit->prefixes, limit->prefixes_count }, family);
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

void limited_format_sets(const struct firewall_rules *rules, struct strbuf *ret)
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
