// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/build.h"
#include "base/file.h"
#include "base/hex.h"
#include "cli/source_edit.h"
#include "config/config.h"
#include "registry/store.h"
#include "registry/verify.h"
#include "source/holders.h"
#include "source/seal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define PIN_DEFAULT "/etc/aronet/mesh.json"
#define PIN_MODE 0644

/* A mesh document that somebody wants to trust. */
struct candidate {
	struct envelope envelope; /* its payload is what a pin is the digest of */
	struct documents documents;
};

static void candidate_done(struct candidate *candidate)
{
	envelope_done(&candidate->envelope);
	documents_done(&candidate->documents);
}
CLEANUP_DEFINE_IN_PLACE(struct candidate, candidate_done);

/*
 * Of a registry the newest mesh document that every later registry still has: the first one, or one
 * that changed the keys (registry specification, section 2.1). The keys in it are those in force.
 * That they follow from the first one is verified; who made that one is for people to say.
 */
static int choose_from_bundle(const struct bundle *bundle, const char *path, struct envelope *ret,
			      struct error *error)
{
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	CLEANUP(verified_done) struct verified verified = { 0 };
	const struct verify_options options = {
		.mesh_sha256 = bundle->envelopes[0].digest,
		.clock = time(NULL),
		.build_date = build_date(),
		.allow_empty = true,
	};
	CLEANUP(mesh_document_free) struct mesh_document *newest = NULL;
	int result = registry_verify(bundle, &options, &warnings, &verified, error);

	for (size_t i = bundle->meshes_count; result == 0 && i-- > 0;) {
		const struct envelope *envelope = &bundle->envelopes[i];
		CLEANUP(mesh_document_free) struct mesh_document *mesh = NULL;

		result = mesh_document_parse(envelope->payload, envelope->payload_size, path, &mesh,
					     error);
		if (result < 0)
			return result;
		if (newest && !keyset_equal(&mesh->mesh_role, &newest->mesh_role))
			break;
		envelope_done(ret);
		envelope_copy(envelope, ret);
		if (!newest)
			newest = TAKE(mesh);
	}
	return result;
}

static int candidate_read(const char *path, struct candidate *ret, struct error *error)
{
	CLEANUP(bundle_free) struct bundle *bundle = NULL;
	CLEANUP(free) char *text = NULL;
	struct document_header header;
	size_t size;
	int result = file_read(path, BUNDLE_SIZE_MAX, &text, &size, error);

	if (result < 0)
		return result;
	envelope_make(DOCUMENT_MESH, text, size, &ret->envelope);
	if (document_peek(&ret->envelope, &header) < 0) {
		result = bundle_parse(text, size, path, &bundle, error);
		if (result == 0)
			result = choose_from_bundle(bundle, path, &ret->envelope, error);
	}
	return result < 0 ? result
			  : documents_set_mesh(&ret->documents, &ret->envelope, path, error);
}

static void print_candidate(const struct candidate *candidate)
{
	const struct mesh_document *mesh = candidate->documents.mesh;
	char text[2 * KEY_SIZE + 1], fingerprint[CRYPTO_FINGERPRINT_SIZE], name[HOLDER_TEXT_SIZE];

	(void)printf("mesh         %s, version %" PRIu64 "\n", mesh->name, mesh->header.version);
	(void)printf("mesh_id      %s\n", hex_format(mesh->header.mesh_id, MESH_ID_SIZE, text));
	(void)printf("mesh_sha256  %s\n", hex_format(candidate->envelope.digest, KEY_SIZE, text));
	(void)printf("keys         %u of %u have to sign\n", mesh->mesh_role.threshold,
		     mesh->mesh_role.count);
	for (unsigned i = 0; i < mesh->mesh_role.count; i++)
		(void)printf("             %s  %s\n",
			     crypto_fingerprint(mesh->mesh_role.keys[i], fingerprint),
			     holder_format(candidate->documents.mesh_json, mesh->mesh_role.keys[i],
					   name));
	(void)fflush(stdout);
}

static int trust_file(const struct cli_options *options, bool *ret_declined, struct error *error)
{
	const char *output = options->output_path ? options->output_path : PIN_DEFAULT;
	CLEANUP(candidate_done) struct candidate candidate = { 0 };
	int result = candidate_read(options->operand, &candidate, error);

	if (result < 0)
		return result;
	print_candidate(&candidate);
	result = source_confirm(options,
				"Compare the fingerprints with those that the people tell you. "
				"Trust this mesh?",
				ret_declined, error);
	if (result < 0 || *ret_declined)
		return result;
	result = file_replace(output, candidate.envelope.payload, candidate.envelope.payload_size,
			      PIN_MODE, error);
	if (result == 0)
		(void)printf("%s is the pin; in config.json: \"registry\": {\"mesh\": \"%s\"}\n",
			     output, output);
	return result;
}

int command_registry_trust(const struct cli_context *context)
{
	struct error error = { 0 };
	bool declined = false;
	int result = trust_file(&context->options, &declined, &error);

	return source_exit(&context->options, result, declined, &error);
}

static int state_directory(const struct cli_options *options, char *ret, size_t size,
			   struct error *error)
{
	CLEANUP(config_free) struct config *config = NULL;
	int result = 0;

	if (options->config_path)
		result = config_load(options->config_path, NULL, &config, error);
	if (result == 0)
		(void)snprintf(ret, size, "%s",
			       config ? config->state_dir : CONFIG_STATE_DIR_DEFAULT);
	return result;
}

/* Without --mesh nothing is trusted any more, and the pin decides again. */
static int reset_trust(const struct cli_options *options, struct error *error)
{
	CLEANUP(candidate_done) struct candidate candidate = { 0 };
	char directory[PATH_MAX];
	int result = 0;

	if (!options->i_know)
		return error_set(error, -EINVAL, ERROR_USAGE, "registry reset-trust",
				 "gives up what this node has learned of rollbacks and of the keys "
				 "of its mesh; pass --i-know if that is meant");
	if (options->mesh_path)
		result = candidate_read(options->mesh_path, &candidate, error);
	if (result == 0)
		result = state_directory(options, directory, sizeof(directory), error);
	if (result < 0)
		return result;
	if (options->mesh_path)
		print_candidate(&candidate);
	result = registry_store_reset(directory,
				      options->mesh_path ? candidate.envelope.payload : NULL,
				      candidate.envelope.payload_size, options->mesh_path, error);
	if (result == 0)
		(void)puts(options->mesh_path
				   ? "trusted from now on; tunnels stay as they are until "
				     "the next load"
				   : "nothing is trusted any more; the pin in config.json "
				     "decides about the next load");
	return result;
}

int command_registry_reset_trust(const struct cli_context *context)
{
	struct error error = { 0 };

	return reset_trust(&context->options, &error) == 0
		       ? EXIT_DONE
		       : cli_fail(&context->options, &error, error_exit_code(error.code));
}
