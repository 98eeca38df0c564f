// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/build.h"
#include "base/file.h"
#include "base/timestamp.h"
#include "cli/signers.h"
#include "cli/source_edit.h"
#include "source/base.h"
#include "source/publish.h"

#include <stdio.h>
#include <string.h>

#define BUNDLE_MODE 0644

/*
 * The file that is about to be replaced, to compare with; whatever is wrong with it is no matter.
 */
static struct bundle *read_previous(const char *path)
{
	CLEANUP(free) char *text = NULL;
	struct bundle *bundle = NULL;
	size_t size;

	if (file_read(path, BUNDLE_SIZE_MAX, &text, &size, NULL) == 0)
		(void)bundle_parse(text, size, path, &bundle, NULL);
	return bundle;
}

static int show_publication(const struct source *source, const struct base *base,
			    const struct bundle *previous, const struct publication *publication,
			    struct error *error)
{
	CLEANUP(outline_done) struct outline before = { 0 };
	CLEANUP(outline_done) struct outline after = { 0 };
	CLEANUP(strbuf_done) struct strbuf notes = { 0 };
	char expires[TIMESTAMP_TEXT_SIZE];
	int result = base_outline(source, base, previous, &before, &notes, error);

	if (result == 0)
		result = publication_outline(publication, &after, error);
	if (result < 0)
		return result;
	(void)fputs(strbuf_text(&notes), stdout);
	(void)fputs(strbuf_text(&publication->notes), stdout);
	if (!source_print_diff(&before, &after))
		(void)puts("the same nodes as before");
	(void)printf("%s, expires %s\n", publication->manifest.what,
		     timestamp_format(publication->manifest.expires, expires));
	cli_print_warnings(&publication->warnings);
	return 0;
}

static void print_published(const struct cli_options *options,
			    const struct publication *publication)
{
	size_t nodes = publication->verified.registry->nodes_count;

	(void)printf("%s: %s, %zu node%s\n", options->output_path, publication->manifest.what,
		     nodes, nodes == 1 ? "" : "s");
}

/* The file for the nodes is written beside the old one first: a full disk changes nothing. */
static int write_publication(const struct cli_options *options, const struct source *source,
			     const struct publication *publication, struct error *error)
{
	CLEANUP(source_changes_done) struct source_changes changes = { 0 };
	char state[SIGNING_TEXT_SIZE];
	int result = 0;

	publication_changes(source, publication, &changes);
	if (publication->is_complete)
		result = file_stage(options->output_path, publication->bundle.bytes,
				    publication->bundle.length, BUNDLE_MODE, error);
	if (result < 0)
		return result;
	result = source_apply(source->directory, &changes, error);
	if (!publication->is_complete) {
		if (result == 0)
			(void)printf("%s: %s; the next who runs publish adds one. %s was not "
				     "written\n",
				     publication->manifest.what,
				     signing_format(&publication->manifest.signing, state),
				     options->output_path);
		return result;
	}
	if (result == 0)
		result = file_publish(options->output_path, error);
	else
		file_unstage(options->output_path);
	if (result == 0)
		print_published(options, publication);
	return result;
}

static int publish_folder(const struct cli_options *options, bool *ret_declined,
			  struct error *error)
{
	const char *directory = options->operand ? options->operand : options->directory;
	CLEANUP(source_free) struct source *source = NULL;
	CLEANUP(bundle_free) struct bundle *previous = NULL;
	CLEANUP(signers_done) struct signers signers = { 0 };
	CLEANUP(base_done) struct base base = { 0 };
	CLEANUP(publication_done) struct publication publication = { 0 };
	struct publish_options publish_options = {
		.now = cli_clock(options),
		.build_date = build_date(),
		.days = options->expiry_days,
		.allow_empty = options->allow_empty,
	};
	int result = source_read(directory, true, &source, error);

	if (result == 0)
		result = base_read(source, &base, error);
	if (result == 0)
		result = signers_read(options, &signers, &publish_options.keys, error);
	if (result == 0)
		result = publish(source, &base, &publish_options, &publication, error);
	if (result < 0)
		return result;
	previous = read_previous(options->output_path);
	result = show_publication(source, &base, previous, &publication, error);
	if (result == 0)
		result = source_confirm(options, "Publish this?", ret_declined, error);
	if (result < 0 || *ret_declined)
		return result;
	return write_publication(options, source, &publication, error);
}

int command_registry_publish(const struct cli_context *context)
{
	struct error error = { 0 };
	bool declined = false;
	int result = publish_folder(&context->options, &declined, &error);

	return source_exit(&context->options, result, declined, &error);
}
