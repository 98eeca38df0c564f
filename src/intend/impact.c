// SPDX-License-Identifier: GPL-2.0-or-later
#include "intend/impact.h"

#include "base/memory.h"
#include "core/plan.h"
#include "intend/intend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void impact_done(struct impact *impact)
{
	free(impact->tunnels);
	*impact = (struct impact) { 0 };
}

static int compare_tunnels(const struct tunnel *left, const struct tunnel *right)
{
	int order = strcmp(left->label, right->label);

	if (order)
		return order;
	return left->local->serial_number < right->local->serial_number
		       ? -1
		       : left->local->serial_number > right->local->serial_number;
}

static int compare_tunnels_qsort(const void *a, const void *b)
{
	return compare_tunnels(a, b);
}

static void sort(struct tunnels *tunnels)
{
	if (tunnels->count)
		qsort(tunnels->items, tunnels->count, sizeof(tunnels->items[0]),
		      compare_tunnels_qsort);
}

static struct tunnel_impact *add(struct impact *impact, enum tunnel_fate fate,
				 const struct tunnel *tunnel)
{
	struct tunnel_impact *item = ARRAY_APPEND(impact->tunnels, impact->tunnels_count);

	item->fate = fate;
	(void)snprintf(item->label, sizeof(item->label), "%s", tunnel->label);
	item->local_serial = tunnel->local->serial_number;
	return item;
}

static void __attribute__((format(printf, 2, 3)))
describe(struct tunnel_impact *item, const char *format, ...)
{
	size_t used = strlen(item->what);
	va_list arguments;

	if (used && used + 2 < sizeof(item->what)) {
		(void)strcat(item->what, ", ");
		used += 2;
	}
	va_start(arguments, format);
	(void)vsnprintf(item->what + used, sizeof(item->what) - used, format, arguments);
	va_end(arguments);
}

static const char *format_address(const struct ip_address *address, char *buffer)
{
	return ip_address_present(address) ? ip_address_format(address, buffer) : "not known";
}

static void compare_kept(struct impact *impact, const struct tunnel *old, const struct tunnel *new)
{
	char before[IP_ADDRESS_TEXT_SIZE], after[IP_ADDRESS_TEXT_SIZE];
	struct tunnel_impact item = { 0 };

	if (old->listen_port != new->listen_port)
		describe(&item, "listens on port %u -> %u", old->listen_port, new->listen_port);
	if (old->endpoint.port != new->endpoint.port)
		describe(&item, "sends to port %u -> %u", old->endpoint.port, new->endpoint.port);
	item.interrupts = item.what[0] != '\0';
	if (ip_address_compare(&old->endpoint.address, &new->endpoint.address) != 0)
		describe(&item, "sends to %s -> %s", format_address(&old->endpoint.address, before),
			 format_address(&new->endpoint.address, after));
	if (!item.what[0]) {
		impact->untouched++;
		return;
	}
	item.fate = TUNNEL_CHANGED;
	(void)snprintf(item.label, sizeof(item.label), "%s", new->label);
	item.local_serial = new->local->serial_number;
	*ARRAY_APPEND(impact->tunnels, impact->tunnels_count) = item;
}

static void compare_one(struct impact *impact, const struct tunnel *old, const struct tunnel *new)
{
	if (!old) {
		(void)add(impact, TUNNEL_COMES, new);
	} else if (!new) {
		(void)add(impact, TUNNEL_GOES, old);
	} else if (strcmp(old->ifname, new->ifname) != 0) {
		struct tunnel_impact *item = add(impact, TUNNEL_REMADE, new);

		describe(item, "another key");
		item->interrupts = true;
	} else {
		compare_kept(impact, old, new);
	}
}

static void compare(struct impact *impact, const struct tunnels *old, const struct tunnels *new)
{
	size_t i = 0, j = 0;

	while (i < old->count || j < new->count) {
		int order = i == old->count   ? 1
			    : j == new->count ? -1
					      : compare_tunnels(&old->items[i], &new->items[j]);

		compare_one(impact, order <= 0 ? &old->items[i] : NULL,
			    order >= 0 ? &new->items[j] : NULL);
		i += order <= 0;
		j += order >= 0;
	}
}

/* Back ends update in place what they can; here all is counted alike. */
static bool can_update(void *userdata, const struct object *from, const struct object *to)
{
	(void)userdata;
	(void)from;
	(void)to;
	return true;
}

static int count_operations(const struct config *config, const struct facts *facts,
			    const struct registry *old, const struct registry *new, size_t *ret,
			    struct error *error)
{
	CLEANUP(state_free) struct state *before = NULL;
	CLEANUP(state_free) struct state *after = NULL;
	CLEANUP(plan_free) struct plan *plan = NULL;
	int result = intend(config, old, facts, &before, error);

	if (result == 0)
		result = intend(config, new, facts, &after, error);
	if (result < 0)
		return result;
	plan = plan_make(after, before, can_update, NULL);
	*ret = plan->operations_count;
	return 0;
}

int impact_make(const struct config *config, const struct facts *facts, const struct registry *old,
		const struct registry *new, struct impact *ret, struct error *error)
{
	CLEANUP(tunnels_done) struct tunnels before = { 0 };
	CLEANUP(tunnels_done) struct tunnels after = { 0 };
	struct impact impact = { 0 };
	int result = count_operations(config, facts, old, new, &impact.operations, error);

	if (result < 0)
		return result;
	tunnels_make(config, old, facts, &before);
	tunnels_make(config, new, facts, &after);
	sort(&before);
	sort(&after);
	compare(&impact, &before, &after);
	*ret = impact;
	return 0;
}

static const struct {
	char sign;
	const char *text;
	const char *name; /* in JSON */
} fates[] = {
	[TUNNEL_COMES] = { '+', "comes up", "up" },
	[TUNNEL_GOES] = { '-', "goes down", "down" },
	[TUNNEL_REMADE] = { '~', "is made anew", "remade" },
	[TUNNEL_CHANGED] = { '~', "is changed", "changed" },
};

void impact_format(const struct impact *impact, struct strbuf *ret)
{
	for (size_t i = 0; i < impact->tunnels_count; i++) {
		const struct tunnel_impact *item = &impact->tunnels[i];

		strbuf_printf(ret, "%c tunnel %s (from endpoint %u) %s%s%s%s\n",
			      fates[item->fate].sign, item->label, item->local_serial,
			      fates[item->fate].text, item->what[0] ? ": " : "", item->what,
			      item->interrupts ? "; interrupted until both ends have loaded" : "");
	}
	strbuf_printf(ret, "%zu tunnel%s untouched, %zu operation%s\n", impact->untouched,
		      impact->untouched == 1 ? "" : "s", impact->operations,
		      impact->operations == 1 ? "" : "s");
}

static struct json_object *tunnel_to_json(const struct tunnel_impact *item)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "change", json_object_new_string(fates[item->fate].name));
	json_object_object_add(object, "tunnel", json_object_new_string(item->label));
	json_object_object_add(object, "endpoint", json_object_new_int64(item->local_serial));
	json_object_object_add(object, "what", json_object_new_string(item->what));
	json_object_object_add(object, "interrupts", json_object_new_boolean(item->interrupts));
	return object;
}

struct json_object *impact_to_json(const struct impact *impact)
{
	struct json_object *object = json_object_new_object();
	struct json_object *tunnels = json_object_new_array();

	for (size_t i = 0; i < impact->tunnels_count; i++)
		json_object_array_add(tunnels, tunnel_to_json(&impact->tunnels[i]));
	json_object_object_add(object, "tunnels", tunnels);
	json_object_object_add(object, "untouched",
			       json_object_new_int64((int64_t)impact->untouched));
	json_object_object_add(object, "operations",
			       json_object_new_int64((int64_t)impact->operations));
	return object;
}
