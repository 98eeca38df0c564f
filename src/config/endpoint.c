// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/config.h"
#include "config/reader.h"

#include "base/number.h"
#include "registry/name.h"
#include "registry/refusal.h"
#include "registry/transports.h"

#include <string.h>

#define MTU_MIN 1280 /* RFC 8200 section 5 */
#define MTU_MAX 65535

struct endpoint_reader {
	struct endpoint *endpoint;
	bool has_serial;
};

/* ranet writes the number as a string. */
static int read_serial_number(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct endpoint_reader *reader = target;
	char quoted[JSON_QUOTE_SIZE];
	uint64_t from_text;
	const char *text;
	int64_t number;
	int result;

	reader->has_serial = true;
	if (strcmp(json_cursor_type(cursor), "string") != 0) {
		result = json_read_integer(cursor, 0, UINT32_MAX, &number, error);
		if (result == 0)
			reader->endpoint->serial_number = (uint32_t)number;
		return result;
	}
	result = json_read_string(cursor, &text, error);
	if (result < 0)
		return result;
	if (number_parse(text, UINT32_MAX, &from_text) < 0)
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"%s is not a decimal number from 0 to 4294967295",
					json_quote(text, quoted));
	reader->endpoint->serial_number = (uint32_t)from_text;
	return 0;
}

static int read_address_family(const struct json_cursor *cursor, void *target, struct error *error)
{
	static const char *const families[] = { "ip4", "ip6" };
	struct endpoint_reader *reader = target;
	size_t family;
	int result = json_read_choice(cursor, families, ARRAY_SIZE(families), &family, error);

	if (result == 0)
		reader->endpoint->family = family == 0 ? AF_INET : AF_INET6;
	return result;
}

static int check_literal(const struct json_cursor *cursor, struct endpoint *endpoint,
			 struct error *error)
{
	const struct ip_address *address = &endpoint->address;
	const char *reason = endpoint_address_refusal(address);
	char text[IP_ADDRESS_TEXT_SIZE];

	ip_address_format(address, text);
	if (endpoint->family && endpoint->family != address->family)
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"%s is an %s address, but address_family is \"%s\"", text,
					address->family == AF_INET ? "IPv4" : "IPv6",
					endpoint->family == AF_INET ? "ip4" : "ip6");
	endpoint->family = address->family;
	if (reason)
		return json_cursor_fail(cursor, error, ERROR_VALUE, "%s %s", text, reason);
	return 0;
}

static int read_address(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct endpoint_reader *reader = target;
	struct endpoint *endpoint = reader->endpoint;
	char quoted[JSON_QUOTE_SIZE];
	const char *text;
	int result;

	if (!strcmp(json_cursor_type(cursor), "null"))
		return 0;
	result = json_read_string(cursor, &text, error);
	if (result < 0)
		return result;
	if (ip_address_parse(text, &endpoint->address) == 0)
		return check_literal(cursor, endpoint, error);
	if (!host_name_is_valid(text))
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"%s is neither an IP address nor a host name",
					json_quote(text, quoted));
	strcpy(endpoint->name, text); /* at most 253 characters, see host_name_is_valid() */
	return 0;
}

static int read_u16(const struct json_cursor *cursor, int64_t minimum, uint16_t *ret,
		    struct error *error)
{
	int64_t value;
	int result = json_read_integer(cursor, minimum, UINT16_MAX, &value, error);

	if (result == 0)
		*ret = (uint16_t)value;
	return result;
}

static int read_port(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct endpoint_reader *reader = target;

	return read_u16(cursor, 1, &reader->endpoint->port, error);
}

static int read_send_port(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct endpoint_reader *reader = target;

	return read_u16(cursor, 1, &reader->endpoint->send_port, error);
}

static int read_mtu(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct endpoint_reader *reader = target;

	return read_u16(cursor, MTU_MIN, &reader->endpoint->mtu, error);
}

static int read_transports(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct endpoint_reader *reader = target;

	return transports_read(cursor, &reader->endpoint->transports, error);
}

static int read_bind_addr(const struct json_cursor *cursor, void *target, struct error *error)
{
	(void)target;
	if (!strcmp(json_cursor_type(cursor), "null"))
		return 0;
	return json_cursor_fail(cursor, error, ERROR_UNSUPPORTED,
				"WireGuard cannot bind to one address, neither in Linux nor in "
				"wireguard-go; set \"fwmark\" and give its table a route with "
				"\"src\" (ip rule add fwmark MARK lookup TABLE)");
}

static int read_fwmark(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct endpoint_reader *reader = target;
	int64_t mark;
	int result = json_read_integer(cursor, 0, UINT32_MAX, &mark, error);

	if (result == 0)
		reader->endpoint->fwmark = (uint32_t)mark;
	return result;
}

static int read_random_port(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct endpoint_reader *reader = target;

	return json_read_boolean(cursor, &reader->endpoint->random_port, error);
}

/* The family before the address, which is compared with it. */
static const struct json_member endpoint_members[] = {
	{ "serial_number", false, read_serial_number },
	{ "address_family", false, read_address_family },
	{ "address", false, read_address },
	{ "port", true, read_port },
	{ "send_port", false, read_send_port },
	{ "transports", false, read_transports },
	{ "bind_addr", false, read_bind_addr },
	{ "fwmark", false, read_fwmark },
	{ "mtu", false, read_mtu },
	{ "random_port", false, read_random_port },
};

const struct config_table config_endpoint_table = {
	"endpoints",
	endpoint_members,
	ARRAY_SIZE(endpoint_members),
};

/* A tunnel's outer packets would be routed into a tunnel. */
static int check_not_ours(const struct json_cursor *cursor, const struct config *config,
			  const struct endpoint *endpoint, struct error *error)
{
	const struct ip_prefix *own = config_own_prefix_of(config, &endpoint->address);
	char text[IP_ADDRESS_TEXT_SIZE], own_text[IP_PREFIX_TEXT_SIZE];
	struct json_cursor address;

	if (!own)
		return 0;
	(void)json_cursor_member(cursor, "address", &address);
	return json_cursor_fail(&address, error, ERROR_OVERLAP,
				"%s is inside this node's overlay network %s; an endpoint is an "
				"address of the underlay",
				ip_address_format(&endpoint->address, text),
				ip_prefix_format(own, own_text));
}

static int check_serial(const struct json_cursor *cursor, const struct config *config,
			const struct endpoint_reader *reader, struct error *error)
{
	struct json_cursor serial;

	if (!reader->has_serial && json_object_array_length(cursor->parent->value) > 1)
		return json_cursor_fail(cursor, error, ERROR_MISSING,
					"missing member \"serial_number\"; only a single endpoint "
					"does without");
	for (unsigned i = 0; i < config->endpoints_count; i++) {
		if (config->endpoints[i].serial_number != reader->endpoint->serial_number)
			continue;
		(void)json_cursor_member(cursor, "serial_number", &serial);
		return json_cursor_fail(&serial, error, ERROR_VALUE,
					"serial_number %u is that of /endpoints/%u too",
					reader->endpoint->serial_number, i);
	}
	return 0;
}

static int read_endpoint(const struct json_cursor *cursor, struct config *config,
			 struct error *error)
{
	struct endpoint *endpoint = &config->endpoints[config->endpoints_count];
	struct endpoint_reader reader = { .endpoint = endpoint };
	int result;

	endpoint->mtu = CONFIG_MTU_DEFAULT;
	result = json_read_object(cursor, endpoint_members, ARRAY_SIZE(endpoint_members), false,
				  &reader, error);
	if (result < 0)
		return result;
	if (!endpoint->family)
		return json_cursor_fail(cursor, error, ERROR_MISSING,
					"missing member \"address_family\": \"ip4\" or \"ip6\"; "
					"only a literal \"address\" does without");
	result = check_not_ours(cursor, config, endpoint, error);
	if (result == 0)
		result = check_serial(cursor, config, &reader, error);
	if (result == 0)
		config->endpoints_count++;
	return result;
}

int config_read_endpoints(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct config_reader *reader = target;
	size_t count;
	int result = json_expect_array(cursor, NODE_ENDPOINTS_MAX, &count, error);

	if (result == 0 && count == 0)
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"expected 1-%d endpoints, found none; a node behind NAT "
					"has one with \"address\": null",
					NODE_ENDPOINTS_MAX);
	for (size_t i = 0; result == 0 && i < count; i++) {
		struct json_cursor item = json_cursor_item(cursor, i);

		result = read_endpoint(&item, reader->config, error);
	}
	return result;
}
