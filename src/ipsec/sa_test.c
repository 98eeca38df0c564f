// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/sa.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A name and a value a line, as charon 5.9.8 has sent them, and 6.0 where it has more. */
static const char ike_values[] = "uniqueid 1\n"
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
				 "nat-remote yes\n"
				 "nat-any yes\n"
				 "if-id-in 0000002a\n"
				 "if-id-out 0000002a\n"
				 "encr-alg AES_GCM_16\n"
				 "encr-keysize 256\n"
				 "prf-alg PRF_HMAC_SHA2_384\n"
				 "dh-group CURVE_25519\n"
				 "ake1 ML_KEM_768\n"
				 "established 7\n"
				 "rekey-time 13445\n";
static const char child_values[] = "name default\n"
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
				   "encr-alg AES_GCM_16\n"
				   "encr-keysize 128\n"
				   "bytes-in 18446744073709551615\n"
				   "packets-in 2\n"
				   "bytes-out 3\n"
				   "packets-out 4\n"
				   "rekey-time 3269\n"
				   "life-time 3960\n"
				   "install-time 3\n";

static void write_values(struct vici_writer *writer, const char *values)
{
	char name[64], value[128];
	int length;

	for (; sscanf(values, "%63s %127[^\n]\n%n", name, value, &length) == 2; values += length)
		vici_printf(writer, name, "%s", value);
}

/* An IKE_SA with @children of the same kind. */
static void write_sa(struct vici_writer *writer, const char *values, const char *child,
		     unsigned children)
{
	write_values(writer, values);
	vici_begin_section(writer, "child-sas");
	for (unsigned i = 0; i < children; i++) {
		vici_begin_section(writer, "default-1");
		write_values(writer, child);
		vici_end_section(writer);
	}
	vici_end_section(writer);
	assert_int_equal(vici_writer_result(writer), 0);
}

static int read_sa(const char *values, const char *child, unsigned children, struct ike_sa *ret)
{
	CLEANUP(vici_writer_done) struct vici_writer writer = { 0 };
	struct vici_section section;

	write_sa(&writer, values, child, children);
	assert_int_equal(vici_message_read(writer.bytes, writer.size, &section), 0);
	return ike_sa_read("a-b", &section, ret);
}

static void what_charon_tells_is_read(void **state)
{
	CLEANUP(ike_sa_done) struct ike_sa sa = { 0 };
	const struct child_sa *child;
	char text[IP_ENDPOINT_TEXT_SIZE];

	(void)state;
	assert_int_equal(read_sa(ike_values, child_values, 1, &sa), 0);
	assert_string_equal(sa.connection, "a-b");
	assert_int_equal(sa.unique_id, 1);
	assert_true(ike_sa_is_established(&sa));
	assert_true(sa.is_initiator);
	assert_string_equal(ip_endpoint_format(&sa.local, text), "10.88.0.1:12025");
	assert_string_equal(ip_endpoint_format(&sa.remote, text), "[2001:db8::2]:12026");
	assert_string_equal(sa.remote_identity, "O=test, CN=b, serialNumber=0");
	assert_false(sa.is_local_behind_nat);
	assert_true(sa.is_remote_behind_nat);
	assert_string_equal(sa.encryption, "AES_GCM_16");
	assert_int_equal(sa.encryption_bits, 256);
	assert_string_equal(sa.prf, "PRF_HMAC_SHA2_384");
	assert_string_equal(sa.group, "CURVE_25519");
	assert_string_equal(sa.additional_exchange, "ML_KEM_768");
	assert_int_equal(sa.age_s, 7);
	assert_int_equal(sa.rekey_s, 13445);
	assert_int_equal(sa.children_count, 1);
	child = &sa.children[0];
	assert_string_equal(child->name, "default");
	assert_int_equal(child->unique_id, 3);
	assert_true(child_sa_carries(child));
	assert_true(child->is_udp_encapsulated);
	assert_int_equal(child->spi_in, 0xc4a32797);
	assert_int_equal(child->spi_out, 0xc75e8ad5);
	assert_int_equal(child->if_id_in, 42);
	assert_int_equal(child->if_id_out, 43);
	assert_int_equal(child->encryption_bits, 128);
	assert_true(child->bytes_in == UINT64_MAX);
	assert_int_equal(child->packets_in, 2);
	assert_int_equal(child->bytes_out, 3);
	assert_int_equal(child->packets_out, 4);
	assert_int_equal(child->age_s, 3);
	assert_int_equal(child->rekey_s, 3269);
	assert_int_equal(child->life_s, 3960);
}

/* As list-sas shows it while charon dials. */
static void half_open_sa_is_not_established(void **state)
{
	CLEANUP(ike_sa_done) struct ike_sa sa = { 0 };

	(void)state;
	assert_int_equal(read_sa("uniqueid 12\n"
				 "state CONNECTING\n"
				 "local-host %any\n"
				 "local-port 12025\n"
				 "remote-host 192.0.2.1\n"
				 "remote-port 12025\n"
				 "remote-id %any\n"
				 "responder-spi 0000000000000000\n",
				 "", 0, &sa),
			 0);
	assert_false(ike_sa_is_established(&sa));
	assert_false(ip_address_present(&sa.local.address));
	assert_true(ip_address_present(&sa.remote.address));
	assert_int_equal(sa.children_count, 0);
}

static void sa_without_number_or_state_is_refused(void **state)
{
	struct ike_sa sa = { .unique_id = 99 };

	(void)state;
	assert_int_equal(read_sa("state ESTABLISHED\n", "", 0, &sa), -EBADMSG);
	assert_int_equal(read_sa("uniqueid 1\n", "", 0, &sa), -EBADMSG);
	assert_int_equal(read_sa("uniqueid 4294967296\nstate ESTABLISHED\n", "", 0, &sa), -EBADMSG);
	assert_int_equal(sa.unique_id, 99);
}

/* charon counts down below zero when a rekeying is overdue. */
static void values_out_of_form_are_as_if_absent(void **state)
{
	CLEANUP(ike_sa_done) struct ike_sa sa = { 0 };

	(void)state;
	assert_int_equal(
		read_sa("uniqueid 1\nstate ESTABLISHED\nrekey-time -5\nremote-host ::1%lo\n",
			"name default\nuniqueid 1\nstate INSTALLED\nlife-time -3\n"
			"spi-in 1c4a32797\npackets-in 7\n",
			1, &sa),
		0);
	assert_int_equal(sa.rekey_s, 0);
	assert_false(ip_address_present(&sa.remote.address));
	assert_int_equal(sa.children[0].life_s, 0);
	assert_int_equal(sa.children[0].spi_in, 0);
	assert_int_equal(sa.children[0].packets_in, 7);
}

static void only_installed_children_carry_traffic(void **state)
{
	static const struct {
		const char *state;
		bool carries;
	} cases[] = {
		{ "CREATED", false },	{ "ROUTED", false },	 { "INSTALLING", false },
		{ "INSTALLED", true },	{ "UPDATING", true },	 { "REKEYING", true },
		{ "REKEYED", false },	{ "RETRYING", false },	 { "DELETING", false },
		{ "DELETED", false },	{ "DESTROYING", false }, { "INSTALLED2", false },
		{ "installed", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct child_sa child = { 0 };

		(void)snprintf(child.state, sizeof(child.state), "%s", cases[i].state);
		if (child_sa_carries(&child) != cases[i].carries)
			fail_msg("%s", cases[i].state);
	}
}

static void children_without_form_are_left_out_and_many_are_bounded(void **state)
{
	CLEANUP(ike_sa_done) struct ike_sa none = { 0 };
	CLEANUP(ike_sa_done) struct ike_sa many = { 0 };

	(void)state;
	assert_int_equal(read_sa(ike_values, "name default\nstate INSTALLED\n", 2, &none), 0);
	assert_int_equal(none.children_count, 0);
	assert_false(none.has_more_children);
	assert_int_equal(read_sa(ike_values, child_values, SA_CHILDREN_MAX + 1, &many), 0);
	assert_int_equal(many.children_count, SA_CHILDREN_MAX);
	assert_true(many.has_more_children);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_charon_tells_is_read),
		cmocka_unit_test(half_open_sa_is_not_established),
		cmocka_unit_test(sa_without_number_or_state_is_refused),
		cmocka_unit_test(values_out_of_form_are_as_if_absent),
		cmocka_unit_test(only_installed_children_carry_traffic),
		cmocka_unit_test(children_without_form_are_left_out_and_many_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
