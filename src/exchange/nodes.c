// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange/import_private.h"

#include "base/memory.h"

#include <errno.h>
#include <stdlib.h>

static void node_done(struct import_node *node)
{
	registry_node_done(&node->node);
	free(node->name);
	json_object_put(node->remarks);
	free(node->cursor);
}

void import_done(struct import *import)
{
	for (size_t i = 0; i < import->nodes_count; i++)
		node_done(&import->nodes[i]);
	free(import->nodes);
	for (size_t i = 0; i < import->organizations_count; i++)
		free(import->organizations[i].cursor);
	free(import->organizations);
	for (size_t i = 0; i < import->documents_count; i++)
		json_document_free(import->documents[i]);
	free(import->documents);
}

struct json_cursor *cursor_keep(const struct json_cursor *cursor)
{
	struct json_cursor *kept;
	size_t count = 0;

	for (const struct json_cursor *c = cursor; c; c = c->parent)
		count++;
	kept = NEW_ARRAY(struct json_cursor, count);
	for (size_t i = 0; i < count; i++, cursor = cursor->parent) {
		kept[i] = *cursor;
		kept[i].parent = cursor->parent ? &kept[i + 1] : NULL;
	}
	return kept;
}

struct import_node *import_add_node(struct import *import, const struct json_cursor *cursor,
				    struct error *error)
{
	struct import_node *node;

	if (import->nodes_count >= REGISTRY_NODES_MAX) {
		(void)json_cursor_fail(cursor, error, ERROR_TOO_BIG, "more than %d nodes",
				       REGISTRY_NODES_MAX);
		return NULL;
	}
	node = ARRAY_APPEND(import->nodes, import->nodes_count);
	node->cursor = cursor_keep(cursor);
	return node;
}

void import_drop_last_node(struct import *import)
{
	node_done(&import->nodes[--import->nodes_count]);
}

void import_remove_marked(struct import *import)
{
	size_t kept = 0;

	for (size_t i = 0; i < import->nodes_count; i++) {
		if (import->nodes[i].is_marked)
			node_done(&import->nodes[i]);
		else
			import->nodes[kept++] = import->nodes[i];
	}
	import->nodes_count = kept;
}

void import_set_network(struct registry_node *node, const struct ip_prefix *network)
{
	size_t count = node->prefixes_count;
	struct ip_prefix *prefixes = NEW_ARRAY(struct ip_prefix, count + 1);
	size_t kept = 1;

	node->network = ip_prefix_masked(network);
	prefixes[0] = node->network;
	for (size_t i = 0; i < count; i++)
		if (ip_prefix_compare(&node->prefixes[i], &node->network) != 0)
			prefixes[kept++] = node->prefixes[i];
	free(node->prefixes);
	node->prefixes = prefixes;
	node->prefixes_count = kept;
}
