// SPDX-License-Identifier: GPL-2.0-or-later
#include "intend/intend.h"

#include "intend/parts.h"

#include <errno.h>

int intend_wireguard_kind(const struct config *config, const struct facts *facts,
			  enum link_kind *ret, struct error *error)
{
	bool kernel = facts->has_kernel_wireguard;
	bool userspace = facts->has_userspace_wireguard;

	switch (config->wireguard_backend) {
	case WIREGUARD_KERNEL:
		if (!kernel)
			return error_set(error, -EOPNOTSUPP, ERROR_UNSUPPORTED,
					 "/wireguard/backend",
					 "this kernel has no WireGuard (CONFIG_WIREGUARD); set "
					 "\"backend\": \"userspace\" and install wireguard-go");
		break;
	case WIREGUARD_USERSPACE:
		if (!userspace)
			return error_set(error, -EOPNOTSUPP, ERROR_UNSUPPORTED,
					 "/wireguard/backend",
					 "wireguard-go or /dev/net/tun is missing; install the "
					 "package wireguard-go, or set \"backend\": \"auto\"");
		kernel = false;
		break;
	case WIREGUARD_AUTO:
		if (!kernel && !userspace)
			return error_set(
				error, -EOPNOTSUPP, ERROR_UNSUPPORTED, NULL,
				"this kernel has no WireGuard (CONFIG_WIREGUARD) and there "
				"is no wireguard-go; install the package wireguard-go");
		break;
	}
	*ret = kernel ? LINK_WIREGUARD : LINK_WIREGUARD_TUN;
	return 0;
}

static int check_features(const struct config *config, const struct facts *facts,
			  struct error *error)
{
	if (config->mode == OVERLAY_VRF && !facts->has_vrf)
		return error_set(
			error, -EOPNOTSUPP, ERROR_UNSUPPORTED, "/daemon/mode",
			"this kernel has no VRF devices (CONFIG_NET_VRF); set it to \"netns\" to "
			"keep the overlay in a network namespace, or use a kernel that has them");
	if (config->mode == OVERLAY_VRF && facts->table_owner[0])
		return error_set(error, -EOPNOTSUPP, ERROR_UNSUPPORTED, "/daemon/route_table",
				 "table %u is that of another VRF, %s; choose a number that "
				 "nothing else uses",
				 config->route_table, facts->table_owner);
	if (!facts->has_seg6)
		return error_set(error, -EOPNOTSUPP, ERROR_UNSUPPORTED, NULL,
				 "this kernel has no SRv6 (CONFIG_IPV6_SEG6_LWTUNNEL), or no IPv6 "
				 "at all (ipv6.disable=1); use one that has both");
	if (!facts->has_nf_tables)
		return error_set(error, -EOPNOTSUPP, ERROR_UNSUPPORTED, NULL,
				 "this kernel has no nf_tables (CONFIG_NF_TABLES), and without its "
				 "filters anybody could send into the overlay; load the module "
				 "nf_tables, or use a kernel that has it");
	return 0;
}

/* Without a peer, too: what the machine lacks is told before there is a registry. */
static bool needs_wireguard(const struct config *config, const struct registry *registry,
			    const struct tunnels *tunnels)
{
	const struct registry_node *self = registry ? registry_find(registry, &config->self) : NULL;

	for (unsigned i = 0; i < config->endpoints_count; i++)
		if (config_transports(config, &config->endpoints[i], self) & TRANSPORT_WIREGUARD)
			return true;
	for (size_t i = 0; i < tunnels->count; i++)
		if (tunnels->items[i].transport == TRANSPORT_WIREGUARD)
			return true;
	return false;
}

int intend(const struct config *config, const struct registry *registry, const struct facts *facts,
	   struct state **ret, struct error *error)
{
	CLEANUP(tunnels_done) struct tunnels tunnels = { 0 };
	CLEANUP(state_free) struct state *state = NULL;
	enum speaker_program program;
	enum link_kind kind = LINK_WIREGUARD;
	int result;

	result = check_features(config, facts, error);
	if (result < 0)
		return result;
	tunnels_make(config, registry, facts, &tunnels);
	if (needs_wireguard(config, registry, &tunnels))
		result = intend_wireguard_kind(config, facts, &kind, error);
	if (result == 0)
		result = intend_speaker_program(config, facts, &program, error);
	if (result == 0)
		result = tunnels_check(&tunnels, error);
	if (result < 0)
		return result;
	state = state_new();
	part_add_overlay(config, facts, state);
	part_add_tunnels(config, registry, facts, &tunnels, kind, state);
	part_add_remote_routes(config, registry, facts, state);
	part_add_rulesets(config, registry, &tunnels, state);
	part_add_speaker(config, registry, &tunnels, program, state);
	*ret = TAKE(state);
	return 0;
}
