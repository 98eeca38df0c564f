// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/publish_parts.h"

#include "base/memory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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

int publish_manifest(struct publisher *publisher, struct error *error)
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
