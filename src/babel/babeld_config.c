// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/babeld_config.h"

#include "babel/status.h"
#include "base/memory.h"
#include "base/prefix_cover.h"

/* With the cost of any link this is infinity; more would be "deny" (babeld's filters). */
#define METRIC_UNREACHABLE (BABEL_INFINITY - 1)

/* Neighbours that miss an update wait this many hello intervals for the next one. */
#define UPDATE_HELLOS 8

static void format_router_id(const uint8_t id[BABEL_ROUTER_ID_SIZE], struct strbuf *buffer)
{
	static const char digits[] = "0123456789abcdef";
	char text[3 * BABEL_ROUTER_ID_SIZE];

	for (size_t i = 0; i < BABEL_ROUTER_ID_SIZE; i++) {
		text[3 * i] = digits[id[i] >> 4];
		text[3 * i + 1] = digits[id[i] & 15];
		text[3 * i + 2] = ':';
	}
	strbuf_append(buffer, text, sizeof(text) - 1);
}

/* " NAME SECONDS", with up to three decimals. */
static void format_interval(const char *name, uint32_t milliseconds, struct strbuf *buffer)
{
	uint32_t rest = milliseconds % 1000;

	strbuf_printf(buffer, " %s %u", name, milliseconds / 1000);
	if (rest > 0)
		strbuf_printf(buffer, ".%03u", rest);
}

void babeld_config_format_interface(const struct babel_interface *interface, struct strbuf *buffer)
{
	strbuf_printf(buffer,
		      "interface %s type tunnel split-horizon true rxcost %u rtt-min 1 "
		      "rtt-max 1024 max-rtt-penalty 1024 rtt-decay 192",
		      interface->link, interface->rxcost);
	format_interval("hello-interval", interface->hello_interval_ms, buffer);
	format_interval("update-interval", UPDATE_HELLOS * interface->hello_interval_ms, buffer);
}

static void format_global(const struct babeld_parameters *parameters, struct strbuf *buffer)
{
	/* sysctls are objects of their own. */
	strbuf_puts(buffer, "skip-kernel-setup true\n");
	strbuf_printf(buffer, "export-table %u\nimport-table %u\n", ROUTE_TABLE_MAIN,
		      ROUTE_TABLE_MAIN);
	strbuf_puts(buffer, "router-id ");
	format_router_id(parameters->router_id, buffer);
	strbuf_printf(buffer, "\nkernel-priority %u\n", generation_metric(parameters->generation));
	strbuf_puts(buffer, "smoothing-half-life 1\n"
			    "link-detect true\n");
}

/* For babeld a filter without address family and with a length is one for IPv6. */
static void format_pattern(const struct ip_prefix *around, unsigned length, struct strbuf *buffer)
{
	char text[IP_PREFIX_TEXT_SIZE];

	strbuf_printf(buffer, " ip %s eq %u", ip_prefix_format(around, text), length);
}

static void format_prefix(const struct ip_prefix *prefix, struct strbuf *buffer)
{
	format_pattern(prefix, prefix->length, buffer);
}

static void format_announce(const struct babel_rule *rule, struct strbuf *buffer)
{
	strbuf_puts(buffer, "redistribute");
	format_prefix(&rule->prefix, buffer);
	strbuf_printf(buffer, " proto %d allow\n", ROUTE_PROTOCOL);
}

static void format_announce_only(const struct babel_policy *policy, struct strbuf *buffer)
{
	for (size_t i = 0; i < policy->rules_count; i++) {
		if (policy->rules[i].type != BABEL_RULE_ANNOUNCE)
			continue;
		strbuf_puts(buffer, "out");
		format_prefix(&policy->rules[i].prefix, buffer);
		strbuf_puts(buffer, " allow\n");
	}
	strbuf_puts(buffer, "out deny\n");
}

static void format_accept(const struct babel_rule *rule, struct strbuf *buffer)
{
	strbuf_puts(buffer, "in");
	if (rule->type == BABEL_RULE_ACCEPT_DIRECT)
		strbuf_printf(buffer, " if %s", rule->link);
	strbuf_puts(buffer, " id ");
	format_router_id(rule->router_id, buffer);
	format_prefix(&rule->prefix, buffer);
	if (rule->type == BABEL_RULE_ACCEPT_DIRECT)
		strbuf_puts(buffer, " allow\n");
	else
		strbuf_printf(buffer, " metric %d\n", BABEL_TRANSIT_COST);
}

/*
 * The first filter that matches decides. Rules are sorted: announcements, then what comes over the
 * owner's own tunnel, then the same by way of others.
 */
static void format_rule(const struct babel_rule *rule, const struct babel_policy *policy,
			struct strbuf *buffer)
{
	switch (rule->type) {
	case BABEL_RULE_ANNOUNCE:
		format_announce(rule, buffer);
		break;
	case BABEL_RULE_ANNOUNCE_ONLY:
		format_announce_only(policy, buffer);
		break;
	case BABEL_RULE_ACCEPT_DIRECT:
	case BABEL_RULE_ACCEPT_TRANSIT:
		format_accept(rule, buffer);
		break;
	case BABEL_RULE_ACCEPT_ONLY:
		strbuf_printf(buffer, "in if %s deny\n", rule->link);
		break;
	}
}

static size_t prefixes_by_transit(const struct babel_policy *policy, struct ip_prefix **ret)
{
	struct ip_prefix *prefixes = NULL;
	size_t count = 0;

	for (size_t i = 0; i < policy->rules_count; i++)
		if (policy->rules[i].type == BABEL_RULE_ACCEPT_TRANSIT)
			*ARRAY_APPEND(prefixes, count) = policy->rules[i].prefix;
	*ret = prefixes;
	return count;
}

/*
 * A node that loses its route to somebody else's prefix takes it back under its own router-id, not
 * under the owner's. That is no announcement that anybody may make, but it has to be heard: else
 * the neighbours send into nothing until they forget the route. So whatever comes under a wrong
 * router-id is taken as unreachable, which changes what that neighbour has said and nothing else.
 *
 * It matters not if a few other prefixes fit, too; but babeld walks through its filters, so there
 * should be few of them.
 */
static void format_retractions(const struct babel_policy *policy, struct strbuf *buffer)
{
	CLEANUP(free) struct ip_prefix *prefixes = NULL;
	CLEANUP(free) struct prefix_pattern *patterns = NULL;
	size_t count = prefixes_by_transit(policy, &prefixes);

	count = prefix_cover(prefixes, count, &patterns);
	for (size_t i = 0; i < count; i++) {
		strbuf_puts(buffer, "in");
		format_pattern(&patterns[i].around, patterns[i].length, buffer);
		strbuf_printf(buffer, " metric %d\n", METRIC_UNREACHABLE);
	}
}

/*
 * Routes for certain sources only (RFC 9079) have the prefix that the registry grants, but not its
 * meaning, and nobody grants them.
 */
static const char source_specific_deny[] = "in src-ip ::/0 src-ge 1 deny\n"
					   "in src-ip 0.0.0.0/0 src-ge 1 deny\n";

void babeld_config_format(const struct babeld_parameters *parameters,
			  const struct babel_policy *policy, struct strbuf *buffer)
{
	format_global(parameters, buffer);
	strbuf_puts(buffer, source_specific_deny);
	for (size_t i = 0; i < policy->rules_count; i++)
		format_rule(&policy->rules[i], policy, buffer);
	format_retractions(policy, buffer);
	strbuf_puts(buffer, "redistribute local deny\n"
			    "redistribute deny\n"
			    "in deny\n");
}
