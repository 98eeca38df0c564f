// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mesh documents, as if their signatures were good: whoever holds the keys must not be able to do
 * more than the format says.
 */
#include "fuzz.h"
#include "registry/mesh.h"
#include "registry/name.h"

#include <string.h>

static void check_keyset(const struct keyset *keyset)
{
	FUZZ_CHECK(keyset->count >= 1 && keyset->count <= KEYSET_KEYS_MAX);
	FUZZ_CHECK(keyset->threshold >= 1 && keyset->threshold <= keyset->count);
	for (unsigned i = 0; i < keyset->count; i++) {
		FUZZ_CHECK(!crypto_ed25519_is_weak(keyset->keys[i]));
		for (unsigned j = 0; j < i; j++)
			FUZZ_CHECK(memcmp(keyset->keys[i], keyset->keys[j], KEY_SIZE) != 0);
	}
}

static bool is_in_pool(const struct mesh_document *mesh, const struct ip_prefix *prefix)
{
	for (size_t i = 0; i < mesh->pool_count; i++)
		if (ip_prefix_contains(&mesh->pool[i], prefix))
			return true;
	return false;
}

static void check_grants(const struct mesh_document *mesh,
			 const struct mesh_organization *organization)
{
	FUZZ_CHECK(organization->grants_count <= MESH_GRANTS_MAX);
	for (size_t i = 0; i < organization->grants_count; i++) {
		const struct grant *grant = &organization->grants[i];

		FUZZ_CHECK(!ip_prefix_has_host_bits(&grant->prefix));
		FUZZ_CHECK(grant->max_length >= grant->prefix.length);
		FUZZ_CHECK(grant->max_length <= ip_address_bits(&grant->prefix.address));
		FUZZ_CHECK(is_in_pool(mesh, &grant->prefix));
	}
}

/* Each with each, where the document's own check sorts. */
static void check_separation(const struct mesh_organization *a, const struct mesh_organization *b)
{
	for (size_t i = 0; i < a->grants_count; i++)
		for (size_t j = 0; j < b->grants_count; j++)
			FUZZ_CHECK((a->grants[i].shared && b->grants[j].shared) ||
				   !ip_prefix_overlaps(&a->grants[i].prefix, &b->grants[j].prefix));
}

static void check_organizations(const struct mesh_document *mesh)
{
	for (size_t i = 0; i < mesh->organizations_count; i++) {
		const struct mesh_organization *organization = &mesh->organizations[i];
		struct keyset left = mesh_organization_keyset(mesh, organization);

		FUZZ_CHECK(name_is_valid(organization->name));
		FUZZ_CHECK(mesh_find_organization(mesh, organization->name) == organization);
		FUZZ_CHECK(left.count <= organization->keys.count);
		check_keyset(&organization->keys);
		check_grants(mesh, organization);
		for (size_t j = 0; j < i && i < 8; j++)
			check_separation(&mesh->organizations[j], organization);
	}
}

static void check_promises(const struct mesh_document *mesh)
{
	FUZZ_CHECK(name_is_valid(mesh->name));
	FUZZ_CHECK(mesh->header.version >= 1 && mesh->header.version <= DOCUMENT_VERSION_MAX);
	FUZZ_CHECK(mesh->header.expires > mesh->header.issued);
	FUZZ_CHECK(mesh->header.expires - mesh->header.issued <=
		   (int64_t)DOCUMENT_DAYS_MAX * DAY_SEC);
	FUZZ_CHECK(mesh->has_prev == (mesh->header.version > 1));
	FUZZ_CHECK(mesh->manifest_max_days >= 1 && mesh->manifest_max_days <= DOCUMENT_DAYS_MAX);
	check_keyset(&mesh->mesh_role);
	check_keyset(&mesh->manifest_role);
	check_organizations(mesh);
	for (size_t i = 0; i < mesh->revoked_count; i++)
		FUZZ_CHECK(mesh_find_revocation(mesh, mesh->revoked[i].kind,
						mesh->revoked[i].key) == &mesh->revoked[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(mesh_document_free) struct mesh_document *mesh = NULL;
	struct error error = { 0 };
	int result = mesh_document_parse(data, size, "mesh", &mesh, &error);

	if (result < 0) {
		fuzz_check_refusal(result, &error);
		FUZZ_CHECK(!mesh);
		return 0;
	}
	check_promises(mesh);
	return 0;
}
