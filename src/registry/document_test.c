// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/document.h"

#include "registry/test_support.h"

#include "base/strbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define ID "00112233445566778899aabbccddeeff"

static int open_text(enum document_type type, const char *short_text, struct document_header *ret,
		     struct error *error)
{
	CLEANUP(json_document_free) struct json_document *document = NULL;
	CLEANUP(free) char *text = test_registry_text(short_text);

	return document_open(text, strlen(text), "x", type, &document, ret, error);
}

static void a_header_is_read_before_anything_else(void **state)
{
	struct document_header header;
	struct error error = { 0 };

	(void)state;
	if (open_text(DOCUMENT_MANIFEST,
		      "{'whatever': [], 'type': 'aronet.manifest', 'spec': 1, 'mesh_id': '" ID "',"
		      " 'version': 9007199254740991, 'issued': '1970-01-01T00:00:00Z',"
		      " 'expires': '1970-01-01T00:00:01Z'}",
		      &header, &error) < 0)
		fail_msg("%s: %s", error.place, error.text);
	assert_int_equal(header.version, DOCUMENT_VERSION_MAX);
	assert_int_equal(header.issued, 0);
	assert_int_equal(header.expires, 1);
	assert_int_equal(header.mesh_id[1], 0x11);
}

static void a_request_has_no_version_and_may_have_no_mesh(void **state)
{
	struct document_header header = { .version = 1, .expires = 1 };

	(void)state;
	assert_int_equal(open_text(DOCUMENT_REQUEST,
				   "{'type': 'aronet.request', 'spec': 1, 'mesh_id': null,"
				   " 'issued': '2026-11-21T00:00:00Z'}",
				   &header, NULL),
			 0);
	assert_int_equal(header.version, 0);
	assert_int_equal(header.expires, 0);
	assert_int_equal(header.mesh_id[1], 0);
}

/* How long a manifest may live is what its mesh says. */
static void a_manifest_may_be_valid_for_long_here(void **state)
{
	struct document_header header;
	struct error error = { 0 };
	const char *rest = "'spec': 1, 'mesh_id': '" ID "', 'version': 1, "
			   "'issued': '2026-11-21T00:00:00Z', 'expires': '2036-11-21T00:00:00Z'}";
	static const struct {
		enum document_type type;
		const char *head;
		bool accepted;
	} rows[] = {
		{ DOCUMENT_MANIFEST, "{'type': 'aronet.manifest', ", true },
		{ DOCUMENT_ORG, "{'type': 'aronet.org', ", false },
		{ DOCUMENT_MESH, "{'type': 'aronet.mesh', ", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(strbuf_done) struct strbuf text = { 0 };

		strbuf_printf(&text, "%s%s", rows[i].head, rest);
		assert_int_equal(open_text(rows[i].type, strbuf_text(&text), &header, &error) == 0,
				 rows[i].accepted);
	}
	assert_int_equal(error.code, ERROR_EXPIRED);
	assert_string_equal(error.text, "is valid for 3653 days; at most 366 are allowed");
}

static int peek(const char *short_text, struct document_header *ret)
{
	CLEANUP(envelope_done) struct envelope envelope = { 0 };
	CLEANUP(free) char *text = test_registry_text(short_text);

	envelope_make(DOCUMENT_MESH, text, strlen(text), &envelope);
	return document_peek(&envelope, ret);
}

static void peeking_finds_mesh_and_version_and_nothing_else(void **state)
{
	static const char *const bad[] = {
		"",
		"{",
		"[]",
		"{'mesh_id': '" ID "'}",
		"{'mesh_id': '" ID "', 'version': 0}",
		"{'mesh_id': '3f', 'version': 1}",
		"{'mesh_id': '" ID "', 'version': 1} {}",
	};
	struct document_header header = { .version = 77 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_true(peek(bad[i], &header) < 0);
	assert_int_equal(header.version, 77);
	assert_int_equal(
		peek("{'type': 'x', 'mesh_id': '" ID "', 'version': 12, 'expires': 1}", &header),
		0);
	assert_int_equal(header.version, 12);
	assert_int_equal(header.mesh_id[15], 0xff);
	assert_int_equal(header.expires, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_is_read_before_anything_else),
		cmocka_unit_test(a_request_has_no_version_and_may_have_no_mesh),
		cmocka_unit_test(a_manifest_may_be_valid_for_long_here),
		cmocka_unit_test(peeking_finds_mesh_and_version_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
