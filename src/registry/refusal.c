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
