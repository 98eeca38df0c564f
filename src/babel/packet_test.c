// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/packet.h"

#include "base/hex.h"
#include "base/memory.h"
#include "base/strbuf.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define PACKET_MAX 4096

/* Packets are written in hex, blanks between what belongs together; the header is put before. */
static size_t packet_bytes(const char *hex, uint8_t *ret)
{
	size_t size = 4, digits = 0;
	char pair[3] = "";

	for (; *hex; hex++) {
		if (*hex == ' ')
			continue;
		pair[digits++ % 2] = *hex;
		if (digits % 2 == 0)
			assert_int_equal(hex_parse(pair, &ret[size++], 1), 0);
	}
	assert_int_equal(digits % 2, 0);
	memcpy(ret, (const uint8_t[]) { 42, 2, (uint8_t)((size - 4) >> 8), (uint8_t)(size - 4) },
	       4);
	return size;
}

/* "PREFIX [from SOURCE] id ROUTER-ID metric M[ via NEXT-HOP]", one line for each Update. */
static void describe(const struct babel_update *update, struct strbuf *ret)
{
	char text[IP_PREFIX_TEXT_SIZE], id[BABEL_ROUTER_ID_TEXT_SIZE];

	strbuf_puts(ret, ip_address_present(&update->prefix.address)
				 ? ip_prefix_format(&update->prefix, text)
				 : "all");
	if (ip_address_present(&update->source.address))
		strbuf_printf(ret, " from %s", ip_prefix_format(&update->source, text));
	strbuf_printf(ret, " id %s metric %u",
		      hex_format(update->router_id, sizeof(update->router_id), id), update->metric);
	if (ip_address_present(&update->next_hop))
		strbuf_printf(ret, " via %s", ip_address_format(&update->next_hop, text));
	strbuf_puts(ret, "\n");
}

static unsigned read_packet(const void *bytes, size_t size, struct strbuf *ret)
{
	/* Of exactly this size, so that sanitizers see every byte too far. */
	CLEANUP(free) uint8_t *copy = memory_dup(bytes, size);
	struct babel_update update;
	struct babel_packet packet;

	assert_int_equal(babel_packet_open(copy, size, &packet), 0);
	while (babel_packet_next(&packet, &update))
		describe(&update, ret);
	return packet.malformed;
}

#define ID_1 "060a 0000 0102030405060708"
#define ID_2 "060a 0000 1112131415161718"

static const struct {
	const char *what;
	const char *hex;
	const char *updates;
	unsigned malformed;
} cases[] = {
	{ "nothing", "", "", 0 },
	{ "padding only", "00 00 0103 000000 00", "", 0 },
	{ "hello, IHU, acknowledgements and requests announce nothing",
	  "0406 0000 0001 0190 050e 0300 0060 04b0 0000000000000001 0206 0000 0001 0190 0302 0001 "
	  "0902 0000 0a0e 0020 0001 0a00 0102030405060708",
	  "", 0 },
	{ "an IPv6 prefix", ID_1 " 0812 02 00 40 00 0640 0007 0060 fd66000000000000",
	  "fd66::/64 id 0102030405060708 metric 96\n", 0 },
	{ "an IPv4 prefix needs no next hop here", ID_1 " 080d 01 00 18 00 0640 0007 0000 c0a880",
	  "192.168.128.0/24 id 0102030405060708 metric 0\n", 0 },
	{ "IPv4 by way of IPv6", ID_1 " 080d 04 00 18 00 0640 0007 0000 c0a880",
	  "192.168.128.0/24 id 0102030405060708 metric 0\n", 0 },
	{ "default routes", ID_1 " 080a 01 00 00 00 0640 0007 0000 080a 02 00 00 00 0640 0007 0000",
	  "0.0.0.0/0 id 0102030405060708 metric 0\n::/0 id 0102030405060708 metric 0\n", 0 },
	{ "a link-local prefix", ID_1 " 0810 03 00 70 00 0640 0007 0000 020000000001",
	  "fe80::200:0:1:0/112 id 0102030405060708 metric 0\n", 0 },
	{ "a link-local prefix without a byte", ID_1 " 080a 03 00 20 00 0640 0007 0000",
	  "fe80::/32 id 0102030405060708 metric 0\n", 0 },
	{ "host bits are cleared", ID_1 " 080c 02 00 0c 00 0640 0007 0000 fd6f",
	  "fd60::/12 id 0102030405060708 metric 0\n", 0 },
	{ "each router-id is for what follows",
	  ID_1 " 080c 02 00 10 00 0640 0007 0000 fd66 " ID_2
	       " 080c 02 00 10 00 0640 0007 0001 fd67",
	  "fd66::/16 id 0102030405060708 metric 0\nfd67::/16 id 1112131415161718 metric 1\n", 0 },
	{ "a prefix that is the default for the next",
	  ID_1
	  " 0812 02 80 40 00 0640 0007 0000 fd66000000000001 080b 02 00 40 07 0640 0007 0000 02",
	  "fd66:0:0:1::/64 id 0102030405060708 metric 0\n"
	  "fd66:0:0:2::/64 id 0102030405060708 metric 0\n",
	  0 },
	{ "a default prefix without its host bits",
	  ID_1 " 080c 02 80 0c 00 0640 0007 0000 fd6f 080b 02 00 18 02 0640 0007 0000 11",
	  "fd60::/12 id 0102030405060708 metric 0\nfd60:1100::/24 id 0102030405060708 metric 0\n",
	  0 },
	{ "each encoding has a default prefix of its own",
	  ID_1 " 080d 01 80 18 00 0640 0007 0000 c0a880 080d 04 80 18 00 0640 0007 0000 0a0b0c "
	       "080b 01 00 18 02 0640 0007 0000 81 080b 04 00 18 02 0640 0007 0000 0d",
	  "192.168.128.0/24 id 0102030405060708 metric 0\n10.11.12.0/24 id 0102030405060708 metric "
	  "0\n"
	  "192.168.129.0/24 id 0102030405060708 metric 0\n10.11.13.0/24 id 0102030405060708 metric "
	  "0\n",
	  0 },
	{ "all of a prefix left out",
	  ID_1 " 0812 02 80 40 00 0640 0007 0000 fd66000000000001 080a 02 00 40 08 0640 0007 0001",
	  "fd66:0:0:1::/64 id 0102030405060708 metric 0\n"
	  "fd66:0:0:1::/64 id 0102030405060708 metric 1\n",
	  0 },
	{ "a router-id out of an IPv6 prefix",
	  "081a 02 40 80 00 0640 0007 0000 fd66000000000000 a1a2a3a4a5a6a7a8",
	  "fd66::a1a2:a3a4:a5a6:a7a8/128 id a1a2a3a4a5a6a7a8 metric 0\n", 0 },
	{ "a router-id out of an IPv4 prefix", "080e 01 40 20 00 0640 0007 0000 c0a88001",
	  "192.168.128.1/32 id 00000000c0a88001 metric 0\n", 0 },
	{ "next hops of both families",
	  ID_1 " 0706 0100 c0000201 080d 01 00 18 00 0640 0007 0000 c0a880 "
	       "0712 0200 20010db8000000000000000000000001 080c 02 00 10 00 0640 0007 0000 fd66 "
	       "070a 0300 0000000000000007 080d 04 00 18 00 0640 0007 0000 c0a881",
	  "192.168.128.0/24 id 0102030405060708 metric 0 via 192.0.2.1\n"
	  "fd66::/16 id 0102030405060708 metric 0 via 2001:db8::1\n"
	  "192.168.129.0/24 id 0102030405060708 metric 0 via fe80::7\n",
	  0 },
	{ "a next hop of an encoding that has none", ID_1 " 0706 0400 c0000201 0706 0900 c0000201",
	  "", 0 },
	{ "retractions need no router-id",
	  "080c 02 00 10 00 0640 0007 ffff fd66 080a 00 00 00 00 0640 0007 ffff",
	  "fd66::/16 id 0000000000000000 metric 65535\nall id 0000000000000000 metric 65535\n", 0 },
	{ "an unknown encoding is ignored, state and all",
	  ID_1 " 080c 02 80 10 00 0640 0007 0000 fd66 080c 07 80 10 00 0640 0007 0000 ffff "
	       "080b 02 00 18 02 0640 0007 0000 11",
	  "fd66::/16 id 0102030405060708 metric 0\nfd66:1100::/24 id 0102030405060708 metric 0\n",
	  0 },
	{ "sub-TLVs that may be ignored",
	  ID_1 " 0813 02 00 10 00 0640 0007 0000 fd66 00 0102 0000 0500",
	  "fd66::/16 id 0102030405060708 metric 0\n", 0 },
	{ "a mandatory sub-TLV hides the Update, not its effects",
	  ID_1 " 080e 02 80 10 00 0640 0007 0000 fd66 ff00 080b 02 00 18 02 0640 0007 0000 11",
	  "fd66:1100::/24 id 0102030405060708 metric 0\n", 0 },
	{ "routes for certain sources",
	  ID_1 " 0811 02 00 10 00 0640 0007 0000 fd66 80 03 10 fd67 "
	       "0811 01 00 18 00 0640 0007 0000 c0a880 80 02 08 0a",
	  "fd66::/16 from fd67::/16 id 0102030405060708 metric 0\n"
	  "192.168.128.0/24 from 10.0.0.0/8 id 0102030405060708 metric 0\n",
	  0 },
	{ "what authenticates announces nothing",
	  "1106 00000001 abcd 1204 01020304 1304 01020304 " ID_1
	  " 080c 02 00 10 00 0640 0007 0000 fd66 1010 00112233445566778899aabbccddeeff",
	  "fd66::/16 id 0102030405060708 metric 0\n", 0 },

	{ "no router-id", "080c 02 00 10 00 0640 0007 0000 fd66", "", 1 },
	{ "a router-id that is too short",
	  ID_1 " 0609 0000 01020304050607 080c 02 00 10 00 0640 0007 0000 fd66", "", 2 },
	{ "a wildcard that is no retraction", ID_1 " 080a 00 00 00 00 0640 0007 0000", "", 1 },
	{ "a wildcard with a prefix", ID_1 " 080b 00 00 08 00 0640 0007 ffff fd", "", 1 },
	{ "prefixes that are too long",
	  ID_1 " 080f 01 00 21 00 0640 0007 0000 c0a8800000 "
	       "081b 02 00 81 00 0640 0007 0000 0000000000000000000000000000000000 "
	       "081b 02 00 ff 00 0640 0007 0000 0000000000000000000000000000000000",
	  "", 3 },
	{ "prefixes that are cut off",
	  ID_1 " 080b 02 00 10 00 0640 0007 0000 fd 080c 01 00 18 00 0640 0007 0000 c0a8", "", 2 },
	{ "an Update that is cut off", ID_1 " 0809 02 00 10 00 0640 0007 00", "", 1 },
	{ "a part left out of nothing", ID_1 " 080b 02 00 18 02 0640 0007 0000 11", "", 1 },
	{ "more left out than there is",
	  ID_1 " 080c 02 80 10 00 0640 0007 0000 fd66 080a 02 00 08 02 0640 0007 0000",
	  "fd66::/16 id 0102030405060708 metric 0\n", 1 },
	{ "a malformed default prefix ends all default prefixes",
	  ID_1 " 080c 02 80 10 00 0640 0007 0000 fd66 080b 01 80 10 00 0640 0007 0000 c0 "
	       "080b 02 00 18 02 0640 0007 0000 11",
	  "fd66::/16 id 0102030405060708 metric 0\n", 2 },
	{ "a next hop that is cut off",
	  ID_1 " 0706 0100 c0000201 0705 0100 c00002 080d 01 00 18 00 0640 0007 0000 c0a880",
	  "192.168.128.0/24 id 0102030405060708 metric 0\n", 1 },
	{ "next hops of no use", "0701 01 0702 0000", "", 2 },
	{ "sub-TLVs that are cut off",
	  ID_1 " 080e 02 00 10 00 0640 0007 0000 fd66 0501 080d 02 00 10 00 0640 0007 0000 fd66 05",
	  "", 2 },
	{ "sources of length 0, twice, too long, cut off",
	  ID_1 " 080f 02 00 10 00 0640 0007 0000 fd66 80 01 00 "
	       "0816 02 00 10 00 0640 0007 0000 fd66 80 03 10 fd67 80 03 10 fd68 "
	       "0810 02 00 10 00 0640 0007 0000 fd66 80 02 81 fd "
	       "080e 02 00 10 00 0640 0007 0000 fd66 80 00",
	  "", 4 },
	{ "a TLV that leads out of the packet", ID_1 " 080c 02 00 10 00 0640 0007 0000 fd", "", 1 },
	{ "half a TLV header", ID_1 " 08", "", 1 },
};

static void updates_are_read_as_the_rfcs_say(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(strbuf_done) struct strbuf text = { 0 };
		uint8_t bytes[PACKET_MAX];
		size_t size = packet_bytes(cases[i].hex, bytes);
		unsigned malformed = read_packet(bytes, size, &text);

		if (strcmp(strbuf_text(&text), cases[i].updates) != 0 ||
		    malformed != cases[i].malformed)
			fail_msg("%s: %u malformed, read:\n%s", cases[i].what, malformed,
				 strbuf_text(&text));
	}
}

static void other_packets_are_none_of_babel(void **state)
{
	static const uint8_t packets[][5] = {
		{ 41, 2, 0, 0 },
		{ 42, 1, 0, 0 },
		{ 42, 3, 0, 0 },
	};
	struct babel_packet packet;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(packets); i++)
		assert_int_equal(babel_packet_open(packets[i], 4, &packet), -EINVAL);
	for (size_t size = 0; size < 4; size++)
		assert_int_equal(babel_packet_open("\x2a\x02\0\0", size, &packet), -EINVAL);
}

/* Cut anywhere it gives the first updates of the whole, and nothing is read beyond it. */
static void packet_may_be_cut_off_anywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint8_t bytes[PACKET_MAX];
		size_t size = packet_bytes(cases[i].hex, bytes);

		for (size_t cut = 4; cut < size; cut++) {
			CLEANUP(strbuf_done) struct strbuf text = { 0 };

			assert_true(read_packet(bytes, cut, &text) > 0);
			assert_memory_equal(cases[i].updates, strbuf_text(&text), text.length);
		}
	}
}

/* The trailer holds what authenticates the packet (RFC 8967 section 4.1). */
static void trailer_announces_nothing(void **state)
{
	static const char body[] = ID_1 " 080c 02 00 10 00 0640 0007 0000 fd66";
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	uint8_t bytes[PACKET_MAX], trailer[PACKET_MAX];
	size_t size = packet_bytes(body, bytes);
	size_t trailer_size = packet_bytes("080c 02 00 10 00 0640 0007 0000 fd67", trailer) - 4;

	(void)state;
	memcpy(bytes + size, trailer + 4, trailer_size);
	assert_int_equal(read_packet(bytes, size + trailer_size, &text), 0);
	assert_string_equal(strbuf_text(&text), "fd66::/16 id 0102030405060708 metric 0\n");
}

static void values_of_an_update_are_in_host_order(void **state)
{
	uint8_t bytes[PACKET_MAX];
	size_t size = packet_bytes(ID_1 " 080c 02 00 10 00 0190 1234 0102 fd66", bytes);
	struct babel_update update;
	struct babel_packet packet;

	(void)state;
	assert_int_equal(babel_packet_open(bytes, size, &packet), 0);
	assert_true(babel_packet_next(&packet, &update));
	assert_int_equal(update.interval_centiseconds, 400);
	assert_int_equal(update.seqno, 0x1234);
	assert_int_equal(update.metric, 0x0102);
	assert_false(babel_packet_next(&packet, &update));
	assert_false(babel_packet_next(&packet, &update));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(updates_are_read_as_the_rfcs_say),
		cmocka_unit_test(other_packets_are_none_of_babel),
		cmocka_unit_test(packet_may_be_cut_off_anywhere),
		cmocka_unit_test(trailer_announces_nothing),
		cmocka_unit_test(values_of_an_update_are_in_host_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
