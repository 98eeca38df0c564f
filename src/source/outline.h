/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/strbuf.h"
#include "core/model.h"
#include "registry/mesh.h"
#include "registry/org.h"

/*
 * What a registry says, as sorted lines for people: "node home/moon", "endpoint 0",
 * "203.0.113.5, ip4, port 12025". Two outlines are compared instead of two documents, so that the
 * order of members, white space, dates and versions make no difference, and signed and unsigned
 * registries can be compared with each other.
 */
enum outline_rank { /* the order of subjects */
	OUTLINE_MESH,
	OUTLINE_ORGANIZATION,
	OUTLINE_NODE,
};

struct outline_line {
	enum outline_rank rank;
	char *subject;
	char *attribute; /* each once in a subject; empty for the subject itself */
	char *value;	 /* empty where the attribute says it all: "prefix 192.168.128.0/24" */
};

struct outline {
	struct outline_line *lines;
	size_t count;
};

void outline_done(struct outline *outline);
CLEANUP_DEFINE_IN_PLACE(struct outline, outline_done);

/*
 * Keys, roles, pool, organizations with their grants, revocations. @payload is the document's JSON,
 * from which come the holders of keys, who are nobody's business but people's; NULL: none.
 */
void outline_add_mesh(struct outline *outline, const struct mesh_document *mesh,
		      struct json_object *payload);

void outline_add_node(struct outline *outline, const struct registry_node *node);

/*
 * What stands in the JSON of a node, and of its `remarks`, that the program has no use for but
 * people may. The same of an organization's document beside its nodes.
 */
void outline_add_node_members(struct outline *outline, const struct node_id *id,
			      struct json_object *node);
void outline_add_org_members(struct outline *outline, const struct org_document *org,
			     struct json_object *payload);

/* Sorts the lines. Call when everything was added. */
void outline_finish(struct outline *outline);

/* For reading: each subject, and indented what is said of it. */
void outline_format(const struct outline *outline, struct strbuf *ret);
