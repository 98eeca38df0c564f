// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/refusal.h"

#include "base/cleanup.h"

/* Not as text: a registry has up to 2,560,000 prefixes to be compared with each of these. */
static const struct {
	struct ip_prefix prefix;
	const char *reason;
} refused[] = {
	{ { { AF_INET, { 0 } }, 8 }, "this network" },
	{ { { AF_INET, { 127 } }, 8 }, "loopback" },
	{ { { AF_INET, { 169, 254 } }, 16 }, "link-local" },
	{ { { AF_INET, { 224 } }, 4 }, "multicast" },
	{ { { AF_INET, { 240 } }, 4 }, "reserved" },
	{ { { AF_INET6, { [15] = 1 } }, 128 }, "loopback" },
	{ { { AF_INET6, { 0 } }, 128 }, "unspecified address" },
	{ { { AF_INET6, { [10] = 0xff, [11] = 0xff } }, 96 }, "IPv4-mapped" },
	{ { { AF_INET6, { 0xfe, 0x80 } }, 10 }, "link-local" },
	{ { { AF_INET6, { 0xff } }, 8 }, "multicast" },
};

const char *prefix_refusal(const struct ip_prefix *prefix)
{
	if (prefix->length == 0)
		return "default route";
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		if (ip_prefix_contains(&refused[i].prefix, prefix))
			return refused[i].reason;
		/* 128.0.0.0/1 is half a default route. */
		if (ip_prefix_contains(prefix, &refused[i].prefix))
			return "covers addresses that are never routed";
	}
	return NULL;
}

/* Addresses that parse, but that no packet could be sent to from another host. */
static const struct {
	struct ip_prefix prefix;
	const char *reason;
} not_endpoints[] = {
	{ { { AF_INET, { 0 } }, 8 },
	  "is not the address of a host; use null for a node that only dials out" },
	{ { { AF_INET6, { 0 } }, 128 },
	  "is not the address of a host; use null for a node that only dials out" },
	{ { { AF_INET, { 224 } }, 4 }, "is a multicast address" },
	{ { { AF_INET6, { 0xff } }, 8 }, "is a multicast address" },
	{ { { AF_INET, { 240 } }, 4 }, "is a reserved address" },
	{ { { AF_INET6, { 0xfe, 0x80 } }, 10 },
	  "is link-local and means another host on every link" },
	{ { { AF_INET6, { [10] = 0xff, [11] = 0xff } }, 96 },
	  "is an IPv4 address in IPv6 form; write it as IPv4" },
};

const char *endpoint_address_refusal(const struct ip_address *address)
{
	for (size_t i = 0; i < ARRAY_SIZE(not_endpoints); i++)
		if (ip_prefix_contains_address(&not_endpoints[i].prefix, address))
			return not_endpoints[i].reason;
	return NULL;
}
