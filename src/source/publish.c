// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/publish.h"

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

struct publisher {
	const struct source *source;
	const struct base *base;
	const struct publish_options *options;
	struct mesh_document *mesh; /* of the newest mesh document */
	struct publication *publication;
};

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

static struct manifest_entry entry_of(const struct sealed *sealed, const char *name)
{
	struct manifest_entry entry = {
		.version = sealed->version,
		.size = sealed->envelope.payload_size,
	};

	(void)snprintf(entry.name, sizeof(entry.name), "%s", name);
	memcpy(entry.digest, sealed->envelope.digest, KEY_SIZE);
	return entry;
}

/* Members in use, in the order of the mesh document, which is the manifest's. */
static void list_documents(const struct publisher *publisher, struct manifest_document *manifest)
{
	const struct mesh_document *mesh = publisher->mesh;
	const struct publication *publication = publisher->publication;
	size_t next = 0;

	manifest->mesh = entry_of(&publication->mesh, "");
	for (size_t i = 0; i < mesh->organizations_count; i++)
		if (!mesh->organizations[i].is_suspended)
			*ARRAY_APPEND(manifest->organizations, manifest->organizations_count) =
				entry_of(&publication->orgs[next++], mesh->organizations[i].name);
}

static unsigned manifest_days(const struct publisher *publisher)
{
	unsigned most = publisher->mesh->manifest_max_days;

	if (publisher->options->days)
		return publisher->options->days;
	/* A mesh that was told to last long: nobody publishes every two weeks for it. */
	if (most > MESH_MANIFEST_DAYS_DEFAULT)
		return most;
	return most < MANIFEST_DAYS_DEFAULT ? most : MANIFEST_DAYS_DEFAULT;
}

static bool entries_equal(const struct manifest_entry *a, const struct manifest_entry *b)
{
	return !strcmp(a->name, b->name) && a->version == b->version && a->size == b->size &&
	       !memcmp(a->digest, b->digest, KEY_SIZE);
}

static bool names_the_same(const struct manifest_document *a, const struct manifest_document *b)
{
	if (!entries_equal(&a->mesh, &b->mesh) || a->organizations_count != b->organizations_count)
		return false;
	for (size_t i = 0; i < a->organizations_count; i++)
		if (!entries_equal(&a->organizations[i], &b->organizations[i]))
			return false;
	return true;
}

/* A manifest that waits for signatures and still fits gets another one instead of a successor. */
static bool take_waiting(const struct publisher *publisher, const struct signing_need *need,
			 const struct manifest_document *wanted, struct sealed *ret)
{
	const struct source_document *document = publisher->source->manifest;
	CLEANUP(manifest_document_free) struct manifest_document *waiting = NULL;

	if (!document || signing_examine(need, document).state != SIGNING_PARTIAL ||
	    manifest_document_parse(document->envelope.payload, document->envelope.payload_size,
				    SOURCE_MANIFEST, &waiting, NULL) < 0 ||
	    !names_the_same(waiting, wanted))
		return false;
	envelope_copy(&document->envelope, &ret->envelope);
	ret->version = waiting->header.version;
	ret->expires = waiting->header.expires;
	return true;
}

/*
 * Behind what was published, and behind one that waits for signatures and is given up. Where the
 * last version there is has been used up, by a thief say, other keys may begin anew.
 */
static uint64_t next_version(const struct publisher *publisher)
{
	const struct source_document *document = publisher->source->manifest;
	const struct base *base = publisher->base;
	uint64_t last = base->manifest ? base->manifest->header.version : 0;
	struct document_header waiting;

	if (document && document_peek(&document->envelope, &waiting) == 0 && waiting.version > last)
		last = waiting.version;
	if (last >= DOCUMENT_VERSION_MAX && base->mesh &&
	    !keyset_equal(&base->mesh->manifest_role, &publisher->mesh->manifest_role))
		last = 0;
	return last + 1;
}

static void make_manifest(const struct publisher *publisher, struct manifest_document *manifest,
			  struct sealed *ret)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	int64_t now = publisher->options->now;

	memcpy(manifest->header.mesh_id, publisher->mesh->header.mesh_id, MESH_ID_SIZE);
	manifest->header.version = next_version(publisher);
	manifest->header.issued = now;
	manifest->header.expires = now + (int64_t)manifest_days(publisher) * DAY_SEC;
	manifest_document_format(manifest, &text);
	envelope_make(DOCUMENT_MANIFEST, text.bytes, text.length, &ret->envelope);
	ret->version = manifest->header.version;
	ret->expires = manifest->header.expires;
	ret->is_new_text = true;
}

static int publish_manifest(struct publisher *publisher, struct error *error)
{
	const struct signing_need need = signing_need_of_manifest(publisher->mesh);
	const struct signing_keys *keys = &publisher->options->keys;
	CLEANUP(manifest_document_free)
	struct manifest_document *manifest = NEW(struct manifest_document);
	struct sealed *sealed = &publisher->publication->manifest;
	int result;

	list_documents(publisher, manifest);
	if (!take_waiting(publisher, &need, manifest, sealed))
		make_manifest(publisher, manifest, sealed);
	(void)snprintf(sealed->path, sizeof(sealed->path), "%s", SOURCE_MANIFEST);
	(void)snprintf(sealed->what, sizeof(sealed->what), "manifest %" PRIu64, sealed->version);
	result = signing_add(&sealed->envelope, &need, keys, &sealed->added, error);
	if (result == 0 && sealed->added == 0)
		return keys->count
			       ? signing_fail_role(keys->items[0], sealed->what, error)
			       : error_set(error, -ENOKEY, ERROR_KEY_ROLE, NULL,
					   "%s needs a key; name it with --key FILE", sealed->what);
	sealed->signing = signing_count(&need, &sealed->envelope);
	return result;
}

static int parse_version(const struct envelope *envelope, struct mesh_document **ret,
			 struct error *error)
{
	return mesh_document_parse(envelope->payload, envelope->payload_size, "mesh", ret, error);
}

int publish_choose_meshes(const struct source *source, const struct envelope *newest, bool *ret,
			  struct error *error)
{
	CLEANUP(mesh_document_free) struct mesh_document *before = NULL;
	size_t size = newest->payload_size;

	for (size_t i = 0; i < source->meshes_count; i++) {
		const struct envelope *envelope = &source->meshes[i].envelope;
		struct mesh_document *mesh = NULL;
		int result = parse_version(envelope, &mesh, error);

		if (result < 0)
			return result;
		ret[i] = !before || !keyset_equal(&before->mesh_role, &mesh->mesh_role);
		size += ret[i] ? envelope->payload_size : 0;
		mesh_document_free(before);
		before = mesh;
	}
	for (size_t i = source->meshes_count; i-- > 0;) {
		if (ret[i])
			continue;
		size += source->meshes[i].envelope.payload_size;
		if (size > PUBLISH_MESHES_SIZE)
			break;
		ret[i] = true;
	}
	return 0;
}

static void append(struct bundle *bundle, const struct envelope *envelope)
{
	envelope_copy(envelope, ARRAY_APPEND(bundle->envelopes, bundle->count));
}

static int make_bundle(const struct publisher *publisher, struct bundle *bundle,
		       struct error *error)
{
	const struct source *source = publisher->source;
	const struct publication *publication = publisher->publication;
	CLEANUP(free) bool *chosen = NEW_ARRAY(bool, source->meshes_count + 1);
	int result = publish_choose_meshes(source, &publication->mesh.envelope, chosen, error);

	if (result < 0)
		return result;
	for (size_t i = 0; i < source->meshes_count; i++)
		if (chosen[i] && source->meshes[i].number < publication->mesh.version)
			append(bundle, &source->meshes[i].envelope);
	append(bundle, &publication->mesh.envelope);
	bundle->meshes_count = bundle->count;
	append(bundle, &publication->manifest.envelope);
	for (size_t i = 0; i < publication->orgs_count; i++)
		append(bundle, &publication->orgs[i].envelope);
	return 0;
}

/* As a node would that has what was published last, or only the pin. */
static int verify_as_client(struct publisher *publisher, struct error *error)
{
	struct publication *publication = publisher->publication;
	CLEANUP(bundle_free) struct bundle *bundle = NEW(struct bundle);
	CLEANUP(bundle_free) struct bundle *read = NULL;
	CLEANUP(trust_free) struct trust *trust = base_trust(publisher->base);
	struct verify_options options = {
		.trust = trust,
		.clock = publisher->options->now,
		.build_date = publisher->options->build_date,
		.allow_empty = publisher->options->allow_empty,
	};
	int result = make_bundle(publisher, bundle, error);

	if (result < 0)
		return result;
	bundle_format(bundle, &publication->bundle);
	options.mesh_sha256 = bundle->envelopes[0].digest;
	result = bundle_parse(publication->bundle.bytes, publication->bundle.length, "the bundle",
			      &read, error);
	if (result == 0)
		result = registry_verify(read, &options, &publication->warnings,
					 &publication->verified, error);
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
	return publication->is_complete ? verify_as_client(publisher, error) : 0;
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
