// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The reply of wireguard-go. What was read and is written in its form reads the same again; a
 * refusal shows no key.
 */
#include "base/hex.h"
#include "fuzz.h"
#include "wireguard/uapi.h"

#include <inttypes.h>
#include <string.h>

static void print_key(struct strbuf *ret, const char *name, const uint8_t key[KEY_SIZE])
{
	char text[2 * KEY_SIZE + 1];

	strbuf_printf(ret, "%s=%s\n", name, hex_format(key, KEY_SIZE, text));
}

static void print_peer(const struct wireguard_peer *peer, struct strbuf *ret)
{
	char text[IP_ENDPOINT_TEXT_SIZE];

	print_key(ret, "public_key", peer->public_key);
	print_key(ret, "preshared_key", peer->preshared_key);
	if (ip_address_present(&peer->endpoint.address))
		strbuf_printf(ret, "endpoint=%s\n", ip_endpoint_format(&peer->endpoint, text));
	strbuf_printf(ret,
		      "persistent_keepalive_interval=%u\nlast_handshake_time_sec=%" PRId64
		      "\nrx_bytes=%" PRIu64 "\ntx_bytes=%" PRIu64 "\n%s%s%s",
		      peer->keepalive_sec, peer->last_handshake_sec, peer->rx_bytes, peer->tx_bytes,
		      peer->allows_ipv4 ? "allowed_ip=0.0.0.0/0\n" : "",
		      peer->allows_ipv6 ? "allowed_ip=::/0\n" : "",
		      peer->allows_other ? "allowed_ip=192.0.2.0/24\n" : "");
}

static void print_device(const struct wireguard_device *device, struct strbuf *ret)
{
	print_key(ret, "private_key", device->private_key);
	if (device->has_listen_port)
		strbuf_printf(ret, "listen_port=%u\n", device->listen_port);
	strbuf_printf(ret, "fwmark=%" PRIu32 "\n", device->fwmark);
	for (size_t i = 0; i < device->peers_count; i++)
		print_peer(&device->peers[i], ret);
	strbuf_puts(ret, "errno=0\n\n");
}

static void check_round_trip(const struct wireguard_device *device)
{
	CLEANUP(wireguard_device_done) struct wireguard_device again = { 0 };
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	CLEANUP(strbuf_done) struct strbuf text_again = { 0 };
	struct error error = { 0 };

	print_device(device, &text);
	if (uapi_parse_reply(text.bytes, text.length, &again, &error) < 0)
		fuzz_fail(__FILE__, __LINE__, error.text);
	print_device(&again, &text_again);
	FUZZ_CHECK(!strcmp(strbuf_text(&text), strbuf_text(&text_again)));
}

/* A request has no line but those of the protocol, and ends once. */
static void check_change(const struct wireguard_device *device)
{
	static const struct wireguard intended = { .private_key = { 1 }, .peer_key = { 2 } };
	static const struct ip_endpoint recorded;
	CLEANUP(wireguard_change_done) struct wireguard_change change = { 0 };
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	wireguard_change_make(device, &recorded, &intended, &change);
	uapi_format_set(&change, &text);
	FUZZ_CHECK(!strncmp(text.bytes, "set=1\n", 6));
	FUZZ_CHECK(strstr(text.bytes, "\n\n") == text.bytes + text.length - 2);
}

static bool has_key(const char *text)
{
	for (; *text; text++)
		if (strspn(text, "0123456789abcdefABCDEF") >= KEY_SIZE)
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(wireguard_device_done) struct wireguard_device device = { 0 };
	struct error error = { 0 };
	int result = uapi_parse_reply((const char *)data, size, &device, &error);

	if (result < 0) {
		fuzz_check_refusal(result, &error);
		FUZZ_CHECK(!has_key(error.text));
		FUZZ_CHECK(!device.peers && !device.has_listen_port);
		return 0;
	}
	FUZZ_CHECK(device.peers_count <= WIREGUARD_PEERS_MAX);
	check_round_trip(&device);
	check_change(&device);
	return 0;
}
