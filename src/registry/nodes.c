// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/nodes.h"

#include "registry/name.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* @nodes are the nodes of the array at @cursor, in its order. */
static int check_names(const struct json_cursor *cursor, const struct registry_node *nodes,
		       size_t count, struct error *error)
{
	CLEANUP(free) struct named *names = NEW_ARRAY(struct named, count);
	struct json_cursor item;
	size_t first, second;

	for (size_t i = 0; i < count; i++)
		names[i] = (struct named) { nodes[i].id.common_name, i };
	if (!name_find_duplicate(names, count, &first, &second))
		return 0;
	item = json_cursor_item(cursor, second);
	return json_cursor_fail(
		&item, error, ERROR_NAME,
		"common_name \"%s\" is already used by node %zu of \"%s\" (\"%s\"); "
		"names must differ in more than case",
		nodes[second].id.common_name, first, nodes[first].id.organization,
		nodes[first].id.common_name);
}

/* One warning for all: in the original's registries every node shares the key. */
static void warn_of_shared_key(const struct node_context *context,
			       const struct registry_node *nodes, size_t count)
{
	size_t shared = 0;

	for (size_t i = 0; i < count; i++)
		if (nodes[i].identity_is_shared)
			shared++;
	if (shared)
		warnings_add(
			context->warnings, "W01",
			"organization %s: %zu of %zu nodes share its key and could pose as each "
			"other; give each node a public_key of its own",
			context->organization, shared, count);
}

int nodes_read(const struct json_cursor *cursor, const struct node_context *context,
	       struct registry_node **nodes, size_t *nodes_count, struct error *error)
{
	size_t before = *nodes_count, count;
	int result = json_expect_array(cursor, SIZE_MAX, &count, error);

	if (result == 0 && before + count > REGISTRY_NODES_MAX)
		return json_cursor_fail(cursor, error, ERROR_TOO_BIG,
					"%zu nodes or more in the registry; limit %u",
					before + count, REGISTRY_NODES_MAX);
	if (result < 0 || count == 0)
		return result;
	/* No room to spare: a node is large, and there may be as many arrays as nodes. */
	*nodes = memory_grow(*nodes, before + count, sizeof(**nodes));
	memset(*nodes + before, 0, count * sizeof(**nodes));
	for (size_t i = 0; result == 0 && i < count; i++) {
		struct json_cursor item = json_cursor_item(cursor, i);

		result = node_read(&item, context, &(*nodes)[(*nodes_count)++], error);
	}
	if (result < 0)
		return result;
	warn_of_shared_key(context, *nodes + before, count);
	return check_names(cursor, *nodes + before, count, error);
}
