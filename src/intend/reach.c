// SPDX-License-Identifier: GPL-2.0-or-later
#include "intend/reach.h"

#include <string.h>

enum attachment {
	ATTACHED_NOT,
	ATTACHED_DIALS_OUT,
	ATTACHED_DIALABLE,
	ATTACHMENTS,
};
_Static_assert(REACH_CLASSES == ATTACHMENTS * ATTACHMENTS, "one class per pair of attachments");

static unsigned class_of(const struct endpoint *endpoints, unsigned count)
{
	enum attachment best[2] = { ATTACHED_NOT, ATTACHED_NOT };

	for (unsigned i = 0; i < count; i++) {
		enum attachment here = endpoint_dials_out_only(&endpoints[i]) ? ATTACHED_DIALS_OUT
									      : ATTACHED_DIALABLE;
		enum attachment *known = &best[endpoints[i].family == AF_INET6];

		if (endpoint_speaks_wireguard(&endpoints[i]) && here > *known)
			*known = here;
	}
	return best[0] * ATTACHMENTS + best[1];
}

static unsigned class_of_node(const struct registry_node *node)
{
	return node->has_wireguard ? class_of(node->endpoints, node->endpoints_count) : 0;
}

static bool attachments_join(unsigned a, unsigned b)
{
	return a != ATTACHED_NOT && b != ATTACHED_NOT &&
	       (a == ATTACHED_DIALABLE || b == ATTACHED_DIALABLE);
}

static bool classes_join(unsigned a, unsigned b)
{
	return attachments_join(a / ATTACHMENTS, b / ATTACHMENTS) ||
	       attachments_join(a % ATTACHMENTS, b % ATTACHMENTS);
}

static bool reach_class(const struct reach *reach, unsigned class)
{
	if (classes_join(reach->self, class))
		return true;
	for (unsigned i = 0; i < REACH_CLASSES; i++)
		if (reach->through[i] && classes_join(i, class))
			return true;
	return false;
}

void reach_make(const struct config *config, const struct registry *registry, struct reach *ret)
{
	struct reach reach = { .self = class_of(config->endpoints, config->endpoints_count) };
	bool carries[REACH_CLASSES] = { false };

	for (size_t i = 0; i < registry->nodes_count; i++) {
		const struct registry_node *node = &registry->nodes[i];

		if (!node->no_transit && node_id_compare(&node->id, &config->self) != 0)
			carries[class_of_node(node)] = true;
	}
	/* A way leads through each class once at most. */
	for (unsigned round = 0; round < REACH_CLASSES; round++)
		for (unsigned i = 0; i < REACH_CLASSES; i++)
			reach.through[i] |= carries[i] && reach_class(&reach, i);
	*ret = reach;
}

bool reach_node(const struct reach *reach, const struct registry_node *node)
{
	return reach_class(reach, class_of_node(node));
}
