// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/hex.h"
#include "base/memory.h"
#include "base/timestamp.h"
#include "cli/signers.h"
#include "cli/source_edit.h"
#include "source/base.h"
#include "source/documents.h"
#include "source/seal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Signing documents of the folder: one that is named, or all that wait for the keys. */
struct signer {
	const struct cli_options *options;
	struct source *source;
	struct base base;
	struct signers signers;
	struct seal_options seal;
	struct mesh_document *current; /* the draft if there is one */
	struct mesh_document *newest;  /* signed version, if there is a draft, too */
	struct sealed *items;
	size_t count;
};

static void signer_done(struct signer *signer)
{
	for (size_t i = 0; i < signer->count; i++)
		sealed_done(&signer->items[i]);
	free(signer->items);
	mesh_document_free(signer->current);
	mesh_document_free(signer->newest);
	signers_done(&signer->signers);
	base_done(&signer->base);
	source_free(signer->source);
}
CLEANUP_DEFINE_IN_PLACE(struct signer, signer_done);

static int parse_mesh(const struct source *source, const struct source_document *document,
		      struct mesh_document **ret, struct error *error)
{
	char path[PATH_MAX];

	return mesh_document_parse(document->envelope.payload, document->envelope.payload_size,
				   source_path(source->directory, document->path, path), ret,
				   error);
}

static int begin(struct signer *signer, struct error *error)
{
	const struct cli_options *options = signer->options;
	int result = source_read(options->directory, true, &signer->source, error);

	if (result == 0)
		result = base_read(signer->source, &signer->base, error);
	if (result == 0)
		result = parse_mesh(signer->source, source_current_mesh(signer->source),
				    &signer->current, error);
	if (result == 0 && signer->source->draft && source_newest_mesh(signer->source))
		result = parse_mesh(signer->source, source_newest_mesh(signer->source),
				    &signer->newest, error);
	signer->seal = (struct seal_options) {
		.now = cli_clock(options),
		.days = options->expiry_days,
	};
	return result == 0 ? signers_read(options, &signer->signers, &signer->seal.keys, error)
			   : result;
}

/*
 * Who may sign for an organization stands in the mesh document that is being edited, and, until
 * that is signed, in the one before.
 */
static int seal_one(const struct signer *signer, const struct source_document *document,
		    const struct seal_options *options, struct sealed *ret, struct error *error)
{
	int result;

	if (document->envelope.type == DOCUMENT_MESH)
		return seal_mesh(signer->source, options, ret, error);
	result = seal_organization(signer->source, document, signer->current, options, ret, error);
	if (!signer->newest || (result == 0 && ret->added))
		return result;
	sealed_done(ret);
	return seal_organization(signer->source, document, signer->newest, options, ret, error);
}

static bool has_signed(const struct source_document *document, const struct signing_keys *keys)
{
	char keyid[CRYPTO_KEYID_SIZE];

	for (size_t i = 0; i < keys->count; i++) {
		bool found = false;

		(void)crypto_keyid(keys->items[i]->public_key, keyid);
		for (unsigned j = 0; j < document->envelope.signatures_count; j++)
			if (!strcmp(document->envelope.signatures[j].keyid, keyid))
				found = true;
		if (!found)
			return false;
	}
	return true;
}

/* The document that was named. With --expiry one that is signed already gets a new version. */
static int sign_named(struct signer *signer, struct error *error)
{
	struct seal_options options = signer->seal;
	struct source_document *document;
	struct sealed *sealed;
	int result = source_find(signer->source, signer->options->operand, &document, error);

	if (result < 0)
		return result;
	if (document->envelope.type == DOCUMENT_MANIFEST)
		return error_set(error, -EINVAL, ERROR_USAGE, "registry sign",
				 "a manifest is made and signed by aronet registry publish");
	sealed = ARRAY_APPEND(signer->items, signer->count);
	result = seal_one(signer, document, &options, sealed, error);
	if (result == 0 && sealed->added < options.keys.count)
		return signing_fail_role(options.keys.items[0], sealed->what, error);
	if (result < 0 || sealed->is_new_text || !has_signed(document, &options.keys))
		return result;
	sealed_done(sealed);
	signer->count = 0;
	options.renew = true;
	if (!signer->options->expiry_days)
		return 0;
	signer->count = 1;
	return seal_one(signer, document, &options, sealed, error);
}

/* Does it wait for one of the keys? */
static int consider(struct signer *signer, const struct source_document *document,
		    bool *ret_has_say, struct error *error)
{
	CLEANUP(sealed_done) struct sealed sealed = { 0 };
	int result = seal_one(signer, document, &signer->seal, &sealed, error);

	if (result < 0 || !sealed.added)
		return result;
	*ret_has_say = true;
	if (!sealed.is_new_text && has_signed(document, &signer->seal.keys))
		return 0;
	/* Enough have signed it: one more is asked for by name. */
	if (!sealed.is_new_text && document->number)
		return 0;
	*ARRAY_APPEND(signer->items, signer->count) = sealed;
	sealed = (struct sealed) { 0 };
	return 0;
}

static int sign_all(struct signer *signer, struct error *error)
{
	const struct source *source = signer->source;
	bool has_say = false;
	int result = consider(signer, source_current_mesh(source), &has_say, error);

	for (size_t i = 0; result == 0 && i < source->organizations_count; i++)
		result = consider(signer, &source->organizations[i], &has_say, error);
	if (result == 0 && !has_say)
		return signing_fail_role(signer->seal.keys.items[0],
					 "any document of this registry", error);
	return result;
}

/* What was there before @sealed; nothing if no copy of it is to be had. */
static int outline_before(const struct signer *signer, const struct sealed *sealed,
			  struct outline *ret, struct error *error)
{
	CLEANUP(envelope_done) struct envelope before = { 0 };

	if (base_last_signed(signer->source, &signer->base, sealed, &before) < 0) {
		if (sealed->version > 1)
			(void)printf("note: no copy of an earlier version is here to compare with; "
				     "all of it is shown\n");
		return 0;
	}
	return outline_add_envelope(ret, &before, sealed->what, error);
}

static int show(const struct signer *signer, const struct sealed *sealed, struct error *error)
{
	CLEANUP(outline_done) struct outline before = { 0 };
	CLEANUP(outline_done) struct outline after = { 0 };
	char expires[TIMESTAMP_TEXT_SIZE], state[SIGNING_TEXT_SIZE];
	int result;

	(void)printf("%s, expires %s%s: %s with this signature\n", sealed->what,
		     timestamp_format(sealed->expires, expires),
		     sealed->is_new_text ? "" : ", as others have signed it",
		     signing_format(&sealed->signing, state));
	result = outline_before(signer, sealed, &before, error);
	if (result == 0)
		result = outline_add_envelope(&after, &sealed->envelope, sealed->what, error);
	if (result == 0 && !source_print_diff(&before, &after))
		(void)puts("  says the same as the version before");
	return result;
}

static void print_signed(const struct sealed *sealed)
{
	char state[SIGNING_TEXT_SIZE], digest[2 * KEY_SIZE + 1];

	(void)printf("%s: %s\n", sealed->what, signing_format(&sealed->signing, state));
	if (sealed->envelope.type == DOCUMENT_MESH && sealed->version == 1 &&
	    sealed->signing.state == SIGNING_COMPLETE)
		(void)printf("pin this: mesh_sha256 %s\n",
			     hex_format(sealed->envelope.digest, KEY_SIZE, digest));
}

static int sign(struct signer *signer, bool *ret_declined, struct error *error)
{
	CLEANUP(source_changes_done) struct source_changes changes = { 0 };
	int result = begin(signer, error);

	if (result == 0)
		result = signer->options->operand ? sign_named(signer, error)
						  : sign_all(signer, error);
	for (size_t i = 0; result == 0 && i < signer->count; i++)
		result = show(signer, &signer->items[i], error);
	if (result == 0 && !signer->count)
		(void)puts("signed already; nothing to do (--expiry signs a document anew)");
	else if (result == 0)
		result = source_confirm(signer->options, "Sign this?", ret_declined, error);
	if (result < 0 || *ret_declined)
		return result;
	for (size_t i = 0; i < signer->count; i++)
		seal_changes(signer->source, &signer->items[i], &changes);
	result = source_apply(signer->source->directory, &changes, error);
	for (size_t i = 0; result == 0 && i < signer->count; i++)
		print_signed(&signer->items[i]);
	return result;
}

int command_registry_sign(const struct cli_context *context)
{
	CLEANUP(signer_done) struct signer signer = { .options = &context->options };
	struct error error = { 0 };
	bool declined = false;
	int result = sign(&signer, &declined, &error);

	return source_exit(&context->options, result, declined, &error);
}
