// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/manifest.h"

#include "registry/test_support.h"

#include "base/file.h"
#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct manifest_document *must_parse(const char *text, size_t size)
{
	struct manifest_document *manifest = NULL;
	struct error error = { 0 };

	if (manifest_document_parse(text, size, "manifest 1", &manifest, &error) < 0)
		fail_msg("%s: %s", error.place, error.text);
	return manifest;
}

static void manifest_of_the_specification_is_read_and_written(void **state)
{
	CLEANUP(manifest_document_free) struct manifest_document *manifest = NULL;
	CLEANUP(strbuf_done) struct strbuf written = { 0 };
	const struct manifest_entry *home;
	char digest[2 * KEY_SIZE + 1];
	CLEANUP(free) char *text = NULL;
	size_t size;

	(void)state;
	assert_int_equal(
		file_read(GOLDEN_DIRECTORY "/home/manifest.json", 1 << 20, &text, &size, NULL), 0);
	manifest = must_parse(text, size);
	assert_int_equal(manifest->header.version, 1);
	assert_int_equal(manifest->mesh.version, 1);
	assert_int_equal(manifest->mesh.size, 1112);
	assert_string_equal(manifest->mesh.name, "");
	assert_string_equal(hex_format(manifest->mesh.digest, KEY_SIZE, digest),
			    "08ddc62f8eba6b6177f379f3a0fff3358804115f21e07374fb29345b61261028");
	assert_int_equal(manifest->organizations_count, 1);
	home = &manifest->organizations[0];
	assert_string_equal(home->name, "home");
	assert_int_equal(home->size, 1033);
	assert_string_equal(hex_format(home->digest, KEY_SIZE, digest),
			    "54d0f3bd7536bc0815a2e2d2aa81df3f0f4d48f3ca89cb06f115577a6aed3caf");
	manifest_document_format(manifest, &written);
	assert_string_equal(strbuf_text(&written), text);
}

static void manifests_without_or_with_many_organizations_read_as_written(void **state)
{
	struct manifest_entry entries[] = {
		{ .name = "A b", .version = 1, .size = 2 },
		{ .name = "a", .version = DOCUMENT_VERSION_MAX, .size = DOCUMENT_SIZE_MAX },
		{ .name = "a.b", .version = 3, .size = 4 },
	};

	(void)state;
	for (size_t count = 0; count <= ARRAY_SIZE(entries); count++) {
		struct manifest_document manifest = {
			.header = { .version = 7, .issued = 0, .expires = 1 },
			.mesh = { .version = 5, .size = 6 },
			.organizations = entries,
			.organizations_count = count,
		};
		CLEANUP(strbuf_done) struct strbuf text = { 0 };
		CLEANUP(manifest_document_free) struct manifest_document *again = NULL;

		manifest_document_format(&manifest, &text);
		again = must_parse(text.bytes, text.length);
		assert_memory_equal(&again->header, &manifest.header, sizeof(again->header));
		assert_memory_equal(&again->mesh, &manifest.mesh, sizeof(again->mesh));
		assert_int_equal(again->organizations_count, count);
		for (size_t i = 0; i < count; i++)
			assert_memory_equal(&again->organizations[i], &entries[i],
					    sizeof(entries[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(manifest_of_the_specification_is_read_and_written),
		cmocka_unit_test(manifests_without_or_with_many_organizations_read_as_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
