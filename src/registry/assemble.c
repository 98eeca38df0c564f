// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/assemble.h"

#include "registry/check.h"
#include "registry/grants.h"

#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every key that may sign anything in this mesh, sorted. */
struct signing_keys {
	uint8_t (*keys)[KEY_SIZE];
	size_t count;
};

static void signing_keys_done(struct signing_keys *signing)
{
	free(signing->keys);
}
CLEANUP_DEFINE_IN_PLACE(struct signing_keys, signing_keys_done);

static int compare_keys(const void *a, const void *b)
{
	return memcmp(a, b, KEY_SIZE);
}

static void signing_keys_add(struct signing_keys *signing, const struct keyset *keyset)
{
	for (unsigned i = 0; i < keyset->count; i++)
		memcpy(*ARRAY_APPEND(signing->keys, signing->count), keyset->keys[i], KEY_SIZE);
}

static void signing_keys_make(const struct mesh_document *mesh, struct signing_keys *signing)
{
	signing_keys_add(signing, &mesh->mesh_role);
	signing_keys_add(signing, &mesh->manifest_role);
	for (size_t i = 0; i < mesh->organizations_count; i++)
		signing_keys_add(signing, &mesh->organizations[i].keys);
	qsort(signing->keys, signing->count, KEY_SIZE, compare_keys);
}

static bool signing_keys_have(const struct signing_keys *signing, const uint8_t key[KEY_SIZE])
{
	return bsearch(key, signing->keys, signing->count, KEY_SIZE, compare_keys);
}

/* A key on a node that is reachable from outside must not be one that decides about the mesh. */
static int refuse_key(const char *what, const char *key, const char *owner, struct error *error)
{
	return error_set(error, -EINVAL, ERROR_KEY_REUSED, NULL,
			 "%s %s of %s is a key that signs documents; a node needs another one",
			 what, key, owner);
}

static int check_node_keys(const struct signing_keys *signing, const struct registry_node *node,
			   struct error *error)
{
	char id[NODE_ID_TEXT_SIZE], base64[CRYPTO_KEY_BASE64_SIZE];
	char fingerprint[CRYPTO_FINGERPRINT_SIZE];

	if (node->has_identity && signing_keys_have(signing, node->identity_key))
		return refuse_key("public_key", crypto_fingerprint(node->identity_key, fingerprint),
				  node_id_format(&node->id, id), error);
	if (node->has_wireguard && signing_keys_have(signing, node->wireguard_key))
		return refuse_key("WireGuard key",
				  crypto_key_to_base64(node->wireguard_key, base64),
				  node_id_format(&node->id, id), error);
	return 0;
}

static int check_org_keys(const struct signing_keys *signing, const struct org_document *org,
			  struct error *error)
{
	char owner[DOCUMENT_NAME_SIZE], fingerprint[CRYPTO_FINGERPRINT_SIZE];

	if (!org->has_public_key || !signing_keys_have(signing, org->public_key))
		return 0;
	(void)snprintf(owner, sizeof(owner), "organization \"%s\"", org->name);
	return refuse_key("public_key", crypto_fingerprint(org->public_key, fingerprint), owner,
			  error);
}

static void warn_of_revoked(const struct registry_node *node, const struct revocation *revocation,
			    struct warnings *warnings)
{
	bool is_wireguard = revocation->kind == REVOCATION_WIREGUARD_KEY;
	const char *reason = revocation->reason;
	char id[NODE_ID_TEXT_SIZE], base64[CRYPTO_KEY_BASE64_SIZE];
	char fingerprint[CRYPTO_FINGERPRINT_SIZE];

	warnings_add(warnings, "E_KEY_REVOKED", "%s is left out: its %s %s is revoked%s%s%s",
		     node_id_format(&node->id, id), is_wireguard ? "WireGuard key" : "public_key",
		     is_wireguard ? crypto_key_to_base64(node->wireguard_key, base64)
				  : crypto_fingerprint(node->identity_key, fingerprint),
		     reason[0] ? " (" : "", reason, reason[0] ? ")" : "");
}

/* A node has at most one WireGuard key, so without it nothing of the node remains. */
static const struct revocation *find_revocation(const struct mesh_document *mesh,
						const struct registry_node *node)
{
	const struct revocation *found = NULL;

	if (node->has_identity || node->identity_is_shared)
		found = mesh_find_revocation(mesh, REVOCATION_NODE_KEY, node->identity_key);
	if (!found && node->has_wireguard)
		found = mesh_find_revocation(mesh, REVOCATION_WIREGUARD_KEY, node->wireguard_key);
	return found;
}

/* Moves the nodes of @org behind those of @registry, which has room for them. */
static void take_nodes(const struct mesh_document *mesh,
		       const struct mesh_organization *organization, struct org_document *org,
		       struct registry *registry, struct warnings *warnings)
{
	for (size_t i = 0; i < org->nodes_count; i++) {
		struct registry_node *node = &org->nodes[i];
		const struct revocation *revocation = find_revocation(mesh, node);

		if (organization->is_suspended || revocation) {
			if (!organization->is_suspended)
				warn_of_revoked(node, revocation, warnings);
			registry_node_done(node);
			continue;
		}
		node->no_transit = !organization->is_transit;
		registry->nodes[registry->nodes_count++] = *node;
	}
	free(org->nodes);
	org->nodes = NULL;
	org->nodes_count = 0;
}

static int check_organization(const struct mesh_organization *organization,
			      const struct registry_node *nodes, size_t count, struct error *error)
{
	if (count > organization->max_nodes)
		return error_set(error, -EPERM, ERROR_GRANT, NULL,
				 "\"%s\" has %zu nodes; max_nodes is %u", organization->name, count,
				 organization->max_nodes);
	return grants_check_nodes(organization, nodes, count, error);
}

static int add_organization(const struct mesh_document *mesh, const struct signing_keys *signing,
			    struct org_document *org, struct registry *registry,
			    struct warnings *warnings, struct error *error)
{
	const struct mesh_organization *organization = mesh_find_organization(mesh, org->name);
	size_t before = registry->nodes_count;
	int result;

	if (!organization)
		return error_set(error, -ENOENT, ERROR_OMITTED, NULL,
				 "organization \"%s\" is not in mesh \"%s\"", org->name,
				 mesh->name);
	take_nodes(mesh, organization, org, registry, warnings);
	if (organization->is_suspended)
		return 0;
	result = check_org_keys(signing, org, error);
	for (size_t i = before; result == 0 && i < registry->nodes_count; i++)
		result = check_node_keys(signing, &registry->nodes[i], error);
	if (result < 0)
		return result;
	return check_organization(organization, registry->nodes + before,
				  registry->nodes_count - before, error);
}

static int compare_nodes(const void *a, const void *b)
{
	const struct registry_node *left = a, *right = b;

	return node_id_compare(&left->id, &right->id);
}

static int make_registry(const struct mesh_document *mesh, size_t room, struct registry **ret,
			 struct error *error)
{
	struct registry *registry;

	if (room > REGISTRY_NODES_MAX)
		return error_set(error, -E2BIG, ERROR_TOO_BIG, NULL,
				 "%zu nodes in the mesh; limit %u", room, REGISTRY_NODES_MAX);
	registry = NEW(struct registry);
	registry->is_signed = true;
	strcpy(registry->origin.mesh_name, mesh->name);
	memcpy(registry->origin.mesh_id, mesh->header.mesh_id, MESH_ID_SIZE);
	registry->origin.mesh_version = mesh->header.version;
	memcpy(registry->secrets, mesh->secrets, sizeof(registry->secrets));
	registry->secrets_count = mesh->secrets_count;
	registry->nodes = NEW_ARRAY(struct registry_node, room);
	*ret = registry;
	return 0;
}

int registry_assemble(const struct mesh_document *mesh, struct org_document *const *orgs,
		      size_t orgs_count, struct warnings *warnings, struct registry **ret,
		      struct error *error)
{
	CLEANUP(signing_keys_done) struct signing_keys signing = { 0 };
	CLEANUP(registry_free) struct registry *registry = NULL;
	size_t room = 0;
	int result;

	for (size_t i = 0; i < orgs_count; i++)
		room += orgs[i]->nodes_count;
	result = make_registry(mesh, room, &registry, error);
	if (result < 0)
		return result;
	signing_keys_make(mesh, &signing);
	for (size_t i = 0; result == 0 && i < orgs_count; i++)
		result = add_organization(mesh, &signing, orgs[i], registry, warnings, error);
	if (result < 0)
		return result;
	if (registry->nodes_count)
		qsort(registry->nodes, registry->nodes_count, sizeof(registry->nodes[0]),
		      compare_nodes);
	result = registry_check(registry, error);
	if (result < 0)
		return result;
	*ret = TAKE(registry);
	return 0;
}
