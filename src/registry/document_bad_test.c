// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tests/document-bad/TYPE-NN-name.json is refused as a mesh, manifest or org document with the
 *code, exit code and message of TYPE-NN-name.expect:
 *
 *	E_THRESHOLD_RANGE 4
 *	mesh 1:10:52: /roles/mesh/threshold: role "mesh": threshold 0 is not between 1 and 2
 *
 * With ARONET_WRITE_EXPECT set the .expect files are written instead of compared.
 */
#include "registry/manifest.h"
#include "registry/mesh.h"
#include "registry/org.h"

#include "base/file.h"
#include "base/strbuf.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int parse_mesh(const char *text, size_t size, struct error *error)
{
	CLEANUP(mesh_document_free) struct mesh_document *mesh = NULL;

	return mesh_document_parse(text, size, "mesh 1", &mesh, error);
}

static int parse_manifest(const char *text, size_t size, struct error *error)
{
	CLEANUP(manifest_document_free) struct manifest_document *manifest = NULL;

	return manifest_document_parse(text, size, "manifest 481", &manifest, error);
}

static int parse_org(const char *text, size_t size, struct error *error)
{
	CLEANUP(org_document_free) struct org_document *org = NULL;

	return org_document_parse(text, size, "org \"example\"", NULL, &org, error);
}

typedef int parse_fn(const char *text, size_t size, struct error *error);

static char *read_text(const char *path, size_t *ret_size)
{
	struct error error = { 0 };
	char *text;

	if (file_read(path, 1u << 20, &text, ret_size, &error) < 0)
		fail_msg("%s: %s", error.place, error.text);
	return text;
}

static void check_file(const char *path, parse_fn *parse)
{
	CLEANUP(strbuf_done) struct strbuf expect_path = { 0 }, found = { 0 };
	CLEANUP(free) char *text = NULL;
	CLEANUP(free) char *expected = NULL;
	char line[ERROR_LINE_SIZE];
	struct error error = { 0 };
	size_t size;

	strbuf_printf(&expect_path, "%.*s.expect", (int)(strlen(path) - strlen(".json")), path);
	text = read_text(path, &size);
	if (parse(text, size, &error) == 0)
		fail_msg("%s was accepted", path);
	strbuf_printf(&found, "%s %d\n%s\n", error_code_name(error.code),
		      (int)error_exit_code(error.code), error_format(&error, line, sizeof(line)));
	if (getenv("ARONET_WRITE_EXPECT"))
		assert_int_equal(file_replace(strbuf_text(&expect_path), found.bytes, found.length,
					      0644, NULL),
				 0);
	expected = read_text(strbuf_text(&expect_path), &size);
	if (strcmp(strbuf_text(&found), expected) != 0)
		fail_msg("%s\nfound:    %sexpected: %s", path, strbuf_text(&found), expected);
}

static void check_all(const char *pattern, parse_fn *parse, size_t least)
{
	glob_t files = { 0 };

	assert_int_equal(glob(pattern, 0, NULL, &files), 0);
	assert_true(files.gl_pathc >= least);
	for (size_t i = 0; i < files.gl_pathc; i++)
		check_file(files.gl_pathv[i], parse);
	globfree(&files);
}

static void bad_meshes_are_refused_with_their_message(void **state)
{
	(void)state;
	check_all(DOCUMENT_BAD_DIRECTORY "/mesh-*.json", parse_mesh, 100);
}

static void bad_manifests_are_refused_with_their_message(void **state)
{
	(void)state;
	check_all(DOCUMENT_BAD_DIRECTORY "/manifest-*.json", parse_manifest, 20);
}

static void bad_orgs_are_refused_with_their_message(void **state)
{
	(void)state;
	check_all(DOCUMENT_BAD_DIRECTORY "/org-*.json", parse_org, 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_meshes_are_refused_with_their_message),
		cmocka_unit_test(bad_manifests_are_refused_with_their_message),
		cmocka_unit_test(bad_orgs_are_refused_with_their_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
