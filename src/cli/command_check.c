// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/command.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "config/config.h"
#include "control/payload.h"
#include "intend/intend.h"
#include "registry/policy.h"
#include "registry/registry.h"

#include <stdio.h>

static int check_registry(const struct cli_options *options, const struct config *config,
			  struct warnings *warnings, struct registry **ret, struct error *error)
{
	CLEANUP(free) char *text = NULL;
	const struct registry_options registry_options = {
		.allow_unsigned_config = config->registry.allow_unsigned,
		.allow_unsigned_flag = options->allow_unsigned,
		.allow_empty = options->allow_empty,
	};
	const struct facts no_facts = { 0 }; /* of whatever machine this command runs on */
	size_t size;
	int result;

	result = file_read(options->registry_path, CONTROL_PAYLOAD_MAX, &text, &size, error);
	if (result < 0)
		return result;
	result = registry_load(text, size, options->registry_path, &registry_options, warnings, ret,
			       error);
	if (result < 0)
		return result;
	registry_apply_policy(*ret, config, warnings);
	return registry_check_local(*ret, config, &no_facts, warnings, error);
}

static void print_text(const struct cli_options *options, const struct config *config,
		       const struct registry *registry)
{
	char node[NODE_ID_TEXT_SIZE];

	(void)printf("%s: ok (node %s, %s mode, %u endpoint%s)\n", options->config_path,
		     node_id_format(&config->self, node),
		     config->mode == OVERLAY_NETNS ? "netns" : "vrf", config->endpoints_count,
		     config->endpoints_count == 1 ? "" : "s");
	if (registry)
		(void)printf("%s: ok (%zu node%s, %s)\n", options->registry_path,
			     registry->nodes_count, registry->nodes_count == 1 ? "" : "s",
			     registry->is_signed ? "signed" : "unsigned");
}

static void print_json(const struct config *config, const struct registry *registry,
		       const struct warnings *warnings)
{
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
	if (registry)
		json_object_object_add(result, "nodes",
				       json_object_new_int64((int64_t)registry->nodes_count));
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
	const struct facts everything = {
		.has_kernel_wireguard = true,
		.has_userspace_wireguard = true,
		.has_seg6 = true,
		.has_vrf = true,
	};
	CLEANUP(state_free) struct state *state = NULL;

	return intend(config, registry, &everything, &state, error);
}

int command_check(const struct cli_context *context)
{
	const struct cli_options *options = &context->options;
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	CLEANUP(config_free) struct config *config = NULL;
	CLEANUP(registry_free) struct registry *registry = NULL;
	struct error error = { 0 };

	if (config_load(options->config_path, &warnings, &config, &error) < 0)
		return cli_fail(options, &error, EXIT_CONFIG);
	if (options->registry_path &&
	    check_registry(options, config, &warnings, &registry, &error) < 0)
		return cli_fail(options, &error, error_exit_code(error.code));
	if (check_supported(config, registry, &error) < 0)
		return cli_fail(options, &error, error_exit_code(error.code));
	if (options->json)
		print_json(config, registry, &warnings);
	else
		print_text(options, config, registry);
	(void)fflush(stdout);
	if (!options->json)
		cli_print_warnings(&warnings);
	return EXIT_DONE;
}
