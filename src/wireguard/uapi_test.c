// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireguard/uapi.h"

#include "wireguard/test_devices.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define KEY_11 "1111111111111111111111111111111111111111111111111111111111111111"
#define KEY_22 "2222222222222222222222222222222222222222222222222222222222222222"
#define KEY_33 "3333333333333333333333333333333333333333333333333333333333333333"
#define KEY_00 "0000000000000000000000000000000000000000000000000000000000000000"

/* As wireguard-go 0.0.20220316 has answered. */
static const char transcript[] = "private_key=" KEY_11 "\n"
				 "listen_port=20001\n"
				 "fwmark=54\n"
				 "public_key=" KEY_22 "\n"
				 "preshared_key=" KEY_00 "\n"
				 "protocol_version=1\n"
				 "endpoint=203.0.113.5:20002\n"
				 "last_handshake_time_sec=1795223645\n"
				 "last_handshake_time_nsec=30214860\n"
				 "tx_bytes=516\n"
				 "rx_bytes=460\n"
				 "persistent_keepalive_interval=25\n"
				 "allowed_ip=0.0.0.0/0\n"
				 "allowed_ip=::/0\n"
				 "errno=0\n\n";

static void transcript_is_understood(void **state)
{
	CLEANUP(wireguard_device_done) struct wireguard_device device = { 0 };
	CLEANUP(wireguard_change_done) struct wireguard_change change = { 0 };
	struct wireguard intended = test_intention();

	(void)state;
	assert_int_equal(uapi_parse_reply(transcript, sizeof(transcript) - 1, &device, NULL), 0);
	assert_int_equal(device.peers_count, 1);
	assert_int_equal(device.peers[0].last_handshake_sec, 1795223645);
	assert_int_equal(device.peers[0].tx_bytes, 516);
	assert_int_equal(device.peers[0].rx_bytes, 460);
	wireguard_change_make(&device, &intended.endpoint, &intended, &change);
	assert_true(wireguard_change_is_empty(&change));
}

static void every_cut_of_the_transcript_is_refused(void **state)
{
	const char *end = strstr(transcript, "errno=0\n") + strlen("errno=0\n");

	(void)state;
	for (size_t length = 0; length < (size_t)(end - transcript); length++) {
		struct wireguard_device device = { 0 };
		/* On the heap and of exact size, so that a read behind it is noticed. */
		char *copy = malloc(length + 1);
		struct error error = { 0 };

		memcpy(copy, transcript, length);
		assert_int_equal(uapi_parse_reply(copy, length, &device, &error), -EBADMSG);
		assert_int_not_equal(error.text[0], 0);
		assert_null(device.peers);
		free(copy);
	}
}

static void set_of_a_fresh_device_is_as_specified(void **state)
{
	CLEANUP(wireguard_change_done) struct wireguard_change change = { 0 };
	CLEANUP(strbuf_done) struct strbuf request = { 0 };
	struct wireguard intended = test_intention();
	struct wireguard_device device = { 0 };

	(void)state;
	wireguard_change_make(&device, &(struct ip_endpoint) { 0 }, &intended, &change);
	uapi_format_set(&change, &request);
	assert_string_equal(strbuf_text(&request), "set=1\n"
						   "private_key=" KEY_11 "\n"
						   "listen_port=20001\n"
						   "fwmark=54\n"
						   "public_key=" KEY_22 "\n"
						   "endpoint=203.0.113.5:20002\n"
						   "persistent_keepalive_interval=25\n"
						   "replace_allowed_ips=true\n"
						   "allowed_ip=0.0.0.0/0\n"
						   "allowed_ip=::/0\n\n");
}

static void set_of_a_difference_touches_nothing_else(void **state)
{
	CLEANUP(wireguard_device_done) struct wireguard_device device = test_device();
	CLEANUP(wireguard_change_done) struct wireguard_change change = { 0 };
	CLEANUP(strbuf_done) struct strbuf request = { 0 };
	struct wireguard intended = test_intention();
	struct ip_endpoint recorded = intended.endpoint;

	(void)state;
	(void)test_add_peer(&device, 0x33);
	device.peers[0].preshared_key[0] = 1;
	intended.endpoint = test_endpoint("[2001:db8::1]:50001");
	intended.keepalive_sec = 0;
	wireguard_change_make(&device, &recorded, &intended, &change);
	uapi_format_set(&change, &request);
	assert_string_equal(strbuf_text(&request), "set=1\n"
						   "public_key=" KEY_33 "\n"
						   "remove=true\n"
						   "public_key=" KEY_22 "\n"
						   "update_only=true\n"
						   "preshared_key=" KEY_00 "\n"
						   "endpoint=[2001:db8::1]:50001\n"
						   "persistent_keepalive_interval=0\n\n");
}

static void preshared_key_is_written_and_read(void **state)
{
	CLEANUP(wireguard_device_done) struct wireguard_device device = test_device();
	CLEANUP(wireguard_device_done) struct wireguard_device read = { 0 };
	CLEANUP(wireguard_change_done) struct wireguard_change change = { 0 };
	CLEANUP(strbuf_done) struct strbuf request = { 0 };
	static const char reply[] = "public_key=" KEY_22 "\npreshared_key=" KEY_33 "\nerrno=0\n\n";
	struct wireguard intended = test_intention();

	(void)state;
	memset(intended.preshared_key, 0x33, KEY_SIZE);
	wireguard_change_make(&device, &intended.endpoint, &intended, &change);
	uapi_format_set(&change, &request);
	assert_string_equal(strbuf_text(&request), "set=1\n"
						   "public_key=" KEY_22 "\n"
						   "update_only=true\n"
						   "preshared_key=" KEY_33 "\n\n");
	assert_int_equal(uapi_parse_reply(reply, sizeof(reply) - 1, &read, NULL), 0);
	assert_memory_equal(read.peers[0].preshared_key, intended.preshared_key, KEY_SIZE);
}

static int parse(const char *text, struct wireguard_device *device)
{
	struct error error = { 0 };
	int result = uapi_parse_reply(text, strlen(text), device, &error);

	assert_true((result < 0) == (error.text[0] != '\0'));
	return result;
}

static void errors_of_the_other_side_are_passed_on(void **state)
{
	struct wireguard_device device;

	(void)state;
	assert_int_equal(parse("errno=-98\n\n", &device), -EADDRINUSE);
	assert_int_equal(parse("errno=98\n\n", &device), -EADDRINUSE);
	assert_int_equal(parse("errno=-22\n\n", &device), -EINVAL);
}

static void absent_lines_mean_absent_values(void **state)
{
	CLEANUP(wireguard_device_done) struct wireguard_device device = { 0 };

	(void)state;
	assert_int_equal(
		parse("private_key=" KEY_11 "\npublic_key=" KEY_22 "\nerrno=0\n\n", &device), 0);
	assert_false(device.has_listen_port);
	assert_int_equal(device.fwmark, 0);
	assert_int_equal(device.peers_count, 1);
	assert_false(ip_address_present(&device.peers[0].endpoint.address));
	assert_false(device.peers[0].allows_ipv4 || device.peers[0].allows_ipv6);
}

static void unknown_keys_and_zones_are_skipped(void **state)
{
	CLEANUP(wireguard_device_done) struct wireguard_device device = { 0 };
	struct ip_endpoint expected = test_endpoint("[fe80::1]:5");

	(void)state;
	assert_int_equal(parse("public_key=" KEY_22 "\ncolour=blue\nendpoint=[fe80::1%eth0]:5\n"
			       "errno=0\n\n",
			       &device),
			 0);
	assert_int_equal(ip_endpoint_compare(&device.peers[0].endpoint, &expected), 0);
}

static void malformed_replies_are_refused(void **state)
{
	static const char *const replies[] = {
		"",
		"\n",
		"errno\n",
		"errno=\n",
		"errno=--1\n",
		"errno=4096\n",
		"endpoint=192.0.2.1:1\nerrno=0\n",
		"allowed_ip=::/0\nerrno=0\n",
		"private_key=11\nerrno=0\n",
		"private_key=" KEY_11 "11\nerrno=0\n",
		"private_key=g111111111111111111111111111111111111111111111111111111111111111\n"
		"errno=0\n",
		"listen_port=65536\nerrno=0\n",
		"listen_port=-1\nerrno=0\n",
		"fwmark=4294967296\nerrno=0\n",
		"public_key=" KEY_22 "\nallowed_ip=::/129\nerrno=0\n",
		"public_key=" KEY_22 "\nendpoint=example.com:1\nerrno=0\n",
		"public_key=" KEY_22 "\nendpoint=[fe80::1%eth0\nerrno=0\n",
		"public_key=" KEY_22 "\nrx_bytes=18446744073709551616\nerrno=0\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(replies); i++) {
		struct wireguard_device device;

		assert_int_equal(parse(replies[i], &device), -EBADMSG);
	}
}

static void long_lines_and_many_peers_are_refused(void **state)
{
	CLEANUP(strbuf_done) struct strbuf reply = { 0 };
	struct wireguard_device device;
	char line[UAPI_LINE_MAX + 16];

	(void)state;
	memset(line, 'a', sizeof(line));
	memcpy(line, "fwmark=", 7);
	memcpy(line + UAPI_LINE_MAX, "\nerrno=0\n", sizeof("\nerrno=0\n"));
	assert_int_equal(parse(line, &device), -EBADMSG);
	for (unsigned i = 0; i <= WIREGUARD_PEERS_MAX; i++)
		strbuf_puts(&reply, "public_key=" KEY_22 "\n");
	strbuf_puts(&reply, "errno=0\n\n");
	assert_int_equal(parse(strbuf_text(&reply), &device), -EMSGSIZE);
}

static void errors_do_not_show_keys(void **state)
{
	static const char reply[] = "private_key=" KEY_11 "x\n";
	struct wireguard_device device;
	struct error error = { 0 };

	(void)state;
	assert_int_equal(uapi_parse_reply(reply, sizeof(reply) - 1, &device, &error), -EBADMSG);
	assert_non_null(strstr(error.text, "private_key"));
	assert_null(strstr(error.text, "1111"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(preshared_key_is_written_and_read),
		cmocka_unit_test(transcript_is_understood),
		cmocka_unit_test(every_cut_of_the_transcript_is_refused),
		cmocka_unit_test(set_of_a_fresh_device_is_as_specified),
		cmocka_unit_test(set_of_a_difference_touches_nothing_else),
		cmocka_unit_test(errors_of_the_other_side_are_passed_on),
		cmocka_unit_test(absent_lines_mean_absent_values),
		cmocka_unit_test(unknown_keys_and_zones_are_skipped),
		cmocka_unit_test(malformed_replies_are_refused),
		cmocka_unit_test(long_lines_and_many_peers_are_refused),
		cmocka_unit_test(errors_do_not_show_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
