// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/refusal.h"

#include "base/cleanup.h"

static const struct {
	const char *prefix;
	const char *reason;
} refused[] = {
	{ "0.0.0.0/8", "this network" },     { "127.0.0.0/8", "loopback" },
	{ "169.254.0.0/16", "link-local" },  { "224.0.0.0/4", "multicast" },
	{ "240.0.0.0/4", "reserved" },	     { "::1/128", "loopback" },
	{ "::/128", "unspecified address" }, { "::ffff:0:0/96", "IPv4-mapped" },
	{ "fe80::/10", "link-local" },	     { "ff00::/8", "multicast" },
};

const char *prefix_refusal(const struct ip_prefix *prefix)
{
	struct ip_prefix row;

	if (prefix->length == 0)
		return "default route";
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		(void)ip_prefix_parse(refused[i].prefix, &row);
		if (ip_prefix_contains(&row, prefix))
			return refused[i].reason;
		/* 128.0.0.0/1 is half a default route. */
		if (ip_prefix_contains(prefix, &row))
			return "covers addresses that are never routed";
	}
	return NULL;
}

/* Addresses that parse, but that no packet could be sent to from another host. */
static const struct {
	const char *prefix;
	const char *reason;
} not_endpoints[] = {
	{ "0.0.0.0/8", "is not the address of a host; use null for a node that only dials out" },
	{ "::/128", "is not the address of a host; use null for a node that only dials out" },
	{ "224.0.0.0/4", "is a multicast address" },
	{ "ff00::/8", "is a multicast address" },
	{ "240.0.0.0/4", "is a reserved address" },
	{ "fe80::/10", "is link-local and means another host on every link" },
	{ "::ffff:0:0/96", "is an IPv4 address in IPv6 form; write it as IPv4" },
};

const char *endpoint_address_refusal(const struct ip_address *address)
{
	struct ip_prefix row;

	for (size_t i = 0; i < ARRAY_SIZE(not_endpoints); i++) {
		(void)ip_prefix_parse(not_endpoints[i].prefix, &row);
		if (ip_prefix_contains_address(&row, address))
			return not_endpoints[i].reason;
	}
	return NULL;
}
