// SPDX-License-Identifier: GPL-2.0-or-later
#include "srv6/plan.h"

#include <assert.h>

bool srv6_network_is_usable(const struct ip_prefix *network)
{
	return network->address.family == AF_INET6 && network->length <= SRV6_NETWORK_LENGTH_MAX &&
	       !ip_prefix_has_host_bits(network);
}

struct ip_prefix srv6_internal_prefix(const struct ip_prefix *network)
{
	struct ip_prefix prefix = {
		.address = network->address,
		.length = SRV6_INTERNAL_PREFIX_LENGTH,
	};

	assert(srv6_network_is_usable(network));
	prefix.address.bytes[8] = 0xff;
	prefix.address.bytes[9] = 0xff;
	return prefix;
}

struct ip_address srv6_internal_address(const struct ip_prefix *network,
					enum srv6_function function)
{
	struct ip_address address = srv6_internal_prefix(network).address;

	address.bytes[14] = (uint8_t)(function >> 8);
	address.bytes[15] = (uint8_t)function;
	return address;
}
