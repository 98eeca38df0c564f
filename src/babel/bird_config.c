// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/bird_config.h"

#include "babel/status.h"
#include "base/memory.h"

#include <string.h>
#include <sys/socket.h>

/* As in babeld_config.c: neighbours that miss an update wait this many hello intervals. */
#define UPDATE_HELLOS 8
/* Full tables come in packets of the tunnel's MTU; more than any tunnel has. */
#define RX_BUFFER 9000

/*
 * BIRD takes a way as soon as it is better by one, where babeld waits whether it stays better, and
 * writes a route to the kernel again whenever its metric has changed. So round trips count a
 * quarter of what they do there, and nothing below 10 ms: else two tunnels to the same node take
 * turns, seen several times a second.
 */
#define RTT_MIN_MS 10
#define RTT_MAX_MS 1024
#define RTT_COST 256
#define RTT_DECAY 64 /* of 256: the weight of the newest, one in three hellos */

/* The channel of one family and its names in the configuration. */
struct family {
	sa_family_t family;
	const char *channel;
	char digit;
};

static const struct family families[] = {
	{ AF_INET, "ipv4", '4' },
	{ AF_INET6, "ipv6", '6' },
};

/* Of an empty set BIRD does not know the type. */
struct set {
	unsigned count;
	struct strbuf text;
};

static void set_done(struct set *set)
{
	strbuf_done(&set->text);
}
CLEANUP_DEFINE_IN_PLACE(struct set, set_done);

/* Without a range behind it, exactly that prefix. */
static void set_add(struct set *set, const struct ip_prefix *prefix)
{
	char text[IP_PREFIX_TEXT_SIZE];

	strbuf_printf(&set->text, "%s%s", set->count++ > 0 ? ", " : "",
		      ip_prefix_format(prefix, text));
}

static bool is_of(const struct babel_rule *rule, enum babel_rule_type type,
		  const struct family *family)
{
	return rule->type == type && rule->prefix.address.family == family->family;
}

static void format_global(const struct generation *generation, struct strbuf *buffer)
{
	const uint8_t *id = generation->router_id + BABEL_ROUTER_ID_SIZE - 4;

	strbuf_printf(buffer, "router id %u.%u.%u.%u;\n", id[0], id[1], id[2], id[3]);
	strbuf_puts(buffer, "log stderr { warning, error, fatal, bug, remote, auth };\n"
			    "timeformat protocol iso long;\n"
			    "protocol device aronet_device {\n\tscan time 10;\n}\n");
}

static void format_own(const struct babel_policy *policy, const struct family *family,
		       struct strbuf *buffer)
{
	strbuf_printf(buffer, "protocol static aronet_own%c {\n\t%s;\n", family->digit,
		      family->channel);
	for (size_t i = 0; i < policy->rules_count; i++) {
		char text[IP_PREFIX_TEXT_SIZE];

		if (is_of(&policy->rules[i], BABEL_RULE_ANNOUNCE, family))
			strbuf_printf(buffer, "\troute %s unreachable;\n",
				      ip_prefix_format(&policy->rules[i].prefix, text));
	}
	strbuf_puts(buffer, "}\n");
}

/* The rules that name a link, those of one link side by side. */
struct link_rules {
	const struct babel_rule **items; /* borrowed */
	size_t count;
};

static void link_rules_done(struct link_rules *rules)
{
	free(rules->items);
}
CLEANUP_DEFINE_IN_PLACE(struct link_rules, link_rules_done);

static int compare_by_link(const void *a, const void *b)
{
	const struct babel_rule *const *left = a;
	const struct babel_rule *const *right = b;
	int order = strcmp((*left)->link, (*right)->link);

	return order ? order : (*left > *right) - (*left < *right);
}

static void link_rules_make(const struct babel_policy *policy, struct link_rules *ret)
{
	for (size_t i = 0; i < policy->rules_count; i++)
		if (policy->rules[i].link[0])
			*ARRAY_APPEND(ret->items, ret->count) = &policy->rules[i];
	if (ret->count > 0)
		qsort(ret->items, ret->count, sizeof(struct babel_rule *), compare_by_link);
}

/* @rules are all of one link. */
static void format_link(const struct babel_rule *const *rules, size_t count,
			const struct family *family, struct strbuf *buffer)
{
	CLEANUP(set_done) struct set set = { 0 };
	bool is_limited = false;

	for (size_t i = 0; i < count; i++) {
		is_limited |= rules[i]->type == BABEL_RULE_ACCEPT_ONLY;
		if (is_of(rules[i], BABEL_RULE_ACCEPT_DIRECT, family))
			set_add(&set, &rules[i]->prefix);
	}
	if (set.count == 0 && !is_limited)
		return;
	strbuf_printf(buffer, "\tif ifname = \"%s\" then {\n", rules[0]->link);
	if (set.count > 0)
		strbuf_printf(buffer, "\t\tif net ~ [ %s ] then return true;\n",
			      strbuf_text(&set.text));
	if (is_limited)
		strbuf_puts(buffer, "\t\treturn false;\n");
	strbuf_puts(buffer, "\t}\n");
}

static void format_links(const struct babel_policy *policy, const struct family *family,
			 struct strbuf *buffer)
{
	CLEANUP(link_rules_done) struct link_rules rules = { 0 };
	size_t end;

	link_rules_make(policy, &rules);
	for (size_t i = 0; i < rules.count; i = end) {
		for (end = i + 1; end < rules.count; end++)
			if (strcmp(rules.items[i]->link, rules.items[end]->link) != 0)
				break;
		format_link(rules.items + i, end - i, family, buffer);
	}
}

static void format_transit(const struct babel_policy *policy, const struct family *family,
			   struct strbuf *buffer)
{
	CLEANUP(set_done) struct set set = { 0 };

	for (size_t i = 0; i < policy->rules_count; i++)
		if (is_of(&policy->rules[i], BABEL_RULE_ACCEPT_TRANSIT, family))
			set_add(&set, &policy->rules[i].prefix);
	if (set.count > 0)
		strbuf_printf(buffer,
			      "\tif net ~ [ %s ] then {\n"
			      "\t\tif babel_metric >= %d then return false;\n"
			      "\t\tbabel_metric = babel_metric + %d;\n"
			      "\t\treturn true;\n"
			      "\t}\n",
			      strbuf_text(&set.text), BABEL_INFINITY - BABEL_TRANSIT_COST,
			      BABEL_TRANSIT_COST);
}

/*
 * Whether a route of Babel's is granted. While BIRD looks for another way it announces a lost
 * prefix to itself as unreachable, which in the kernel would stand before the route of last resort.
 */
static void format_granted(const struct babel_policy *policy, const struct family *family,
			   struct strbuf *buffer)
{
	strbuf_printf(buffer,
		      "function aronet_granted%c() -> bool {\n"
		      "\tif source != RTS_BABEL || dest != RTD_UNICAST then return false;\n",
		      family->digit);
	format_links(policy, family, buffer);
	format_transit(policy, family, buffer);
	strbuf_puts(buffer, "\treturn false;\n}\n");
}

static void format_kernel(const struct generation *generation, const struct family *family,
			  struct strbuf *buffer)
{
	strbuf_printf(buffer,
		      "protocol kernel " BIRD_KERNEL_NAME "%c {\n"
		      "\t%s { import none; export where aronet_granted%c(); };\n"
		      "\tkernel table %u;\n"
		      "\tmetric %u;\n"
		      "\tscan time 20;\n"
		      "}\n",
		      family->digit, family->channel, family->digit, generation->table,
		      generation_metric(generation->number));
}

static bool passes_nothing_on(const struct babel_policy *policy)
{
	for (size_t i = 0; i < policy->rules_count; i++)
		if (policy->rules[i].type == BABEL_RULE_ANNOUNCE_ONLY)
			return true;
	return false;
}

static void format_interface(const struct babel_interface *interface, struct strbuf *buffer)
{
	strbuf_printf(buffer,
		      "\tinterface \"%s\" {\n"
		      "\t\ttype tunnel; rxcost %u; check link yes; rx buffer %d;\n"
		      "\t\thello interval %u ms; update interval %u ms;\n"
		      "\t\trtt min %u ms; rtt max %u ms; rtt cost %u; rtt decay %u;\n"
		      "\t\textended next hop yes;\n"
		      "\t};\n",
		      interface->link, interface->rxcost, RX_BUFFER, interface->hello_interval_ms,
		      UPDATE_HELLOS * interface->hello_interval_ms, RTT_MIN_MS, RTT_MAX_MS,
		      RTT_COST, RTT_DECAY);
}

static void format_babel(const struct generation *generation, const struct babel_policy *policy,
			 struct strbuf *buffer)
{
	bool own_only = passes_nothing_on(policy);

	strbuf_puts(buffer, "protocol babel " BIRD_BABEL_NAME " {\n");
	if (generation->vrf[0])
		strbuf_printf(buffer, "\tvrf \"%s\";\n", generation->vrf);
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		strbuf_printf(buffer, "\t%s { import all; export where source = RTS_STATIC",
			      families[i].channel);
		if (!own_only)
			strbuf_printf(buffer, " || aronet_granted%c()", families[i].digit);
		strbuf_puts(buffer, "; };\n");
	}
	for (size_t i = 0; i < generation->interfaces_count; i++)
		format_interface(&generation->interfaces[i], buffer);
	strbuf_puts(buffer, "}\n");
}

void bird_config_format(const struct generation *generation, const struct babel_policy *policy,
			struct strbuf *buffer)
{
	format_global(generation, buffer);
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		format_own(policy, &families[i], buffer);
		format_granted(policy, &families[i], buffer);
		format_kernel(generation, &families[i], buffer);
	}
	format_babel(generation, policy, buffer);
}
