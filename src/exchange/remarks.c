// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange/import_private.h"

#include "exchange/export_private.h"

#include <string.h>

#define NETWORK_LENGTH_MAX 64 /* as in node_read() */

/* What nodes have apart; peers also what they say of their organization. */
static const char *const own_members[] = { "network", "prefixs", "extra_network" };

/* Room for the own members in an object of a document. */
#define FREE_MEMBERS_MAX (JSON_MEMBERS_MAX - ARRAY_SIZE(own_members))

bool remark_is_own(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(own_members); i++)
		if (!strcmp(name, own_members[i]))
			return true;
	return false;
}

bool remark_is_own_of_peer(const char *name)
{
	return remark_is_own(name) || !strcmp(name, "organization");
}

static struct json_object *copy_value(struct json_object *value);

static struct json_object *copy_object(struct json_object *object)
{
	struct json_object *copy = json_object_new_object();

	json_object_object_foreach(object, name, member)
	{
		(void)json_object_object_add(copy, name, copy_value(member));
	}
	return copy;
}

static struct json_object *copy_array(struct json_object *array)
{
	struct json_object *copy = json_object_new_array();

	for (size_t i = 0; i < json_object_array_length(array); i++)
		(void)json_object_array_add(copy, copy_value(json_object_array_get_idx(array, i)));
	return copy;
}

/*
 * A value without the places of its document, which json-c cannot copy. No deeper than
 * JSON_DEPTH_MAX, because its document is not.
 */
static struct json_object *copy_value(struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_object:
		return copy_object(value);
	case json_type_array:
		return copy_array(value);
	case json_type_string:
		return json_object_new_string_len(json_object_get_string(value),
						  json_object_get_string_len(value));
	case json_type_int:
		return json_object_new_int64(json_object_get_int64(value));
	case json_type_boolean:
		return json_object_new_boolean(json_object_get_boolean(value));
	case json_type_double: /* the parsers make none */
	case json_type_null:
		break;
	}
	return NULL;
}

void import_add_remarks(struct import *import, const struct json_cursor *object,
			struct import_node *node)
{
	char quoted[JSON_QUOTE_SIZE];
	struct json_cursor member;

	json_object_object_foreach(object->value, name, value)
	{
		if (node->is_peer ? remark_is_own_of_peer(name) : remark_is_own(name))
			continue;
		if (!node->remarks)
			node->remarks = json_object_new_object();
		if (json_object_object_get_ex(node->remarks, name, NULL) ||
		    json_object_object_length(node->remarks) >= (int)FREE_MEMBERS_MAX) {
			(void)json_cursor_member(object, name, &member);
			report_at(import->report, &member,
				  "remark %s left out: there is one of this name, or there are "
				  "too many",
				  json_quote(name, quoted));
			continue;
		}
		(void)json_object_object_add(node->remarks, name, copy_value(value));
	}
}

void import_take_prefix(struct import *import, struct import_node *node)
{
	struct registry_node *to = &node->node;
	struct json_object *value;
	struct ip_prefix prefix;

	if (ip_address_present(&to->network.address) || !node->remarks ||
	    !json_object_object_get_ex(node->remarks, "prefix", &value) ||
	    !json_object_is_type(value, json_type_string) ||
	    ip_prefix_parse(json_object_get_string(value), &prefix) < 0 ||
	    prefix.address.family != AF_INET6 || prefix.length > NETWORK_LENGTH_MAX)
		return;
	import_set_network(to, &prefix);
	import->networks_from_prefix++;
}
