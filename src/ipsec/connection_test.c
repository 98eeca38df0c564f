// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/connection.h"

#include "base/cleanup.h"
#include "base/strbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

static const struct ike_offer usual, best = { .has_mlkem = true };

#define DIGEST_A "0123456789abcdef"
#define DIGEST_B "fedcba9876543210"

static struct ike_connection connection_to_sun(void)
{
	struct ike_connection connection = {
		.link = "arwnmhei7br2",
		.if_id = 0x40000001,
		.own = { { "home", "moon" }, 0, { 1 } },
		.peer = { { "home", "sun" }, 1, { 2 } },
		.family = AF_INET,
		.port = 12025,
		.peer_port = 12026,
	};

	assert_int_equal(ip_address_parse("192.0.2.2", &connection.peer_address), 0);
	return connection;
}

static void name_is_what_was_formatted(void **state)
{
	struct ike_connection connection = connection_to_sun();
	struct ike_name name, parsed;
	char text[IKE_NAME_SIZE];

	(void)state;
	ike_name_make(&connection, &usual, &name);
	assert_string_equal(name.link, connection.link);
	assert_int_equal(strlen(name.authentication), IKE_NAME_DIGEST_DIGITS);
	assert_int_equal(strlen(name.all), IKE_NAME_DIGEST_DIGITS);
	assert_true(ike_name_parse(ike_name_format(&name, text), &parsed));
	assert_string_equal(parsed.link, name.link);
	assert_string_equal(parsed.authentication, name.authentication);
	assert_string_equal(parsed.all, name.all);
}

static void name_of_the_longest_link_fits(void **state)
{
	struct ike_name parsed, name = { "fifteen_letters", DIGEST_A, DIGEST_B };
	char text[IKE_NAME_SIZE];

	(void)state;
	assert_string_equal(ike_name_format(&name, text),
			    "aronet-fifteen_letters-" DIGEST_A "-" DIGEST_B);
	assert_true(ike_name_parse(text, &parsed));
	assert_string_equal(parsed.link, "fifteen_letters");
	assert_string_equal(parsed.all, DIGEST_B);
}

static void names_of_others_are_not_ours(void **state)
{
	static const char *const texts[] = {
		"",
		"aronet",
		"aronet-",
		"aronet-peer",
		"aronet-peer-" DIGEST_A,
		"aronet-peer-" DIGEST_A "-",
		"aronet--" DIGEST_A "-" DIGEST_B,
		"aronet-sixteen_letters_-" DIGEST_A "-" DIGEST_B,
		"aronet-peer-" DIGEST_A "-" DIGEST_B "-",
		"aronet-peer-" DIGEST_A "-" DIGEST_B "0",
		"aronet-peer-" DIGEST_A "0-" DIGEST_B,
		"aronet-peer-" DIGEST_A "_" DIGEST_B,
		"aronet-peer-0123456789abcde-" DIGEST_B,
		"aronet-peer-0123456789ABCDEF-" DIGEST_B,
		"aronet-peer-" DIGEST_A "-fedcba987654321g",
		"Aronet-peer-" DIGEST_A "-" DIGEST_B,
		" aronet-peer-" DIGEST_A "-" DIGEST_B,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct ike_name name = { "untouched", "", "" };

		if (ike_name_parse(texts[i], &name))
			fail_msg("\"%s\" is taken", texts[i]);
		assert_string_equal(name.link, "untouched");
	}
}

static void change_peer_key(struct ike_connection *connection)
{
	connection->peer.key[31] ^= 1;
}

static void change_own_key(struct ike_connection *connection)
{
	connection->own.key[0] ^= 1;
}

static void change_peer_name(struct ike_connection *connection)
{
	strcpy(connection->peer.node.common_name, "sol");
}

static void change_peer_organization(struct ike_connection *connection)
{
	strcpy(connection->peer.node.organization, "away");
}

static void change_serial_number(struct ike_connection *connection)
{
	connection->own.serial_number++;
}

static void exchange_the_two(struct ike_connection *connection)
{
	struct ike_party own = connection->own;

	connection->own = connection->peer;
	connection->peer = own;
}

static void change_address(struct ike_connection *connection)
{
	connection->peer_address.bytes[3]++;
}

static void forget_address(struct ike_connection *connection)
{
	connection->peer_address = (struct ip_address) { 0 };
}

static void change_family(struct ike_connection *connection)
{
	connection->family = AF_INET6;
	connection->peer_address = (struct ip_address) { 0 };
}

static void change_port(struct ike_connection *connection)
{
	connection->port++;
}

static void change_peer_port(struct ike_connection *connection)
{
	connection->peer_port++;
}

static void change_if_id(struct ike_connection *connection)
{
	connection->if_id++;
}

static void change_mobility(struct ike_connection *connection)
{
	connection->may_move = true;
}

/* charon is not told: aronet dials, or does not. */
static void change_who_dials(struct ike_connection *connection)
{
	connection->is_dialled = true;
}

/* An SA outlives a changed address, but not a changed key. */
static void digests_tell_what_has_changed(void **state)
{
	static const struct {
		void (*change)(struct ike_connection *connection);
		bool is_authentication, is_any;
	} cases[] = {
		{ change_peer_key, true, true },      { change_own_key, true, true },
		{ change_peer_name, true, true },     { change_peer_organization, true, true },
		{ change_serial_number, true, true }, { exchange_the_two, true, true },
		{ change_address, false, true },      { forget_address, false, true },
		{ change_family, false, true },	      { change_port, false, true },
		{ change_peer_port, false, true },    { change_if_id, false, true },
		{ change_mobility, false, true },     { change_who_dials, false, false },
	};
	struct ike_connection before = connection_to_sun();
	struct ike_name name, other;

	(void)state;
	ike_name_make(&before, &usual, &name);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ike_connection after = before;

		cases[i].change(&after);
		ike_name_make(&after, &usual, &other);
		if (!!strcmp(name.authentication, other.authentication) !=
			    cases[i].is_authentication ||
		    !!strcmp(name.all, other.all) != cases[i].is_any)
			fail_msg("case %zu", i);
	}
}

/* Its SAs go on when charon has learned ML-KEM, under the name of the next. */
static void offer_is_part_of_the_name_but_not_of_authentication(void **state)
{
	struct ike_connection connection = connection_to_sun();
	struct ike_name name, other;

	(void)state;
	ike_name_make(&connection, &usual, &name);
	ike_name_make(&connection, &best, &other);
	assert_string_equal(name.authentication, other.authentication);
	assert_string_not_equal(name.all, other.all);
}

/* The name is that of the section. */
static struct vici_section body_of(const struct vici_writer *message, char name[VICI_NAME_MAX + 1])
{
	struct vici_section all, body;

	assert_int_equal(vici_writer_result(message), 0);
	assert_int_equal(vici_message_read(message->bytes, message->size, &all), 0);
	assert_true(vici_next_section(&all, name, &body));
	return body;
}

static void expect_text(const struct vici_section *section, const char *name, const char *expected)
{
	char text[64];

	assert_string_equal(vici_find_text(section, name, text, sizeof(text)), expected);
}

/* Items with a comma between them. */
static void expect_list(const struct vici_section *section, const char *name, const char *expected)
{
	struct vici_section list;
	struct vici_value item;
	char text[128] = "";
	size_t length = 0;

	assert_true(vici_find_list(section, name, &list));
	while (vici_next_item(&list, &item))
		length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%.*s",
					   length ? "," : "", (int)item.size,
					   (const char *)item.bytes);
	assert_string_equal(text, expected);
}

static void message_has_the_name_and_both_ends(void **state)
{
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 };
	struct ike_connection connection = connection_to_sun();
	char name[VICI_NAME_MAX + 1], expected[IKE_NAME_SIZE];
	struct vici_section body;
	struct ike_name made;

	(void)state;
	ike_connection_write(&connection, &usual, NULL, &message);
	body = body_of(&message, name);
	ike_name_make(&connection, &usual, &made);
	assert_string_equal(name, ike_name_format(&made, expected));
	expect_list(&body, "local_addrs", "0.0.0.0/0");
	expect_list(&body, "remote_addrs", "0.0.0.0/0,192.0.2.2");
	expect_text(&body, "local_port", "12025");
	expect_text(&body, "remote_port", "12026");
	expect_text(&body, "mobike", "no");
	expect_text(&body, "if_id_in", "1073741825");
	expect_text(&body, "if_id_out", "1073741825");
}

static void peer_without_an_address_may_come_from_anywhere(void **state)
{
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 };
	struct ike_connection connection = connection_to_sun();
	char name[VICI_NAME_MAX + 1];
	struct vici_section body;

	(void)state;
	change_family(&connection);
	connection.may_move = true;
	ike_connection_write(&connection, &usual, NULL, &message);
	body = body_of(&message, name);
	expect_list(&body, "local_addrs", "::/0");
	expect_list(&body, "remote_addrs", "::/0");
	expect_text(&body, "mobike", "yes");
}

/* The name stays, so that what charon has still counts as what is intended. */
static void peer_without_an_address_is_dialled_where_it_was_seen(void **state)
{
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 }, known = { 0 };
	struct ike_connection connection = connection_to_sun();
	char name[VICI_NAME_MAX + 1], expected[IKE_NAME_SIZE];
	struct ike_hints hints = { .seen.port = 40001 };
	struct vici_section body;
	struct ike_name made;

	(void)state;
	assert_int_equal(ip_address_parse("203.0.113.2", &hints.seen.address), 0);
	ike_connection_write(&connection, &usual, &hints, &known);
	body = body_of(&known, name);
	expect_list(&body, "remote_addrs", "0.0.0.0/0,192.0.2.2");
	expect_text(&body, "remote_port", "12026");
	connection.peer_address = (struct ip_address) { 0 };
	ike_name_make(&connection, &usual, &made);
	ike_connection_write(&connection, &usual, &hints, &message);
	body = body_of(&message, name);
	assert_string_equal(name, ike_name_format(&made, expected));
	expect_list(&body, "remote_addrs", "0.0.0.0/0,203.0.113.2");
	expect_text(&body, "remote_port", "40001");
}

static void in_userspace_esp_is_for_two_addresses(void **state)
{
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 };
	struct ike_connection connection = connection_to_sun();
	struct vici_section body, children, child;
	char name[VICI_NAME_MAX + 1], text[8];

	(void)state;
	connection.if_id = 0;
	assert_int_equal(ip_address_parse("fd61:726f:6e65:7400::1", &connection.inner_address), 0);
	assert_int_equal(ip_address_parse("fd61:726f:6e65:7400::2", &connection.peer_inner_address),
			 0);
	ike_connection_write(&connection, &usual, NULL, &message);
	body = body_of(&message, name);
	assert_string_equal(vici_find_text(&body, "if_id_in", text, sizeof(text)), "");
	assert_true(vici_find_section(&body, "children", &children));
	assert_true(vici_find_section(&children, IKE_CHILD_NAME, &child));
	expect_list(&child, "local_ts", "fd61:726f:6e65:7400::1");
	expect_list(&child, "remote_ts", "fd61:726f:6e65:7400::2");
	assert_string_equal(vici_find_text(&child, "replay_window", text, sizeof(text)), "");
}

/* As a person would write it; of keys a word. */
static void print_section(struct vici_section section, unsigned depth, struct strbuf *out)
{
	struct vici_element element;
	struct vici_value item;

	while (vici_next_element(&section, &element)) {
		strbuf_printf(out, "%*s%s", 2 * (int)depth, "", element.name);
		switch (element.kind) {
		case VICI_SECTION:
			strbuf_puts(out, "\n");
			print_section(element.content, depth + 1, out);
			break;
		case VICI_LIST:
			while (vici_next_item(&element.content, &item))
				strbuf_printf(
					out, " %.*s", item.bytes[0] == '-' ? 3 : (int)item.size,
					item.bytes[0] == '-' ? "PEM" : (const char *)item.bytes);
			strbuf_puts(out, "\n");
			break;
		case VICI_VALUE:
			strbuf_printf(out, " %.*s\n", (int)element.value.size,
				      (const char *)element.value.bytes);
			break;
		}
	}
}

#define GOLDEN(ike, esp)                                                                           \
	"version 2\n"                                                                              \
	"local_addrs 0.0.0.0/0\n"                                                                  \
	"remote_addrs 0.0.0.0/0 192.0.2.2\n"                                                       \
	"local_port 12025\n"                                                                       \
	"remote_port 12026\n"                                                                      \
	"encap yes\n"                                                                              \
	"mobike no\n"                                                                              \
	"fragmentation yes\n"                                                                      \
	"unique replace\n"                                                                         \
	"keyingtries 1\n"                                                                          \
	"dpd_delay 5s\n"                                                                           \
	"if_id_in 1073741825\n"                                                                    \
	"if_id_out 1073741825\n"                                                                   \
	"proposals " ike "\n"                                                                      \
	"local\n"                                                                                  \
	"  auth pubkey\n"                                                                          \
	"  id asn1dn:#302a310d300b060355040a0c04686f6d65310d300b06035504030c046d6f6f6e310a300806"  \
	"03550405130130\n"                                                                         \
	"  pubkeys PEM\n"                                                                          \
	"remote\n"                                                                                 \
	"  auth pubkey\n"                                                                          \
	"  id asn1dn:#3029310d300b060355040a0c04686f6d65310c300a06035504030c0373756e310a30080603"  \
	"550405130131\n"                                                                           \
	"  pubkeys PEM\n"                                                                          \
	"children\n"                                                                               \
	"  default\n"                                                                              \
	"    mode tunnel\n"                                                                        \
	"    local_ts 0.0.0.0/0 ::/0\n"                                                            \
	"    remote_ts 0.0.0.0/0 ::/0\n"                                                           \
	"    esp_proposals " esp "\n"                                                              \
	"    start_action none\n"                                                                  \
	"    close_action none\n"                                                                  \
	"    dpd_action none\n"                                                                    \
	"    replay_window 4096\n"

#define IKE "aes256gcm16-aes128gcm16-chacha20poly1305-prfsha384-prfsha256-x25519-ecp384-ecp256"
#define ESP "aes256gcm16-aes128gcm16-chacha20poly1305"

/* Peers without ML-KEM take the second, and original aronet the last. */
static void message_is_the_golden_one(void **state)
{
	static const struct {
		const struct ike_offer *offer;
		const char *text;
	} cases[] = {
		{ &usual, GOLDEN(IKE " default", ESP " default") },
		{ &best, GOLDEN(IKE "-ke1_mlkem768 " IKE " default",
				ESP "-x25519-ke1_mlkem768 " ESP " default") },
	};
	struct ike_connection connection = connection_to_sun();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(vici_writer_done) struct vici_writer message = { 0 };
		CLEANUP(strbuf_done) struct strbuf text = { 0 };
		char name[VICI_NAME_MAX + 1];

		ike_connection_write(&connection, cases[i].offer, NULL, &message);
		print_section(body_of(&message, name), 0, &text);
		assert_string_equal(strbuf_text(&text), cases[i].text);
	}
}

/* Its name stays: a PPK is named for a dial alone. */
static void ppk_is_named_if_it_is_given(void **state)
{
	CLEANUP(vici_writer_done) struct vici_writer without = { 0 }, with = { 0 };
	const struct ike_hints hints = { .ppk_id = "aronet-2076512e7442357b-20778" };
	struct ike_connection connection = connection_to_sun();
	char name[VICI_NAME_MAX + 1], other_name[VICI_NAME_MAX + 1], text[48];
	struct vici_section body;

	(void)state;
	connection.ppk = IKE_PPK_OFFERED;
	ike_connection_write(&connection, &usual, NULL, &without);
	body = body_of(&without, name);
	assert_string_equal(vici_find_text(&body, "ppk_id", text, sizeof(text)), "");
	assert_string_equal(vici_find_text(&body, "ppk_required", text, sizeof(text)), "");
	ike_connection_write(&connection, &usual, &hints, &with);
	body = body_of(&with, other_name);
	expect_text(&body, "ppk_id", "aronet-2076512e7442357b-20778");
	assert_string_equal(name, other_name);
}

static void required_ppk_is_part_of_the_name(void **state)
{
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 };
	struct ike_connection connection = connection_to_sun();
	char name[VICI_NAME_MAX + 1];
	struct ike_name before, after;
	struct vici_section body;

	(void)state;
	connection.ppk = IKE_PPK_OFFERED;
	ike_name_make(&connection, &usual, &before);
	connection.ppk = IKE_PPK_REQUIRED;
	ike_name_make(&connection, &usual, &after);
	assert_string_equal(before.authentication, after.authentication);
	assert_string_not_equal(before.all, after.all);
	ike_connection_write(&connection, &usual, NULL, &message);
	body = body_of(&message, name);
	expect_text(&body, "ppk_required", "yes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ppk_is_named_if_it_is_given),
		cmocka_unit_test(required_ppk_is_part_of_the_name),
		cmocka_unit_test(name_is_what_was_formatted),
		cmocka_unit_test(name_of_the_longest_link_fits),
		cmocka_unit_test(names_of_others_are_not_ours),
		cmocka_unit_test(digests_tell_what_has_changed),
		cmocka_unit_test(offer_is_part_of_the_name_but_not_of_authentication),
		cmocka_unit_test(message_has_the_name_and_both_ends),
		cmocka_unit_test(message_is_the_golden_one),
		cmocka_unit_test(peer_without_an_address_may_come_from_anywhere),
		cmocka_unit_test(peer_without_an_address_is_dialled_where_it_was_seen),
		cmocka_unit_test(in_userspace_esp_is_for_two_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
