// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/name.h"
#include "registry/node.h"
#include "registry/transports.h"

#include "base/number.h"
#include "registry/refusal.h"

#include <string.h>

struct endpoint_reader {
	struct endpoint *endpoint;
	bool has_serial;
};

/* ranet writes the number as a string. */
static int read_serial_number(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct endpoint_reader *reader = target;
	bool is_text = !strcmp(json_cursor_type(cursor), "string");
	char quoted[JSON_QUOTE_SIZE];
	uint64_t from_text = 0;
	int64_t number = 0;
	const char *text;
	int result;

	result = is_text ? json_read_string(cursor, &text, error)
			 : json_read_integer(cursor, 0, UINT32_MAX, &number, error);
	if (result < 0)
		return result;
	if (is_text && number_parse(text, UINT32_MAX, &from_text) < 0)
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"%s is not a decimal number from 0 to 4294967295",
					json_quote(text, quoted));
	reader->endpoint->serial_number = (uint32_t)(is_text ? from_text : (uint64_t)number);
	reader->has_serial = true;
	return 0;
}

static int check_literal(const struct json_cursor *cursor, const struct ip_address *address,
			 struct error *error)
{
	const char *reason = endpoint_address_refusal(address);
	char text[IP_ADDRESS_TEXT_SIZE];

	if (reason)
		return json_cursor_fail(cursor, error, ERROR_VALUE, "%s %s",
					ip_address_format(address, text), reason);
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
	if (!text[0]) /* how ranet before 0.6 writes null */
		return 0;
	if (ip_address_parse(text, &endpoint->address) == 0)
		return check_literal(cursor, &endpoint->address, error);
	if (strchr(text, '%'))
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"%s has a scope id, which means nothing elsewhere",
					json_quote(text, quoted));
	if (!host_name_is_valid(text))
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"%s is neither an IP address nor a host name",
					json_quote(text, quoted));
	strcpy(endpoint->name, text); /* at most 253 characters, see host_name_is_valid() */
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

static int read_port_number(const struct json_cursor *cursor, uint16_t *ret, struct error *error)
{
	int64_t port;
	int result = json_read_integer(cursor, 1, UINT16_MAX, &port, error);

	if (result == 0)
		*ret = (uint16_t)port;
	return result;
}

static int read_port(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct endpoint_reader *reader = target;

	return read_port_number(cursor, &reader->endpoint->port, error);
}

static int read_send_port(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct endpoint_reader *reader = target;

	return read_port_number(cursor, &reader->endpoint->send_port, error);
}

static int read_transports(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct endpoint_reader *reader = target;

	return transports_read(cursor, &reader->endpoint->transports, error);
}

static const struct json_member endpoint_members[] = {
	{ "serial_number", false, read_serial_number },	  { "address", false, read_address },
	{ "address_family", false, read_address_family }, { "port", true, read_port },
	{ "send_port", false, read_send_port },		  { "transports", false, read_transports },
};

const struct member_table endpoint_member_table = {
	"endpoint",
	endpoint_members,
	ARRAY_SIZE(endpoint_members),
	false,
};

int endpoint_read(const struct json_cursor *cursor, struct endpoint *endpoint, bool *has_serial,
		  struct error *error)
{
	struct endpoint_reader reader = { .endpoint = endpoint };
	int result = json_read_object(cursor, endpoint_members, ARRAY_SIZE(endpoint_members), false,
				      &reader, error);

	if (result < 0)
		return result;
	if (!ip_address_present(&endpoint->address) && !endpoint->family)
		return json_cursor_fail(
			cursor, error, ERROR_MISSING,
			"missing member \"address_family\": say \"ip4\" or \"ip6\"; only "
			"an IP address in \"address\" does without");
	if (ip_address_present(&endpoint->address)) {
		if (endpoint->family && endpoint->family != endpoint->address.family)
			return json_cursor_fail(
				cursor, error, ERROR_VALUE, "address_family is %s, address is %s",
				endpoint->family == AF_INET ? "ip4" : "ip6",
				endpoint->address.family == AF_INET ? "IPv4" : "IPv6");
		endpoint->family = endpoint->address.family;
	}
	if (!endpoint->send_port)
		endpoint->send_port = endpoint->port;
	*has_serial = reader.has_serial;
	return 0;
}
