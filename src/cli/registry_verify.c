// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/verify_file.h"

#include "cli/command.h"

#include "base/build.h"
#include "base/file.h"
#include "base/timestamp.h"
#include "registry/bundle.h"
#include "registry/store.h"
#include "registry/verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

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
			     ", %zu node%s; %s expires first, %s\n",
			     origin->mesh_name, origin->mesh_version, origin->manifest_version,
			     registry->nodes_count, registry->nodes_count == 1 ? "" : "s",
			     origin->expires_first, expires);
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

int cli_verify_bundle(const struct cli_options *options, const struct bundle *bundle,
		      struct warnings *warnings, struct verified *ret, struct error *error)
{
	CLEANUP(trust_free) struct trust *trust = NULL;
	struct verify_options verify = {
		.mesh_sha256 = options->has_mesh_sha256 ? options->mesh_sha256 : NULL,
		.clock = options->has_at ? options->at : time(NULL),
		.clock_is_given = options->has_at,
		.build_date = build_date(),
		.allow_empty = options->allow_empty,
	};
	int result = read_trust(options->state_path, &trust, error);

	if (result < 0)
		return result;
	verify.trust = trust;
	/* Without a pin: is the file sound in itself? */
	if (!trust && !verify.mesh_sha256) {
		verify.mesh_sha256 = bundle->envelopes[0].digest;
		(void)fprintf(stderr, "aronet: note: without --mesh-sha256 or --state anybody can "
				      "have made this file\n");
	}
	return registry_verify(bundle, &verify, warnings, ret, error);
}

static int verify_file(const struct cli_options *options, struct error *error)
{
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	CLEANUP(verified_done) struct verified verified = { 0 };
	CLEANUP(bundle_free) struct bundle *bundle = NULL;
	int result = read_bundle(options->operand, &bundle, error);

	if (result == 0)
		result = cli_verify_bundle(options, bundle, &warnings, &verified, error);
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
