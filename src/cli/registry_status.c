// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/hex.h"
#include "base/memory.h"
#include "base/timestamp.h"
#include "cli/source_edit.h"
#include "cli/table.h"
#include "cli/units.h"
#include "source/holders.h"
#include "source/review.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define EXPIRES_SOON_SEC (14 * DAY_SEC)

static void add_validity(struct table *table, const struct review_item *item, int64_t now)
{
	char text[TIMESTAMP_TEXT_SIZE + 32], expires[TIMESTAMP_TEXT_SIZE];
	char left[UNITS_TEXT_SIZE];

	(void)timestamp_format(item->expires, expires);
	if (item->expires <= now)
		(void)snprintf(text, sizeof(text), "%s, expired", expires);
	else
		(void)snprintf(text, sizeof(text), "%s, in %s", expires,
			       units_format_age(item->expires - now, left));
	table_add(table,
		  item->expires <= now			   ? TABLE_BAD
		  : item->expires - now < EXPIRES_SOON_SEC ? TABLE_WARN
							   : TABLE_PLAIN,
		  text);
}

static void add_row(struct table *table, const struct review_item *item, int64_t now)
{
	char text[SIGNING_TEXT_SIZE + 16], version[24];

	table_add(table, TABLE_PLAIN, item->path);
	if (!item->version) {
		for (unsigned i = 0; i < 4; i++)
			table_add(table, TABLE_BAD, NULL);
		return;
	}
	(void)snprintf(version, sizeof(version), "%" PRIu64, item->version);
	table_add(table, TABLE_PLAIN, version);
	add_validity(table, item, now);
	table_add(table, item->signing.state == SIGNING_COMPLETE ? TABLE_GOOD : TABLE_WARN,
		  signing_format(&item->signing, text));
	table_add(table, item->is_published ? TABLE_GOOD : TABLE_WARN,
		  item->is_published ? "yes" : "not yet");
}

static void print_table(const struct review *review, int64_t now)
{
	static const char *const heads[] = { "DOCUMENT", "VERSION", "EXPIRES", "SIGNATURES",
					     "PUBLISHED" };
	CLEANUP(table_done) struct table table = { .columns = ARRAY_SIZE(heads), .right = " r   " };
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		table_add(&table, TABLE_HEAD, heads[i]);
	for (size_t i = 0; i < review->count; i++)
		add_row(&table, &review->items[i], now);
	table_print(&table, cli_use_colour(), &text);
	(void)fputs(strbuf_text(&text), stdout);
}

/* What somebody has to do, one line each. */
static void print_next(const struct review *review)
{
	bool is_mesh;

	for (size_t i = 0; i < review->count; i++) {
		const struct review_item *item = &review->items[i];

		is_mesh = !strncmp(item->path, "mesh.", 5);
		if (item->problem.length)
			(void)printf("%s: %s\n", item->path, strbuf_text(&item->problem));
		else if (item->waits_for.length && !strcmp(item->path, SOURCE_MANIFEST))
			(void)printf("%s waits for %s: aronet registry publish\n", item->path,
				     strbuf_text(&item->waits_for));
		else if (item->waits_for.length)
			(void)printf("%s waits for %s: aronet registry sign %s --key FILE, or "
				     "publish\n",
				     item->path, strbuf_text(&item->waits_for),
				     is_mesh ? "mesh" : item->path);
	}
}

static int print_status(const struct cli_options *options, bool *ret_waits, struct error *error)
{
	CLEANUP(source_free) struct source *source = NULL;
	CLEANUP(review_done) struct review review = { 0 };
	CLEANUP(base_done) struct base base = { 0 };
	int64_t now = time(NULL);
	int result = source_read(options->directory, false, &source, error);

	if (result == 0)
		result = base_read(source, &base, error);
	if (result == 0)
		result = review_make(source, &base, &review, error);
	if (result < 0)
		return result;
	print_table(&review, now);
	print_next(&review);
	for (size_t i = 0; i < review.count; i++)
		*ret_waits = *ret_waits || review_item_waits(&review.items[i], now);
	return 0;
}

int command_registry_status(const struct cli_context *context)
{
	struct error error = { 0 };
	bool waits = false;

	if (print_status(&context->options, &waits, &error) < 0)
		return cli_fail(&context->options, &error, error_exit_code(error.code));
	return waits ? EXIT_DIFFERENT : EXIT_DONE;
}

static void print_version(const struct source_document *document, const struct documents *documents)
{
	CLEANUP(strbuf_done) struct strbuf signers = { 0 };
	char digest[2 * KEY_SIZE + 1], issued[TIMESTAMP_TEXT_SIZE];

	holders_who_signed(documents->mesh_json, &documents->mesh->mesh_role, &document->envelope,
			   true, &signers);
	(void)printf("mesh %" PRIu64 ", %s, signed by %s\nsha256 %s\n", document->number,
		     timestamp_format(documents->mesh->header.issued, issued),
		     strbuf_text(&signers),
		     hex_format(document->envelope.digest, KEY_SIZE, digest));
}

/* What each signed version of the mesh document changed, and who signed it. */
int command_registry_log(const struct cli_context *context)
{
	const struct cli_options *options = &context->options;
	CLEANUP(source_free) struct source *source = NULL;
	struct outline before = { 0 };
	struct error error = { 0 };
	int result = source_read(options->directory, false, &source, &error);

	for (size_t i = 0; result == 0 && i < source->meshes_count; i++) {
		CLEANUP(documents_done) struct documents documents = { 0 };
		struct outline after = { 0 };

		result = documents_set_mesh(&documents, &source->meshes[i].envelope,
					    source->meshes[i].path, &error);
		if (result < 0)
			break;
		documents_outline(&documents, &after);
		print_version(&source->meshes[i], &documents);
		(void)source_print_diff(&before, &after);
		outline_done(&before);
		before = after;
	}
	outline_done(&before);
	return result == 0 ? EXIT_DONE : cli_fail(options, &error, error_exit_code(error.code));
}
