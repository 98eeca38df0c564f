// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange/import_private.h"

#include "registry/name.h"
#include "registry/refusal.h"

#include <string.h>

static const char *const placeholders[] = { "127.0.0.0/8", "::1", "0.0.0.0/8", "::" };

bool address_is_placeholder(const struct ip_address *address)
{
	struct ip_prefix prefix;

	for (size_t i = 0; i < ARRAY_SIZE(placeholders); i++) {
		(void)ip_prefix_parse(placeholders[i], &prefix);
		if (ip_prefix_contains_address(&prefix, address))
			return true;
	}
	return false;
}

static const char *take_literal(const struct ip_address *address, struct endpoint *endpoint)
{
	const char *refusal;

	if (address_is_placeholder(address))
		return "stands for no address";
	if (endpoint->family && endpoint->family != address->family)
		return "is not of its address family";
	refusal = endpoint_address_refusal(address);
	if (refusal)
		return refusal;
	endpoint->address = *address;
	endpoint->family = address->family;
	return NULL;
}

const char *address_take(const char *text, struct endpoint *endpoint)
{
	struct ip_address address;

	if (!text[0])
		return NULL;
	if (ip_address_parse(text, &address) == 0)
		return take_literal(&address, endpoint);
	if (strchr(text, '%'))
		return "has a scope id, which means nothing elsewhere";
	if (!host_name_is_valid(text))
		return "is neither an IP address nor a host name";
	strcpy(endpoint->name, text); /* at most 253 characters, see host_name_is_valid() */
	return NULL;
}
