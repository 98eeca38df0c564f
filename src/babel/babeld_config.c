// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/babeld_config.h"

/* Neighbours that miss an update wait this many hello intervals for the next one. */
#define UPDATE_HELLOS 8

uint32_t babeld_metric(uint64_t generation)
{
	return BABELD_METRIC_BASE + (uint32_t)(generation % BABELD_METRICS);
}

static void format_router_id(const uint8_t id[BABEL_ROUTER_ID_SIZE], struct strbuf *buffer)
{
	for (size_t i = 0; i < BABEL_ROUTER_ID_SIZE; i++)
		strbuf_printf(buffer, "%s%02x", i > 0 ? ":" : "", id[i]);
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
	strbuf_printf(buffer, "\nkernel-priority %u\n", babeld_metric(parameters->generation));
	strbuf_puts(buffer, "smoothing-half-life 1\n"
			    "link-detect true\n");
}

/*
 * The first filter that matches decides. Rules are sorted: announcements, then what comes over the
 * owner's own tunnel, then the same by way of others.
 */
static void format_rule(const struct babel_rule *rule, struct strbuf *buffer)
{
	char prefix[IP_PREFIX_TEXT_SIZE];
	unsigned length = rule->prefix.length;

	ip_prefix_format(&rule->prefix, prefix);
	if (rule->type == BABEL_RULE_ANNOUNCE) {
		strbuf_printf(buffer, "redistribute ip %s eq %u proto %d allow\n", prefix, length,
			      ROUTE_PROTOCOL);
		return;
	}
	strbuf_puts(buffer, "in");
	if (rule->type == BABEL_RULE_ACCEPT_DIRECT)
		strbuf_printf(buffer, " if %s", rule->link);
	strbuf_puts(buffer, " id ");
	format_router_id(rule->router_id, buffer);
	strbuf_printf(buffer, " ip %s eq %u", prefix, length);
	if (rule->type == BABEL_RULE_ACCEPT_DIRECT)
		strbuf_puts(buffer, " allow\n");
	else
		strbuf_printf(buffer, " metric %d\n", BABEL_TRANSIT_COST);
}

void babeld_config_format(const struct babeld_parameters *parameters,
			  const struct babel_policy *policy, struct strbuf *buffer)
{
	format_global(parameters, buffer);
	for (size_t i = 0; i < policy->rules_count; i++)
		format_rule(&policy->rules[i], buffer);
	strbuf_puts(buffer, "redistribute local deny\n"
			    "redistribute deny\n"
			    "in deny\n"
			    "interface " BABELD_PLACEHOLDER "\n");
}
