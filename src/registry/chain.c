// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/chain.h"

#include "base/hex.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DIGITS 6 /* bytes of a digest that a message shows */

/* The document that is trusted so far. */
struct walk {
	uint8_t mesh_id[MESH_ID_SIZE];
	uint64_t version;
	uint8_t digest[KEY_SIZE];
	struct keyset keys;
	bool is_recorded;		 /* as accepted before; else only pinned, or reached */
	struct mesh_document *mesh;	 /* NULL until its envelope was met */
	const struct envelope *envelope; /* where it was met last */
	unsigned *signatures_checked;
};

static void walk_done(struct walk *walk)
{
	mesh_document_free(walk->mesh);
}
CLEANUP_DEFINE_IN_PLACE(struct walk, walk_done);

int chain_verify(const struct keyset *keyset, const struct envelope *envelope, const char *what,
		 unsigned *signatures_checked, struct error *error)
{
	struct signature_count count = keyset_count_signatures(keyset, envelope);

	*signatures_checked += count.good + count.bad;
	if (keyset->threshold && count.good >= keyset->threshold)
		return 0;
	return keyset_verify(keyset, envelope, what, error);
}

/* `mesh 12`; `mesh` if it cannot be read. For messages only: nothing of it need be authentic. */
static const char *name_of(const struct envelope *envelope, char name[DOCUMENT_NAME_SIZE])
{
	struct document_header header;

	if (document_peek(envelope, &header) < 0)
		(void)snprintf(name, DOCUMENT_NAME_SIZE, "mesh");
	else
		(void)snprintf(name, DOCUMENT_NAME_SIZE, "mesh %" PRIu64, header.version);
	return name;
}

/* @envelope is authentic: trusted by its digest, or signed by keys that are. */
static int parse(const struct envelope *envelope, struct mesh_document **ret, struct error *error)
{
	char name[DOCUMENT_NAME_SIZE];
	int result =
		mesh_document_parse(envelope->payload, envelope->payload_size, "mesh", ret, NULL);

	if (result == 0)
		return 0;
	/* Again, with the version in the messages; reading it first would cost as much each time.
	 */
	return mesh_document_parse(envelope->payload, envelope->payload_size,
				   name_of(envelope, name), ret, error);
}

/* Makes @mesh what is trusted; takes it. */
static void walk_to(struct walk *walk, const struct envelope *envelope, struct mesh_document *mesh)
{
	mesh_document_free(walk->mesh);
	memcpy(walk->mesh_id, mesh->header.mesh_id, MESH_ID_SIZE);
	memcpy(walk->digest, envelope->digest, KEY_SIZE);
	walk->version = mesh->header.version;
	walk->keys = mesh->mesh_role;
	walk->mesh = mesh;
	walk->envelope = envelope;
}

static int start_from_trust(struct walk *walk, const struct trust *trust)
{
	memcpy(walk->mesh_id, trust->mesh_id, MESH_ID_SIZE);
	memcpy(walk->digest, trust->mesh_digest, KEY_SIZE);
	walk->version = trust->mesh_version;
	walk->keys = trust->mesh_keys;
	walk->is_recorded = true;
	return 0;
}

static int start_from_pin(struct walk *walk, const struct bundle *bundle, const uint8_t *pin,
			  struct error *error)
{
	CLEANUP(mesh_document_free) struct mesh_document *mesh = NULL;
	char name[DOCUMENT_NAME_SIZE], digits[2 * DIGITS + 1];
	const struct envelope *envelope = bundle->envelopes;
	const struct envelope *end = envelope + bundle->meshes_count;
	int result;

	if (!pin)
		return error_set(error, -ENOKEY, ERROR_MESH_PIN, NULL,
				 "this node has no pinned mesh; see aronet registry trust");
	while (envelope < end && memcmp(envelope->digest, pin, KEY_SIZE) != 0)
		envelope++;
	if (envelope == end)
		return error_set(error, -ENOKEY, ERROR_MESH_PIN, NULL,
				 "no mesh document in this bundle matches the pinned mesh_sha256 "
				 "%s...",
				 hex_format(pin, DIGITS, digits));
	result = parse(envelope, &mesh, error);
	if (result < 0)
		return result;
	(void)snprintf(name, sizeof(name), "mesh %" PRIu64, mesh->header.version);
	result = chain_verify(&mesh->mesh_role, envelope, name, walk->signatures_checked, error);
	if (result == 0)
		walk_to(walk, envelope, TAKE(mesh));
	return result;
}

static int fail_mesh(const struct walk *walk, uint64_t version, const uint8_t mesh_id[MESH_ID_SIZE],
		     struct error *error)
{
	char theirs[2 * DIGITS + 1], ours[2 * DIGITS + 1];

	return error_set(error, -EINVAL, ERROR_MESH, NULL,
			 "mesh %" PRIu64 " belongs to mesh %s..., this node is in mesh %s...%s%s%s",
			 version, hex_format(mesh_id, DIGITS, theirs),
			 hex_format(walk->mesh_id, DIGITS, ours), walk->mesh ? " (" : "",
			 walk->mesh ? walk->mesh->name : "", walk->mesh ? ")" : "");
}

static int fail_equivocation(const struct walk *walk, const struct envelope *envelope,
			     struct error *error)
{
	char found[2 * DIGITS + 1], trusted[2 * DIGITS + 1];

	return error_set(error, -ESTALE, ERROR_EQUIVOCATION, NULL,
			 "mesh %" PRIu64 " differs from the mesh %" PRIu64
			 " this node %s (sha256 %s... / %s...); two registries are in circulation",
			 walk->version, walk->version, walk->is_recorded ? "accepted" : "trusts",
			 hex_format(envelope->digest, DIGITS, found),
			 hex_format(walk->digest, DIGITS, trusted));
}

static int check_prev(const struct walk *walk, const struct mesh_document *mesh,
		      struct error *error)
{
	char found[2 * DIGITS + 1], expected[2 * DIGITS + 1];

	if (mesh->header.version != walk->version + 1 ||
	    !memcmp(mesh->prev, walk->digest, KEY_SIZE))
		return 0;
	return error_set(error, -EINVAL, ERROR_MESH_CHAIN, NULL,
			 "mesh %" PRIu64 ": prev is %s..., expected %s...", mesh->header.version,
			 hex_format(mesh->prev, DIGITS, found),
			 hex_format(walk->digest, DIGITS, expected));
}

/* @envelope is signed by the keys that are trusted so far. */
static int step(struct walk *walk, const struct envelope *envelope, struct error *error)
{
	CLEANUP(mesh_document_free) struct mesh_document *mesh = NULL;
	char name[DOCUMENT_NAME_SIZE];
	int result = parse(envelope, &mesh, error);

	if (result < 0)
		return result;
	if (memcmp(mesh->header.mesh_id, walk->mesh_id, MESH_ID_SIZE) != 0)
		return fail_mesh(walk, mesh->header.version, mesh->header.mesh_id, error);
	if (mesh->header.version < walk->version)
		return 0;
	if (mesh->header.version == walk->version)
		return fail_equivocation(walk, envelope, error);
	(void)snprintf(name, sizeof(name), "mesh %" PRIu64, mesh->header.version);
	result = chain_verify(&mesh->mesh_role, envelope, name, walk->signatures_checked, error);
	if (result == 0)
		result = check_prev(walk, mesh, error);
	if (result < 0)
		return result;
	walk_to(walk, envelope, TAKE(mesh));
	walk->is_recorded = false;
	return 0;
}

/* The document with the recorded hash: is the rest of the record about it, too? */
static int meet_recorded(struct walk *walk, const struct envelope *envelope, struct error *error)
{
	CLEANUP(mesh_document_free) struct mesh_document *mesh = NULL;
	int result = parse(envelope, &mesh, error);

	if (result < 0)
		return result;
	if (mesh->header.version != walk->version ||
	    memcmp(mesh->header.mesh_id, walk->mesh_id, MESH_ID_SIZE) != 0 ||
	    !keyset_equal(&mesh->mesh_role, &walk->keys))
		return error_set(error, -EUCLEAN, ERROR_STATE_CORRUPT, NULL,
				 "the trust state does not agree with itself: its hash is that of "
				 "mesh %" PRIu64 ", its version, mesh_id or keys are not; see "
				 "aronet registry reset-trust",
				 mesh->header.version);
	walk->mesh = TAKE(mesh);
	return 0;
}

static int visit(struct walk *walk, const struct envelope *envelope, struct error *error)
{
	struct signature_count count;

	if (!memcmp(envelope->digest, walk->digest, KEY_SIZE)) {
		walk->envelope = envelope;
		if (walk->mesh)
			return 0;
		return meet_recorded(walk, envelope, error);
	}
	count = keyset_count_signatures(&walk->keys, envelope);
	*walk->signatures_checked += count.good + count.bad;
	return count.good >= walk->keys.threshold ? step(walk, envelope, error) : 0;
}

/*
 * The newest document of the bundle is not signed by the keys that are trusted, or is older. What
 * it says about itself decides on the message, and only on that.
 */
static int fail_unreached(const struct walk *walk, const struct envelope *last, struct error *error)
{
	char name[DOCUMENT_NAME_SIZE];
	struct document_header header;
	int result = keyset_verify(&walk->keys, last, name_of(last, name), error);

	if (document_peek(last, &header) < 0)
		return result < 0 ? result : -EINVAL;
	if (memcmp(header.mesh_id, walk->mesh_id, MESH_ID_SIZE) != 0)
		return fail_mesh(walk, header.version, header.mesh_id, error);
	if (header.version < walk->version)
		return error_set(error, -ESTALE, ERROR_ROLLBACK, NULL,
				 "mesh %" PRIu64 " is older than %" PRIu64 ", which %s",
				 header.version, walk->version,
				 walk->is_recorded ? "this node already accepted"
						   : "stands before it in this bundle");
	if (result < 0 && header.version <= walk->version + 1)
		return result;
	return error_set(error, -EINVAL, ERROR_MESH_CHAIN, NULL,
			 "mesh %" PRIu64 " is not signed by the keys of mesh %" PRIu64
			 "; a version between them is missing",
			 header.version, walk->version);
}

int chain_walk(const struct bundle *bundle, const struct trust *trust, const uint8_t *pin,
	       unsigned *signatures_checked, struct chain_end *ret, struct error *error)
{
	CLEANUP(walk_done) struct walk walk = { .signatures_checked = signatures_checked };
	const struct envelope *last = &bundle->envelopes[bundle->meshes_count - 1];
	int result =
		trust ? start_from_trust(&walk, trust) : start_from_pin(&walk, bundle, pin, error);

	for (size_t i = 0; result == 0 && i < bundle->meshes_count; i++)
		result = visit(&walk, &bundle->envelopes[i], error);
	if (result < 0)
		return result;
	if (walk.envelope != last)
		return fail_unreached(&walk, last, error);
	ret->mesh = TAKE(walk.mesh);
	ret->envelope = last;
	return 0;
}
