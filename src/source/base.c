// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/base.h"

#include "base/memory.h"
#include "source/documents.h"
#include "source/seal.h"
#include "source/sign.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void base_done(struct base *base)
{
	manifest_document_free(base->manifest);
	mesh_document_free(base->mesh);
	envelope_done(&base->manifest_envelope);
	*base = (struct base) { 0 };
}

static const struct source_document *find_mesh(const struct source *source, uint64_t number)
{
	for (size_t i = 0; i < source->meshes_count; i++)
		if (source->meshes[i].number == number)
			return &source->meshes[i];
	return NULL;
}

static int read_mesh_of(const struct source *source, const struct manifest_document *manifest,
			struct base *base, struct error *error)
{
	char path[PATH_MAX];

	base->mesh_file = find_mesh(source, manifest->mesh.version);
	if (!base->mesh_file ||
	    memcmp(base->mesh_file->envelope.digest, manifest->mesh.digest, KEY_SIZE) != 0)
		return error_set(error, -EINVAL, ERROR_HASH,
				 source_path(source->directory, SOURCE_MANIFEST, path),
				 "names a mesh.%" PRIu64 ".json that is not %s here; a signed mesh "
				 "document is never edited, get it back (git)",
				 manifest->mesh.version, base->mesh_file ? "the one" : "there");
	return mesh_document_parse(
		base->mesh_file->envelope.payload, base->mesh_file->envelope.payload_size,
		source_path(source->directory, base->mesh_file->path, path), &base->mesh, error);
}

/* @envelope as the published manifest, if it has its signatures or is a copy of one that had. */
static int try_manifest(const struct source *source, const struct envelope *envelope, bool is_copy,
			struct base *ret, struct error *error)
{
	CLEANUP(base_done) struct base base = { 0 };
	struct signing_need need;
	char path[PATH_MAX];
	int result = manifest_document_parse(envelope->payload, envelope->payload_size,
					     source_path(source->directory, SOURCE_MANIFEST, path),
					     &base.manifest, error);

	if (result == 0)
		result = read_mesh_of(source, base.manifest, &base, error);
	if (result < 0)
		return result;
	need = signing_need_of_manifest(base.mesh);
	if (!is_copy && signing_count(&need, envelope).state != SIGNING_COMPLETE)
		return -EAGAIN;
	envelope_copy(envelope, &base.manifest_envelope);
	*ret = base;
	base = (struct base) { 0 };
	return 0;
}

int base_read(const struct source *source, struct base *ret, struct error *error)
{
	CLEANUP(envelope_done) struct envelope copy = { 0 };
	int result;

	if (!source->manifest)
		return 0;
	result = try_manifest(source, &source->manifest->envelope, false, ret, error);
	if (result != -EAGAIN)
		return result;
	/* It waits for signatures; what was published is the one before. */
	if (source_recall(source, SOURCE_MANIFEST, DOCUMENT_MANIFEST, &copy) < 0)
		return 0;
	return try_manifest(source, &copy, true, ret, error);
}

struct trust *base_trust(const struct base *base)
{
	const struct manifest_document *manifest = base->manifest;
	struct trust *trust;

	if (!manifest)
		return NULL;
	trust = NEW(struct trust);
	memcpy(trust->mesh_id, manifest->header.mesh_id, MESH_ID_SIZE);
	trust->mesh_version = manifest->mesh.version;
	memcpy(trust->mesh_digest, manifest->mesh.digest, KEY_SIZE);
	trust->mesh_keys = base->mesh->mesh_role;
	trust->manifest.version = manifest->header.version;
	memcpy(trust->manifest.digest, base->manifest_envelope.digest, KEY_SIZE);
	keyset_digest(&base->mesh->manifest_role, trust->manifest.keyset);
	trust->last_seen = manifest->header.issued;
	for (size_t i = 0; i < manifest->organizations_count; i++) {
		const struct manifest_entry *entry = &manifest->organizations[i];
		const struct mesh_organization *member =
			mesh_find_organization(base->mesh, entry->name);
		struct trust_organization *organization;
		struct keyset keys;

		if (!member)
			continue;
		organization = ARRAY_APPEND(trust->organizations, trust->organizations_count);
		keys = mesh_organization_keyset(base->mesh, member);
		(void)snprintf(organization->name, sizeof(organization->name), "%s", entry->name);
		organization->floor.version = entry->version;
		memcpy(organization->floor.digest, entry->digest, KEY_SIZE);
		keyset_digest(&keys, organization->floor.keyset);
	}
	return trust;
}

static int compare_name_with_entry(const void *name, const void *entry)
{
	return strcmp(name, ((const struct manifest_entry *)entry)->name);
}

const struct manifest_entry *base_find_entry(const struct base *base, const char *organization)
{
	const struct manifest_document *manifest = base->manifest;

	if (!manifest || !manifest->organizations_count)
		return NULL;
	return bsearch(organization, manifest->organizations, manifest->organizations_count,
		       sizeof(manifest->organizations[0]), compare_name_with_entry);
}

static bool has_digest(const struct envelope *envelope, const struct manifest_entry *entry)
{
	return !memcmp(envelope->digest, entry->digest, KEY_SIZE);
}

/* The published document of an organization, wherever its text still is. -ENOENT. */
static int find_published(const struct source *source, const struct bundle *previous,
			  const struct manifest_entry *entry, struct envelope *ret)
{
	const struct source_document *document = source_find_organization(source, entry->name);
	char path[SOURCE_PATH_SIZE];

	if (document && has_digest(&document->envelope, entry)) {
		envelope_copy(&document->envelope, ret);
		return 0;
	}
	for (size_t i = 0; previous && i < previous->count; i++) {
		if (previous->envelopes[i].type != DOCUMENT_ORG ||
		    !has_digest(&previous->envelopes[i], entry))
			continue;
		envelope_copy(&previous->envelopes[i], ret);
		return 0;
	}
	(void)snprintf(path, sizeof(path), SOURCE_ORGANIZATIONS "/%s.json", entry->name);
	if (source_recall(source, path, DOCUMENT_ORG, ret) == 0 && has_digest(ret, entry))
		return 0;
	envelope_done(ret);
	return -ENOENT;
}

int base_last_signed(const struct source *source, const struct base *base,
		     const struct sealed *sealed, struct envelope *ret)
{
	const struct source_document *mesh;
	const struct manifest_entry *entry;

	if (sealed->envelope.type == DOCUMENT_MESH) {
		mesh = sealed->version > 1 ? find_mesh(source, sealed->version - 1) : NULL;
		if (!mesh)
			return -ENOENT;
		envelope_copy(&mesh->envelope, ret);
		return 0;
	}
	if (source_recall(source, sealed->path, DOCUMENT_ORG, ret) == 0)
		return 0;
	entry = base_find_entry(base, sealed->organization);
	return entry ? find_published(source, NULL, entry, ret) : -ENOENT;
}

int base_outline(const struct source *source, const struct base *base,
		 const struct bundle *previous, struct outline *outline, struct strbuf *notes,
		 struct error *error)
{
	CLEANUP(documents_done) struct documents documents = { 0 };
	int result;

	if (!base->manifest)
		return 0;
	result = documents_set_mesh(&documents, &base->mesh_file->envelope, base->mesh_file->path,
				    error);
	for (size_t i = 0; result == 0 && i < base->manifest->organizations_count; i++) {
		const struct manifest_entry *entry = &base->manifest->organizations[i];
		CLEANUP(envelope_done) struct envelope published = { 0 };

		if (find_published(source, previous, entry, &published) < 0)
			strbuf_printf(notes,
				      "note: no copy of org \"%s\" version %" PRIu64
				      " is here to compare with; all of it is shown\n",
				      entry->name, entry->version);
		else
			result = documents_add_org(&documents, &published, entry->name, entry->name,
						   error);
	}
	if (result == 0)
		documents_outline(&documents, outline);
	return result;
}
