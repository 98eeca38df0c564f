/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/warning.h"
#include "registry/bundle.h"
#include "registry/mesh.h"
#include "registry/org.h"
#include "source/folder.h"
#include "source/outline.h"

#include <json-c/json.h>

/*
 * One mesh document and the documents of organizations that go with it, parsed. Whether they are
 * authentic is not asked here: for what a person wrote, and for looking.
 */
struct documents {
	struct mesh_document *mesh;
	struct json_object *mesh_json;
	struct org_document **orgs;
	struct json_object **orgs_json;
	size_t orgs_count;
	struct warnings warnings; /* of the documents */
};

void documents_done(struct documents *documents);
CLEANUP_DEFINE_IN_PLACE(struct documents, documents_done);

/* @name is what messages call the document. */
int documents_set_mesh(struct documents *documents, const struct envelope *envelope,
		       const char *name, struct error *error);

/*
 * After the mesh. E_NAME for the document of an organization that is no member, or of another than
 * @organization (NULL: whichever it is); E_MESH for one of another mesh.
 */
int documents_add_org(struct documents *documents, const struct envelope *envelope,
		      const char *organization, const char *name, struct error *error);

/* What stands in the folder: the mesh document as it is edited, and all organizations. */
int documents_from_source(const struct source *source, struct documents *ret, struct error *error);

/* The newest mesh document and all organizations of a bundle. */
int documents_from_bundle(const struct bundle *bundle, struct documents *ret, struct error *error);

/* Appends; outline_finish() is the caller's. */
void documents_outline(const struct documents *documents, struct outline *outline);

/* One document alone: what it says, whatever it belongs to. Mesh and org documents only. */
int outline_add_envelope(struct outline *outline, const struct envelope *envelope, const char *name,
			 struct error *error);

/* What they mean together, by registry_assemble(). Once only: takes the nodes. */
int documents_assemble(struct documents *documents, struct registry **ret, struct error *error);
