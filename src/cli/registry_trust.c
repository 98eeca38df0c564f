// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/file.h"
#include "base/hex.h"
#include "cli/source_edit.h"
#include "config/config.h"
#include "registry/bundle.h"
#include "registry/registry.h"
#include "registry/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PIN_DEFAULT "/etc/aronet/mesh.json"

/* The payload of a mesh document: a file mesh.N.json, or the first one of a bundle. */
static int read_payload(const char *path, char **ret, size_t *ret_size, struct error *error)
{
	CLEANUP(bundle_free) struct bundle *bundle = NULL;
	CLEANUP(free) char *text = NULL;
	size_t size;
	int result = file_read(path, BUNDLE_SIZE_MAX, &text, &size, error);

	if (result < 0)
		return result;
	if (bundle_parse(text, size, path, &bundle, NULL) == 0) {
		*ret_size = bundle->envelopes[0].payload_size;
		*ret = TAKE(bundle->envelopes[0].payload);
		return 0;
	}
	*ret = TAKE(text);
	*ret_size = size;
	return 0;
}

static void print_mesh(const struct mesh_document *mesh, const char *payload, size_t size)
{
	char text[2 * KEY_SIZE + 1], fingerprint[CRYPTO_FINGERPRINT_SIZE];
	uint8_t digest[KEY_SIZE];

	crypto_sha256(payload, size, digest);
	(void)printf("mesh         %s, version %llu\n", mesh->name,
		     (unsigned long long)mesh->header.version);
	(void)printf("mesh_id      %s\n", hex_format(mesh->header.mesh_id, MESH_ID_SIZE, text));
	(void)printf("mesh_sha256  %s\n", hex_format(digest, KEY_SIZE, text));
	(void)printf("keys         %u of %u have to sign\n", mesh->mesh_role.threshold,
		     mesh->mesh_role.count);
	for (unsigned i = 0; i < mesh->mesh_role.count; i++)
		(void)printf("             %s\n",
			     crypto_fingerprint(mesh->mesh_role.keys[i], fingerprint));
	(void)fflush(stdout);
}

static int trust_file(const struct cli_options *options, struct error *error)
{
	const char *output = options->output_path ? options->output_path : PIN_DEFAULT;
	CLEANUP(mesh_document_free) struct mesh_document *mesh = NULL;
	CLEANUP(free) char *payload = NULL;
	bool yes = false;
	size_t size;
	int result = read_payload(options->operand, &payload, &size, error);

	if (result == 0)
		result = mesh_document_parse(payload, size, options->operand, &mesh, error);
	if (result < 0)
		return result;
	print_mesh(mesh, payload, size);
	result = source_confirm(options,
				"Compare the fingerprints with those of the people. Trust "
				"this mesh?",
				&yes, error);
	if (result < 0 || !yes)
		return result;
	result = file_replace(output, payload, size, 0644, error);
	if (result == 0)
		(void)printf("%s is the pin; config.json: \"registry\": {\"mesh\": \"%s\"}\n",
			     output, output);
	return result;
}

int command_registry_trust(const struct cli_context *context)
{
	struct error error = { 0 };

	return trust_file(&context->options, &error) == 0
		       ? EXIT_DONE
		       : cli_fail(&context->options, &error, error_exit_code(error.code));
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

static int reset_trust(const struct cli_options *options, struct error *error)
{
	CLEANUP(mesh_document_free) struct mesh_document *mesh = NULL;
	CLEANUP(free) char *payload = NULL;
	char directory[PATH_MAX];
	size_t size;
	int result;

	if (!options->i_know)
		return error_set(error, -EINVAL, ERROR_USAGE, "registry reset-trust",
				 "gives up what this node has learned of rollbacks and of the keys "
				 "of its mesh; pass --i-know if that is meant");
	result = read_payload(options->mesh_path, &payload, &size, error);
	if (result == 0)
		result = mesh_document_parse(payload, size, options->mesh_path, &mesh, error);
	if (result == 0)
		result = state_directory(options, directory, sizeof(directory), error);
	if (result < 0)
		return result;
	print_mesh(mesh, payload, size);
	result = registry_store_reset(directory, payload, size, options->mesh_path, error);
	if (result == 0)
		(void)puts("trusted from now on; tunnels stay as they are until the next load");
	return result;
}

int command_registry_reset_trust(const struct cli_context *context)
{
	struct error error = { 0 };

	return reset_trust(&context->options, &error) == 0
		       ? EXIT_DONE
		       : cli_fail(&context->options, &error, error_exit_code(error.code));
}
