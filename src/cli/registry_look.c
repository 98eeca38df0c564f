// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/build.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/memory.h"
#include "base/timestamp.h"
#include "cli/source_edit.h"
#include "registry/bundle.h"
#include "registry/registry.h"
#include "registry/verify.h"
#include "source/diff.h"
#include "source/sign.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define TRUST_SIZE_MAX (16u << 20) /* 10,000 organizations have 4 MiB */

static int read_trust(const char *path, struct trust **ret, struct error *error)
{
	CLEANUP(free) char *text = NULL;
	size_t size;
	int result = path ? file_read(path, TRUST_SIZE_MAX, &text, &size, error) : 0;

	if (result < 0 || !path)
		return result;
	return trust_parse(text, size, path, ret, error);
}

static int read_bundle(const char *path, struct bundle **ret, struct error *error)
{
	CLEANUP(free) char *text = NULL;
	size_t size;
	int result = file_read(path, BUNDLE_SIZE_MAX, &text, &size, error);

	return result < 0 ? result : bundle_parse(text, size, path, ret, error);
}

static void print_verified(const struct cli_options *options, const struct registry *registry)
{
	const struct registry_origin *origin = &registry->origin;
	char expires[TIMESTAMP_TEXT_SIZE];

	(void)timestamp_format(origin->expires, expires);
	if (!options->json) {
		(void)printf("mesh %s %" PRIu64 ", manifest %" PRIu64
			     ", %zu nodes; %s expires first, %s\n",
			     origin->mesh_name, origin->mesh_version, origin->manifest_version,
			     registry->nodes_count, origin->expires_first, expires);
		return;
	}
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "ok", json_object_new_boolean(true));
	json_object_object_add(object, "mesh", json_object_new_string(origin->mesh_name));
	json_object_object_add(object, "mesh_version",
			       json_object_new_int64((int64_t)origin->mesh_version));
	json_object_object_add(object, "manifest",
			       json_object_new_int64((int64_t)origin->manifest_version));
	json_object_object_add(object, "nodes",
			       json_object_new_int64((int64_t)registry->nodes_count));
	json_object_object_add(object, "expires", json_object_new_string(expires));
	cli_print_json(object);
	json_object_put(object);
}

static int verify_file(const struct cli_options *options, struct error *error)
{
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	CLEANUP(verified_done) struct verified verified = { 0 };
	CLEANUP(bundle_free) struct bundle *bundle = NULL;
	CLEANUP(trust_free) struct trust *trust = NULL;
	struct verify_options verify = {
		.mesh_sha256 = options->has_mesh_sha256 ? options->mesh_sha256 : NULL,
		.clock = options->has_at ? options->at : time(NULL),
		.clock_is_given = options->has_at,
		.build_date = build_date(),
		.allow_empty = options->allow_empty,
	};
	int result = read_bundle(options->operand, &bundle, error);

	if (result == 0)
		result = read_trust(options->state_path, &trust, error);
	if (result < 0)
		return result;
	verify.trust = trust;
	/* Without a pin: is the file sound in itself? */
	if (!trust && !verify.mesh_sha256) {
		verify.mesh_sha256 = bundle->envelopes[0].digest;
		(void)fprintf(stderr, "aronet: note: without --mesh-sha256 or --state anybody can "
				      "have made this file\n");
	}
	result = registry_verify(bundle, &verify, &warnings, &verified, error);
	if (result < 0)
		return result;
	print_verified(options, verified.registry);
	cli_print_warnings(&warnings);
	return 0;
}

int command_registry_verify(const struct cli_context *context)
{
	struct error error = { 0 };

	return verify_file(&context->options, &error) == 0
		       ? EXIT_DONE
		       : cli_fail(&context->options, &error, error_exit_code(error.code));
}

static void outline_registry(const struct registry *registry, struct outline *ret)
{
	for (size_t i = 0; i < registry->nodes_count; i++)
		outline_add_node(ret, &registry->nodes[i]);
}

/* An unsigned registry: only nodes. */
static int outline_legacy(const char *text, size_t size, const char *path, struct outline *ret,
			  struct error *error)
{
	const struct registry_options options = {
		.allow_unsigned_config = true,
		.allow_unsigned_flag = true,
		.allow_empty = true,
	};
	CLEANUP(registry_free) struct registry *registry = NULL;
	int result = registry_load(text, size, path, &options, NULL, &registry, error);

	if (result == 0)
		outline_registry(registry, ret);
	return result;
}

static int outline_file(const char *path, struct outline *ret, struct error *error)
{
	CLEANUP(documents_done) struct documents documents = { 0 };
	CLEANUP(bundle_free) struct bundle *bundle = NULL;
	CLEANUP(free) char *text = NULL;
	size_t size;
	int result = file_read(path, BUNDLE_SIZE_MAX, &text, &size, error);

	if (result < 0)
		return result;
	if (!registry_is_bundle(text, size))
		return outline_legacy(text, size, path, ret, error);
	result = bundle_parse(text, size, path, &bundle, error);
	if (result == 0)
		result = documents_from_bundle(bundle, &documents, error);
	if (result == 0)
		documents_outline(&documents, ret);
	return result;
}

/* A file that nodes load, or the folder that it is made from. Nothing is verified: it is looked at.
 */
static int outline_path(const char *path, struct outline *ret, struct error *error)
{
	CLEANUP(documents_done) struct documents documents = { 0 };
	CLEANUP(source_free) struct source *source = NULL;
	struct stat status;
	int result;

	if (stat(path, &status) < 0 || !S_ISDIR(status.st_mode))
		return outline_file(path, ret, error);
	result = source_read(path, false, &source, error);
	if (result == 0)
		result = documents_from_source(source, &documents, error);
	if (result == 0)
		documents_outline(&documents, ret);
	return result;
}

int command_registry_diff(const struct cli_context *context)
{
	const struct cli_options *options = &context->options;
	CLEANUP(outline_done) struct outline before = { 0 };
	CLEANUP(outline_done) struct outline after = { 0 };
	CLEANUP(diff_done) struct diff diff = { 0 };
	struct error error = { 0 };
	int result = outline_path(options->operands.items[0], &before, &error);

	if (result == 0)
		result = outline_path(options->operands.items[1], &after, &error);
	if (result < 0)
		return cli_fail(options, &error, error_exit_code(error.code));
	if (!options->json)
		return source_print_diff(&before, &after) ? EXIT_DIFFERENT : EXIT_DONE;
	outline_finish(&before);
	outline_finish(&after);
	diff_make(&before, &after, &diff);
	struct json_object *list = diff_to_json(&diff);

	cli_print_json(list);
	json_object_put(list);
	return diff.count ? EXIT_DIFFERENT : EXIT_DONE;
}

int command_registry_show(const struct cli_context *context)
{
	const struct cli_options *options = &context->options;
	const char *path = options->operand ? options->operand : options->directory;
	CLEANUP(outline_done) struct outline nothing = { 0 };
	CLEANUP(outline_done) struct outline outline = { 0 };
	struct error error = { 0 };

	if (outline_path(path, &outline, &error) < 0)
		return cli_fail(options, &error, error_exit_code(error.code));
	(void)source_print_diff(&nothing, &outline);
	return EXIT_DONE;
}

/* Of a document that was parsed before. */
static struct document_header read_header(const struct source_document *document)
{
	CLEANUP(json_document_free) struct json_document *parsed = NULL;
	const struct envelope *envelope = &document->envelope;
	struct document_header header = { 0 };
	struct json_cursor root;

	if (json_document_parse(envelope->payload, envelope->payload_size, JSON_STRICT,
				document->path, &parsed, NULL) < 0)
		return header;
	root = json_document_root(parsed);
	(void)document_read_header(&root, envelope->type, &header, NULL);
	return header;
}

static void print_document(const struct source_document *document, const struct signing_need *need)
{
	struct signing signing = signing_examine(need, document);
	struct document_header header = read_header(document);
	char state[SIGNING_TEXT_SIZE], expires[TIMESTAMP_TEXT_SIZE];

	(void)printf("%-28s %7" PRIu64 "  %-20s  %s\n", document->path, header.version,
		     timestamp_format(header.expires, expires), signing_format(&signing, state));
}

static int print_organizations(const struct source *source, const struct mesh_document *mesh,
			       struct error *error)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < source->organizations_count; i++) {
		struct signing_need need;

		result = signing_need_of_organization(mesh, source->organizations[i].name, &need,
						      error);
		if (result == 0)
			print_document(&source->organizations[i], &need);
	}
	for (size_t i = 0; result == 0 && i < mesh->organizations_count; i++)
		if (!source_find_organization(source, mesh->organizations[i].name))
			(void)printf("%-28s no nodes yet\n", mesh->organizations[i].name);
	return result;
}

/* What is signed, what waits for whom, what expires when. */
static int print_status(const struct cli_options *options, struct error *error)
{
	CLEANUP(documents_done) struct documents documents = { 0 };
	CLEANUP(mesh_document_free) struct mesh_document *previous = NULL;
	CLEANUP(source_free) struct source *source = NULL;
	const struct source_document *newest;
	struct signing_need need;
	int result = source_read(options->directory, false, &source, error);

	if (result == 0)
		result = documents_from_source(source, &documents, error);
	if (result < 0)
		return result;
	newest = source_newest_mesh(source);
	if (source->draft && newest)
		result =
			mesh_document_parse(newest->envelope.payload, newest->envelope.payload_size,
					    newest->path, &previous, error);
	if (result < 0)
		return result;
	(void)printf("%-28s %7s  %-20s  %s\n", "DOCUMENT", "VERSION", "EXPIRES", "SIGNATURES");
	need = signing_need_of_mesh(documents.mesh, previous);
	print_document(source_current_mesh(source), &need);
	result = print_organizations(source, documents.mesh, error);
	if (result == 0 && source->manifest) {
		need = signing_need_of_manifest(previous ? previous : documents.mesh);
		print_document(source->manifest, &need);
	}
	return result;
}

int command_registry_status(const struct cli_context *context)
{
	struct error error = { 0 };

	return print_status(&context->options, &error) == 0
		       ? EXIT_DONE
		       : cli_fail(&context->options, &error, error_exit_code(error.code));
}

/* What each signed version of the mesh document changed. */
int command_registry_log(const struct cli_context *context)
{
	const struct cli_options *options = &context->options;
	CLEANUP(source_free) struct source *source = NULL;
	struct outline before = { 0 };
	struct error error = { 0 };
	int result = source_read(options->directory, false, &source, &error);

	for (size_t i = 0; result == 0 && i < source->meshes_count; i++) {
		CLEANUP(documents_done) struct documents documents = { 0 };
		char digest[2 * KEY_SIZE + 1], issued[TIMESTAMP_TEXT_SIZE];
		struct outline after = { 0 };

		result = documents_set_mesh(&documents, &source->meshes[i].envelope,
					    source->meshes[i].path, &error);
		if (result < 0)
			break;
		documents_outline(&documents, &after);
		(void)printf("mesh %" PRIu64 ", %s, sha256 %s\n", source->meshes[i].number,
			     timestamp_format(documents.mesh->header.issued, issued),
			     hex_format(source->meshes[i].envelope.digest, KEY_SIZE, digest));
		(void)source_print_diff(&before, &after);
		outline_done(&before);
		before = after;
	}
	outline_done(&before);
	return result == 0 ? EXIT_DONE : cli_fail(options, &error, error_exit_code(error.code));
}
