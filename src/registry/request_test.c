// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/request.h"

#include "registry/test_support.h"

#include "base/hex.h"
#include "base/memory.h"
#include "crypto/base64.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define NOW 1795219200 /* 2026-11-21T00:00:00Z */

/* The specification's node home/moon, section 15. */
static void config_make(struct config *config, struct ip_prefix *prefixes)
{
	prefixes[0] = test_prefix("192.168.128.0/24");
	*config = (struct config) {
		.self = { "home", "moon" },
		.network = test_prefix("fd66:1::/64"),
		.prefixes = prefixes,
		.prefixes_count = 1,
		.endpoints = { { .family = AF_INET,
				 .address = test_address("203.0.113.5"),
				 .port = 12025,
				 .fwmark = 7,
				 .mtu = 1400 },
			       { .serial_number = 1,
				 .family = AF_INET6,
				 .port = 12026,
				 .send_port = 50001,
				 .random_port = true } },
		.endpoints_count = 2,
		.has_wireguard = true,
		.has_identity = true,
	};
	assert_int_equal(
		hex_parse("f640868f94aa85e2762cbfa770c4c48035e4a05a3a99ed80738bdd4b70889110",
			  config->identity_seed, KEY_SIZE),
		0);
	assert_int_equal(
		hex_parse("f25308caa0014c41b19875f2b0b7607ea460d0366af2d1936db4ed8e5c6639b3",
			  config->wireguard_private, KEY_SIZE),
		0);
	crypto_ed25519_public(config->identity_seed, config->identity_public);
	crypto_x25519_public(config->wireguard_private, config->wireguard_public);
}

static struct join_request *must_parse(const struct strbuf *text, struct warnings *warnings)
{
	struct join_request *request = NULL;
	struct error error = { 0 };

	if (join_request_parse(text->bytes, text->length, "moon.req", warnings, &request, &error) <
	    0)
		fail_msg("%s: %s", error.place, error.text);
	return request;
}

static void a_request_says_what_the_configuration_says(void **state)
{
	static const uint8_t mesh_id[MESH_ID_SIZE] = { 0x3f, 0x1c };
	CLEANUP(join_request_free) struct join_request *request = NULL;
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	const struct registry_node *node;
	struct ip_prefix prefixes[1];
	struct config config;

	(void)state;
	config_make(&config, prefixes);
	assert_int_equal(join_request_make(&config, mesh_id, NOW, &text, NULL), 0);
	request = must_parse(&text, &warnings);
	assert_int_equal(warnings.count, 0);
	assert_true(request->has_mesh_id);
	assert_memory_equal(request->mesh_id, mesh_id, MESH_ID_SIZE);
	assert_int_equal(request->issued, NOW);
	node = &request->node;
	assert_int_equal(node_id_compare(&node->id, &config.self), 0);
	assert_memory_equal(node->identity_key, config.identity_public, KEY_SIZE);
	assert_memory_equal(node->wireguard_key, config.wireguard_public, KEY_SIZE);
	assert_int_equal(ip_prefix_compare(&node->network, &config.network), 0);
	assert_int_equal(node->prefixes_count, 2);
	assert_int_equal(node->endpoints_count, 2);
	assert_int_equal(node->endpoints[0].send_port, 12025);
	assert_int_equal(node->endpoints[1].send_port, 50001);
	assert_int_equal(node->endpoints[0].transports, TRANSPORT_WIREGUARD);
	assert_true(endpoint_dials_out_only(&node->endpoints[1]));
	/* What is for this host alone stays here. */
	assert_int_equal(node->endpoints[0].fwmark, 0);
	assert_int_equal(node->endpoints[0].mtu, 0);
}

/* Else others would believe that all run for which there are keys. */
static void a_request_names_the_transports_that_run(void **state)
{
	static const struct {
		bool has_wireguard;
		uint8_t configured, expected;
	} cases[] = {
		{ true, 0, TRANSPORT_WIREGUARD },
		{ true, TRANSPORT_IPSEC, TRANSPORT_IPSEC },
		{ true, TRANSPORT_WIREGUARD | TRANSPORT_IPSEC,
		  TRANSPORT_WIREGUARD | TRANSPORT_IPSEC },
		{ false, 0, TRANSPORT_IPSEC },
		{ false, TRANSPORT_IPSEC, TRANSPORT_IPSEC },
	};
	struct ip_prefix prefixes[1];
	struct config config;

	(void)state;
	config_make(&config, prefixes);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(join_request_free) struct join_request *request = NULL;
		CLEANUP(strbuf_done) struct strbuf text = { 0 };

		config.has_wireguard = cases[i].has_wireguard;
		config.endpoints[0].transports = cases[i].configured;
		assert_int_equal(join_request_make(&config, NULL, NOW, &text, NULL), 0);
		request = must_parse(&text, NULL);
		assert_int_equal(request->node.endpoints[0].transports, cases[i].expected);
		assert_int_equal(request->node.has_wireguard, cases[i].has_wireguard);
	}
}

static void a_request_is_for_any_mesh_if_none_is_known(void **state)
{
	CLEANUP(join_request_free) struct join_request *request = NULL;
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	struct ip_prefix prefixes[1];
	struct config config;

	(void)state;
	config_make(&config, prefixes);
	assert_int_equal(join_request_make(&config, NULL, NOW, &text, NULL), 0);
	request = must_parse(&text, NULL);
	assert_false(request->has_mesh_id);
}

static bool holds(const struct strbuf *text, const uint8_t key[KEY_SIZE])
{
	char hex[2 * KEY_SIZE + 1], base64[BASE64_TEXT_SIZE(KEY_SIZE)];

	base64_encode(key, KEY_SIZE, base64);
	/* Without the last characters, which depend on what follows. */
	base64[40] = '\0';
	return memmem(text->bytes, text->length, key, KEY_SIZE) ||
	       strstr(text->bytes, hex_format(key, KEY_SIZE, hex)) || strstr(text->bytes, base64);
}

/* The payload is in base64 itself, so it is looked at decoded as well. */
static void a_request_holds_no_private_key(void **state)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 }, payload = { 0 };
	struct ip_prefix prefixes[1];
	struct config config;
	char *start, *end;

	(void)state;
	config_make(&config, prefixes);
	assert_int_equal(join_request_make(&config, NULL, NOW, &text, NULL), 0);
	start = strstr(text.bytes, "\"payload\": \"") + strlen("\"payload\": \"");
	end = strchr(start, '"');
	payload.bytes = NEW_ARRAY(char, (size_t)(end - start) + 1);
	assert_int_equal(
		base64_decode_public(start, (size_t)(end - start), payload.bytes, &payload.length),
		0);
	assert_true(holds(&payload, config.wireguard_public));
	assert_false(holds(&payload, config.wireguard_private));
	assert_false(holds(&payload, config.identity_seed));
	assert_false(holds(&text, config.wireguard_private));
	assert_false(holds(&text, config.identity_seed));
}

static void without_an_identity_key_there_is_no_request(void **state)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	struct ip_prefix prefixes[1];
	struct error error = { 0 };
	struct config config;

	(void)state;
	config_make(&config, prefixes);
	config.has_identity = false;
	assert_int_equal(join_request_make(&config, NULL, NOW, &text, &error), -ENOKEY);
	assert_int_equal(text.length, 0);
	assert_non_null(strstr(error.text, "aronet keygen node"));
}

#define NODE                                                                                       \
	"{'common_name': 'n', 'public_key': $A, 'endpoints': [],"                                  \
	" 'remarks': {'network': 'fd66::1/64', 'owner': 'me'}}"
#define REQUEST(mesh_id, node)                                                                     \
	"{'type': 'aronet.request', 'spec': 1, 'mesh_id': " mesh_id                                \
	", 'issued': '2026-11-21T00:00:00Z', 'organization': 'o', 'node': " node "}"

/* An envelope of @short_text, signed by test key @signer. */
static void envelope_text(enum document_type type, const char *short_text, char signer,
			  struct strbuf *ret)
{
	struct crypto_signing_key key = test_signing_key(signer);
	CLEANUP(envelope_done) struct envelope envelope = { 0 };
	CLEANUP(free) char *payload = test_registry_text(short_text);

	envelope_make(type, payload, strlen(payload), &envelope);
	assert_int_equal(envelope_sign(&envelope, &key), 0);
	envelope_format(&envelope, true, ret);
}

/* Tools put the node into the document as it was sent. */
static void a_request_keeps_the_node_as_it_was_sent(void **state)
{
	CLEANUP(join_request_free) struct join_request *request = NULL;
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	struct json_object *remarks, *owner, *network;

	(void)state;
	envelope_text(DOCUMENT_REQUEST, REQUEST("null", NODE), 'A', &text);
	request = must_parse(&text, &warnings);
	assert_int_equal(test_warnings_count(&warnings, "W02"), 1);
	assert_true(json_object_object_get_ex(request->node_json, "remarks", &remarks));
	assert_true(json_object_object_get_ex(remarks, "owner", &owner));
	assert_string_equal(json_object_get_string(owner), "me");
	assert_true(json_object_object_get_ex(remarks, "network", &network));
	assert_string_equal(json_object_get_string(network), "fd66::1/64");
}

static void expect_refused(const struct strbuf *text, enum error_code code, const char *place,
			   const char *message)
{
	struct join_request *request = NULL;
	struct error error = { 0 };

	if (join_request_parse(text->bytes, text->length, "n.req", NULL, &request, &error) == 0)
		fail_msg("accepted: %s", message);
	assert_null(request);
	assert_string_equal(error.text, message);
	assert_string_equal(error.place, place);
	assert_int_equal(error.code, code);
}

static void requests_that_prove_nothing_are_refused(void **state)
{
	static const struct {
		enum document_type type;
		const char *text;
		char signer;
		enum error_code code;
		const char *place, *message;
	} rows[] = {
		{ DOCUMENT_REQUEST, REQUEST("null", NODE), 'B', ERROR_SIG_THRESHOLD, "n.req",
		  "request of o/n: 0 of 1 required signatures are good (1 by unknown key "
		  "39f713d0...)" },
		{ DOCUMENT_ORG, REQUEST("null", NODE), 'A', ERROR_ENVELOPE, "n.req",
		  "payloadType is \"application/vnd.aronet.org.v1+json\", which is no join "
		  "request; "
		  "the node makes one with: aronet request" },
		{ DOCUMENT_REQUEST, "{'type': 'aronet.org', 'spec': 1}", 'A', ERROR_ENVELOPE,
		  "n.req, payload:1:10: /type",
		  "expected \"aronet.request\", found \"aronet.org\"" },
		{ DOCUMENT_REQUEST,
		  REQUEST("null", "{'common_name': 'n', 'endpoints': [], 'remarks': {'network': "
				  "'fd66::/64'}}"),
		  'A', ERROR_MISSING, "n.req, payload:1:119: /node",
		  "missing member \"public_key\", by which the request is signed" },
		{ DOCUMENT_REQUEST, REQUEST("'3f'", NODE), 'A', ERROR_VALUE,
		  "n.req, payload:1:50: /mesh_id",
		  "expected 32 lower-case hex digits, found \"3f\"" },
		{ DOCUMENT_REQUEST, "[", 'A', ERROR_SYNTAX, "n.req, payload:1:2",
		  "the text ends where a value is expected" },
		{ DOCUMENT_REQUEST,
		  REQUEST("null",
			  "{'common_name': 'n', 'public_key': '-----BEGIN PUBLIC "
			  "KEY-----\\nMCowBQYDK2VwAyEAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
			  "AAA=\\n-----END PUBLIC KEY-----\\n', 'endpoints': [], 'remarks': "
			  "{'network': 'fd66::/64'}}"),
		  'A', ERROR_KEY_WEAK, "n.req, payload:1:119: /node",
		  "public_key is a small-order point or not canonical; anybody can sign for it, "
		  "make a new key" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(strbuf_done) struct strbuf text = { 0 };

		envelope_text(rows[i].type, rows[i].text, rows[i].signer, &text);
		expect_refused(&text, rows[i].code, rows[i].place, rows[i].message);
	}
}

/* Not the payload, not the signature, not the key id. */
static void no_byte_of_a_request_can_be_changed(void **state)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	struct ip_prefix prefixes[1];
	struct config config;
	size_t refused = 0;

	(void)state;
	config_make(&config, prefixes);
	assert_int_equal(join_request_make(&config, NULL, NOW, &text, NULL), 0);
	for (size_t i = 0; i < text.length; i++) {
		struct join_request *request = NULL;

		/* White space around the members is free. */
		if (strchr(" \n", text.bytes[i]))
			continue;
		text.bytes[i] ^= 1;
		if (join_request_parse(text.bytes, text.length, "n.req", NULL, &request, NULL) == 0)
			fail_msg("byte %zu can be changed", i);
		text.bytes[i] ^= 1;
		refused++;
	}
	assert_true(refused > 500);
	join_request_free(must_parse(&text, NULL));
}

static void a_request_of_any_size_is_refused(void **state)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	(void)state;
	text.length = JOIN_REQUEST_SIZE_MAX + 1;
	text.bytes = NEW_ARRAY(char, text.length);
	expect_refused(&text, ERROR_TOO_BIG, "n.req", "request is 262145 bytes; limit 262144");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_says_what_the_configuration_says),
		cmocka_unit_test(a_request_names_the_transports_that_run),
		cmocka_unit_test(a_request_is_for_any_mesh_if_none_is_known),
		cmocka_unit_test(a_request_holds_no_private_key),
		cmocka_unit_test(without_an_identity_key_there_is_no_request),
		cmocka_unit_test(a_request_keeps_the_node_as_it_was_sent),
		cmocka_unit_test(requests_that_prove_nothing_are_refused),
		cmocka_unit_test(no_byte_of_a_request_can_be_changed),
		cmocka_unit_test(a_request_of_any_size_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
