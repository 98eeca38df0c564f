// SPDX-License-Identifier: GPL-2.0-or-later
#include "intend/intend.h"

static bool is_own_address(const struct config *config, const struct ip_prefix *prefix)
{
	for (size_t i = 0; i < config->extra_ips_count; i++) {
		struct ip_prefix address = ip_prefix_single(&config->extra_ips[i].address);

		if (!ip_prefix_compare(&address, prefix))
			return true;
	}
	return false;
}

static bool has_network_behind(const struct config *config, uint16_t family)
{
	for (size_t i = 0; i < config->prefixes_count; i++)
		if (config->prefixes[i].address.family == family &&
		    !is_own_address(config, &config->prefixes[i]))
			return true;
	return false;
}

bool intend_forwards(const struct config *config, const struct registry *registry, uint16_t family)
{
	const struct registry_node *self = registry ? registry_find(registry, &config->self) : NULL;

	if (!registry)
		return false;
	if (config->mode == OVERLAY_VRF && !(self && self->no_transit))
		return true;
	return has_network_behind(config, family);
}
