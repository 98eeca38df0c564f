// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/source_edit.h"

#include "base/memory.h"
#include "cli/terminal.h"
#include "source/diff.h"
#include "source/format.h"

#include <stdio.h>
#include <string.h>

void source_edit_done(struct source_edit *edit)
{
	source_free(edit->source);
	outline_done(&edit->before);
	source_changes_done(&edit->changes);
	*edit = (struct source_edit) { 0 };
}

static int outline_source(const struct source *source, struct outline *ret, struct error *error)
{
	CLEANUP(documents_done) struct documents documents = { 0 };
	int result = documents_from_source(source, &documents, error);

	if (result == 0)
		documents_outline(&documents, ret);
	return result;
}

int source_edit_begin(const struct cli_options *options, struct source_edit *ret,
		      struct error *error)
{
	int result = source_read(options->directory, true, &ret->source, error);

	return result < 0 ? result : outline_source(ret->source, &ret->before, error);
}

int source_edit_mesh(const struct source_edit *edit, struct mesh_document **ret_mesh,
		     struct json_object **ret_json, struct error *error)
{
	const struct source_document *document = source_current_mesh(edit->source);
	char path[PATH_MAX];
	int result = mesh_document_parse(
		document->envelope.payload, document->envelope.payload_size,
		source_path(edit->source->directory, document->path, path), ret_mesh, error);

	return result < 0 ? result : source_document_json(edit->source, document, ret_json, error);
}

/* The document with the text of @json and without signatures; its file follows. */
static void put(struct source_edit *edit, struct source_document *document, enum document_type type,
		struct json_object *json)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	source_format(json, &text);
	envelope_done(&document->envelope);
	envelope_make(type, text.bytes, text.length, &document->envelope);
	document->has_signatures = false;
	source_put(&edit->changes, document->path, text.bytes, text.length);
}

void source_edit_put_mesh(struct source_edit *edit, struct json_object *json)
{
	struct source *source = edit->source;

	if (!source->draft)
		source->draft = NEW(struct source_document);
	strcpy(source->draft->path, SOURCE_DRAFT);
	put(edit, source->draft, DOCUMENT_MESH, json);
}

/* Keeps the order by name. */
static struct source_document *insert_organization(struct source *source, const char *name)
{
	size_t place = 0;

	(void)ARRAY_APPEND(source->organizations, source->organizations_count);
	while (place + 1 < source->organizations_count &&
	       strcmp(source->organizations[place].name, name) < 0)
		place++;
	memmove(&source->organizations[place + 1], &source->organizations[place],
		(source->organizations_count - 1 - place) * sizeof(source->organizations[0]));
	source->organizations[place] = (struct source_document) { 0 };
	(void)snprintf(source->organizations[place].name, NAME_SIZE, "%s", name);
	(void)snprintf(source->organizations[place].path, SOURCE_PATH_SIZE,
		       SOURCE_ORGANIZATIONS "/%s.json", name);
	return &source->organizations[place];
}

void source_edit_put_organization(struct source_edit *edit, const char *name,
				  struct json_object *json)
{
	struct source_document *document = source_find_organization(edit->source, name);

	if (!document)
		document = insert_organization(edit->source, name);
	put(edit, document, DOCUMENT_ORG, json);
}

void source_edit_drop_organization(struct source_edit *edit, const char *name)
{
	struct source *source = edit->source;
	struct source_document *document = source_find_organization(source, name);
	char signatures[SOURCE_PATH_SIZE + 8];

	if (!document)
		return;
	(void)snprintf(signatures, sizeof(signatures), "%s.sig", document->path);
	source_remove(&edit->changes, signatures);
	source_remove(&edit->changes, document->path);
	envelope_done(&document->envelope);
	memmove(document, document + 1,
		(size_t)(&source->organizations[source->organizations_count] - (document + 1)) *
			sizeof(*document));
	source->organizations_count--;
}

bool source_print_diff(struct outline *before, struct outline *after)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	CLEANUP(diff_done) struct diff diff = { 0 };

	outline_finish(before);
	outline_finish(after);
	diff_make(before, after, &diff);
	diff_format(&diff, &text);
	(void)fputs(strbuf_text(&text), stdout);
	(void)fflush(stdout);
	return diff.count > 0;
}

int source_confirm(const struct cli_options *options, const char *question, bool *ret_declined,
		   struct error *error)
{
	bool yes = true;
	int result = options->yes ? 0 : terminal_confirm(question, &yes, error);

	*ret_declined = !yes;
	return result;
}

int source_exit(const struct cli_options *options, int result, bool declined,
		const struct error *error)
{
	if (result < 0)
		return cli_fail(options, error, error_exit_code(error->code));
	if (!declined)
		return EXIT_DONE;
	(void)fprintf(stderr, "aronet: nothing was changed\n");
	return EXIT_DIFFERENT;
}

/* Grants, overlaps, keys: said now, not when somebody publishes. */
static int check_meaning(const struct source *source, struct outline *ret, struct error *error)
{
	CLEANUP(documents_done) struct documents documents = { 0 };
	CLEANUP(registry_free) struct registry *registry = NULL;
	int result = documents_from_source(source, &documents, error);

	if (result < 0)
		return result;
	documents_outline(&documents, ret);
	result = documents_assemble(&documents, &registry, error);
	if (result == 0)
		cli_print_warnings(&documents.warnings);
	return result;
}

int source_edit_finish(struct source_edit *edit, const struct cli_options *options,
		       const char *question, enum edit_outcome *ret, struct error *error)
{
	CLEANUP(outline_done) struct outline after = { 0 };
	bool declined = false;
	int result = check_meaning(edit->source, &after, error);

	*ret = EDIT_NO_CHANGE;
	if (result < 0)
		return result;
	if (!source_print_diff(&edit->before, &after)) {
		(void)puts("no change");
		return 0;
	}
	result = source_confirm(options, question, &declined, error);
	if (result < 0)
		return result;
	*ret = EDIT_DECLINED;
	if (declined)
		return 0;
	result = source_apply(edit->source->directory, &edit->changes, error);
	*ret = EDIT_WRITTEN;
	return result;
}
