// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/config.h"
#include "config/reader.h"

#include "base/memory.h"

#include <string.h>

#define NETWORK_LENGTH_MAX 64 /* SIDs and addresses of the node need the lower half */

/* Nothing that a node could own (RFC 6890). */
static const struct {
	const char *prefix;
	const char *what;
} not_ours[] = {
	{ "0.0.0.0/8", "\"this host\"" },
	{ "127.0.0.0/8", "loopback" },
	{ "169.254.0.0/16", "link-local" },
	{ "224.0.0.0/4", "multicast" },
	{ "240.0.0.0/4", "reserved" },
	{ "::/127", "loopback" },
	{ "::ffff:0:0/96", "IPv4 in IPv6 form" },
	{ "fe80::/10", "link-local" },
	{ "ff00::/8", "multicast" },
};

static int check_kind(const struct json_cursor *cursor, const struct ip_prefix *prefix,
		      struct error *error)
{
	char text[IP_PREFIX_TEXT_SIZE];
	struct ip_prefix other;

	ip_prefix_format(prefix, text);
	if (prefix->length == 0)
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"%s is the default route, no network of this node", text);
	for (size_t i = 0; i < ARRAY_SIZE(not_ours); i++) {
		(void)ip_prefix_parse(not_ours[i].prefix, &other);
		if (ip_prefix_overlaps(prefix, &other))
			return json_cursor_fail(cursor, error, ERROR_VALUE,
						"%s overlaps %s (%s), no network of this node",
						text, not_ours[i].prefix, not_ours[i].what);
	}
	return 0;
}

static int fail_overlap(const struct json_cursor *cursor, const struct ip_prefix *prefix,
			const struct ip_prefix *other, const char *which, struct error *error)
{
	char text[IP_PREFIX_TEXT_SIZE], other_text[IP_PREFIX_TEXT_SIZE];

	return json_cursor_fail(
		cursor, error, ERROR_OVERLAP, "%s overlaps %s%s of this node; remove one of them",
		ip_prefix_format(prefix, text), which, ip_prefix_format(other, other_text));
}

int config_read_prefix(const struct json_cursor *cursor, struct config_reader *reader,
		       struct ip_prefix *ret, struct error *error)
{
	char text[IP_PREFIX_TEXT_SIZE], masked_text[IP_PREFIX_TEXT_SIZE];
	char quoted[JSON_QUOTE_SIZE];
	struct ip_prefix prefix, masked;
	const char *string;
	int result = json_read_string(cursor, &string, error);

	if (result < 0)
		return result;
	if (ip_prefix_parse(string, &prefix) < 0)
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"%s is not a prefix: ADDRESS/LENGTH, length 0-32 for IPv4 "
					"and 0-128 for IPv6",
					json_quote(string, quoted));
	masked = ip_prefix_masked(&prefix);
	if (ip_prefix_has_host_bits(&prefix))
		warnings_add(reader->warnings, "W02", "host bits set in %s; using %s",
			     ip_prefix_format(&prefix, text),
			     ip_prefix_format(&masked, masked_text));
	*ret = masked;
	return 0;
}

int config_read_network(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct config_reader *reader = target;
	struct ip_prefix network;
	int result = config_read_prefix(cursor, reader, &network, error);

	if (result < 0)
		return result;
	if (network.address.family != AF_INET6 || network.length > NETWORK_LENGTH_MAX)
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"network must be an IPv6 prefix of length 64 or less");
	result = check_kind(cursor, &network, error);
	if (result == 0)
		reader->config->network = network;
	return result;
}

/* A default route leads to what nobody has; it makes this node an exit, and owns nothing. */
static bool prefixes_collide(const struct ip_prefix *a, const struct ip_prefix *b)
{
	if (a->length == 0 || b->length == 0)
		return ip_prefix_compare(a, b) == 0;
	return ip_prefix_overlaps(a, b);
}

static int read_own_prefix(const struct json_cursor *cursor, struct config_reader *reader,
			   struct error *error)
{
	struct config *config = reader->config;
	struct ip_prefix prefix;
	int result = config_read_prefix(cursor, reader, &prefix, error);

	if (result == 0 && prefix.length > 0)
		result = check_kind(cursor, &prefix, error);
	if (result < 0)
		return result;
	if (prefixes_collide(&prefix, &config->network))
		return fail_overlap(cursor, &prefix, &config->network, "network ", error);
	for (size_t i = 0; i < config->prefixes_count; i++) {
		/* A file for both versions of the original has the same list under both names. */
		if (i < reader->prefixes_start &&
		    ip_prefix_compare(&config->prefixes[i], &prefix) == 0)
			return 0;
		if (prefixes_collide(&prefix, &config->prefixes[i]))
			return fail_overlap(cursor, &prefix, &config->prefixes[i], "", error);
	}
	if (config->prefixes_count >= NODE_PREFIXES_MAX)
		return json_cursor_fail(cursor, error, ERROR_TOO_BIG, "more than %d prefixes",
					NODE_PREFIXES_MAX);
	*ARRAY_APPEND(config->prefixes, config->prefixes_count) = prefix;
	return 0;
}

int config_read_prefixes(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct config_reader *reader = target;
	size_t count;
	int result = json_expect_array(cursor, NODE_PREFIXES_MAX, &count, error);

	reader->prefixes_start = reader->config->prefixes_count;
	for (size_t i = 0; result == 0 && i < count; i++) {
		struct json_cursor item = json_cursor_item(cursor, i);

		result = read_own_prefix(&item, reader, error);
	}
	return result;
}

const struct ip_prefix *config_own_prefix_of(const struct config *config,
					     const struct ip_address *address)
{
	if (ip_prefix_contains_address(&config->network, address))
		return &config->network;
	for (size_t i = 0; i < config->prefixes_count; i++)
		if (config->prefixes[i].length > 0 &&
		    ip_prefix_contains_address(&config->prefixes[i], address))
			return &config->prefixes[i];
	return NULL;
}

/* An interface address with length: its connected route must not be wider than what is ours. */
static int check_extra_ip(const struct json_cursor *cursor, const struct config *config,
			  const struct ip_prefix *extra, struct error *error)
{
	const struct ip_prefix *own = config_own_prefix_of(config, &extra->address);
	char text[IP_PREFIX_TEXT_SIZE], own_text[IP_PREFIX_TEXT_SIZE];

	ip_prefix_format(extra, text);
	if (!own)
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"%s is outside of \"network\" and \"prefixs\": no other "
					"node would have a route to it",
					text);
	if (extra->length < own->length)
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"%s would be wider than this node's %s; use a longer "
					"length",
					text, ip_prefix_format(own, own_text));
	for (size_t i = 0; i < config->extra_ips_count; i++)
		if (ip_address_compare(&config->extra_ips[i].address, &extra->address) == 0)
			return json_cursor_fail(cursor, error, ERROR_VALUE, "%s is there twice",
						text);
	return 0;
}

static int read_one_extra_ip(const struct json_cursor *cursor, struct config *config,
			     struct error *error)
{
	char quoted[JSON_QUOTE_SIZE];
	struct ip_prefix extra;
	const char *text;
	int result = json_read_string(cursor, &text, error);

	if (result < 0)
		return result;
	if (ip_prefix_parse(text, &extra) < 0)
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"%s is not an IP address, with or without /LENGTH",
					json_quote(text, quoted));
	result = check_extra_ip(cursor, config, &extra, error);
	if (result == 0)
		*ARRAY_APPEND(config->extra_ips, config->extra_ips_count) = extra;
	return result;
}

int config_read_extra_ip(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct config_reader *reader = target;
	size_t count;
	int result = json_expect_array(cursor, CONFIG_EXTRA_IPS_MAX, &count, error);

	for (size_t i = 0; result == 0 && i < count; i++) {
		struct json_cursor item = json_cursor_item(cursor, i);

		result = read_one_extra_ip(&item, reader->config, error);
	}
	return result;
}
