// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sign_registry REGISTRY.json [NAME=VALUE...] signs the nodes of an unsigned registry with the test
 * keys of test_bundle.h and writes a bundle to standard output, for scenarios:
 *
 *	manifest=N      version of the manifest; org=N of all organizations
 *	meshes=N        so many mesh documents; each one has another mesh key than the one before
 *	mesh_id=HEX     32 digits
 *	at=EPOCH        when all was issued; the same for documents that are to be the same
 *	issued=EPOCH    when the manifest was issued; `at` if it is not given
 *	expires=EPOCH   until when the manifest is good; 14 days after `at` if it is not given
 *	without=NAME    leave this node out; may be repeated
 *	pin             write the mesh_sha256 of the first mesh document instead
 *	mesh            write the first mesh document instead
 *
 * The scenarios that are about the tools sign with the tools.
 */
#include "registry/document.h"
#include "registry/test_bundle.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/timestamp.h"
#include "crypto/test_hex.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WITHOUT_MAX 16
#define YEAR (365 * DAY_SEC)
#define FORTNIGHT (14 * DAY_SEC)

struct arguments {
	uint64_t manifest, org;
	unsigned meshes;
	const char *mesh_id;
	int64_t at, issued, expires;
	const char *without[WITHOUT_MAX];
	unsigned without_count;
	bool writes_pin, writes_mesh;
};

static void usage(const char *word)
{
	(void)fprintf(stderr, "sign_registry: %s\n", word);
	exit(2);
}

static void read_argument(struct arguments *arguments, const char *word)
{
	const char *value = strchr(word, '=');

	value = value ? value + 1 : "";
	if (!strcmp(word, "pin"))
		arguments->writes_pin = true;
	else if (!strcmp(word, "mesh"))
		arguments->writes_mesh = true;
	else if (!strncmp(word, "manifest=", 9))
		arguments->manifest = strtoull(value, NULL, 10);
	else if (!strncmp(word, "org=", 4))
		arguments->org = strtoull(value, NULL, 10);
	else if (!strncmp(word, "meshes=", 7))
		arguments->meshes = (unsigned)strtoul(value, NULL, 10);
	else if (!strncmp(word, "mesh_id=", 8))
		arguments->mesh_id = value;
	else if (!strncmp(word, "at=", 3))
		arguments->at = strtoll(value, NULL, 10);
	else if (!strncmp(word, "issued=", 7))
		arguments->issued = strtoll(value, NULL, 10);
	else if (!strncmp(word, "expires=", 8))
		arguments->expires = strtoll(value, NULL, 10);
	else if (!strncmp(word, "without=", 8) && arguments->without_count < WITHOUT_MAX)
		arguments->without[arguments->without_count++] = value;
	else
		usage(word);
}

static struct json_object *member(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	(void)json_object_object_get_ex(object, name, &value);
	return value;
}

static bool is_left_out(const struct arguments *arguments, struct json_object *node)
{
	for (unsigned i = 0; i < arguments->without_count; i++)
		if (!strcmp(json_object_get_string(member(node, "common_name")),
			    arguments->without[i]))
			return true;
	return false;
}

static void put_grant(struct json_object *prefix, struct strbuf *grants)
{
	const char *text = json_object_get_string(prefix);

	strbuf_printf(grants, "%s{\"prefix\":\"%s\",\"max_length\":%s}", grants->length ? "," : "[",
		      text, strchr(text, '/') + 1);
}

/* An organization may announce exactly what its nodes announce, also those that are left out. */
static void put_grants(struct json_object *nodes, struct strbuf *grants)
{
	for (size_t i = 0; i < json_object_array_length(nodes); i++) {
		struct json_object *remarks =
			member(json_object_array_get_idx(nodes, i), "remarks");
		struct json_object *prefixes = member(remarks, "prefixs");

		put_grant(member(remarks, "network"), grants);
		for (size_t j = 0; prefixes && j < json_object_array_length(prefixes); j++)
			put_grant(json_object_array_get_idx(prefixes, j), grants);
	}
	strbuf_puts(grants, "]");
}

static void put_nodes(const struct arguments *arguments, struct json_object *nodes,
		      struct strbuf *text)
{
	for (size_t i = 0; i < json_object_array_length(nodes); i++) {
		struct json_object *node = json_object_array_get_idx(nodes, i);

		if (is_left_out(arguments, node))
			continue;
		strbuf_puts(text, text->length ? ",\n" : "[\n");
		strbuf_puts(text,
			    json_object_to_json_string_ext(
				    node, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	}
	strbuf_puts(text, text->length ? "]" : "[]");
}

/* Grants and nodes of the organizations, to which the description points. */
struct texts {
	char **items;
	size_t count;
};

static void texts_done(struct texts *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		free(texts->items[i]);
	free(texts->items);
}
CLEANUP_DEFINE_IN_PLACE(struct texts, texts_done);

static const char *keep(struct texts *texts, struct strbuf *text)
{
	return *ARRAY_APPEND(texts->items, texts->count) = strbuf_take(text);
}

static void describe(const struct arguments *arguments, struct json_object *registry,
		     struct texts *texts, struct test_bundle *t)
{
	struct test_mesh *mesh = &t->meshes[0];

	mesh->pool = "[\"fc00::/7\",\"192.168.0.0/16\",\"10.0.0.0/8\"]";
	for (size_t i = 0; i < mesh->organizations_count; i++) {
		struct json_object *from = json_object_array_get_idx(registry, i);
		struct test_organization *to = &mesh->organizations[i];
		struct strbuf grants = { 0 }, nodes = { 0 };

		put_grants(member(from, "nodes"), &grants);
		put_nodes(arguments, member(from, "nodes"), &nodes);
		(void)snprintf(to->name, sizeof(to->name), "%s",
			       json_object_get_string(member(from, "organization")));
		to->grants = keep(texts, &grants);
		to->nodes = keep(texts, &nodes);
		to->document.version = arguments->org;
	}
	t->mesh_id = arguments->mesh_id;
	for (unsigned i = 1; i < arguments->meshes; i++)
		test_bundle_next_mesh(t)->mesh = test_role(10 + i, 1, 1);
	t->manifest.version = arguments->manifest;
	test_bundle_date(t, arguments->at,
			 arguments->expires ? arguments->expires : arguments->at + FORTNIGHT,
			 arguments->at + YEAR);
}

static void write_pin(struct test_bundle *t)
{
	char hex[2 * KEY_SIZE + 1];
	uint8_t pin[KEY_SIZE];

	test_bundle_pin(t, 1, pin);
	(void)puts(test_to_hex(pin, hex));
}

int main(int argc, char *argv[])
{
	struct arguments arguments = {
		.manifest = 1,
		.org = 1,
		.meshes = 1,
		.mesh_id = TEST_MESH_ID,
	};
	CLEANUP(texts_done) struct texts texts = { 0 };
	CLEANUP(test_bundle_free) struct test_bundle *t = NULL;
	CLEANUP(free) char *text = NULL;
	char issued[TIMESTAMP_TEXT_SIZE];
	struct json_object *registry;
	size_t size;

	if (argc < 2)
		usage("which registry?");
	for (int i = 2; i < argc; i++)
		read_argument(&arguments, argv[i]);
	registry = json_object_from_file(argv[1]);
	if (!registry)
		usage(argv[1]);
	t = test_bundle_new((unsigned)json_object_array_length(registry), 0);
	describe(&arguments, registry, &texts, t);
	if (arguments.issued)
		t->manifest.issued = timestamp_format(arguments.issued, issued);
	json_object_put(registry);
	if (arguments.writes_pin) {
		write_pin(t);
		return 0;
	}
	text = arguments.writes_mesh ? test_bundle_mesh_payload(t, 1, &size)
				     : test_bundle_text(t, &size);
	return fwrite(text, 1, size, stdout) == size ? 0 : 1;
}
