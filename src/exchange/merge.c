// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange/import_private.h"

#include "exchange/peer_endpoint.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* RAIT before 3.1 has one endpoint a peer: a node with two is two peers of one key. */

static int compare_peers(const void *a, const void *b)
{
	const struct import_node *left = *(struct import_node *const *)a;
	const struct import_node *right = *(struct import_node *const *)b;
	int order = memcmp(left->node.wireguard_key, right->node.wireguard_key, KEY_SIZE);

	if (!order)
		order = strcmp(left->node.id.organization, right->node.id.organization);
	return order ? order : left < right ? -1 : left > right; /* in the order of the texts */
}

static bool is_same_peer(const struct import_node *left, const struct import_node *right)
{
	return !memcmp(left->node.wireguard_key, right->node.wireguard_key, KEY_SIZE) &&
	       !strcmp(left->node.id.organization, right->node.id.organization);
}

static bool has_endpoint(const struct registry_node *node, const struct endpoint *endpoint)
{
	for (unsigned i = 0; i < node->endpoints_count; i++) {
		const struct endpoint *other = &node->endpoints[i];

		if (other->family == endpoint->family && other->send_port == endpoint->send_port &&
		    !ip_address_compare(&other->address, &endpoint->address) &&
		    !strcmp(other->name, endpoint->name))
			return true;
	}
	return false;
}

/* The place of the first is looked up only for a line that is kept. */
static void report_pair(struct report *report, const struct import_node *second, const char *text,
			const struct import_node *first)
{
	char place[ERROR_PLACE_SIZE] = "";

	if (report_has_room(report))
		(void)json_cursor_place(first->cursor, place);
	report_at(report, second->cursor, "%s %s", text, place);
}

static void merge(struct import *import, struct import_node *first, struct import_node *second)
{
	for (unsigned i = 0; i < second->node.endpoints_count; i++) {
		const struct endpoint *endpoint = &second->node.endpoints[i];

		if (has_endpoint(&first->node, endpoint))
			report_pair(import->report, second, "the same peer and endpoint as at",
				    first);
		else if (!peer_add_endpoint(&first->node, endpoint))
			report_pair(import->report, second,
				    "endpoint left out: no room in the node of", first);
	}
	if (!first->name)
		first->name = TAKE(second->name);
	if (!first->remarks)
		first->remarks = TAKE(second->remarks);
	if (!first->node.prefixes_count) {
		first->node.network = second->node.network;
		first->node.prefixes = TAKE(second->node.prefixes);
		first->node.prefixes_count = second->node.prefixes_count;
		second->node.prefixes_count = 0;
	}
	second->is_marked = true;
}

void import_merge_peers(struct import *import)
{
	CLEANUP(free) struct import_node **peers = NULL;
	struct import_node *first = NULL;
	size_t count = 0;

	for (size_t i = 0; i < import->nodes_count; i++)
		if (import->nodes[i].is_peer)
			*ARRAY_APPEND(peers, count) = &import->nodes[i];
	if (count)
		qsort(peers, count, sizeof(peers[0]), compare_peers);
	for (size_t i = 0; i < count; i++) {
		if (first && is_same_peer(first, peers[i]))
			merge(import, first, peers[i]);
		else
			first = peers[i];
	}
	import_remove_marked(import);
}
