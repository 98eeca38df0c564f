// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/members.h"

#include "registry/chain.h"
#include "registry/revoked.h"

#include "base/hex.h"
#include "base/memory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS 6 /* bytes of a digest that a message shows */

void members_done(struct members *members)
{
	for (size_t i = 0; i < members->count; i++)
		org_document_free(members->items[i].org);
	free(members->items);
	*members = (struct members) { 0 };
}

static int find_organizations(const struct members_context *context, struct members *members,
			      struct error *error)
{
	const struct manifest_document *manifest = context->manifest;

	for (size_t i = 0; i < manifest->organizations_count; i++) {
		const char *name = manifest->organizations[i].name;

		members->items[i].organization = mesh_find_organization(context->mesh, name);
		if (!members->items[i].organization)
			return error_set(error, -EINVAL, ERROR_HASH, NULL,
					 "manifest %" PRIu64
					 " lists organization \"%s\", which is not a member of "
					 "mesh %" PRIu64,
					 manifest->header.version, name,
					 context->mesh->header.version);
	}
	return 0;
}

static int fail_omitted(const char *name, struct error *error)
{
	return error_set(error, -EINVAL, ERROR_OMITTED, NULL,
			 "organization \"%s\" is a member but not in the bundle", name);
}

/* Both lists are sorted bytewise by name. */
static int check_omitted(const struct members_context *context, const struct members *members,
			 struct error *error)
{
	const struct mesh_document *mesh = context->mesh;
	size_t next = 0;

	for (size_t i = 0; i < mesh->organizations_count; i++) {
		const struct mesh_organization *organization = &mesh->organizations[i];

		if (next < members->count && members->items[next].organization == organization)
			next++;
		else if (!organization->is_suspended)
			return fail_omitted(organization->name, error);
	}
	return 0;
}

static int compare_digests(const void *a, const void *b)
{
	const struct envelope *const *left = a, *const *right = b;

	return memcmp((*left)->digest, (*right)->digest, KEY_SIZE);
}

static int compare_with_digest(const void *digest, const void *envelope)
{
	return memcmp(digest, (*(const struct envelope *const *)envelope)->digest, KEY_SIZE);
}

/* Entries and envelopes that belong to nobody: the first of each, and how many. */
struct left_over {
	size_t entries, envelopes;
	size_t entry;
	const struct envelope *envelope;
};

static struct left_over find_left_over(const struct members *members,
				       const struct envelope *envelopes, const bool *is_taken,
				       size_t count)
{
	struct left_over left = { 0 };

	for (size_t i = 0; i < members->count; i++)
		if (!members->items[i].envelope && !left.entries++)
			left.entry = i;
	for (size_t i = 0; i < count; i++)
		if (!is_taken[i] && !left.envelopes++)
			left.envelope = &envelopes[i];
	return left;
}

static int check_left_over(const struct left_over *left, const struct manifest_document *manifest,
			   struct error *error)
{
	const struct manifest_entry *entry = &manifest->organizations[left->entry];
	char found[2 * DIGITS + 1], expected[2 * DIGITS + 1];

	if (!left->entries && !left->envelopes)
		return 0;
	if (!left->envelopes)
		return fail_omitted(entry->name, error);
	hex_format(left->envelope->digest, DIGITS, found);
	if (!left->entries)
		return error_set(error, -EINVAL, ERROR_HASH, NULL,
				 "the bundle has an organization document with sha256 %s..., which "
				 "is not in manifest %" PRIu64,
				 found, manifest->header.version);
	return error_set(error, -EINVAL, ERROR_HASH, NULL,
			 "org \"%s\": sha256 %s... does not match the manifest (%s...)",
			 entry->name, found, hex_format(entry->digest, DIGITS, expected));
}

/* An envelope belongs to the entry that has its digest, and to one only. */
static int assign_envelopes(const struct manifest_document *manifest,
			    const struct envelope *envelopes, size_t count, struct members *members,
			    struct error *error)
{
	CLEANUP(free)
	const struct envelope **sorted = NEW_ARRAY(const struct envelope *, count + 1);
	CLEANUP(free) bool *is_taken = NEW_ARRAY(bool, count + 1);
	struct left_over left;

	for (size_t i = 0; i < count; i++)
		sorted[i] = &envelopes[i];
	qsort(sorted, count, sizeof(*sorted), compare_digests);
	for (size_t i = 0; i < members->count; i++) {
		const struct envelope **found =
			bsearch(manifest->organizations[i].digest, sorted, count, sizeof(*sorted),
				compare_with_digest);

		if (!found || is_taken[*found - envelopes])
			continue;
		members->items[i].envelope = *found;
		is_taken[*found - envelopes] = true;
	}
	left = find_left_over(members, envelopes, is_taken, count);
	return check_left_over(&left, manifest, error);
}

/* Known to be good under exactly these keys? Revoked ones have been taken out of @keyset. */
static bool is_verified(const struct trust_organization *before, const uint8_t verified[KEY_SIZE])
{
	return before && !memcmp(before->verified, verified, KEY_SIZE);
}

static int check_signatures(const struct members_context *context, struct member *member,
			    const struct manifest_entry *entry, const struct keyset *keyset,
			    const struct trust_organization *before, struct error *error)
{
	char what[DOCUMENT_NAME_SIZE + 32];
	int result;

	keyset_verified_digest(member->trust.floor.keyset, member->envelope,
			       member->trust.verified);
	if (is_verified(before, member->trust.verified))
		return 0;
	(void)snprintf(what, sizeof(what), "org \"%s\" version %" PRIu64, entry->name,
		       entry->version);
	result = chain_verify(keyset, member->envelope, what, context->signatures_checked, error);
	if (result < 0)
		(void)revoked_explains(context->mesh, keyset, member->envelope, entry->name, error);
	return result;
}

/* The document is authentic: is it the one that the manifest means? */
static int check_identity(const struct members_context *context, const struct member *member,
			  const struct manifest_entry *entry, struct error *error)
{
	const struct document_header *header = &member->org->header;
	char theirs[2 * DIGITS + 1], ours[2 * DIGITS + 1];

	if (memcmp(header->mesh_id, context->mesh->header.mesh_id, MESH_ID_SIZE) != 0)
		return error_set(error, -EINVAL, ERROR_MESH, NULL,
				 "org \"%s\" belongs to mesh %s..., this node is in mesh %s... "
				 "(%s)",
				 entry->name, hex_format(header->mesh_id, DIGITS, theirs),
				 hex_format(context->mesh->header.mesh_id, DIGITS, ours),
				 context->mesh->name);
	if (strcmp(member->org->name, entry->name) != 0)
		return error_set(error, -EINVAL, ERROR_HASH, NULL,
				 "org \"%s\": the manifest names the document of \"%s\" for it",
				 entry->name, member->org->name);
	if (header->version != entry->version)
		return error_set(error, -EINVAL, ERROR_HASH, NULL,
				 "org \"%s\": version %" PRIu64
				 " does not match the manifest (%" PRIu64 ")",
				 entry->name, header->version, entry->version);
	return 0;
}

static int check_size(const struct member *member, const struct manifest_entry *entry,
		      struct error *error)
{
	if (member->envelope->payload_size == entry->size)
		return 0;
	return error_set(error, -EINVAL, ERROR_HASH, NULL,
			 "org \"%s\": size %zu does not match the manifest (%" PRIu64 ")",
			 entry->name, member->envelope->payload_size, entry->size);
}

static int verify_one(const struct members_context *context, struct member *member,
		      const struct manifest_entry *entry, struct error *error)
{
	const struct trust_organization *before =
		context->trust ? trust_find_organization(context->trust, entry->name) : NULL;
	struct keyset keyset = mesh_organization_keyset(context->mesh, member->organization);
	const struct envelope *envelope = member->envelope;
	struct trust_floor *floor = &member->trust.floor;
	char name[DOCUMENT_NAME_SIZE];
	int result;

	(void)snprintf(name, sizeof(name), "org \"%s\"", entry->name);
	strcpy(member->trust.name, entry->name);
	floor->version = entry->version;
	memcpy(floor->digest, entry->digest, KEY_SIZE);
	keyset_digest(&keyset, floor->keyset);
	result = check_size(member, entry, error);
	if (result == 0)
		result = check_signatures(context, member, entry, &keyset, before, error);
	if (result == 0)
		result = org_document_parse(envelope->payload, envelope->payload_size, name,
					    context->warnings, &member->org, error);
	if (result == 0)
		result = check_identity(context, member, entry, error);
	if (result == 0 && before)
		result = trust_check_floor(&before->floor, floor->keyset, floor->version,
					   floor->digest, name, error);
	if (result == 0)
		result = freshness_check(context->freshness, &member->org->header, name, error);
	return result;
}

int members_verify(const struct members_context *context, const struct envelope *envelopes,
		   size_t count, struct members *members, struct error *error)
{
	const struct manifest_document *manifest = context->manifest;
	int result;

	members->items = NEW_ARRAY(struct member, manifest->organizations_count + 1);
	members->count = manifest->organizations_count;
	result = find_organizations(context, members, error);
	if (result == 0)
		result = check_omitted(context, members, error);
	if (result == 0)
		result = assign_envelopes(manifest, envelopes, count, members, error);
	for (size_t i = 0; result == 0 && i < members->count; i++)
		result =
			verify_one(context, &members->items[i], &manifest->organizations[i], error);
	return result;
}
