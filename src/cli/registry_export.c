// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/file.h"
#include "base/memory.h"
#include "cli/command.h"
#include "cli/exchange_files.h"
#include "cli/verify_file.h"
#include "exchange/export.h"
#include "registry/registry.h"
#include "source/edition.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* A registry and the documents that it was made from. */
struct exporting {
	const struct cli_options *cli;
	const char *path;
	enum export_format format;
	struct registry *registry;
	struct edition edition;	       /* of a bundle or folder */
	struct json_document *array;   /* of an unsigned registry */
	struct json_object **elements; /* its organizations */
	size_t elements_count;
	struct report report;
	struct strbuf text;
};

static void exporting_done(struct exporting *exporting)
{
	registry_free(exporting->registry);
	edition_done(&exporting->edition);
	json_document_free(exporting->array);
	free(exporting->elements);
	report_done(&exporting->report);
	strbuf_done(&exporting->text);
}
CLEANUP_DEFINE_IN_PLACE(struct exporting, exporting_done);

static int choose_format(struct exporting *exporting, struct error *error)
{
	const struct cli_options *cli = exporting->cli;
	const struct {
		bool is_given;
		enum export_format format;
	} rows[] = {
		{ cli->legacy, EXPORT_ARONET },
		{ cli->ranet, EXPORT_RANET },
		{ cli->rait, EXPORT_RAIT },
		{ cli->rait_toml, EXPORT_RAIT_TOML },
	};
	unsigned count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		count += rows[i].is_given;
		if (rows[i].is_given)
			exporting->format = rows[i].format;
	}
	if (count == 1)
		return 0;
	return error_set(error, -EINVAL, ERROR_USAGE, "registry export",
			 "expected one of --legacy, --ranet, --rait, --rait-toml");
}

/* A folder is what somebody works on; nobody has to have signed it. */
static int read_folder(struct exporting *exporting, struct error *error)
{
	int result = edition_read(exporting->path, &exporting->edition, error);

	return result < 0 ? result
			  : edition_registry(&exporting->edition, &exporting->registry, error);
}

static int read_unsigned(struct exporting *exporting, const char *text, size_t size,
			 struct error *error)
{
	const struct registry_options options = {
		.allow_unsigned_config = true,
		.allow_unsigned_flag = true,
	};
	struct json_object *root;
	int result = registry_load(text, size, exporting->path, &options, NULL,
				   &exporting->registry, error);

	if (result == 0)
		result = json_document_parse(text, size, JSON_STRICT, exporting->path,
					     &exporting->array, error);
	if (result < 0)
		return result;
	(void)fprintf(stderr, "aronet: note: %s is not signed\n", exporting->path);
	root = json_document_root(exporting->array).value;
	for (size_t i = 0; i < json_object_array_length(root); i++)
		*ARRAY_APPEND(exporting->elements, exporting->elements_count) =
			json_object_array_get_idx(root, i);
	return 0;
}

static int read_bundle(struct exporting *exporting, const char *text, size_t size,
		       struct error *error)
{
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	CLEANUP(verified_done) struct verified verified = { 0 };
	CLEANUP(bundle_free) struct bundle *bundle = NULL;
	int result = bundle_parse(text, size, exporting->path, &bundle, error);

	if (result == 0)
		result = cli_verify_bundle(exporting->cli, bundle, &warnings, &verified, error);
	if (result == 0)
		result = documents_from_bundle(bundle, &exporting->edition.documents, error);
	if (result < 0)
		return result;
	cli_print_warnings(&warnings);
	exporting->registry = TAKE(verified.registry);
	return 0;
}

static int read_registry(struct exporting *exporting, struct error *error)
{
	CLEANUP(free) char *text = NULL;
	struct stat status;
	size_t size;
	int result;

	if (stat(exporting->path, &status) == 0 && S_ISDIR(status.st_mode))
		return read_folder(exporting, error);
	result = file_read(exporting->path, BUNDLE_SIZE_MAX, &text, &size, error);
	if (result < 0)
		return result;
	return registry_is_bundle(text, size) ? read_bundle(exporting, text, size, error)
					      : read_unsigned(exporting, text, size, error);
}

static int convert(struct exporting *exporting, struct error *error)
{
	const struct documents *documents = &exporting->edition.documents;
	bool is_array = exporting->array != NULL;

	return exchange_export(exporting->registry,
			       is_array ? exporting->elements : documents->orgs_json,
			       is_array ? exporting->elements_count : documents->orgs_count,
			       exporting->format, &exporting->report, &exporting->text, error);
}

static int write_text(const struct exporting *exporting, struct error *error)
{
	const char *path = exporting->cli->output_path;

	if (path)
		return file_replace(path, strbuf_text(&exporting->text), exporting->text.length,
				    0644, error);
	if (fputs(strbuf_text(&exporting->text), stdout) == EOF || fflush(stdout) == EOF)
		return error_set(error, -errno, ERROR_FILE, "standard output", "%s",
				 strerror(errno));
	return 0;
}

static int export_registry(struct exporting *exporting, struct error *error)
{
	int result = choose_format(exporting, error);

	if (result == 0)
		result = read_registry(exporting, error);
	if (result < 0)
		return result;
	result = convert(exporting, error);
	exchange_print_report(&exporting->report);
	return result < 0 ? result : write_text(exporting, error);
}

int command_registry_export(const struct cli_context *context)
{
	const struct cli_options *cli = &context->options;
	CLEANUP(exporting_done)
	struct exporting exporting = {
		.cli = cli,
		.path = cli->operand ? cli->operand : cli->directory,
	};
	struct error error = { 0 };

	if (export_registry(&exporting, &error) == 0)
		return EXIT_DONE;
	return cli_fail(cli, &error, error_exit_code(error.code));
}
