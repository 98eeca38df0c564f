// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/memory.h"
#include "firewall/private.h"
#include "firewall/table.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

/* json-c's own reader is enough here: the text comes from libnftables, not from outside. */
static void json_release(struct json_object *value)
{
	(void)json_object_put(value);
}
CLEANUP_DEFINE(struct json_object *, json_release);

void firewall_counters_done(struct firewall_counters *counters)
{
	free(counters->items);
	*counters = (struct firewall_counters) { 0 };
}

static uint64_t member_number(const struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	(void)json_object_object_get_ex(object, name, &value);
	return json_object_get_uint64(value);
}

/* {"nftables": [{"metainfo": ...}, {"counter": {"name": ..., "packets": ..., "bytes": ...}}]} */
static void collect(const struct json_object *list, struct firewall_counters *ret)
{
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *item = json_object_array_get_idx(list, i);
		struct json_object *counter, *name;
		struct firewall_counter *added;

		if (!json_object_object_get_ex(item, "counter", &counter) ||
		    !json_object_object_get_ex(counter, "name", &name) ||
		    !json_object_is_type(name, json_type_string))
			continue;
		added = ARRAY_APPEND(ret->items, ret->count);
		(void)snprintf(added->name, sizeof(added->name), "%s",
			       json_object_get_string(name));
		added->packets = member_number(counter, "packets");
		added->bytes = member_number(counter, "bytes");
	}
}

int firewall_counters(struct firewall *firewall, enum space space, struct firewall_counters *ret,
		      struct error *error)
{
	const char *instance = spaces_instance(firewall->spaces);
	CLEANUP(json_release) struct json_object *answer = NULL;
	struct firewall_counters counters = { 0 };
	struct json_object *list;
	const char *text;
	char script[64];
	int result;

	/* A VRF has one table for both spaces. */
	*ret = (struct firewall_counters) { 0 };
	if (space == SPACE_OVERLAY && !spaces_netns_name(firewall->spaces))
		return 0;
	result = table_exists(firewall->nft, space, instance, error);
	if (result > 0) {
		(void)snprintf(script, sizeof(script), "list counters table inet %s", instance);
		result = nft_spaces_run(firewall->nft, space, NFT_CTX_OUTPUT_JSON, script, &text,
					error);
		if (result < 0)
			return result;
		answer = json_tokener_parse(text);
		if (!json_object_object_get_ex(answer, "nftables", &list) ||
		    !json_object_is_type(list, json_type_array))
			return error_set(error, -EPROTO, ERROR_APPLY, space_name(space),
					 "nftables: the list of counters is not as expected");
		collect(list, &counters);
	}
	if (result < 0)
		return result;
	*ret = counters;
	return 0;
}
