/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "core/model.h"
#include "registry/mesh.h"

#include <json-c/json.h>

/*
 * Changes to the JSON of a mesh document. Members that the program does not know stay where they
 * are. Only what has to be found is checked here; whether the result is a mesh document is
 * mesh_document_parse()'s question, with its texts.
 */

/* A public key, and whose it is: for people, may be NULL. */
struct named_key {
	uint8_t public_key[KEY_SIZE];
	const char *holder;
};

struct key_list {
	const struct named_key *items;
	size_t count;
};

/* A new mesh, version 1, without organizations. */
struct mesh_plan {
	uint8_t mesh_id[MESH_ID_SIZE];
	const char *name;
	struct key_list keys;
	unsigned threshold;
	struct key_list manifest_keys; /* empty: the keys above */
	unsigned manifest_threshold;
	unsigned manifest_max_days; /* 0: the default, which is not written */
	const char *const *pool;
	size_t pool_count;
};
struct json_object *mesh_edit_new(const struct mesh_plan *plan);

/* What a new organization gets; also for the pool as a whole. */
struct member_plan {
	const char *name;
	struct key_list keys;
	unsigned threshold;
	const struct grant *grants;
	size_t grants_count;
	bool has_no_transit;
	unsigned max_nodes; /* 0: the default, which is not written */
};

/* E_NAME if there is one of this name, ignoring case. */
int mesh_edit_add_member(struct json_object *mesh, const struct member_plan *plan,
			 struct error *error);

/*
 * "fd66:1::/48-64": a grant and the longest prefix that may be announced of it. Without the second
 * number /64 of IPv6 and /24 of IPv4, or the prefix itself if it is longer. E_USAGE.
 */
int grant_parse(const char *text, bool shared, struct grant *ret, struct error *error);

/* The following are E_NAME if there is no organization @name. */
int mesh_edit_add_grants(struct json_object *mesh, const char *name, const struct grant *grants,
			 size_t count, struct error *error);
/* E_GRANT for one that it does not have. */
int mesh_edit_remove_grant(struct json_object *mesh, const char *name,
			   const struct ip_prefix *prefix, struct error *error);
/* `state`, `transit` or `max_nodes`; takes @value. */
int mesh_edit_set_member(struct json_object *mesh, const char *name, const char *member,
			 struct json_object *value, struct error *error);
/* @threshold 0: as many as before, but no more than there are keys. */
int mesh_edit_set_keys(struct json_object *mesh, const char *name, const struct key_list *keys,
		       unsigned threshold, struct error *error);
/*
 * What it does not have is not removed, and no error. The threshold is lowered to the keys that are
 * left; E_KEY_ROLE if there is none.
 */
int mesh_edit_remove_key(struct json_object *mesh, const char *name, const uint8_t key[KEY_SIZE],
			 struct error *error);
int mesh_edit_remove_member(struct json_object *mesh, const char *name, struct error *error);

enum mesh_role {
	MESH_ROLE_MESH,
	MESH_ROLE_MANIFEST,
};
/* Keys that are in no role any more go. @threshold 0: as above. */
void mesh_edit_set_role(struct json_object *mesh, enum mesh_role role, const struct key_list *keys,
			unsigned threshold);

/* Once for each key; @at is now. A WireGuard key is written in base64, others in hex. */
void mesh_edit_revoke(struct json_object *mesh, enum revocation_kind kind,
		      const uint8_t key[KEY_SIZE], int64_t at, const char *reason);

/*
 * @from: 0 for the first one, which is in use from the beginning. E_VALUE if it is there already,
 * if there are two, or if the time is missing or superfluous.
 */
int mesh_edit_add_secret(struct json_object *mesh, const uint8_t id[SECRET_ID_SIZE], int64_t from,
			 struct error *error);
/* The other one, if it is in use @now, is the first one then. E_VALUE if it is not, or has it not.
 */
int mesh_edit_remove_secret(struct json_object *mesh, const uint8_t id[SECRET_ID_SIZE], int64_t now,
			    struct error *error);
