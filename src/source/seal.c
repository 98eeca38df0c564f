// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/seal.h"

#include "base/memory.h"
#include "base/strbuf.h"
#include "registry/org.h"
#include "source/json_edit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void sealed_done(struct sealed *sealed)
{
	envelope_done(&sealed->envelope);
	*sealed = (struct sealed) { 0 };
}

void envelope_copy(const struct envelope *envelope, struct envelope *ret)
{
	envelope_make(envelope->type, envelope->payload, envelope->payload_size, ret);
	ret->signatures_count = envelope->signatures_count;
	if (envelope->signatures_count)
		ret->signatures =
			memory_dup(envelope->signatures,
				   envelope->signatures_count * sizeof(envelope->signatures[0]));
}

/* What all kinds of documents have in common. */
struct sealing {
	const struct source *source;
	const struct source_document *document;
	const struct seal_options *options;
	struct signing_need need;
	bool is_stale; /* its signatures are of a text that has no place any more */
};

/* Has somebody signed this text, so that only a signature may be added? */
static bool is_kept(const struct sealing *sealing)
{
	struct signing before = signing_examine(&sealing->need, sealing->document);

	return !sealing->options->renew && !sealing->is_stale &&
	       (before.state == SIGNING_PARTIAL || before.state == SIGNING_COMPLETE);
}

static void set_text(const struct sealing *sealing, const struct strbuf *stamped,
		     struct sealed *ret)
{
	const struct envelope *envelope = &sealing->document->envelope;

	ret->is_new_text = stamped != NULL;
	if (stamped)
		envelope_make(envelope->type, stamped->bytes, stamped->length, &ret->envelope);
	else
		envelope_copy(envelope, &ret->envelope);
}

static int finish(const struct sealing *sealing, struct sealed *ret, struct error *error)
{
	int result = signing_add(&ret->envelope, &sealing->need, &sealing->options->keys,
				 &ret->added, error);

	ret->signing = signing_count(&sealing->need, &ret->envelope);
	if (result < 0)
		error_prefix_place(error, ret->what);
	return result;
}

static struct stamp stamp_now(const struct seal_options *options, uint64_t version)
{
	unsigned days = options->days ? options->days : DOCUMENT_DAYS_MAX;

	return (struct stamp) {
		.version = version,
		.issued = options->now,
		.expires = options->now + (int64_t)days * DAY_SEC,
	};
}

static int parse_mesh(const struct envelope *envelope, const char *name, struct mesh_document **ret,
		      struct error *error)
{
	return mesh_document_parse(envelope->payload, envelope->payload_size, name, ret, error);
}

/* The document that @ret follows: the version before it in the folder, NULL before version 1. */
static int parse_previous(const struct source *source, const struct source_document *document,
			  const struct source_document **ret, struct mesh_document **ret_mesh,
			  struct error *error)
{
	size_t before = document == source->draft ? source->meshes_count : source->meshes_count - 1;
	char path[PATH_MAX];

	*ret = before ? &source->meshes[before - 1] : NULL;
	if (!*ret)
		return 0;
	return parse_mesh(&(*ret)->envelope, source_path(source->directory, (*ret)->path, path),
			  ret_mesh, error);
}

/* A draft that was signed before somebody else finished this version has to be signed again. */
static bool is_stale(const struct mesh_document *mesh, const struct source_document *previous,
		     const struct mesh_document *previous_mesh)
{
	if (!previous)
		return mesh->header.version != 1;
	return mesh->header.version != previous_mesh->header.version + 1 ||
	       memcmp(mesh->prev, previous->envelope.digest, KEY_SIZE) != 0;
}

/* The text that the mesh document becomes if it is signed anew. */
static int stamp_mesh(const struct source *source, const struct source_document *document,
		      const struct source_document *previous,
		      const struct mesh_document *previous_mesh, const struct seal_options *options,
		      struct strbuf *ret, struct error *error)
{
	struct stamp stamp =
		stamp_now(options, previous_mesh ? previous_mesh->header.version + 1 : 1);
	struct json_object *json;
	int result = source_document_json(source, document, &json, error);

	if (result < 0)
		return result;
	stamp.prev = previous ? previous->envelope.digest : NULL;
	signing_stamp(json, DOCUMENT_MESH, &stamp, ret);
	json_object_put(json);
	return 0;
}

static void name_mesh(const struct mesh_document *mesh, struct sealed *ret)
{
	ret->version = mesh->header.version;
	ret->issued = mesh->header.issued;
	ret->expires = mesh->header.expires;
	(void)snprintf(ret->what, sizeof(ret->what), "mesh %" PRIu64, ret->version);
	(void)snprintf(ret->path, sizeof(ret->path), "mesh.%" PRIu64 ".json", ret->version);
}

int seal_mesh(const struct source *source, const struct seal_options *options, struct sealed *ret,
	      struct error *error)
{
	const struct source_document *document = source_current_mesh(source), *previous;
	/* To renew what is signed is to make the version behind it. */
	bool follows_itself = options->renew && !source->draft;
	CLEANUP(mesh_document_free) struct mesh_document *previous_mesh = NULL;
	CLEANUP(mesh_document_free) struct mesh_document *old = NULL;
	CLEANUP(mesh_document_free) struct mesh_document *mesh = NULL;
	CLEANUP(strbuf_done) struct strbuf stamped = { 0 };
	CLEANUP(sealed_done) struct sealed sealed = { 0 };
	struct sealing sealing = { source, document, options };
	char path[PATH_MAX];
	int result;

	source_path(source->directory, document->path, path);
	if (follows_itself) {
		previous = document;
		result = parse_mesh(&document->envelope, path, &previous_mesh, error);
	} else {
		result = parse_previous(source, document, &previous, &previous_mesh, error);
	}
	if (result == 0)
		result = stamp_mesh(source, document, previous, previous_mesh, options, &stamped,
				    error);
	if (result == 0)
		result = mesh_document_parse(stamped.bytes, stamped.length, path, &mesh, error);
	if (result < 0)
		return result;
	sealing.need = signing_need_of_mesh(mesh, previous_mesh);
	sealing.is_stale = parse_mesh(&document->envelope, path, &old, NULL) < 0 ||
			   is_stale(old, previous, previous_mesh);
	set_text(&sealing, is_kept(&sealing) ? NULL : &stamped, &sealed);
	name_mesh(sealed.is_new_text ? mesh : old, &sealed);
	result = finish(&sealing, &sealed, error);
	if (result < 0)
		return result;
	*ret = sealed;
	sealed = (struct sealed) { 0 };
	return 0;
}

/* The text that the document becomes if it is signed anew. */
static int stamp_organization(const struct sealing *sealing, struct strbuf *ret,
			      struct error *error)
{
	struct signing before = signing_examine(&sealing->need, sealing->document);
	struct json_object *json;
	struct stamp stamp;
	uint64_t version;
	int result = source_document_json(sealing->source, sealing->document, &json, error);

	if (result < 0)
		return result;
	result = signing_next_version(json, before.state, &version, error);
	if (result == 0) {
		stamp = stamp_now(sealing->options, version);
		signing_stamp(json, DOCUMENT_ORG, &stamp, ret);
	}
	json_object_put(json);
	return result;
}

static int check_org(const struct org_document *org, const struct source_document *document,
		     const struct mesh_document *mesh, const char *path, struct error *error)
{
	if (strcmp(org->name, document->name) != 0)
		return error_set(error, -EINVAL, ERROR_NAME, path,
				 "is the document of organization \"%s\"; expected \"%s\"",
				 org->name, document->name);
	if (memcmp(org->header.mesh_id, mesh->header.mesh_id, MESH_ID_SIZE) != 0)
		return error_set(error, -EINVAL, ERROR_MESH, path,
				 "belongs to another mesh; expected mesh_id of \"%s\"", mesh->name);
	return 0;
}

int seal_organization(const struct source *source, const struct source_document *document,
		      const struct mesh_document *mesh, const struct seal_options *options,
		      struct sealed *ret, struct error *error)
{
	CLEANUP(org_document_free) struct org_document *org = NULL;
	CLEANUP(strbuf_done) struct strbuf stamped = { 0 };
	CLEANUP(sealed_done) struct sealed sealed = { 0 };
	struct sealing sealing = { source, document, options };
	char path[PATH_MAX];
	int result;

	source_path(source->directory, document->path, path);
	result = signing_need_of_organization(mesh, document->name, &sealing.need, error);
	if (result == 0 && !is_kept(&sealing))
		result = stamp_organization(&sealing, &stamped, error);
	if (result < 0)
		return result;
	set_text(&sealing, is_kept(&sealing) ? NULL : &stamped, &sealed);
	result = org_document_parse(sealed.envelope.payload, sealed.envelope.payload_size, path,
				    NULL, &org, error);
	if (result == 0)
		result = check_org(org, document, mesh, path, error);
	if (result < 0)
		return result;
	sealed.version = org->header.version;
	sealed.issued = org->header.issued;
	sealed.expires = org->header.expires;
	(void)snprintf(sealed.what, sizeof(sealed.what), "org \"%s\"", org->name);
	(void)snprintf(sealed.organization, sizeof(sealed.organization), "%s", org->name);
	(void)snprintf(sealed.path, sizeof(sealed.path), "%s", document->path);
	result = finish(&sealing, &sealed, error);
	if (result < 0)
		return result;
	*ret = sealed;
	sealed = (struct sealed) { 0 };
	return 0;
}

void seal_changes(const struct source *source, const struct sealed *sealed,
		  struct source_changes *changes)
{
	bool is_mesh = sealed->envelope.type == DOCUMENT_MESH;
	bool is_complete = sealed->signing.state == SIGNING_COMPLETE;

	source_put_envelope(changes, is_mesh && !is_complete ? SOURCE_DRAFT : sealed->path,
			    &sealed->envelope);
	if (is_mesh && is_complete && (source->draft || source->has_leftover)) {
		source_remove(changes, SOURCE_DRAFT ".sig");
		source_remove(changes, SOURCE_DRAFT);
	}
	if (!is_mesh && is_complete)
		source_remember(changes, sealed->path, &sealed->envelope);
}
