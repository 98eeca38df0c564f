/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "registry/document.h"
#include "registry/keyset.h"

/*
 * The mesh document (registry specification, section 3.1): keys and thresholds, the pool of
 * addresses, organizations with their keys and grants, revocations. Complete, not a difference to
 * an earlier one.
 */
#define MESH_POOL_MAX 256
#define MESH_GRANTS_MAX 256 /* per organization */
#define MESH_REVOCATIONS_MAX 10000
#define MESH_NODES_DEFAULT 64	      /* max_nodes */
#define MESH_MANIFEST_DAYS_DEFAULT 90 /* manifest_max_days */
#define MESH_REASON_SIZE 128	      /* of a revocation; longer ones are refused */

struct grant {
	struct ip_prefix prefix; /* masked; IPv4-mapped ones as IPv4 */
	uint8_t max_length;	 /* of an announced prefix */
	bool shared;
};

struct mesh_organization {
	char name[NAME_SIZE];
	struct keyset keys; /* as written; revoked keys are still in it */
	bool is_suspended;
	bool is_transit;
	unsigned max_nodes;
	struct grant *grants; /* sorted by prefix; one's own may overlap */
	size_t grants_count;
};

enum revocation_kind {
	REVOCATION_ORG_KEY,
	REVOCATION_NODE_KEY,
	REVOCATION_WIREGUARD_KEY,
};

struct revocation {
	enum revocation_kind kind;
	uint8_t key[KEY_SIZE];
	int64_t at; /* 0: not said */
	char reason[MESH_REASON_SIZE];
};

struct mesh_document {
	struct document_header header;
	char name[NAME_SIZE];
	bool has_prev; /* false in version 1 */
	uint8_t prev[KEY_SIZE];
	struct keyset mesh_role;
	struct keyset manifest_role;
	unsigned manifest_max_days;
	struct ip_prefix *pool;
	size_t pool_count;
	struct mesh_organization *organizations; /* sorted by name, bytewise */
	size_t organizations_count;
	struct revocation *revoked; /* sorted by kind and key, each key once */
	size_t revoked_count;
	struct secret_use secrets[MESH_SECRETS_MAX]; /* the first one has no `from` */
	unsigned secrets_count;
};

void mesh_document_free(struct mesh_document *mesh);
CLEANUP_DEFINE(struct mesh_document *, mesh_document_free);

/*
 * Read an authentic payload. @name is `mesh 12`, or a file's. Checks the document alone: roles and
 * thresholds (E_THRESHOLD_RANGE), keys (E_KEY_*), names (E_NAME), grants inside the pool and not
 * overlapping those of others unless both are shared (E_GRANT, E_OVERLAP), the lifetime of at most
 * a year (E_EXPIRED), `prev` absent exactly in version 1 (E_MESH_CHAIN).
 */
int mesh_document_parse(const void *payload, size_t size, const char *name,
			struct mesh_document **ret, struct error *error);

/* The members of the document's objects, for its JSON Schema. */
#define MESH_TABLES 7
extern const struct member_table *const mesh_tables[MESH_TABLES];

/* NULL if there is none. */
const struct mesh_organization *mesh_find_organization(const struct mesh_document *mesh,
						       const char *name);
const struct revocation *mesh_find_revocation(const struct mesh_document *mesh,
					      enum revocation_kind kind,
					      const uint8_t key[KEY_SIZE]);

/* The organization's keys less revoked ones; the threshold stays. */
struct keyset mesh_organization_keyset(const struct mesh_document *mesh,
				       const struct mesh_organization *organization);
