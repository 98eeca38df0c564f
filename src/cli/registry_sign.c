// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/build.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/memory.h"
#include "base/timestamp.h"
#include "cli/keys.h"
#include "cli/source_edit.h"
#include "source/base.h"
#include "source/publish.h"
#include "source/seal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* The private keys of --key, in the form in which they sign. */
struct signers {
	struct cli_keys keys;
	const struct crypto_signing_key **items;
};

static void signers_done(struct signers *signers)
{
	cli_keys_done(&signers->keys);
	free(signers->items);
}
CLEANUP_DEFINE_IN_PLACE(struct signers, signers_done);

static int read_signers(const struct cli_options *options, struct signers *signers,
			struct signing_keys *ret, struct error *error)
{
	int result = cli_keys_read(options, &options->keys, CLI_KEY_PRIVATE, &signers->keys, error);

	if (result < 0)
		return result;
	signers->items = memory_zalloc(signers->keys.count + 1, sizeof(*signers->items));
	for (size_t i = 0; i < signers->keys.count; i++)
		signers->items[i] = &signers->keys.items[i].key;
	*ret = (struct signing_keys) { signers->items, signers->keys.count };
	return 0;
}

static int64_t clock_of(const struct cli_options *options)
{
	return options->has_at ? options->at : time(NULL);
}

/* What the document says now against what was signed last. */
static int show_signed(const struct source *source, const struct base *base,
		       const struct sealed *sealed, struct error *error)
{
	CLEANUP(outline_done) struct outline before = { 0 };
	CLEANUP(outline_done) struct outline after = { 0 };
	CLEANUP(documents_done) struct documents documents = { 0 };
	CLEANUP(strbuf_done) struct strbuf notes = { 0 };
	char expires[TIMESTAMP_TEXT_SIZE];
	int result = base_outline(source, base, NULL, &before, &notes, error);

	if (result == 0)
		result = documents_from_source(source, &documents, error);
	if (result < 0)
		return result;
	documents_outline(&documents, &after);
	(void)fputs(strbuf_text(&notes), stdout);
	(void)source_print_diff(&before, &after);
	(void)printf("%s version %" PRIu64 ", expires %s%s\n", sealed->what, sealed->version,
		     timestamp_format(sealed->expires, expires),
		     sealed->is_new_text ? "" : ", text unchanged: a signature is added");
	return 0;
}

static int seal(const struct source *source, const struct source_document *document,
		const struct seal_options *options, struct sealed *ret, struct error *error)
{
	CLEANUP(mesh_document_free) struct mesh_document *mesh = NULL;
	const struct source_document *current = source_current_mesh(source);
	char path[PATH_MAX];
	int result;

	switch (document->envelope.type) {
	case DOCUMENT_MESH:
		return seal_mesh(source, options, ret, error);
	case DOCUMENT_ORG:
		result = mesh_document_parse(
			current->envelope.payload, current->envelope.payload_size,
			source_path(source->directory, current->path, path), &mesh, error);
		return result < 0 ? result
				  : seal_organization(source, document, mesh, options, ret, error);
	case DOCUMENT_MANIFEST:
	case DOCUMENT_REQUEST:
		break;
	}
	return error_set(error, -EINVAL, ERROR_USAGE, "registry sign",
			 "a manifest is made and signed by aronet registry publish");
}

/* A complete mesh document gets its number; a draft that lacks signatures stays one. */
static void put_signed(const struct source *source, const struct sealed *sealed,
		       struct source_changes *changes)
{
	bool is_draft =
		sealed->envelope.type == DOCUMENT_MESH && sealed->signing.state != SIGNING_COMPLETE;

	source_put_envelope(changes, is_draft ? SOURCE_DRAFT : sealed->path, &sealed->envelope);
	if (sealed->envelope.type == DOCUMENT_MESH && !is_draft && source->draft) {
		source_remove(changes, SOURCE_DRAFT ".sig");
		source_remove(changes, SOURCE_DRAFT);
	}
	base_remember(changes, sealed->path, &sealed->envelope);
}

static void print_signed(const struct sealed *sealed)
{
	char state[SIGNING_TEXT_SIZE];

	(void)printf("%s: %s\n", sealed->what, signing_format(&sealed->signing, state));
	if (sealed->envelope.type == DOCUMENT_MESH && sealed->version == 1 &&
	    sealed->signing.state == SIGNING_COMPLETE) {
		char digest[2 * KEY_SIZE + 1];

		(void)printf("pin this: mesh_sha256 %s\n",
			     hex_format(sealed->envelope.digest, KEY_SIZE, digest));
	}
}

static int sign(const struct cli_options *options, struct error *error)
{
	CLEANUP(source_changes_done) struct source_changes changes = { 0 };
	CLEANUP(source_free) struct source *source = NULL;
	CLEANUP(signers_done) struct signers signers = { 0 };
	CLEANUP(sealed_done) struct sealed sealed = { 0 };
	CLEANUP(base_done) struct base base = { 0 };
	struct seal_options seal_options = { .now = clock_of(options),
					     .days = options->expiry_days };
	struct source_document *document;
	bool yes = false;
	int result = source_read(options->directory, true, &source, error);

	if (result == 0)
		result = source_find(source, options->operand ? options->operand : "mesh",
				     &document, error);
	if (result == 0)
		result = base_read(source, &base, error);
	if (result == 0)
		result = read_signers(options, &signers, &seal_options.keys, error);
	if (result == 0)
		result = seal(source, document, &seal_options, &sealed, error);
	if (result == 0 && sealed.added < seal_options.keys.count)
		result = signing_fail_role(seal_options.keys.items[0], sealed.what, error);
	if (result == 0)
		result = show_signed(source, &base, &sealed, error);
	if (result == 0)
		result = source_confirm(options, "Sign this?", &yes, error);
	if (result < 0 || !yes)
		return result;
	put_signed(source, &sealed, &changes);
	result = source_apply(source->directory, &changes, error);
	if (result == 0)
		print_signed(&sealed);
	return result;
}

int command_registry_sign(const struct cli_context *context)
{
	struct error error = { 0 };

	return sign(&context->options, &error) == 0
		       ? EXIT_DONE
		       : cli_fail(&context->options, &error, error_exit_code(error.code));
}

/* The file that is about to be replaced, to compare with; whatever is wrong with it is no matter.
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

static int write_publication(const struct cli_options *options, const struct source *source,
			     const struct publication *publication, struct error *error)
{
	CLEANUP(source_changes_done) struct source_changes changes = { 0 };
	char state[SIGNING_TEXT_SIZE];
	int result;

	publication_changes(source, publication, &changes);
	result = source_apply(source->directory, &changes, error);
	if (result < 0)
		return result;
	if (!publication->is_complete) {
		(void)printf("%s: %s; the next who runs publish adds one. %s was not written\n",
			     publication->manifest.what,
			     signing_format(&publication->manifest.signing, state),
			     options->output_path);
		return 0;
	}
	result = file_replace(options->output_path, publication->bundle.bytes,
			      publication->bundle.length, 0644, error);
	if (result == 0)
		(void)printf("%s: %s, %zu nodes\n", options->output_path,
			     publication->manifest.what,
			     publication->verified.registry->nodes_count);
	return result;
}

static int publish_folder(const struct cli_options *options, struct error *error)
{
	CLEANUP(source_free) struct source *source = NULL;
	CLEANUP(bundle_free) struct bundle *previous = NULL;
	CLEANUP(signers_done) struct signers signers = { 0 };
	CLEANUP(base_done) struct base base = { 0 };
	CLEANUP(publication_done) struct publication publication = { 0 };
	struct publish_options publish_options = {
		.now = clock_of(options),
		.build_date = build_date(),
		.days = options->expiry_days,
		.allow_empty = options->allow_empty,
	};
	bool yes = false;
	int result = source_read(options->directory, true, &source, error);

	if (result == 0)
		result = base_read(source, &base, error);
	if (result == 0)
		result = read_signers(options, &signers, &publish_options.keys, error);
	if (result == 0) {
		previous = read_previous(options->output_path);
		publish_options.previous = previous;
		result = publish(source, &base, &publish_options, &publication, error);
	}
	if (result == 0)
		result = show_publication(source, &base, previous, &publication, error);
	if (result == 0)
		result = source_confirm(options, "Publish this?", &yes, error);
	if (result < 0 || !yes)
		return result;
	return write_publication(options, source, &publication, error);
}

int command_registry_publish(const struct cli_context *context)
{
	struct error error = { 0 };

	return publish_folder(&context->options, &error) == 0
		       ? EXIT_DONE
		       : cli_fail(&context->options, &error, error_exit_code(error.code));
}
