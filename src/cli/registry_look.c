// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/timestamp.h"
#include "cli/source_edit.h"
#include "config/config.h"
#include "intend/impact.h"
#include "intend/intend.h"
#include "registry/policy.h"
#include "source/diff.h"
#include "source/edition.h"

#include <inttypes.h>
#include <stdio.h>

/* Two registries, and what they mean on a node, if one is named. */
struct comparison {
	const struct cli_options *options;
	struct edition old, new;
	struct outline before, after;
	struct diff diff;
	bool has_impact;
	struct impact impact;
};

static void comparison_done(struct comparison *comparison)
{
	edition_done(&comparison->old);
	edition_done(&comparison->new);
	outline_done(&comparison->before);
	outline_done(&comparison->after);
	diff_done(&comparison->diff);
	impact_done(&comparison->impact);
}
CLEANUP_DEFINE_IN_PLACE(struct comparison, comparison_done);

/* As the daemon would take it: without nodes whose keys the configuration denies. */
static int take_registry(struct edition *edition, const struct config *config,
			 struct registry **ret, struct error *error)
{
	int result = edition_registry(edition, ret, error);

	if (result == 0)
		registry_apply_policy(*ret, config, NULL);
	return result;
}

static int find_impact(struct comparison *comparison, struct error *error)
{
	/* Of whatever machine this runs on nothing is asked. */
	const struct facts everything = intend_facts_of_everything();
	CLEANUP(config_free) struct config *config = NULL;
	CLEANUP(registry_free) struct registry *old = NULL;
	CLEANUP(registry_free) struct registry *new = NULL;
	int result = config_load(comparison->options->config_path, NULL, &config, error);

	if (result == 0)
		result = take_registry(&comparison->old, config, &old, error);
	if (result == 0)
		result = take_registry(&comparison->new, config, &new, error);
	if (result == 0)
		result = impact_make(config, &everything, old, new, &comparison->impact, error);
	comparison->has_impact = result == 0;
	return result;
}

static int compare(struct comparison *comparison, struct error *error)
{
	const struct cli_options *options = comparison->options;
	int result = edition_read(options->operands.items[0], &comparison->old, error);

	if (result == 0)
		result = edition_read(options->operands.items[1], &comparison->new, error);
	if (result < 0)
		return result;
	edition_outline(&comparison->old, &comparison->before);
	edition_outline(&comparison->new, &comparison->after);
	outline_finish(&comparison->before);
	outline_finish(&comparison->after);
	diff_make(&comparison->before, &comparison->after, &comparison->diff);
	return options->config_path ? find_impact(comparison, error) : 0;
}

/* {"changes": [...]}, and "impact" with a node's configuration. */
static struct json_object *comparison_to_json(const struct comparison *comparison)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "changes", diff_to_json(&comparison->diff));
	if (comparison->has_impact)
		json_object_object_add(object, "impact", impact_to_json(&comparison->impact));
	return object;
}

static void print_comparison(const struct comparison *comparison)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	if (comparison->options->json) {
		struct json_object *object = comparison_to_json(comparison);

		cli_print_json(object);
		json_object_put(object);
		return;
	}
	diff_format(&comparison->diff, &text);
	if (comparison->has_impact) {
		strbuf_printf(&text, "%son this node:\n", text.length ? "\n" : "");
		impact_format(&comparison->impact, &text);
	}
	(void)fputs(strbuf_text(&text), stdout);
}

int command_registry_diff(const struct cli_context *context)
{
	CLEANUP(comparison_done) struct comparison comparison = { .options = &context->options };
	struct error error = { 0 };

	if (compare(&comparison, &error) < 0)
		return cli_fail(&context->options, &error, error_exit_code(error.code));
	print_comparison(&comparison);
	return comparison.diff.count ? EXIT_DIFFERENT : EXIT_DONE;
}

static void print_header(const char *what, const struct document_header *header)
{
	char issued[TIMESTAMP_TEXT_SIZE], expires[TIMESTAMP_TEXT_SIZE];

	(void)printf("%s %" PRIu64 ", issued %s, expires %s\n", what, header->version,
		     timestamp_format(header->issued, issued),
		     timestamp_format(header->expires, expires));
}

static void print_headers(const struct edition *edition)
{
	const struct documents *documents = &edition->documents;
	char what[DOCUMENT_NAME_SIZE];

	if (!edition->is_signed) {
		(void)puts("unsigned");
		return;
	}
	print_header("mesh", &documents->mesh->header);
	if (edition->manifest)
		print_header("manifest", &edition->manifest->header);
	for (size_t i = 0; i < documents->orgs_count; i++) {
		(void)snprintf(what, sizeof(what), "org \"%s\"", documents->orgs[i]->name);
		print_header(what, &documents->orgs[i]->header);
	}
}

int command_registry_show(const struct cli_context *context)
{
	const struct cli_options *options = &context->options;
	const char *path = options->operand ? options->operand : options->directory;
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	CLEANUP(outline_done) struct outline outline = { 0 };
	CLEANUP(edition_done) struct edition edition = { 0 };
	struct error error = { 0 };

	if (edition_read(path, &edition, &error) < 0)
		return cli_fail(options, &error, error_exit_code(error.code));
	if (options->json) {
		struct json_object *object = edition_to_json(&edition);

		cli_print_json(object);
		json_object_put(object);
		return EXIT_DONE;
	}
	print_headers(&edition);
	edition_outline(&edition, &outline);
	outline_finish(&outline);
	outline_format(&outline, &text);
	(void)fputs(strbuf_text(&text), stdout);
	return EXIT_DONE;
}
