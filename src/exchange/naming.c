// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange/import_private.h"

#include "base/hex.h"
#include "base/memory.h"
#include "registry/name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define KEY_BYTES_IN_NAME 6

/* Names in use: by organization, then ignoring case, as they must differ. */
struct taken {
	const char *organization;
	const char *name;
};

struct taken_list {
	struct taken *items;
	size_t count;
};

static int compare_taken(const struct taken *left, const struct taken *right)
{
	int order = strcasecmp(left->organization, right->organization);

	return order ? order : strcasecmp(left->name, right->name);
}

/* Where @name is or would have to be. */
static size_t find(const struct taken_list *list, const struct taken *name, bool *ret_found)
{
	size_t low = 0, high = list->count;

	*ret_found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_taken(name, &list->items[middle]);

		*ret_found |= order == 0;
		if (order <= 0)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* Give @node the name if nobody has it. */
static bool take(struct taken_list *list, struct import_node *node, const char *name)
{
	const struct taken taken = { node->node.id.organization, name };
	bool found;
	size_t at = find(list, &taken, &found);

	if (found)
		return false;
	/* A valid name, shorter than NAME_SIZE; perhaps the one that is there. */
	memmove(node->node.id.common_name, name, strlen(name) + 1);
	(void)ARRAY_APPEND(list->items, list->count);
	memmove(&list->items[at + 1], &list->items[at],
		(list->count - 1 - at) * sizeof(list->items[0]));
	list->items[at] = (struct taken) {
		node->node.id.organization,
		node->node.id.common_name,
	};
	return true;
}

/* "peer-ac239d068fd5"; with "-2", "-3", ... until nobody has it. */
static void take_by_key(struct taken_list *list, struct import_node *node)
{
	char hex[2 * KEY_BYTES_IN_NAME + 1], name[NAME_SIZE];

	hex_format(node->node.wireguard_key, KEY_BYTES_IN_NAME, hex);
	(void)snprintf(name, sizeof(name), "peer-%s", hex);
	for (unsigned i = 2; !take(list, node, name); i++)
		(void)snprintf(name, sizeof(name), "peer-%s-%u", hex, i);
}

/* A second node of the name: "name-2". */
static void take_numbered(struct taken_list *list, struct import_node *node)
{
	char name[NAME_SIZE];

	for (unsigned i = 2;; i++) {
		int length = snprintf(name, sizeof(name), "%s-%u", node->name, i);

		if (length >= (int)sizeof(name)) {
			take_by_key(list, node);
			return;
		}
		if (take(list, node, name))
			return;
	}
}

static void name_again(struct import *import, struct taken_list *list, struct import_node *node)
{
	const char *id = node->node.id.common_name;
	char quoted[JSON_QUOTE_SIZE];

	if (!node->name || !name_is_valid(node->name))
		take_by_key(list, node);
	else
		take_numbered(list, node);
	if (!node->name)
		report_at(import->report, node->cursor, "peer without a name; called %s", id);
	else if (!name_is_valid(node->name))
		report_at(import->report, node->cursor,
			  "name %s is none here (letters, digits, space, \".\", \"_\", \"-\"); "
			  "called %s",
			  json_quote(node->name, quoted), id);
	else
		report_at(import->report, node->cursor,
			  "name \"%s\" is in use by another node; called %s", node->name, id);
}

void import_name_peers(struct import *import)
{
	struct taken_list list = { 0 };

	/* Who has a name keeps it, wherever those that need one stand. */
	for (size_t i = 0; i < import->nodes_count; i++) {
		struct import_node *node = &import->nodes[i];

		if (!node->is_peer)
			(void)take(&list, node, node->node.id.common_name);
		else if (node->name && name_is_valid(node->name))
			(void)take(&list, node, node->name);
	}
	for (size_t i = 0; i < import->nodes_count; i++)
		if (!import->nodes[i].node.id.common_name[0])
			name_again(import, &list, &import->nodes[i]);
	free(list.items);
}
