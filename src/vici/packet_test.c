// SPDX-License-Identifier: GPL-2.0-or-later
#include "vici/packet.h"

#include "base/hex.h"
#include "base/memory.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void write_initiate(struct vici_writer *writer)
{
	vici_printf(writer, "ike", "a-b");
	vici_printf(writer, "child", "default");
	vici_printf(writer, "timeout", "-1");
}

static void write_connection(struct vici_writer *writer)
{
	vici_begin_section(writer, "a-b");
	vici_printf(writer, "version", "2");
	vici_begin_list(writer, "local_addrs");
	vici_put_item(writer, "0.0.0.0/0");
	vici_end_list(writer);
	vici_end_section(writer);
}

/* As a charon 5.9.8 takes and sends them. */
static const struct {
	enum vici_packet_type type;
	const char *name;
	void (*write)(struct vici_writer *writer);
	const char *segment;
} golden[] = {
	{ VICI_CMD_REQUEST, "version", NULL, "00000009000776657273696f6e" },
	{ VICI_EVENT_REGISTER, "ike-updown", NULL, "0000000c030a696b652d7570646f776e" },
	{ VICI_EVENT_CONFIRM, "", NULL, "0000000105" },
	{ VICI_CMD_UNKNOWN, "", NULL, "0000000102" },
	{ VICI_EVENT_UNKNOWN, "", NULL, "0000000106" },
	{ VICI_CMD_REQUEST, "initiate", write_initiate,
	  "000000310008696e697469617465"
	  "0303696b650003612d62"
	  "03056368696c64000764656661756c74"
	  "030774696d656f757400022d31" },
	{ VICI_CMD_REQUEST, "load-conn", write_connection,
	  "0000003700096c6f61642d636f6e6e"
	  "0103612d62"
	  "030776657273696f6e000132"
	  "040b6c6f63616c5f61646472730500"
	  "09302e302e302e302f300602" },
};

static void expect_golden(size_t i)
{
	CLEANUP(vici_writer_done) struct vici_writer writer = { 0 };
	CLEANUP(free) char *text = NULL;
	struct vici_packet packet;
	uint8_t *segment;
	size_t size, packet_size;

	if (golden[i].write)
		golden[i].write(&writer);
	assert_int_equal(
		vici_segment_make(golden[i].type, golden[i].name, &writer, &segment, &size), 0);
	text = memory_zalloc(2 * size + 1, 1);
	assert_string_equal(hex_format(segment, size, text), golden[i].segment);
	assert_int_equal(vici_segment_read(segment, &packet_size), 0);
	assert_int_equal(packet_size, size - VICI_SEGMENT_HEADER_SIZE);
	assert_int_equal(vici_packet_read(segment + VICI_SEGMENT_HEADER_SIZE, packet_size, &packet),
			 0);
	assert_int_equal(packet.type, golden[i].type);
	assert_string_equal(packet.name, golden[i].name);
	assert_int_equal(packet.message.size, writer.size);
	if (writer.size > 0)
		assert_memory_equal(packet.message.bytes, writer.bytes, writer.size);
	vici_segment_free(segment, size);
}

static void segments_are_those_that_charon_knows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(golden); i++)
		expect_golden(i);
}

static void packets_out_of_form_are_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
	} cases[] = {
#define CASE(text) { (text), sizeof(text) - 1 }
		CASE(""),
		CASE("\x08"),		    /* no such type */
		CASE("\x00"),		    /* no name */
		CASE("\x07\x03ik"),	    /* half of one */
		CASE("\x07\x03i\0k"),	    /* one with a zero */
		CASE("\x05\x00"),	    /* something behind a confirmation */
		CASE("\x03\x01x\x00"),	    /* or behind the name of an event */
		CASE("\x01\x02"),	    /* a message out of form */
		CASE("\x07\x01x\x01\x01s"), /* one that is cut off */
#undef CASE
	};
	struct vici_packet packet = { .name = "untouched" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (vici_packet_read(cases[i].bytes, cases[i].size, &packet) != -EBADMSG)
			fail_msg("case %zu", i);
	assert_string_equal(packet.name, "untouched");
}

static void segments_have_a_size_within_limits(void **state)
{
	static const struct {
		uint8_t header[VICI_SEGMENT_HEADER_SIZE];
		int result;
		size_t size;
	} cases[] = {
		{ { 0, 0, 0, 0 }, -EMSGSIZE, 7 },	  { { 0, 0, 0, 1 }, 0, 1 },
		{ { 0, 8, 0, 0 }, 0, 512 * 1024 },	  { { 0, 8, 0, 1 }, -EMSGSIZE, 7 },
		{ { 255, 255, 255, 255 }, -EMSGSIZE, 7 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t size = 7;

		assert_int_equal(vici_segment_read(cases[i].header, &size), cases[i].result);
		assert_int_equal(size, cases[i].size);
	}
}

/* A message of the greatest size has no room for the name of its command. */
static void what_is_too_long_is_not_sent(void **state)
{
	CLEANUP(vici_writer_done) struct vici_writer writer = { 0 };
	CLEANUP(vici_writer_done) struct vici_writer failed = { 0 };
	CLEANUP(free) uint8_t *value = memory_zalloc(VICI_VALUE_MAX, 1);
	char name[VICI_NAME_MAX + 2] = "";
	uint8_t *segment = NULL;
	size_t size, left;

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	assert_int_equal(vici_segment_make(VICI_EVENT_REGISTER, name, NULL, &segment, &size),
			 -E2BIG);
	for (unsigned i = 0; i < 7; i++)
		vici_put(&writer, "", value, VICI_VALUE_MAX);
	left = VICI_MESSAGE_MAX - writer.size - 4;
	vici_put(&writer, "", value, left);
	assert_int_equal(vici_writer_result(&writer), 0);
	assert_int_equal(vici_segment_make(VICI_CMD_REQUEST, "c", &writer, &segment, &size),
			 -E2BIG);
	vici_put(&failed, name, value, 1);
	assert_int_equal(vici_segment_make(VICI_CMD_REQUEST, "c", &failed, &segment, &size),
			 -E2BIG);
	assert_null(segment);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(segments_are_those_that_charon_knows),
		cmocka_unit_test(packets_out_of_form_are_refused),
		cmocka_unit_test(segments_have_a_size_within_limits),
		cmocka_unit_test(what_is_too_long_is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
