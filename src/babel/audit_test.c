// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/audit.h"

#include "base/memory.h"
#include "base/strbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define SECOND 1000000ull
#define START (1000 * SECOND)

/* b may carry transit, over two tunnels; c may not. */
static const char policy_text[] = "announce fd00:a::/64\n"
				  "accept 10.2.0.0/24 from bbbbbbbbbbbbbbbb on ab1\n"
				  "accept 10.2.0.0/24 from bbbbbbbbbbbbbbbb on ab2\n"
				  "accept fd00:b::/64 from bbbbbbbbbbbbbbbb on ab1\n"
				  "accept fd00:b::/64 from bbbbbbbbbbbbbbbb on ab2\n"
				  "accept fd00:c::/64 from cccccccccccccccc on ac\n"
				  "accept nothing else on ac\n"
				  "accept 10.2.0.0/24 from bbbbbbbbbbbbbbbb\n"
				  "accept fd00:b::/64 from bbbbbbbbbbbbbbbb\n"
				  "accept fd00:c::/64 from cccccccccccccccc\n";

/* An audit, a clock, and what was told: one line for each event. */
struct fixture {
	struct audit *audit;
	uint64_t now;
	struct strbuf told;
};

static void tell(void *userdata, enum audit_event event, const struct audit_finding *finding)
{
	static const char *const events[] = { "began", "lasts", "ended" };
	struct fixture *fixture = userdata;
	const char *name = audit_name(fixture->audit, finding->router_id);

	strbuf_printf(&fixture->told, "%s %s %s %llu\n", name ? name : "?", events[event],
		      audit_kind_name(finding->kind), (unsigned long long)finding->count);
}

static void set_policy(struct fixture *fixture, const char *text)
{
	static const struct audit_name names[] = {
		{ { 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc }, "south/c" },
		{ { 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa }, "north/a" },
		{ { 0xbb, 0xbb, 0xbb, 0xbb, 0xbb, 0xbb, 0xbb, 0xbb }, "north/b" },
	};
	CLEANUP(babel_policy_done) struct babel_policy policy = { 0 };
	uint8_t own[BABEL_ROUTER_ID_SIZE];

	memset(own, 0xaa, sizeof(own));
	assert_int_equal(babel_policy_parse(text, &policy, NULL), 0);
	audit_set_policy(fixture->audit, &policy, own, names, ARRAY_SIZE(names), fixture->now);
}

static int set_up(void **state)
{
	struct fixture *fixture = NEW(struct fixture);

	fixture->now = START;
	fixture->audit = audit_new(4711, tell, fixture);
	set_policy(fixture, policy_text);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	audit_free(fixture->audit);
	strbuf_done(&fixture->told);
	free(fixture);
	return 0;
}

/* A packet that is written while it is being sent. */
struct packet {
	uint8_t bytes[1400];
	size_t size;
};

static void put(struct packet *packet, const void *bytes, size_t size)
{
	assert_true(packet->size + size <= sizeof(packet->bytes));
	memcpy(packet->bytes + packet->size, bytes, size);
	packet->size += size;
}

static void packet_begin(struct packet *packet, int origin)
{
	uint8_t id[BABEL_ROUTER_ID_SIZE];

	packet->size = 0;
	put(packet,
	    "\x2a\x02\0\0"
	    "\x06\x0a\0\0",
	    8);
	memset(id, origin, sizeof(id));
	put(packet, id, sizeof(id));
}

static void put_update(struct packet *packet, const struct ip_prefix *prefix, uint16_t metric,
		       uint16_t interval)
{
	uint8_t size = (uint8_t)((prefix->length + 7) / 8);
	uint8_t header[12] = { 8, (uint8_t)(10 + size), prefix->address.family == AF_INET ? 4 : 2 };

	header[4] = prefix->length;
	header[6] = (uint8_t)(interval >> 8);
	header[7] = (uint8_t)interval;
	header[10] = (uint8_t)(metric >> 8);
	header[11] = (uint8_t)metric;
	put(packet, header, sizeof(header));
	put(packet, prefix->address.bytes, size);
}

static void packet_send(struct fixture *fixture, struct packet *packet, const char *link)
{
	packet->bytes[2] = (uint8_t)((packet->size - 4) >> 8);
	packet->bytes[3] = (uint8_t)(packet->size - 4);
	audit_packet(fixture->audit, link, packet->bytes, packet->size, fixture->now);
}

static void announce_as(struct fixture *fixture, const char *link, const char *text, int origin,
			uint16_t metric, uint16_t interval)
{
	struct ip_prefix prefix;
	struct packet packet;

	assert_int_equal(ip_prefix_parse(text, &prefix), 0);
	packet_begin(&packet, origin);
	put_update(&packet, &prefix, metric, interval);
	packet_send(fixture, &packet, link);
}

static void announce(struct fixture *fixture, const char *link, const char *prefix, int origin)
{
	announce_as(fixture, link, prefix, origin, 96, 400);
}

static void pass(struct fixture *fixture, uint64_t seconds)
{
	for (; seconds > 0; seconds--) {
		fixture->now += SECOND;
		(void)audit_tick(fixture->audit, fixture->now);
	}
}

static void expect_told(struct fixture *fixture, const char *text)
{
	assert_string_equal(strbuf_text(&fixture->told), text);
	strbuf_done(&fixture->told);
	fixture->told = (struct strbuf) { 0 };
}

static const char *text_of(const struct fixture *fixture, char text[AUDIT_TEXT_SIZE])
{
	const struct audit_finding *finding = audit_finding(fixture->audit, 0);

	assert_non_null(finding);
	return audit_format(fixture->audit, finding, text);
}

static void honest_neighbours_are_not_found(void **state)
{
	struct fixture *fixture = *state;

	announce(fixture, "ab1", "fd00:b::/64", 0xbb);
	announce(fixture, "ab2", "10.2.0.0/24", 0xbb);
	announce(fixture, "ab1", "fd00:c::/64", 0xcc);
	announce(fixture, "ab1", "fd00:a::/64", 0xaa);
	announce(fixture, "ac", "fd00:c::/64", 0xcc);
	/* Whatever is taken back, or said where no tunnel is. */
	announce_as(fixture, "ac", "fd00:b::/64", 0xbb, BABEL_METRIC_INFINITY, 400);
	announce_as(fixture, "ac", "0.0.0.0/0", 0xbb, BABEL_METRIC_INFINITY, 400);
	announce(fixture, "eth0", "0.0.0.0/0", 0xbb);
	assert_null(audit_finding(fixture->audit, 0));
	assert_true(audit_tick(fixture->audit, fixture->now) == UINT64_MAX);
	expect_told(fixture, "");
}

/* One row: what c announces, what it is, how it is told, after how long. */
static const struct {
	const char *prefix;
	int origin;
	const char *kind;
	const char *text;
	unsigned grace_sec;
} offences[] = {
	{ "0.0.0.0/0", 0xcc, "default-route",
	  "announces 0.0.0.0/0, which the registry gives to nobody: refused", 0 },
	{ "::/0", 0x77, "default-route",
	  "announces ::/0, which the registry gives to nobody: refused", 0 },
	{ "10.9.0.0/16", 0xcc, "ungranted",
	  "announces 10.9.0.0/16, which the registry gives to nobody: refused", 300 },
	{ "10.2.0.128/25", 0xcc, "part",
	  "announces 10.2.0.128/25, a part of 10.2.0.0/24 of north/b: refused", 15 },
	{ "fd00:a::/64", 0xcc, "wrong-origin",
	  "announces fd00:a::/64 of north/a as if it were its own: refused", 15 },
	{ "fd00:a::/64", 0xbb, "wrong-origin",
	  "announces fd00:a::/64 of north/a as if it were that of north/b: refused", 15 },
	{ "fd00:a::/64", 0x77, "unknown-origin",
	  "announces fd00:a::/64 of north/a as if it were that of router-id 7777777777777777: "
	  "refused",
	  300 },
	{ "fd00:b::/64", 0xbb, "transit",
	  "announces fd00:b::/64 of north/b, but may not carry transit: refused", 15 },
};

static void offences_are_named_and_told_when_they_last(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(offences); i++) {
		struct fixture *fixture = *state;
		char text[AUDIT_TEXT_SIZE], began[128];

		for (unsigned j = 0; j < offences[i].grace_sec; j++) {
			announce(fixture, "ac", offences[i].prefix, offences[i].origin);
			assert_string_equal(text_of(fixture, text), offences[i].text);
			pass(fixture, j == 0 ? 0 : 1);
			assert_false(audit_finding(fixture->audit, 0)->is_problem);
		}
		expect_told(fixture, "");
		announce(fixture, "ac", offences[i].prefix, offences[i].origin);
		pass(fixture, 1);
		assert_true(audit_finding(fixture->audit, 0)->is_problem);
		assert_string_equal(text_of(fixture, text), offences[i].text);
		(void)snprintf(began, sizeof(began), "south/c began %s %u\n", offences[i].kind,
			       offences[i].grace_sec + 1);
		expect_told(fixture, began);
		assert_null(audit_finding(fixture->audit, 1));
		assert_int_equal(tear_down(state), 0);
		assert_int_equal(set_up(state), 0);
	}
}

static void offence_that_is_over_is_forgotten(void **state)
{
	struct fixture *fixture = *state;

	announce(fixture, "ac", "::/0", 0xcc);
	pass(fixture, 1);
	expect_told(fixture, "south/c began default-route 1\n");
	pass(fixture, 57);
	announce(fixture, "ac", "fd00:c::/64", 0xcc);
	assert_non_null(audit_finding(fixture->audit, 0));
	pass(fixture, 2);
	expect_told(fixture, "south/c ended default-route 1\n");
	assert_null(audit_finding(fixture->audit, 0));
	assert_true(audit_tick(fixture->audit, fixture->now) == UINT64_MAX);
}

/* babeld keeps a route for three and a half of the intervals that it was announced with. */
static void routes_with_a_long_life_are_kept_in_mind(void **state)
{
	struct fixture *fixture = *state;

	announce_as(fixture, "ac", "::/0", 0xcc, 0, 10000);
	pass(fixture, 349);
	assert_non_null(audit_finding(fixture->audit, 0));
	pass(fixture, 1);
	assert_null(audit_finding(fixture->audit, 0));
	announce_as(fixture, "ac", "::/0", 0xcc, 0, 65535);
	pass(fixture, 599);
	assert_non_null(audit_finding(fixture->audit, 0));
	pass(fixture, 1);
	assert_null(audit_finding(fixture->audit, 0));
}

static void offence_that_lasts_is_told_again_now_and_then(void **state)
{
	struct fixture *fixture = *state;

	for (unsigned i = 0; i < 1205; i++) {
		announce(fixture, "ac", "::/0", 0xcc);
		pass(fixture, 1);
	}
	expect_told(fixture, "south/c began default-route 1\n"
			     "south/c lasts default-route 601\n"
			     "south/c lasts default-route 1201\n");
}

static void next_registry_explains_what_the_last_did_not(void **state)
{
	struct fixture *fixture = *state;
	CLEANUP(strbuf_done) struct strbuf next = { 0 };

	announce(fixture, "ab1", "10.9.0.0/16", 0x77);
	announce(fixture, "ab1", "10.8.0.0/16", 0xbb);
	announce(fixture, "ac", "fd00:b::/64", 0xbb);
	pass(fixture, 16);
	expect_told(fixture, "south/c began transit 1\n");
	strbuf_printf(&next, "%saccept 10.9.0.0/16 from 7777777777777777\n", policy_text);
	set_policy(fixture, strbuf_text(&next));
	/* One of the two is still nobody's. */
	assert_int_equal(audit_finding(fixture->audit, 0)->samples_count, 1);
	assert_int_equal(audit_finding(fixture->audit, 0)->kind, AUDIT_UNGRANTED);
	strbuf_puts(&next, "accept 10.8.0.0/16 from bbbbbbbbbbbbbbbb\n");
	set_policy(fixture, strbuf_text(&next));
	assert_int_equal(audit_finding(fixture->audit, 0)->kind, AUDIT_TRANSIT);
	expect_told(fixture, "");
	/* c may carry transit now, or is no neighbour any more. */
	set_policy(fixture, "accept fd00:b::/64 from bbbbbbbbbbbbbbbb\n"
			    "accept fd00:c::/64 from cccccccccccccccc on ac\n"
			    "accept fd00:c::/64 from cccccccccccccccc\n");
	expect_told(fixture, "south/c ended transit 1\n");
	announce(fixture, "ac", "::/0", 0xcc);
	pass(fixture, 1);
	set_policy(fixture, "");
	expect_told(fixture, "south/c began default-route 1\nsouth/c ended default-route 1\n");
	assert_null(audit_finding(fixture->audit, 0));
}

static void tunnels_to_one_node_are_one_neighbour(void **state)
{
	struct fixture *fixture = *state;

	announce(fixture, "ab1", "0.0.0.0/0", 0xbb);
	announce(fixture, "ab2", "::/0", 0xbb);
	announce(fixture, "ab2", "::/0", 0xbb);
	assert_int_equal(audit_finding(fixture->audit, 0)->count, 3);
	assert_int_equal(audit_finding(fixture->audit, 0)->samples_count, 2);
	assert_int_equal(audit_finding(fixture->audit, 0)->samples[0].prefix.address.family,
			 AF_INET6);
	assert_int_equal(audit_prefixes(fixture->audit, audit_finding(fixture->audit, 0)), 2);
	assert_null(audit_finding(fixture->audit, 1));
	pass(fixture, 1);
	expect_told(fixture, "north/b began default-route 3\n");
}

static void newest_samples_are_kept(void **state)
{
	struct fixture *fixture = *state;
	const struct audit_finding *finding;

	for (unsigned i = 1; i <= 6; i++) {
		char text[32];

		(void)snprintf(text, sizeof(text), "10.%u.0.0/16", 10 + i);
		announce(fixture, "ac", text, 0xcc);
	}
	announce(fixture, "ac", "10.14.0.0/16", 0xcc);
	finding = audit_finding(fixture->audit, 0);
	assert_int_equal(finding->samples_count, AUDIT_SAMPLES);
	assert_int_equal(finding->samples[0].prefix.address.bytes[1], 14);
	assert_int_equal(finding->samples[1].prefix.address.bytes[1], 16);
	assert_int_equal(finding->samples[2].prefix.address.bytes[1], 15);
	assert_int_equal(finding->samples[3].prefix.address.bytes[1], 13);
}

/* @count different /48, as many in a packet as fit. Returns the number of packets. */
static unsigned announce_many(struct fixture *fixture, const char *link, unsigned count)
{
	struct ip_prefix prefix = { .address = { AF_INET6, { 0x20, 0x01 } }, .length = 48 };
	struct packet packet;
	unsigned packets = 0;

	packet_begin(&packet, 0xcc);
	for (unsigned i = 0; i < count; i++) {
		prefix.address.bytes[3] = (uint8_t)(i >> 16);
		prefix.address.bytes[4] = (uint8_t)(i >> 8);
		prefix.address.bytes[5] = (uint8_t)i;
		put_update(&packet, &prefix, 0, 400);
		if (packet.size + 18 > sizeof(packet.bytes) || i + 1 == count) {
			packet_send(fixture, &packet, link);
			packet_begin(&packet, 0xcc);
			packets++;
			fixture->now += packets % 500 == 0 ? SECOND : 0;
		}
	}
	return packets;
}

static void prefixes_are_counted_once(void **state)
{
	struct fixture *fixture = *state;
	uint64_t found;

	for (unsigned round = 0; round < 3; round++)
		announce_many(fixture, "ac", 5000);
	found = audit_prefixes(fixture->audit, audit_finding(fixture->audit, 0));
	assert_in_range(found, 4900, 5100);
	assert_null(audit_finding(fixture->audit, 1));
	announce_many(fixture, "ac", 10500);
	found = audit_prefixes(fixture->audit, audit_finding(fixture->audit, 0));
	assert_in_range(found, 10290, 10710);
	assert_int_equal(audit_finding(fixture->audit, 1)->kind, AUDIT_TOO_MANY);
	(void)audit_tick(fixture->audit, fixture->now);
	assert_non_null(strstr(strbuf_text(&fixture->told), "south/c began too-many "));
	/* All over: the next time is a new count. */
	pass(fixture, 61);
	announce(fixture, "ac", "::/0", 0xcc);
	assert_int_equal(audit_prefixes(fixture->audit, audit_finding(fixture->audit, 0)), 1);
}

static void hundred_thousand_prefixes_are_cheap(void **state)
{
	struct fixture *fixture = *state;
	struct timespec begin, end;
	double milliseconds;
	unsigned packets;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	packets = announce_many(fixture, "ac", 100000);
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	milliseconds = (double)(end.tv_sec - begin.tv_sec) * 1e3 +
		       (double)(end.tv_nsec - begin.tv_nsec) / 1e6;
	print_message("# 100000 prefixes in %u packets: %.1f ms\n", packets, milliseconds);
	assert_int_equal(audit_finding(fixture->audit, 0)->count, 100000);
	assert_in_range(audit_prefixes(fixture->audit, audit_finding(fixture->audit, 0)), 95000,
			105000);
	/* Many times what it takes where nothing else runs and no sanitizer looks on. */
	assert_true(milliseconds < 1000);
}

static void flood_is_found(void **state)
{
	struct fixture *fixture = *state;
	struct packet packet;

	for (unsigned i = 0; i < 3 * AUDIT_PACKETS_PER_SECOND_MAX; i++) {
		packet_begin(&packet, 0xbb);
		packet_send(fixture, &packet, "ab1");
		if (i % AUDIT_PACKETS_PER_SECOND_MAX == AUDIT_PACKETS_PER_SECOND_MAX - 1)
			fixture->now += SECOND;
	}
	assert_null(audit_finding(fixture->audit, 0));
	for (unsigned i = 0; i < AUDIT_PACKETS_PER_SECOND_MAX + 7; i++)
		packet_send(fixture, &packet, i % 2 ? "ab1" : "ab2");
	assert_int_equal(audit_finding(fixture->audit, 0)->kind, AUDIT_FLOOD);
	assert_int_equal(audit_finding(fixture->audit, 0)->count, 7);
	pass(fixture, 1);
	expect_told(fixture, "north/b began flood 7\n");
}

static void who_leaves_no_time_for_others_is_found(void **state)
{
	struct fixture *fixture = *state;
	struct packet packet;

	packet_begin(&packet, 0xbb);
	for (unsigned i = 0; i < 100; i++)
		packet_send(fixture, &packet, i % 2 ? "ab1" : "ac");
	audit_overrun(fixture->audit, fixture->now);
	assert_null(audit_finding(fixture->audit, 0)); /* both, and neither more than half */
	packet_send(fixture, &packet, "ac");
	audit_overrun(fixture->audit, fixture->now + SECOND);
	assert_null(audit_finding(fixture->audit, 0)); /* that was another second */
	audit_overrun(fixture->audit, fixture->now);
	assert_int_equal(audit_finding(fixture->audit, 0)->kind, AUDIT_FLOOD);
	pass(fixture, 1);
	expect_told(fixture, "south/c began flood 1\n");
}

static void who_sends_little_is_not_blamed_for_a_slow_machine(void **state)
{
	struct fixture *fixture = *state;
	struct packet packet;

	packet_begin(&packet, 0xbb);
	for (unsigned i = 0; i < AUDIT_PACKETS_PER_SECOND_FEW; i++)
		packet_send(fixture, &packet, "ab1");
	audit_overrun(fixture->audit, fixture->now);
	assert_null(audit_finding(fixture->audit, 0));
	packet_send(fixture, &packet, "ab1");
	audit_overrun(fixture->audit, fixture->now);
	assert_int_equal(audit_finding(fixture->audit, 0)->kind, AUDIT_FLOOD);
}

static void malformed_packets_are_found(void **state)
{
	struct fixture *fixture = *state;
	char text[AUDIT_TEXT_SIZE];

	audit_packet(fixture->audit, "ac", "GET / HTTP/1.1\r\n", 16, fixture->now);
	audit_packet(fixture->audit, "ac", "", 0, fixture->now);
	audit_packet(fixture->audit, "ac", "\x2a\x02\0\x03\x08\x09\0", 7, fixture->now);
	audit_packet(fixture->audit, "ac", "\x2a\x02\0\0", 4, fixture->now);
	assert_string_equal(text_of(fixture, text), "sends malformed Babel packets");
	pass(fixture, 16);
	expect_told(fixture, "south/c began malformed 3\n");
}

int main(void)
{
#define AUDIT_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		AUDIT_TEST(honest_neighbours_are_not_found),
		AUDIT_TEST(offences_are_named_and_told_when_they_last),
		AUDIT_TEST(offence_that_is_over_is_forgotten),
		AUDIT_TEST(routes_with_a_long_life_are_kept_in_mind),
		AUDIT_TEST(offence_that_lasts_is_told_again_now_and_then),
		AUDIT_TEST(next_registry_explains_what_the_last_did_not),
		AUDIT_TEST(tunnels_to_one_node_are_one_neighbour),
		AUDIT_TEST(newest_samples_are_kept),
		AUDIT_TEST(prefixes_are_counted_once),
		AUDIT_TEST(hundred_thousand_prefixes_are_cheap),
		AUDIT_TEST(flood_is_found),
		AUDIT_TEST(who_leaves_no_time_for_others_is_found),
		AUDIT_TEST(who_sends_little_is_not_blamed_for_a_slow_machine),
		AUDIT_TEST(malformed_packets_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
