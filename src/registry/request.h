/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/warning.h"
#include "registry/document.h"

/*
 * What a node that wants to join says about itself (registry specification, section 3.5), in one
 * envelope signed by its own identity key. The signature proves that whoever made the request has
 * the node's key, nothing else: whether the node may join is the administrator's decision.
 */
#define JOIN_REQUEST_SIZE_MAX (256u << 10) /* bytes; one node with all that it may have */

struct join_request {
	bool has_mesh_id;
	uint8_t mesh_id[MESH_ID_SIZE];
	int64_t issued;
	struct registry_node node;     /* its organization is in its id */
	struct json_object *node_json; /* the node object as it was sent, with unknown members */
};

void join_request_free(struct join_request *request);
CLEANUP_DEFINE(struct join_request *, join_request_free);

/*
 * Read and verify the text of a request file. @name is the file's. E_ENVELOPE for another kind of
 * document; E_SIG_THRESHOLD if it is not signed by the `public_key` of its node; E_MISSING if the
 * node has none; errors of node_read().
 */
#define REQUEST_TABLES 1
extern const struct member_table *const request_tables[REQUEST_TABLES];
int join_request_parse(const char *text, size_t size, const char *name, struct warnings *warnings,
		       struct join_request **ret, struct error *error);

/*
 * The request of the node that @config describes, signed with its identity key; text for a file.
 * -ENOKEY if the configuration has no identity key. Private keys do not enter into it.
 */
int join_request_make(const struct config *config, const uint8_t *mesh_id, int64_t now,
		      struct strbuf *ret, struct error *error);
