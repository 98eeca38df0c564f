// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/test_folder.h"

#include "base/file.h"
#include "base/memory.h"
#include "source/format.h"
#include "source/json_edit.h"
#include "source/mesh_edit.h"
#include "source/node_edit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define FILE_MAX (8u << 20)

static void must(int result, const struct error *error)
{
	if (result < 0)
		fail_msg("%s: %s", error->place, error->text);
}

static struct key_list keys_of(unsigned first, unsigned count, struct named_key *ret)
{
	for (unsigned i = 0; i < count; i++)
		ret[i] = (struct named_key) { 0 };
	for (unsigned i = 0; i < count; i++)
		(void)test_public_key(first + i, ret[i].public_key);
	return (struct key_list) { ret, count };
}

static void add_member(struct json_object *mesh, const char *name, unsigned key, const char *grant)
{
	struct named_key keys[1];
	struct grant parsed;
	const struct member_plan plan = {
		.name = name,
		.keys = keys_of(key, 1, keys),
		.threshold = 1,
		.grants = &parsed,
		.grants_count = 1,
	};
	struct error error = { 0 };

	must(grant_parse(grant, false, &parsed, &error), &error);
	must(mesh_edit_add_member(mesh, &plan, &error), &error);
}

static struct json_object *make_mesh(unsigned threshold)
{
	static const char *const pool[] = { "fd66::/16" };
	struct named_key keys[3], manifest_keys[1];
	const struct mesh_plan plan = {
		.mesh_id = { 0x3f, 0x1c },
		.name = "test",
		.keys = keys_of(1, 3, keys),
		.threshold = threshold,
		.manifest_keys = keys_of(10, 1, manifest_keys),
		.manifest_threshold = 1,
		.pool = pool,
		.pool_count = 1,
	};
	struct json_object *mesh;

	mesh = mesh_edit_new(&plan);
	add_member(mesh, "north", 20, "fd66:1::/32");
	add_member(mesh, "south", 21, "fd66:2::/32");
	return mesh;
}

/* One that dials out, on port 12025. */
static struct json_object *make_node(const char *name, unsigned number, const char *network)
{
	char text[512], base64[CRYPTO_KEY_BASE64_SIZE];
	uint8_t key[KEY_SIZE];

	test_wireguard_key(0, number, key);
	(void)snprintf(text, sizeof(text),
		       "{\"common_name\":\"%s\",\"wireguard\":[{\"public_key\":\"%s\"}],"
		       "\"endpoints\":[{\"address\":null,\"address_family\":\"ip4\",\"port\":12025,"
		       "\"send_port\":%u}],\"remarks\":{\"network\":\"%s\"}}",
		       name, crypto_key_to_base64(key, base64), 20001 + number, network);
	return json_tokener_parse(text);
}

static void put_json(struct source_changes *changes, const char *path, struct json_object *json)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	source_format(json, &text);
	source_put(changes, path, text.bytes, text.length);
	json_object_put(json);
}

static void put_org(struct source_changes *changes, const char *name, const char *node,
		    unsigned number, const char *network)
{
	static const uint8_t mesh_id[MESH_ID_SIZE] = { 0x3f, 0x1c };
	struct json_object *org = org_edit_new(mesh_id, name, TEST_FOLDER_NOW);
	char path[SOURCE_PATH_SIZE];

	json_object_array_add(json_array(org, "nodes"), make_node(node, number, network));
	(void)snprintf(path, sizeof(path), SOURCE_ORGANIZATIONS "/%s.json", name);
	put_json(changes, path, org);
}

void test_folder_make(struct test_folder *folder, unsigned threshold)
{
	const struct stamp stamp = {
		.version = 1,
		.issued = TEST_FOLDER_NOW,
		.expires = TEST_FOLDER_NOW + DAY_SEC,
	};
	CLEANUP(source_changes_done) struct source_changes changes = { 0 };
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	struct json_object *mesh = make_mesh(threshold);
	struct error error = { 0 };

	*folder = (struct test_folder) { .now = TEST_FOLDER_NOW };
	(void)strcpy(folder->path, "/tmp/aronet-t-XXXXXX");
	assert_non_null(mkdtemp(folder->path));
	signing_stamp(mesh, DOCUMENT_MESH, &stamp, &text);
	source_put(&changes, SOURCE_DRAFT, text.bytes, text.length);
	put_org(&changes, "north", "n1", 0, "fd66:1:1::/64");
	put_org(&changes, "south", "s1", 1, "fd66:2:1::/64");
	json_object_put(mesh);
	must(source_apply(folder->path, &changes, &error), &error);
}

void test_folder_remove(struct test_folder *folder)
{
	if (folder->path[0])
		(void)file_remove_tree(folder->path);
	folder->path[0] = '\0';
}

struct source *test_folder_read(const struct test_folder *folder)
{
	struct source *source = NULL;
	struct error error = { 0 };

	must(source_read(folder->path, true, &source, &error), &error);
	return source;
}

/* Test keys in the form in which they sign. */
struct keyring {
	struct crypto_signing_key keys[TEST_FOLDER_KEYS_MAX];
	const struct crypto_signing_key *items[TEST_FOLDER_KEYS_MAX];
};

static struct signing_keys keyring_make(struct keyring *keyring, const unsigned *numbers)
{
	size_t count = 0;

	for (; numbers[count]; count++) {
		test_bundle_key(numbers[count], &keyring->keys[count]);
		keyring->items[count] = &keyring->keys[count];
	}
	return (struct signing_keys) { keyring->items, count };
}

static void seal_one(const struct source *source, const struct source_document *document,
		     const struct seal_options *options, struct sealed *ret)
{
	const struct envelope *mesh_envelope = &source_current_mesh(source)->envelope;
	CLEANUP(mesh_document_free) struct mesh_document *mesh = NULL;
	struct error error = { 0 };

	if (document->envelope.type == DOCUMENT_MESH) {
		must(seal_mesh(source, options, ret, &error), &error);
		return;
	}
	must(mesh_document_parse(mesh_envelope->payload, mesh_envelope->payload_size, "mesh", &mesh,
				 &error),
	     &error);
	must(seal_organization(source, document, mesh, options, ret, &error), &error);
}

unsigned test_folder_sign(const struct test_folder *folder, const char *word, const unsigned *keys)
{
	CLEANUP(source_changes_done) struct source_changes changes = { 0 };
	CLEANUP(source_free) struct source *source = test_folder_read(folder);
	CLEANUP(sealed_done) struct sealed sealed = { 0 };
	struct keyring keyring;
	const struct seal_options options = {
		.keys = keyring_make(&keyring, keys),
		.now = folder->now,
	};
	struct source_document *document;
	struct error error = { 0 };

	must(source_find(source, word, &document, &error), &error);
	seal_one(source, document, &options, &sealed);
	seal_changes(source, &sealed, &changes);
	must(source_apply(folder->path, &changes, &error), &error);
	return sealed.added;
}

void test_folder_sign_all(const struct test_folder *folder)
{
	(void)test_folder_sign(folder, "mesh", TEST_KEYS(1, 2));
	(void)test_folder_sign(folder, "org/north", TEST_KEYS(20));
	(void)test_folder_sign(folder, "org/south", TEST_KEYS(21));
}

int test_folder_publish(const struct test_folder *folder, const unsigned *keys, bool write,
			struct publication *ret, struct error *error)
{
	CLEANUP(source_changes_done) struct source_changes changes = { 0 };
	CLEANUP(publication_done) struct publication publication = { 0 };
	CLEANUP(source_free) struct source *source = test_folder_read(folder);
	CLEANUP(base_done) struct base base = { 0 };
	struct keyring keyring;
	const struct publish_options options = {
		.keys = keyring_make(&keyring, keys),
		.now = folder->now,
		.build_date = TEST_BUILD_DATE,
	};
	int result = base_read(source, &base, error);

	if (result == 0)
		result = publish(source, &base, &options, &publication, error);
	if (result < 0)
		return result;
	publication_changes(source, &publication, &changes);
	if (write)
		must(source_apply(folder->path, &changes, error), error);
	if (ret) {
		*ret = publication;
		publication = (struct publication) { 0 };
	}
	return 0;
}

void test_folder_edit(const struct test_folder *folder, const char *path, const char *from,
		      const char *to)
{
	CLEANUP(strbuf_done) struct strbuf edited = { 0 };
	CLEANUP(free) char *text = NULL;
	struct error error = { 0 };
	char full[PATH_MAX];
	size_t size;

	must(file_read(source_path(folder->path, path, full), FILE_MAX, &text, &size, &error),
	     &error);
	strbuf_append(&edited, text, size);
	test_replace(&edited, from, to);
	must(file_replace(full, edited.bytes, edited.length, 0644, &error), &error);
}

bool test_folder_has(const struct test_folder *folder, const char *path)
{
	char full[PATH_MAX];

	return access(source_path(folder->path, path, full), F_OK) == 0;
}
