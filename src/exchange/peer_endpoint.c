// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange/peer_endpoint.h"

#include "exchange/import_private.h"

#include "base/memory.h"
#include "base/number.h"

#include <errno.h>
#include <string.h>

int peer_read_family(const struct json_cursor *cursor, uint16_t *ret, struct error *error)
{
	static const char *const families[] = { "ip4", "ip6" };
	size_t family = 0;
	const char *text;
	int result = json_read_string(cursor, &text, error);

	if (result == 0 && text[0])
		result = json_read_choice(cursor, families, ARRAY_SIZE(families), &family, error);
	if (result == 0)
		*ret = family == 0 ? AF_INET : AF_INET6;
	return result;
}

int peer_read_port(const struct json_cursor *cursor, struct endpoint *endpoint, struct error *error)
{
	bool is_text = json_object_is_type(cursor->value, json_type_string);
	uint64_t number = 0;
	int64_t port = 0;
	int result = 0;

	if (!is_text)
		result = json_read_integer(cursor, 1, UINT16_MAX, &port, error);
	else if (number_parse(json_object_get_string(cursor->value), UINT16_MAX, &number) < 0 ||
		 !number)
		result = json_cursor_fail(cursor, error, ERROR_VALUE,
					  "expected integer 1-65535, found string");
	if (result == 0)
		endpoint->port = endpoint->send_port =
			(uint16_t)(is_text ? number : (uint64_t)port);
	return result;
}

int peer_read_address(const struct json_cursor *cursor, struct report *report,
		      struct endpoint *endpoint, struct error *error)
{
	char quoted[JSON_QUOTE_SIZE];
	const char *text, *refusal;
	int result = json_read_string(cursor, &text, error);

	if (result < 0)
		return result;
	refusal = address_take(text, endpoint);
	if (refusal)
		report_at(report, cursor, "address %s %s; this endpoint only dials out",
			  json_quote(text, quoted), refusal);
	return 0;
}

struct endpoint_reader {
	struct report *report;
	struct endpoint endpoint;
};

static int read_family(const struct json_cursor *cursor, void *target, struct error *error)
{
	return peer_read_family(cursor, &((struct endpoint_reader *)target)->endpoint.family,
				error);
}

static int read_port(const struct json_cursor *cursor, void *target, struct error *error)
{
	return peer_read_port(cursor, &((struct endpoint_reader *)target)->endpoint, error);
}

static int read_address(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct endpoint_reader *reader = target;

	return peer_read_address(cursor, reader->report, &reader->endpoint, error);
}

/* higgs derives both from the key if they are absent; tunnels of ours have no use for them. */
static int read_higgs(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct endpoint_reader *reader = target;
	const char *text;
	int result = json_read_string(cursor, &text, error);

	if (result == 0 && text[0])
		report_at(reader->report, cursor, "%s left out", cursor->member);
	return result;
}

/* `port` instead of `send_port` is higgs, the fork of RAIT with version 4. */
static const struct json_member members[] = {
	{ "address_family", true, read_family },
	{ "send_port", false, read_port },
	{ "port", false, read_port },
	{ "address", false, read_address },
	{ "mac", false, read_higgs },
	{ "inner_address", false, read_higgs },
};

static int read_endpoint(const struct json_cursor *cursor, struct report *report,
			 struct registry_node *node, struct error *error)
{
	struct endpoint_reader reader = { .report = report };
	int result = json_read_object(cursor, members, ARRAY_SIZE(members), false, &reader, error);

	if (result < 0)
		return result;
	if (!reader.endpoint.send_port)
		return json_cursor_fail(cursor, error, ERROR_MISSING,
					"missing member \"send_port\"");
	if (!peer_add_endpoint(node, &reader.endpoint))
		return json_cursor_fail(cursor, error, ERROR_TOO_BIG,
					"a node has at most %d endpoints", NODE_ENDPOINTS_MAX);
	return 0;
}

int peer_read_endpoints(const struct json_cursor *cursor, struct report *report,
			struct registry_node *node, struct error *error)
{
	struct error reason;
	size_t count;
	int result = json_expect_array(cursor, SIZE_MAX, &count, error);

	for (size_t i = 0; result == 0 && i < count; i++) {
		struct json_cursor item = json_cursor_item(cursor, i);

		if (read_endpoint(&item, report, node, &reason) < 0)
			report_left_out(report, "endpoint", &reason);
	}
	return result;
}

bool peer_add_endpoint(struct registry_node *node, const struct endpoint *endpoint)
{
	struct endpoint *added;

	if (node->endpoints_count >= NODE_ENDPOINTS_MAX)
		return false;
	added = ARRAY_APPEND(node->endpoints, node->endpoints_count);
	*added = *endpoint;
	if (!added->family)
		added->family = AF_INET;
	added->serial_number = node->endpoints_count - 1;
	added->transports = TRANSPORT_WIREGUARD;
	return true;
}
