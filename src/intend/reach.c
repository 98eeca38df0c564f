// SPDX-License-Identifier: GPL-2.0-or-later
#include "intend/reach.h"

#include <string.h>

enum attachment {
	ATTACHED_NOT,
	ATTACHED_DIALS_OUT,
	ATTACHED_DIALABLE,
	ATTACHMENTS,
};
/* One place for each family and each transport. */
#define PLACES 4
_Static_assert(REACH_CLASSES == ATTACHMENTS * ATTACHMENTS * ATTACHMENTS * ATTACHMENTS,
	       "one class for each way to be attached in all places");

struct places {
	enum attachment best[PLACES];
};

static void attach(struct places *places, const struct endpoint *endpoint, uint8_t transports)
{
	static const uint8_t each[] = { TRANSPORT_WIREGUARD, TRANSPORT_IPSEC };
	enum attachment here =
		endpoint_dials_out_only(endpoint) ? ATTACHED_DIALS_OUT : ATTACHED_DIALABLE;

	for (unsigned i = 0; i < 2; i++) {
		enum attachment *known = &places->best[2 * i + (endpoint->family == AF_INET6)];

		if (transports & each[i] && here > *known)
			*known = here;
	}
}

static unsigned class_of(const struct places *places)
{
	unsigned class = 0;

	for (unsigned i = 0; i < PLACES; i++)
		class = class * ATTACHMENTS + places->best[i];
	return class;
}

static unsigned class_of_node(const struct registry_node *node)
{
	struct places places = { 0 };

	for (unsigned i = 0; i < node->endpoints_count; i++)
		attach(&places, &node->endpoints[i], node_transports(node, &node->endpoints[i]));
	return class_of(&places);
}

static unsigned class_of_self(const struct config *config, const struct registry *registry)
{
	const struct registry_node *self = registry_find(registry, &config->self);
	struct places places = { 0 };

	for (unsigned i = 0; i < config->endpoints_count; i++)
		attach(&places, &config->endpoints[i],
		       config_transports(config, &config->endpoints[i], self));
	return class_of(&places);
}

static bool attachments_join(unsigned a, unsigned b)
{
	return a != ATTACHED_NOT && b != ATTACHED_NOT &&
	       (a == ATTACHED_DIALABLE || b == ATTACHED_DIALABLE);
}

static bool classes_join(unsigned a, unsigned b)
{
	for (unsigned i = 0; i < PLACES; i++, a /= ATTACHMENTS, b /= ATTACHMENTS)
		if (attachments_join(a % ATTACHMENTS, b % ATTACHMENTS))
			return true;
	return false;
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

/* One step further. False if nothing came of it. */
static bool spread(struct reach *reach, const bool carries[REACH_CLASSES])
{
	bool is_new = false;

	for (unsigned i = 0; i < REACH_CLASSES; i++) {
		if (!carries[i] || reach->through[i] || !reach_class(reach, i))
			continue;
		reach->through[i] = true;
		is_new = true;
	}
	return is_new;
}

void reach_make(const struct config *config, const struct registry *registry, struct reach *ret)
{
	struct reach reach = { .self = class_of_self(config, registry) };
	bool carries[REACH_CLASSES] = { false };

	for (size_t i = 0; i < registry->nodes_count; i++) {
		const struct registry_node *node = &registry->nodes[i];

		if (!node->no_transit && node_id_compare(&node->id, &config->self) != 0)
			carries[class_of_node(node)] = true;
	}
	while (spread(&reach, carries))
		;
	*ret = reach;
}

bool reach_node(const struct reach *reach, const struct registry_node *node)
{
	return reach_class(reach, class_of_node(node));
}
