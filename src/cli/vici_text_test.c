// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/vici_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void write_values(struct vici_writer *writer, const char *values)
{
	char name[64], value[128];
	int length;

	for (; sscanf(values, "%63s %127[^\n]\n%n", name, value, &length) == 2; values += length)
		vici_printf(writer, name, "%s", value);
}

static void write_list(struct vici_writer *writer, const char *name)
{
	vici_begin_list(writer, name);
	vici_put_item(writer, "0.0.0.0/0");
	vici_put_item(writer, "::/0");
	vici_end_list(writer);
}

static void check_sa(const char *name, const struct vici_writer *message, const char *expected)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	struct vici_section section = { 0 };

	assert_int_equal(vici_writer_result(message), 0);
	assert_int_equal(vici_message_read(message->bytes, message->size, &section), 0);
	vici_print_sa(name, &section, &text);
	assert_string_equal(strbuf_text(&text), expected);
}

/* As charon 6.0 says it. */
static void an_sa_is_shown_as_by_swanctl(void **state)
{
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 };

	(void)state;
	write_values(&message, "uniqueid 1\n"
			       "version 2\n"
			       "state ESTABLISHED\n"
			       "local-host 10.88.0.1\n"
			       "local-port 12025\n"
			       "local-id O=test, CN=a, serialNumber=0\n"
			       "remote-host 2001:db8::2\n"
			       "remote-port 12026\n"
			       "remote-id O=test, CN=b, serialNumber=0\n"
			       "initiator yes\n"
			       "initiator-spi 899bf35e9732a721\n"
			       "responder-spi e3dec3ff4a4f10b3\n"
			       "nat-local yes\n"
			       "nat-remote yes\n"
			       "encr-alg AES_GCM_16\n"
			       "encr-keysize 256\n"
			       "prf-alg PRF_HMAC_SHA2_384\n"
			       "dh-group CURVE_25519\n"
			       "ake1 ML_KEM_768\n"
			       "established 7\n"
			       "rekey-time 13445\n");
	vici_begin_section(&message, "child-sas");
	vici_begin_section(&message, "default-3");
	write_values(&message, "name default\n"
			       "uniqueid 3\n"
			       "reqid 1\n"
			       "state INSTALLED\n"
			       "mode TUNNEL\n"
			       "protocol ESP\n"
			       "encap yes\n"
			       "spi-in c4a32797\n"
			       "spi-out c75e8ad5\n"
			       "if-id-in 0000002a\n"
			       "if-id-out 0000002b\n"
			       "encr-alg AES_CBC\n"
			       "encr-keysize 128\n"
			       "integ-alg HMAC_SHA2_256_128\n"
			       "bytes-in 18446744073709551615\n"
			       "packets-in 2\n"
			       "use-in 5\n"
			       "bytes-out 3\n"
			       "packets-out 4\n"
			       "install-time 3\n"
			       "rekey-time 3269\n"
			       "life-time 3960\n");
	write_list(&message, "local-ts");
	write_list(&message, "remote-ts");
	vici_end_section(&message);
	vici_end_section(&message);
	check_sa("a-b", &message,
		 "a-b: #1, ESTABLISHED, IKEv2, 899bf35e9732a721_i* e3dec3ff4a4f10b3_r\n"
		 "  local  'O=test, CN=a, serialNumber=0' @ 10.88.0.1[12025]\n"
		 "  remote 'O=test, CN=b, serialNumber=0' @ 2001:db8::2[12026]\n"
		 "  behind NAT: local, remote\n"
		 "  AES_GCM_16-256/PRF_HMAC_SHA2_384/CURVE_25519/ML_KEM_768\n"
		 "  established 7s ago, rekeying in 13445s\n"
		 "  default: #3, reqid 1, INSTALLED, TUNNEL, ESP in UDP, "
		 "AES_CBC-128/HMAC_SHA2_256_128\n"
		 "    installed 3s ago, rekeying in 3269s, expires in 3960s\n"
		 "    in  c4a32797 (if_id 0000002a), 18446744073709551615 bytes, 2 packets, 5s "
		 "ago\n"
		 "    out c75e8ad5 (if_id 0000002b), 3 bytes, 4 packets\n"
		 "    local  0.0.0.0/0 ::/0\n"
		 "    remote 0.0.0.0/0 ::/0\n");
}

/* Of an IKE_SA that is only being made there is little to tell. */
static void what_charon_leaves_out_is_left_out(void **state)
{
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 }, empty = { 0 };

	(void)state;
	write_values(&message, "uniqueid 2\n"
			       "version 2\n"
			       "state CONNECTING\n"
			       "local-host 10.88.0.1\n"
			       "local-port 12025\n"
			       "local-id %any\n"
			       "remote-host 10.88.0.9\n"
			       "remote-port 12026\n"
			       "initiator-spi 899bf35e9732a721\n"
			       "responder-spi 0000000000000000\n");
	vici_begin_section(&message, "child-sas");
	vici_end_section(&message);
	check_sa("a-b", &message,
		 "a-b: #2, CONNECTING, IKEv2, 899bf35e9732a721_i 0000000000000000_r*\n"
		 "  local  '%any' @ 10.88.0.1[12025]\n"
		 "  remote @ 10.88.0.9[12026]\n");
	check_sa("", &empty, ":\n  local \n  remote\n");
}

static void nothing_plays_tricks_on_a_terminal(void **state)
{
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 };

	(void)state;
	vici_printf(&message, "remote-id", "\033[31m\n");
	vici_begin_section(&message, "child-sas");
	vici_begin_section(&message, "\033c");
	vici_begin_list(&message, "local-ts");
	vici_put_item(&message, "\033[2J");
	vici_end_list(&message);
	vici_end_section(&message);
	vici_end_section(&message);
	check_sa("\033n", &message,
		 "?n:\n  local \n  remote '?[31m?'\n  ?c:\n    in \n    out\n    local  ?[2J\n");
}

static void check_log(const struct vici_writer *message, const char *expected)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	struct vici_section section = { 0 };

	assert_int_equal(vici_message_read(message->bytes, message->size, &section), 0);
	vici_print_log(1795219200, &section, &text);
	assert_string_equal(strbuf_text(&text), expected);
}

static void each_line_of_the_log_says_when_and_of_what(void **state)
{
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 }, other = { 0 }, empty = { 0 };

	(void)state;
	write_values(&message, "group IKE\n"
			       "level 1\n"
			       "thread 12\n"
			       "ikesa-name a-b\n"
			       "ikesa-uniqueid 3\n");
	vici_printf(&message, "msg", "one\033\ntwo\n");
	check_log(&message, "2026-11-21T00:00:00Z IKE 1 a-b[3] one?\n"
			    "2026-11-21T00:00:00Z IKE 1 a-b[3] two\n");
	write_values(&other, "group DMN\n"
			     "level 0\n"
			     "thread 0\n"
			     "msg starting\n");
	check_log(&other, "2026-11-21T00:00:00Z DMN 0 - starting\n");
	check_log(&empty, "2026-11-21T00:00:00Z - - - \n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_sa_is_shown_as_by_swanctl),
		cmocka_unit_test(what_charon_leaves_out_is_left_out),
		cmocka_unit_test(nothing_plays_tricks_on_a_terminal),
		cmocka_unit_test(each_line_of_the_log_says_when_and_of_what),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
