// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireguard/uapi.h"

#include "base/number.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void put_key(struct strbuf *buffer, const char *name, const uint8_t key[KEY_SIZE])
{
	char text[2 * KEY_SIZE + 1];

	for (unsigned i = 0; i < KEY_SIZE; i++)
		(void)snprintf(&text[2 * i], 3, "%02x", key[i]);
	strbuf_printf(buffer, "%s=%s\n", name, text);
	explicit_bzero(text, sizeof(text));
}

static void put_peer(const struct wireguard_change *change, struct strbuf *buffer)
{
	char text[IP_ENDPOINT_TEXT_SIZE];

	put_key(buffer, "public_key", change->peer_key);
	if (!change->adds_peer)
		strbuf_puts(buffer, "update_only=true\n");
	if (change->has_preshared_key)
		put_key(buffer, "preshared_key", change->preshared_key);
	if (change->has_endpoint)
		strbuf_printf(buffer, "endpoint=%s\n", ip_endpoint_format(&change->endpoint, text));
	if (change->has_keepalive)
		strbuf_printf(buffer, "persistent_keepalive_interval=%u\n", change->keepalive_sec);
	if (change->replaces_allowed_ips)
		strbuf_puts(buffer, "replace_allowed_ips=true\n"
				    "allowed_ip=0.0.0.0/0\n"
				    "allowed_ip=::/0\n");
}

void uapi_format_set(const struct wireguard_change *change, struct strbuf *ret)
{
	strbuf_puts(ret, "set=1\n");
	if (change->has_private_key)
		put_key(ret, "private_key", change->private_key);
	if (change->has_listen_port)
		strbuf_printf(ret, "listen_port=%u\n", change->listen_port);
	if (change->has_fwmark)
		strbuf_printf(ret, "fwmark=%u\n", change->fwmark);
	for (size_t i = 0; i < change->removed_count; i++) {
		put_key(ret, "public_key", change->removed[i]);
		strbuf_puts(ret, "remove=true\n");
	}
	if (change->has_peer)
		put_peer(change, ret);
	strbuf_puts(ret, "\n");
}

struct parser {
	struct wireguard_device *device;
	struct wireguard_peer *peer; /* that the lines are about; NULL: the device */
	bool ended;
	int result; /* from "errno=" */
};

typedef int parse_fn(struct parser *parser, const char *value);

static int hex_digit(char character)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = character ? strchr(digits, character | 0x20) : NULL;

	return found ? (int)(found - digits) : -1;
}

static int parse_key(const char *value, uint8_t ret[KEY_SIZE])
{
	uint8_t key[KEY_SIZE];
	int result = 0;

	if (strlen(value) != 2 * (size_t)KEY_SIZE)
		return -EBADMSG;
	for (unsigned i = 0; i < KEY_SIZE; i++) {
		int high = hex_digit(value[2 * i]);
		int low = hex_digit(value[2 * i + 1]);

		if (high < 0 || low < 0)
			result = -EBADMSG;
		key[i] = (uint8_t)((unsigned)high << 4 | (unsigned)low);
	}
	if (result == 0)
		memcpy(ret, key, KEY_SIZE);
	explicit_bzero(key, sizeof(key));
	return result;
}

static int parse_number(const char *value, uint64_t maximum, uint64_t *ret)
{
	return number_parse(value, maximum, ret) < 0 ? -EBADMSG : 0;
}

static int parse_u16(const char *value, uint16_t *ret)
{
	uint64_t number;
	int result = parse_number(value, UINT16_MAX, &number);

	if (result == 0)
		*ret = (uint16_t)number;
	return result;
}

static int parse_private_key(struct parser *parser, const char *value)
{
	return parse_key(value, parser->device->private_key);
}

static int parse_listen_port(struct parser *parser, const char *value)
{
	parser->device->has_listen_port = true;
	return parse_u16(value, &parser->device->listen_port);
}

static int parse_fwmark(struct parser *parser, const char *value)
{
	uint64_t number;
	int result = parse_number(value, UINT32_MAX, &number);

	if (result == 0)
		parser->device->fwmark = (uint32_t)number;
	return result;
}

static int parse_public_key(struct parser *parser, const char *value)
{
	parser->peer = wireguard_device_add_peer(parser->device);
	return parser->peer ? parse_key(value, parser->peer->public_key) : -EMSGSIZE;
}

static int parse_preshared_key(struct parser *parser, const char *value)
{
	return parse_key(value, parser->peer->preshared_key);
}

/* A link-local endpoint has a zone behind '%', which we neither set nor compare. */
static int parse_endpoint(struct parser *parser, const char *value)
{
	const char *zone = strchr(value, '%');
	const char *end = zone ? strchr(zone, ']') : NULL;
	char text[UAPI_LINE_MAX];

	if (zone && !end)
		return -EBADMSG;
	if (zone)
		(void)snprintf(text, sizeof(text), "%.*s%s", (int)(zone - value), value, end);
	return ip_endpoint_parse(zone ? text : value, &parser->peer->endpoint) < 0 ? -EBADMSG : 0;
}

static int parse_keepalive(struct parser *parser, const char *value)
{
	return parse_u16(value, &parser->peer->keepalive_sec);
}

static int parse_handshake(struct parser *parser, const char *value)
{
	uint64_t number;
	int result = parse_number(value, INT64_MAX, &number);

	if (result == 0)
		parser->peer->last_handshake_sec = (int64_t)number;
	return result;
}

static int parse_rx_bytes(struct parser *parser, const char *value)
{
	return parse_number(value, UINT64_MAX, &parser->peer->rx_bytes);
}

static int parse_tx_bytes(struct parser *parser, const char *value)
{
	return parse_number(value, UINT64_MAX, &parser->peer->tx_bytes);
}

static int parse_allowed_ip(struct parser *parser, const char *value)
{
	struct ip_prefix prefix;

	if (ip_prefix_parse(value, &prefix) < 0)
		return -EBADMSG;
	wireguard_peer_allow(parser->peer, &prefix);
	return 0;
}

/* "errno=0" or, from wireguard-go, a negative number: "errno=-98". */
static int parse_errno(struct parser *parser, const char *value)
{
	uint64_t number;
	int result = parse_number(value[0] == '-' ? value + 1 : value, 4095, &number);

	if (result < 0)
		return result;
	parser->ended = true;
	parser->result = -(int)number;
	return 0;
}

static const struct row {
	const char *name;
	bool of_peer;
	parse_fn *parse;
} rows[] = {
	{ "private_key", false, parse_private_key },
	{ "listen_port", false, parse_listen_port },
	{ "fwmark", false, parse_fwmark },
	{ "public_key", false, parse_public_key },
	{ "preshared_key", true, parse_preshared_key },
	{ "endpoint", true, parse_endpoint },
	{ "last_handshake_time_sec", true, parse_handshake },
	{ "tx_bytes", true, parse_tx_bytes },
	{ "rx_bytes", true, parse_rx_bytes },
	{ "persistent_keepalive_interval", true, parse_keepalive },
	{ "allowed_ip", true, parse_allowed_ip },
	{ "errno", false, parse_errno },
};

static const struct row *find_row(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	return NULL;
}

static int parse_line(struct parser *parser, char *line, struct error *error)
{
	char *value = strchr(line, '=');
	const struct row *row;
	int result;

	if (!value)
		return error_set(error, -EBADMSG, ERROR_SYNTAX, NULL,
				 "a line of the reply is not of the form key=value");
	*value++ = '\0';
	row = find_row(line);
	if (!row)
		return 0;
	if (row->of_peer && !parser->peer)
		return error_set(error, -EBADMSG, ERROR_SYNTAX, NULL,
				 "%s= came before any public_key=", line);
	result = row->parse(parser, value);
	if (result == -EMSGSIZE)
		return error_set(error, result, ERROR_TOO_BIG, NULL, "more than %d peers",
				 WIREGUARD_PEERS_MAX);
	if (result < 0)
		return error_set(error, result, ERROR_VALUE, NULL, "the value of %s= is malformed",
				 line);
	return 0;
}

/* Copies one line, which is terminated in @line. Returns the length with its newline, or -errno. */
static ssize_t next_line(const char *text, size_t length, char line[UAPI_LINE_MAX],
			 struct error *error)
{
	const char *end = memchr(text, '\n', length);
	size_t size = end ? (size_t)(end - text) : length;

	if (!end)
		return error_set(error, -EBADMSG, ERROR_SYNTAX, NULL,
				 "the reply ended before its errno= line");
	if (size >= UAPI_LINE_MAX || memchr(text, '\0', size))
		return error_set(error, -EBADMSG, ERROR_SYNTAX, NULL,
				 "a line of the reply is longer than %d characters or binary",
				 UAPI_LINE_MAX - 1);
	memcpy(line, text, size);
	line[size] = '\0';
	return (ssize_t)size + 1;
}

int uapi_parse_reply(const char *text, size_t length, struct wireguard_device *ret,
		     struct error *error)
{
	CLEANUP(wireguard_device_done) struct wireguard_device device = { 0 };
	struct parser parser = { .device = &device };
	char line[UAPI_LINE_MAX];
	int result = 0;

	while (result == 0 && !parser.ended) {
		ssize_t size = next_line(text, length, line, error);

		if (size < 0)
			return (int)size;
		text += size;
		length -= (size_t)size;
		result = parse_line(&parser, line, error);
	}
	explicit_bzero(line, sizeof(line));
	if (result < 0)
		return result;
	if (parser.result < 0)
		return error_set(error, parser.result, ERROR_APPLY, NULL, "%s",
				 strerror(-parser.result));
	*ret = device;
	device = (struct wireguard_device) { 0 };
	return 0;
}
