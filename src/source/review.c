// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/review.h"

#include "base/memory.h"
#include "source/documents.h"
#include "source/holders.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void review_done(struct review *review)
{
	for (size_t i = 0; i < review->count; i++) {
		strbuf_done(&review->items[i].waits_for);
		strbuf_done(&review->items[i].problem);
	}
	free(review->items);
	*review = (struct review) { 0 };
}

struct reviewer {
	const struct source *source;
	const struct base *base;
	struct documents current; /* mesh only: the draft if there is one */
	struct documents newest;  /* mesh only; empty before the first is signed */
	struct review *review;
};

static void reviewer_done(struct reviewer *reviewer)
{
	documents_done(&reviewer->current);
	documents_done(&reviewer->newest);
}
CLEANUP_DEFINE_IN_PLACE(struct reviewer, reviewer_done);

static struct review_item *add_item(struct reviewer *reviewer, const char *path)
{
	struct review_item *item = ARRAY_APPEND(reviewer->review->items, reviewer->review->count);

	(void)snprintf(item->path, sizeof(item->path), "%s", path);
	return item;
}

static void set_header(struct review_item *item, const struct document_header *header)
{
	item->version = header->version;
	item->issued = header->issued;
	item->expires = header->expires;
}

static void set_signing(struct reviewer *reviewer, struct review_item *item,
			const struct source_document *document, const struct signing_need *need)
{
	item->signing = signing_examine(need, document);
	for (unsigned i = 0; i < need->count && item->signing.state != SIGNING_COMPLETE; i++)
		if (keyset_count_signatures(&need->keysets[i], &document->envelope).good <
		    need->keysets[i].threshold)
			holders_who_signed(reviewer->current.mesh_json, &need->keysets[i],
					   &document->envelope, false, &item->waits_for);
}

static void set_problem(struct review_item *item, const struct error *error)
{
	char line[ERROR_LINE_SIZE];

	strbuf_puts(&item->problem, error_format(error, line, sizeof(line)));
}

static bool is_published(const struct manifest_entry *entry, const struct envelope *envelope)
{
	return !memcmp(entry->digest, envelope->digest, KEY_SIZE);
}

static void review_mesh(struct reviewer *reviewer, const struct source_document *document,
			const struct mesh_document *mesh, const struct mesh_document *previous)
{
	struct review_item *item = add_item(reviewer, document->path);
	const struct signing_need need = signing_need_of_mesh(mesh, previous);

	set_header(item, &mesh->header);
	set_signing(reviewer, item, document, &need);
	item->is_published = reviewer->base->manifest &&
			     is_published(&reviewer->base->manifest->mesh, &document->envelope);
}

static void review_organization(struct reviewer *reviewer, const struct source_document *document)
{
	const struct manifest_entry *entry = base_find_entry(reviewer->base, document->name);
	struct review_item *item = add_item(reviewer, document->path);
	CLEANUP(org_document_free) struct org_document *org = NULL;
	struct signing_need need;
	struct error error = { 0 };
	int result =
		signing_need_of_organization(reviewer->current.mesh, document->name, &need, &error);

	if (result == 0)
		result = org_document_parse(document->envelope.payload,
					    document->envelope.payload_size, document->path, NULL,
					    &org, &error);
	if (result < 0) {
		set_problem(item, &error);
		return;
	}
	set_header(item, &org->header);
	set_signing(reviewer, item, document, &need);
	item->is_published = entry && is_published(entry, &document->envelope);
}

/* Members whose nodes nobody has listed yet: publish refuses them. */
static void review_missing(struct reviewer *reviewer)
{
	const struct mesh_document *mesh = reviewer->current.mesh;
	char path[SOURCE_PATH_SIZE];

	for (size_t i = 0; i < mesh->organizations_count; i++) {
		const struct mesh_organization *organization = &mesh->organizations[i];

		if (organization->is_suspended ||
		    source_find_organization(reviewer->source, organization->name))
			continue;
		(void)snprintf(path, sizeof(path), SOURCE_ORGANIZATIONS "/%s.json",
			       organization->name);
		strbuf_puts(&add_item(reviewer, path)->problem,
			    "is not there: add its nodes, or suspend it");
	}
}

static void review_manifest(struct reviewer *reviewer)
{
	const struct source_document *document = reviewer->source->manifest;
	const struct mesh_document *mesh =
		reviewer->newest.mesh ? reviewer->newest.mesh : reviewer->current.mesh;
	const struct signing_need need = signing_need_of_manifest(mesh);
	CLEANUP(manifest_document_free) struct manifest_document *manifest = NULL;
	struct error error = { 0 };
	struct review_item *item;

	if (!document)
		return;
	item = add_item(reviewer, document->path);
	if (manifest_document_parse(document->envelope.payload, document->envelope.payload_size,
				    document->path, &manifest, &error) < 0) {
		set_problem(item, &error);
		return;
	}
	set_header(item, &manifest->header);
	set_signing(reviewer, item, document, &need);
	item->is_published = item->signing.state == SIGNING_COMPLETE;
}

/* The signed version before the newest, for the keys that had to sign that. */
static int read_previous(const struct source *source, struct mesh_document **ret,
			 struct error *error)
{
	const struct source_document *document;

	if (source->meshes_count < 2)
		return 0;
	document = &source->meshes[source->meshes_count - 2];
	return mesh_document_parse(document->envelope.payload, document->envelope.payload_size,
				   document->path, ret, error);
}

static int begin(struct reviewer *reviewer, struct error *error)
{
	const struct source *source = reviewer->source;
	const struct source_document *newest = source_newest_mesh(source);
	const struct source_document *current = source_current_mesh(source);
	int result =
		documents_set_mesh(&reviewer->current, &current->envelope, current->path, error);

	if (result == 0 && newest)
		result = documents_set_mesh(&reviewer->newest, &newest->envelope, newest->path,
					    error);
	return result;
}

int review_make(const struct source *source, const struct base *base, struct review *ret,
		struct error *error)
{
	CLEANUP(review_done) struct review review = { 0 };
	CLEANUP(mesh_document_free) struct mesh_document *previous = NULL;
	CLEANUP(reviewer_done)
	struct reviewer reviewer = { .source = source, .base = base, .review = &review };
	int result = begin(&reviewer, error);

	if (result == 0)
		result = read_previous(source, &previous, error);
	if (result < 0)
		return result;
	if (reviewer.newest.mesh)
		review_mesh(&reviewer, source_newest_mesh(source), reviewer.newest.mesh, previous);
	if (source->draft)
		review_mesh(&reviewer, source->draft, reviewer.current.mesh, reviewer.newest.mesh);
	for (size_t i = 0; i < source->organizations_count; i++)
		review_organization(&reviewer, &source->organizations[i]);
	review_missing(&reviewer);
	review_manifest(&reviewer);
	*ret = review;
	review = (struct review) { 0 };
	return 0;
}

bool review_item_waits(const struct review_item *item, int64_t now)
{
	return item->problem.length > 0 || item->signing.state != SIGNING_COMPLETE ||
	       !item->is_published || item->expires <= now;
}
