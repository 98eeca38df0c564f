// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/publish_parts.h"

#include "base/memory.h"
#include "base/timestamp.h"
#include "source/documents.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void publication_done(struct publication *publication)
{
	sealed_done(&publication->mesh);
	for (size_t i = 0; i < publication->orgs_count; i++)
		sealed_done(&publication->orgs[i]);
	free(publication->orgs);
	sealed_done(&publication->manifest);
	strbuf_done(&publication->notes);
	strbuf_done(&publication->bundle);
	verified_done(&publication->verified);
	warnings_done(&publication->warnings);
	*publication = (struct publication) { 0 };
}

/* E_SIG_THRESHOLD unless @sealed has all its signatures. */
static int check_complete(const struct sealed *sealed, struct error *error)
{
	if (sealed->signing.state == SIGNING_COMPLETE)
		return 0;
	return error_set(error, -EKEYREJECTED, ERROR_SIG_THRESHOLD, NULL,
			 "%s has %u of %u signatures; whoever has a key for it runs aronet "
			 "registry sign %s --key FILE",
			 sealed->what, sealed->signing.good, sealed->signing.threshold,
			 sealed->path);
}

static bool is_half_over(int64_t issued, int64_t expires, int64_t now)
{
	return now > issued + (expires - issued) / 2;
}

typedef int seal_fn(const struct publisher *publisher, const struct source_document *document,
		    const struct seal_options *options, struct sealed *ret, struct error *error);

static int seal_the_mesh(const struct publisher *publisher, const struct source_document *document,
			 const struct seal_options *options, struct sealed *ret,
			 struct error *error)
{
	(void)document;
	return seal_mesh(publisher->source, options, ret, error);
}

static int seal_org(const struct publisher *publisher, const struct source_document *document,
		    const struct seal_options *options, struct sealed *ret, struct error *error)
{
	return seal_organization(publisher->source, document, publisher->mesh, options, ret, error);
}

/*
 * What lives for less than half of its time is signed anew, if that can be done here; otherwise it
 * stays, and somebody is told.
 */
static void renew(const struct publisher *publisher, const struct source_document *document,
		  seal_fn *seal, struct sealed *sealed)
{
	const struct seal_options options = {
		.keys = publisher->options->keys,
		.now = publisher->options->now,
		.renew = true,
	};
	CLEANUP(sealed_done) struct sealed renewed = { 0 };
	char expires[TIMESTAMP_TEXT_SIZE];

	if (sealed->is_new_text || !is_half_over(sealed->issued, sealed->expires, options.now))
		return;
	if (seal(publisher, document, &options, &renewed, NULL) == 0 &&
	    renewed.signing.state == SIGNING_COMPLETE) {
		sealed_done(sealed);
		*sealed = renewed;
		renewed = (struct sealed) { 0 };
		return;
	}
	strbuf_printf(&publisher->publication->notes,
		      "note: %s expires %s; whoever has a key for it should sign it anew\n",
		      sealed->what, timestamp_format(sealed->expires, expires));
}

/* The newest signed version, as it is. */
static int take_signed_mesh(const struct publisher *publisher, struct sealed *ret,
			    struct error *error)
{
	const struct source source = {
		.directory = publisher->source->directory,
		.meshes = publisher->source->meshes,
		.meshes_count = publisher->source->meshes_count,
	};
	const struct seal_options options = { .now = publisher->options->now };

	return seal_mesh(&source, &options, ret, error);
}

/* A draft that the keys cannot finish stays one; what is in force is published meanwhile. */
static int publish_draft(const struct publisher *publisher, const struct seal_options *options,
			 struct sealed *ret, struct error *error)
{
	CLEANUP(sealed_done) struct sealed draft = { 0 };
	char state[SIGNING_TEXT_SIZE];
	int result = seal_mesh(publisher->source, options, &draft, error);

	if (result < 0)
		return result;
	if (draft.signing.state == SIGNING_COMPLETE || !publisher->source->meshes_count) {
		*ret = draft;
		draft = (struct sealed) { 0 };
		return 0;
	}
	strbuf_printf(&publisher->publication->notes,
		      "note: %s is a draft (%s) and is not published yet\n", draft.what,
		      signing_format(&draft.signing, state));
	return take_signed_mesh(publisher, ret, error);
}

/* The newest mesh document, signed here if it was a draft. */
static int publish_mesh(struct publisher *publisher, struct error *error)
{
	struct publication *publication = publisher->publication;
	const struct seal_options options = {
		.keys = publisher->options->keys,
		.now = publisher->options->now,
	};
	const struct envelope *envelope = &publication->mesh.envelope;
	const struct source_document *newest;
	int result;

	if (publisher->source->draft)
		result = publish_draft(publisher, &options, &publication->mesh, error);
	else
		result = take_signed_mesh(publisher, &publication->mesh, error);
	if (result == 0)
		result = check_complete(&publication->mesh, error);
	if (result < 0)
		return result;
	if (!publisher->source->draft)
		renew(publisher, NULL, seal_the_mesh, &publication->mesh);
	newest = source_newest_mesh(publisher->source);
	publication->mesh_is_new = !newest || publication->mesh.version > newest->number;
	return mesh_document_parse(envelope->payload, envelope->payload_size,
				   publication->mesh.what, &publisher->mesh, error);
}

/* As it is if it has its signatures, else with those that the keys can give. */
static int sign_organization(const struct publisher *publisher,
			     const struct source_document *document, struct sealed *ret,
			     struct error *error)
{
	struct seal_options options = { .now = publisher->options->now };
	int result = seal_org(publisher, document, &options, ret, error);

	if (result < 0 || ret->signing.state == SIGNING_COMPLETE)
		return result;
	sealed_done(ret);
	options.keys = publisher->options->keys;
	result = seal_org(publisher, document, &options, ret, error);
	return result < 0 ? result : check_complete(ret, error);
}

static int publish_organization(struct publisher *publisher, const char *name, struct error *error)
{
	const struct source_document *document = source_find_organization(publisher->source, name);
	struct publication *publication = publisher->publication;
	struct sealed *sealed;
	int result;

	if (!document)
		return error_set(
			error, -ENOENT, ERROR_OMITTED, NULL,
			"organization \"%s\" is a member but there is no " SOURCE_ORGANIZATIONS
			"/%s.json; add its nodes, or suspend it",
			name, name);
	sealed = ARRAY_APPEND(publication->orgs, publication->orgs_count);
	result = sign_organization(publisher, document, sealed, error);
	if (result == 0)
		renew(publisher, document, seal_org, sealed);
	return result;
}

static int publish_organizations(struct publisher *publisher, struct error *error)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < publisher->mesh->organizations_count; i++)
		if (!publisher->mesh->organizations[i].is_suspended)
			result = publish_organization(
				publisher, publisher->mesh->organizations[i].name, error);
	return result;
}

static int publish_all(struct publisher *publisher, struct error *error)
{
	struct publication *publication = publisher->publication;
	int result = publish_mesh(publisher, error);

	if (result == 0)
		result = publish_organizations(publisher, error);
	if (result == 0)
		result = publish_manifest(publisher, error);
	if (result < 0)
		return result;
	publication->is_complete = publication->manifest.signing.state == SIGNING_COMPLETE;
	return publication->is_complete ? publish_bundle(publisher, error) : 0;
}

int publish(const struct source *source, const struct base *base,
	    const struct publish_options *options, struct publication *ret, struct error *error)
{
	CLEANUP(publication_done) struct publication publication = { 0 };
	struct publisher publisher = {
		.source = source,
		.base = base,
		.options = options,
		.publication = &publication,
	};
	int result = publish_all(&publisher, error);

	mesh_document_free(publisher.mesh);
	if (result < 0)
		return result;
	*ret = publication;
	publication = (struct publication) { 0 };
	return 0;
}

/* Is the copy in .signed this one? Most documents stay as they are, and there may be many. */
static bool is_remembered(const struct source *source, const struct sealed *org)
{
	CLEANUP(envelope_done) struct envelope copy = { 0 };

	return source_recall(source, org->path, DOCUMENT_ORG, &copy) == 0 &&
	       !memcmp(copy.digest, org->envelope.digest, KEY_SIZE);
}

void publication_changes(const struct source *source, const struct publication *publication,
			 struct source_changes *changes)
{
	if (publication->mesh_is_new)
		source_put_envelope(changes, publication->mesh.path, &publication->mesh.envelope);
	if (source->has_leftover || (source->draft && publication->mesh_is_new)) {
		source_remove(changes, SOURCE_DRAFT ".sig");
		source_remove(changes, SOURCE_DRAFT);
	}
	for (size_t i = 0; i < publication->orgs_count; i++) {
		const struct sealed *org = &publication->orgs[i];

		if (org->is_new_text || org->added)
			source_put_envelope(changes, org->path, &org->envelope);
		if (!is_remembered(source, org))
			source_remember(changes, org->path, &org->envelope);
	}
	source_put_envelope(changes, publication->manifest.path, &publication->manifest.envelope);
	if (publication->is_complete)
		source_remember(changes, publication->manifest.path,
				&publication->manifest.envelope);
}

int publication_outline(const struct publication *publication, struct outline *outline,
			struct error *error)
{
	CLEANUP(documents_done) struct documents documents = { 0 };
	int result = documents_set_mesh(&documents, &publication->mesh.envelope,
					publication->mesh.what, error);

	for (size_t i = 0; result == 0 && i < publication->orgs_count; i++)
		result = documents_add_org(&documents, &publication->orgs[i].envelope, NULL,
					   publication->orgs[i].what, error);
	if (result == 0)
		documents_outline(&documents, outline);
	return result;
}
