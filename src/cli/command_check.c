// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/command.h"

#include "base/build.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "config/config.h"
#include "control/payload.h"
#include "intend/intend.h"
#include "registry/freshness.h"
#include "registry/policy.h"
#include "registry/registry.h"
#include "registry/secrets.h"
#include "registry/store.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

/* What was checked, and against what. */
struct checked {
	struct config *config;
	struct registry *registry; /* NULL: not asked for */
	struct store_state state;  /* of the daemon, where it may be read */
	int state_result;
};

static void checked_done(struct checked *checked)
{
	config_free(checked->config);
	registry_free(checked->registry);
	store_state_done(&checked->state);
}
CLEANUP_DEFINE_IN_PLACE(struct checked, checked_done);

/*
 * As the daemon on this machine would judge. Who may not read its state directory is answered by
 * the pin alone.
 */
static int read_state(struct checked *checked, struct warnings *warnings, struct error *error)
{
	const struct config *config = checked->config;
	const struct store_rules rules = {
		.state_dir = config->state_dir,
		.mesh_sha256 = config->registry.has_pin ? config->registry.mesh_sha256 : NULL,
		.allow_unsigned_config = config->registry.allow_unsigned,
		.clock = time(NULL),
		.build_date = build_date(),
	};

	checked->state_result = registry_store_read_state(&rules, warnings, &checked->state, error);
	return checked->state_result == -EACCES ? 0 : checked->state_result;
}

/* Which secret of the mesh is in use follows from the clock. */
static void check_secrets(const struct checked *checked, struct facts *facts,
			  struct warnings *warnings)
{
	int64_t now = freshness_now(time(NULL), checked->registry->origin.last_seen, build_date());
	char problem[SECRETS_PROBLEM_SIZE];

	facts->changed_at = secrets_last_change(checked->config, checked->registry, now);
	if (secrets_problem(checked->config, checked->registry, now, problem))
		warnings_add(warnings, "E_SELF", "%s", problem);
}

static int check_registry(const struct cli_options *options, struct checked *checked,
			  struct warnings *warnings, struct error *error)
{
	CLEANUP(free) char *text = NULL;
	const struct config *config = checked->config;
	struct registry_options registry_options = {
		.allow_unsigned_config = config->registry.allow_unsigned,
		.allow_unsigned_flag = options->allow_unsigned,
		.allow_empty = options->allow_empty,
		.verify = {
			.mesh_sha256 = config->registry.has_pin ? config->registry.mesh_sha256 : NULL,
			.clock = time(NULL),
			.build_date = build_date(),
		},
	};
	struct facts facts = { 0 }; /* of whatever machine this command runs on, but the clock */
	size_t size;
	int result;

	result = file_read(options->registry_path, CONTROL_PAYLOAD_MAX, &text, &size, error);
	if (result == 0)
		result = read_state(checked, warnings, error);
	if (result < 0)
		return result;
	registry_options.verify.trust = checked->state.trust;
	registry_options.has_signed_state = checked->state.has_signed_state;
	result = registry_load(text, size, options->registry_path, &registry_options, warnings,
			       &checked->registry, error);
	if (result < 0)
		return result;
	registry_apply_policy(checked->registry, config, warnings);
	check_secrets(checked, &facts, warnings);
	return registry_check_local(checked->registry, config, &facts, warnings, error);
}

static const char *against(const struct checked *checked)
{
	if (checked->state_result < 0)
		return "the pin; the state directory may not be read";
	return checked->state.trust ? "what this node has accepted" : "the pin";
}

static void print_registry(const struct cli_options *options, const struct checked *checked)
{
	const struct registry *registry = checked->registry;
	const struct registry_origin *origin = &registry->origin;
	const char *plural = registry->nodes_count == 1 ? "" : "s";

	if (registry->is_signed)
		(void)printf("%s: ok (signed, mesh %s %" PRIu64 ", manifest %" PRIu64
			     ", %zu node%s; checked against %s)\n",
			     options->registry_path, origin->mesh_name, origin->mesh_version,
			     origin->manifest_version, registry->nodes_count, plural,
			     against(checked));
	else
		(void)printf("%s: ok (%zu node%s, unsigned)\n", options->registry_path,
			     registry->nodes_count, plural);
}

static void print_text(const struct cli_options *options, const struct checked *checked)
{
	const struct config *config = checked->config;
	char node[NODE_ID_TEXT_SIZE];

	(void)printf("%s: ok (node %s, %s mode, %u endpoint%s)\n", options->config_path,
		     node_id_format(&config->self, node),
		     config->mode == OVERLAY_NETNS ? "netns" : "vrf", config->endpoints_count,
		     config->endpoints_count == 1 ? "" : "s");
	if (checked->registry)
		print_registry(options, checked);
}

static void put_registry(struct json_object *result, const struct registry *registry)
{
	json_object_object_add(result, "nodes",
			       json_object_new_int64((int64_t)registry->nodes_count));
	json_object_object_add(result, "signed", json_object_new_boolean(registry->is_signed));
	if (registry->is_signed)
		json_object_object_add(
			result, "manifest",
			json_object_new_int64((int64_t)registry->origin.manifest_version));
}

static void print_json(const struct checked *checked, const struct warnings *warnings)
{
	const struct config *config = checked->config;
	struct json_object *result = json_object_new_object(), *list = json_object_new_array();
	char node[NODE_ID_TEXT_SIZE];

	json_object_object_add(result, "ok", json_object_new_boolean(true));
	json_object_object_add(result, "node",
			       json_object_new_string(node_id_format(&config->self, node)));
	json_object_object_add(
		result, "mode",
		json_object_new_string(config->mode == OVERLAY_NETNS ? "netns" : "vrf"));
	json_object_object_add(result, "endpoints",
			       json_object_new_int((int)config->endpoints_count));
	if (checked->registry)
		put_registry(result, checked->registry);
	for (size_t i = 0; i < warnings->count; i++) {
		struct json_object *warning = json_object_new_object();

		json_object_object_add(warning, "code",
				       json_object_new_string(warnings->items[i].code));
		json_object_object_add(warning, "message",
				       json_object_new_string(warnings->items[i].text));
		json_object_array_add(list, warning);
	}
	json_object_object_add(result, "warnings", list);
	cli_print_json(result);
	json_object_put(result);
}

/* What the daemon would refuse on any machine, however well equipped. */
static int check_supported(const struct config *config, const struct registry *registry,
			   struct error *error)
{
	const struct facts everything = intend_facts_of_everything();
	CLEANUP(state_free) struct state *state = NULL;

	return intend(config, registry, &everything, &state, error);
}

int command_check(const struct cli_context *context)
{
	const struct cli_options *options = &context->options;
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	CLEANUP(checked_done) struct checked checked = { 0 };
	struct error error = { 0 };

	if (config_load(options->config_path, &warnings, &checked.config, &error) < 0)
		return cli_fail(options, &error, EXIT_CONFIG);
	if (options->registry_path && check_registry(options, &checked, &warnings, &error) < 0)
		return cli_fail(options, &error, error_exit_code(error.code));
	if (check_supported(checked.config, checked.registry, &error) < 0)
		return cli_fail(options, &error, error_exit_code(error.code));
	if (options->json)
		print_json(&checked, &warnings);
	else
		print_text(options, &checked);
	(void)fflush(stdout);
	if (!options->json)
		cli_print_warnings(&warnings);
	return EXIT_DONE;
}
