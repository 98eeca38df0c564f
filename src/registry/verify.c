// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/verify.h"

#include "registry/assemble.h"
#include "registry/chain.h"
#include "registry/freshness.h"
#include "registry/members.h"

#include "base/hex.h"
#include "base/memory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DIGITS 6 /* bytes of a digest that a message shows */

/* What has been found out so far. */
struct verification {
	const struct bundle *bundle;
	const struct verify_options *options;
	struct warnings *warnings;
	struct freshness freshness;
	struct chain_end chain;
	struct manifest_document *manifest;
	struct members members;
	unsigned signatures_checked;
};

static void verification_done(struct verification *verification)
{
	mesh_document_free(verification->chain.mesh);
	manifest_document_free(verification->manifest);
	members_done(&verification->members);
}
CLEANUP_DEFINE_IN_PLACE(struct verification, verification_done);

void verified_done(struct verified *verified)
{
	registry_free(verified->registry);
	trust_free(verified->trust);
	*verified = (struct verified) { 0 };
}

/* Steps 3 and 4. The chain has seen to floor and equal version. */
static int verify_mesh(struct verification *verification, struct error *error)
{
	const struct verify_options *options = verification->options;
	const struct document_header *header;
	char name[DOCUMENT_NAME_SIZE];
	int result = chain_walk(verification->bundle, options->trust, options->mesh_sha256,
				&verification->signatures_checked, &verification->chain, error);

	if (result < 0)
		return result;
	header = &verification->chain.mesh->header;
	(void)snprintf(name, sizeof(name), "mesh %" PRIu64, header->version);
	return freshness_check(&verification->freshness, header, name, error);
}

static const struct envelope *manifest_envelope(const struct verification *verification)
{
	return &verification->bundle->envelopes[verification->bundle->meshes_count];
}

static int check_manifest_mesh(const struct verification *verification, struct error *error)
{
	const struct manifest_document *manifest = verification->manifest;
	const struct mesh_document *mesh = verification->chain.mesh;
	const struct envelope *envelope = verification->chain.envelope;
	char named[2 * DIGITS + 1], found[2 * DIGITS + 1];

	if (manifest->mesh.version == mesh->header.version &&
	    manifest->mesh.size == envelope->payload_size &&
	    !memcmp(manifest->mesh.digest, envelope->digest, KEY_SIZE))
		return 0;
	return error_set(error, -EINVAL, ERROR_HASH, NULL,
			 "manifest %" PRIu64 " is for mesh %" PRIu64 " (%" PRIu64
			 " bytes, sha256 %s...), the newest in the bundle is mesh %" PRIu64
			 " (%zu bytes, %s...)",
			 manifest->header.version, manifest->mesh.version, manifest->mesh.size,
			 hex_format(manifest->mesh.digest, DIGITS, named), mesh->header.version,
			 envelope->payload_size, hex_format(envelope->digest, DIGITS, found));
}

static int check_manifest_mesh_id(const struct verification *verification, const char *name,
				  struct error *error)
{
	const struct mesh_document *mesh = verification->chain.mesh;
	const struct document_header *header = &verification->manifest->header;
	char theirs[2 * DIGITS + 1], ours[2 * DIGITS + 1];

	if (!memcmp(header->mesh_id, mesh->header.mesh_id, MESH_ID_SIZE))
		return 0;
	return error_set(error, -EINVAL, ERROR_MESH, NULL,
			 "%s belongs to mesh %s..., this node is in mesh %s... (%s)", name,
			 hex_format(header->mesh_id, DIGITS, theirs),
			 hex_format(mesh->header.mesh_id, DIGITS, ours), mesh->name);
}

static int check_lifetime(const struct verification *verification, const char *name,
			  struct error *error)
{
	const struct document_header *header = &verification->manifest->header;
	unsigned days_max = verification->chain.mesh->manifest_max_days;
	int64_t seconds = header->expires - header->issued;

	if (seconds <= (int64_t)days_max * DAY_SEC)
		return 0;
	return error_set(error, -EINVAL, ERROR_EXPIRED, NULL,
			 "%s is valid for %" PRId64 " days; this mesh allows %u", name,
			 (seconds + DAY_SEC - 1) / DAY_SEC, days_max);
}

/* It is authentic; its version is wanted for messages. */
static int parse_manifest(struct verification *verification, const struct envelope *envelope,
			  char name[DOCUMENT_NAME_SIZE], struct error *error)
{
	struct document_header header = { 0 };
	int result = manifest_document_parse(envelope->payload, envelope->payload_size, "manifest",
					     &verification->manifest, NULL);

	if (result == 0)
		header = verification->manifest->header;
	else
		(void)document_peek(envelope, &header);
	(void)snprintf(name, DOCUMENT_NAME_SIZE, "manifest %" PRIu64, header.version);
	if (result == 0)
		return 0;
	return manifest_document_parse(envelope->payload, envelope->payload_size,
				       header.version ? name : "manifest", &verification->manifest,
				       error);
}

/* Step 5. */
static int verify_manifest(struct verification *verification, struct error *error)
{
	const struct envelope *envelope = manifest_envelope(verification);
	const struct keyset *role = &verification->chain.mesh->manifest_role;
	const struct trust *trust = verification->options->trust;
	char name[DOCUMENT_NAME_SIZE];
	struct document_header header;
	uint8_t keyset[KEY_SIZE];
	int result =
		chain_verify(role, envelope, "manifest", &verification->signatures_checked, error);

	if (result == 0)
		result = parse_manifest(verification, envelope, name, error);
	if (result < 0)
		return result;
	header = verification->manifest->header;
	keyset_digest(role, keyset);
	result = check_manifest_mesh_id(verification, name, error);
	if (result == 0 && trust)
		result = trust_check_floor(&trust->manifest, keyset, header.version,
					   envelope->digest, "manifest", error);
	if (result == 0)
		result = freshness_check(&verification->freshness, &header, name, error);
	if (result == 0)
		result = check_lifetime(verification, name, error);
	if (result == 0)
		result = check_manifest_mesh(verification, error);
	return result;
}

/* Step 6, and 7 for the documents in it. */
static int verify_members(struct verification *verification, struct error *error)
{
	const struct bundle *bundle = verification->bundle;
	const struct members_context context = {
		.mesh = verification->chain.mesh,
		.manifest = verification->manifest,
		.trust = verification->options->trust,
		.freshness = &verification->freshness,
		.warnings = verification->warnings,
		.signatures_checked = &verification->signatures_checked,
	};
	size_t first = bundle->meshes_count + 1;

	return members_verify(&context, bundle->envelopes + first, bundle->count - first,
			      &verification->members, error);
}

static void expires_at(struct registry_origin *origin, const struct document_header *header,
		       const char *name)
{
	if (origin->expires && origin->expires <= header->expires)
		return;
	origin->expires = header->expires;
	(void)snprintf(origin->expires_first, sizeof(origin->expires_first), "%s", name);
}

/* What there is to tell about the registry later, when its documents are gone. */
static struct registry_origin make_origin(const struct verification *verification)
{
	const struct mesh_document *mesh = verification->chain.mesh;
	const struct manifest_document *manifest = verification->manifest;
	struct registry_origin origin = {
		.mesh_version = mesh->header.version,
		.manifest_version = manifest->header.version,
		.issued = manifest->header.issued,
	};
	char name[DOCUMENT_NAME_SIZE];

	strcpy(origin.mesh_name, mesh->name);
	memcpy(origin.mesh_id, mesh->header.mesh_id, MESH_ID_SIZE);
	(void)snprintf(name, sizeof(name), "manifest %" PRIu64, manifest->header.version);
	expires_at(&origin, &manifest->header, name);
	(void)snprintf(name, sizeof(name), "mesh %" PRIu64, mesh->header.version);
	expires_at(&origin, &mesh->header, name);
	for (size_t i = 0; i < verification->members.count; i++) {
		const struct org_document *org = verification->members.items[i].org;

		(void)snprintf(name, sizeof(name), "org \"%s\"", org->name);
		expires_at(&origin, &org->header, name);
	}
	return origin;
}

static void warn_of_expiry(const struct verification *verification,
			   const struct registry_origin *origin)
{
	int64_t left = origin->expires - verification->freshness.now;
	char duration[FRESHNESS_DURATION_SIZE];

	if (verification->freshness.is_asked_for && left <= FRESHNESS_WARNING_SEC)
		warnings_add(verification->warnings, "W04", "%s expires in %s",
			     origin->expires_first, freshness_duration(left, duration));
}

static int check_empty(const struct verification *verification, const struct registry *registry,
		       struct error *error)
{
	size_t before = verification->options->nodes_before;
	char count[32] = "all";

	if (registry->nodes_count || verification->options->allow_empty ||
	    verification->options->was_accepted)
		return 0;
	if (before)
		(void)snprintf(count, sizeof(count), "all %zu", before);
	return error_set(error, -EINVAL, ERROR_OMITTED, NULL,
			 "would remove %s nodes; pass --allow-empty if that is meant", count);
}

/* Step 8. */
static int assemble(struct verification *verification, struct registry **ret, struct error *error)
{
	struct members *members = &verification->members;
	CLEANUP(free)
	struct org_document **orgs = NEW_ARRAY(struct org_document *, members->count + 1);
	CLEANUP(registry_free) struct registry *registry = NULL;
	int result;

	for (size_t i = 0; i < members->count; i++)
		orgs[i] = members->items[i].org;
	result = registry_assemble(verification->chain.mesh, orgs, members->count,
				   verification->warnings, &registry, error);
	if (result == 0)
		result = check_empty(verification, registry, error);
	if (result < 0)
		return result;
	registry->is_signed = true;
	registry->origin = make_origin(verification);
	warn_of_expiry(verification, &registry->origin);
	*ret = TAKE(registry);
	return 0;
}

static void see(struct trust *trust, const struct document_header *header)
{
	if (header->issued > trust->last_seen)
		trust->last_seen = header->issued;
}

/*
 * A suspended organization need not be in the bundle; its floor stays as long as it is a member.
 * Both lists are sorted by name.
 */
static void record_organizations(const struct verification *verification, struct trust *trust)
{
	const struct mesh_document *mesh = verification->chain.mesh;
	const struct trust *before = verification->options->trust;
	const struct members *members = &verification->members;
	const struct trust_organization *old;
	size_t next = 0;

	trust->organizations = NEW_ARRAY(struct trust_organization, mesh->organizations_count + 1);
	for (size_t i = 0; i < mesh->organizations_count; i++) {
		const struct mesh_organization *organization = &mesh->organizations[i];

		if (next < members->count && members->items[next].organization == organization) {
			see(trust, &members->items[next].org->header);
			trust->organizations[trust->organizations_count++] =
				members->items[next++].trust;
			continue;
		}
		old = before ? trust_find_organization(before, organization->name) : NULL;
		if (old)
			trust->organizations[trust->organizations_count++] = *old;
	}
}

static struct trust *make_trust(const struct verification *verification)
{
	const struct mesh_document *mesh = verification->chain.mesh;
	const struct document_header *manifest = &verification->manifest->header;
	const struct trust *before = verification->options->trust;
	struct trust *trust = NEW(struct trust);

	memcpy(trust->mesh_id, mesh->header.mesh_id, MESH_ID_SIZE);
	trust->mesh_version = mesh->header.version;
	memcpy(trust->mesh_digest, verification->chain.envelope->digest, KEY_SIZE);
	trust->mesh_keys = mesh->mesh_role;
	trust->manifest.version = manifest->version;
	memcpy(trust->manifest.digest, manifest_envelope(verification)->digest, KEY_SIZE);
	keyset_digest(&mesh->manifest_role, trust->manifest.keyset);
	trust->last_seen = before ? before->last_seen : 0;
	see(trust, &mesh->header);
	see(trust, manifest);
	record_organizations(verification, trust);
	return trust;
}

int registry_verify(const struct bundle *bundle, const struct verify_options *options,
		    struct warnings *warnings, struct verified *ret, struct error *error)
{
	CLEANUP(verification_done)
	struct verification verification = {
		.bundle = bundle,
		.options = options,
		.warnings = warnings,
		.freshness = freshness_make(options, warnings),
	};
	CLEANUP(registry_free) struct registry *registry = NULL;
	int result = verify_mesh(&verification, error);

	if (result == 0)
		result = verify_manifest(&verification, error);
	if (result == 0)
		result = verify_members(&verification, error);
	if (result == 0)
		result = assemble(&verification, &registry, error);
	if (result < 0)
		return result;
	ret->trust = make_trust(&verification);
	registry->origin.last_seen = ret->trust->last_seen;
	ret->registry = TAKE(registry);
	ret->signatures_checked = verification.signatures_checked;
	return 0;
}
