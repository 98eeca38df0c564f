// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/test_bundle.h"

#include "registry/test_payload.h"

#include "base/memory.h"
#include "crypto/crypto.h"
#include "crypto/test_hex.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const char *const rfc8032_seeds[] = {
	"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
	"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
};

static void derive(const char *purpose, unsigned a, unsigned b, uint8_t ret[KEY_SIZE])
{
	char text[64];

	(void)snprintf(text, sizeof(text), "aronet test %s %u %u", purpose, a, b);
	crypto_sha256(text, strlen(text), ret);
}

void test_bundle_key(unsigned id, struct crypto_signing_key *ret)
{
	if (id >= 1 && id <= ARRAY_SIZE(rfc8032_seeds))
		test_from_hex(rfc8032_seeds[id - 1], ret->seed);
	else
		derive("signing", id, 0, ret->seed);
	crypto_ed25519_public(ret->seed, ret->public_key);
}

const uint8_t *test_public_key(unsigned id, uint8_t ret[KEY_SIZE])
{
	struct crypto_signing_key key;

	test_bundle_key(id, &key);
	memcpy(ret, key.public_key, KEY_SIZE);
	return ret;
}

void test_wireguard_key(unsigned organization, unsigned node, uint8_t ret[KEY_SIZE])
{
	uint8_t private_key[KEY_SIZE];

	derive("wireguard", organization, node, private_key);
	crypto_x25519_public(private_key, ret);
}

void test_identity_key(unsigned organization, unsigned node, uint8_t ret[KEY_SIZE])
{
	uint8_t seed[KEY_SIZE];

	derive("identity", organization, node, seed);
	crypto_ed25519_public(seed, ret);
}

struct test_role test_role(unsigned first, unsigned count, unsigned threshold)
{
	struct test_role role = { .count = count, .threshold = threshold };

	assert(count <= KEYSET_KEYS_MAX);
	for (unsigned i = 0; i < count; i++)
		role.keys[i] = first + i;
	return role;
}

void test_sign_by(struct test_document *document, unsigned count, const unsigned *keys)
{
	assert(count <= ARRAY_SIZE(document->signers));
	document->has_signers = true;
	document->signers_count = count;
	for (unsigned i = 0; i < count; i++)
		document->signers[i] = keys[i];
}

void test_replace(struct strbuf *text, const char *from, const char *to)
{
	CLEANUP(free) char *old = strbuf_take(text);
	const char *found = strstr(old, from);

	if (!found) {
		(void)fprintf(stderr, "\"%s\" is not in:\n%s\n", from, old);
		abort();
	}
	strbuf_append(text, old, (size_t)(found - old));
	strbuf_puts(text, to);
	strbuf_puts(text, found + strlen(from));
}

/* Numbers are ports, too: where there are few, leave room for nodes that a test adds. */
#define NUMBERS_APART 64
#define NUMBERS_MAX 50000

static struct test_organization organization_new(unsigned organizations, unsigned index,
						 unsigned nodes)
{
	bool apart = nodes < NUMBERS_APART && organizations * NUMBERS_APART <= NUMBERS_MAX;
	struct test_organization organization = {
		.index = index,
		.first_number = index * (apart ? NUMBERS_APART : nodes),
		.role = test_role(100 + index, 1, 1),
		.max_nodes = nodes > 64 ? nodes : 64,
		.document = { .version = 1, .issued = TEST_ISSUED, .expires = TEST_EXPIRES },
		.nodes_count = nodes,
	};

	(void)snprintf(organization.name, sizeof(organization.name), "org-%u", index + 1);
	return organization;
}

struct test_bundle *test_bundle_new(unsigned organizations, unsigned nodes)
{
	struct test_bundle *t = NEW(struct test_bundle);
	struct test_mesh *mesh = &t->meshes[0];

	t->mesh_id = TEST_MESH_ID;
	t->mesh_name = "example";
	t->meshes_count = 1;
	t->manifest = (struct test_document) {
		.version = 1,
		.issued = TEST_ISSUED,
		.expires = TEST_MANIFEST_EXPIRES,
	};
	mesh->document = (struct test_document) {
		.version = 1,
		.issued = TEST_ISSUED,
		.expires = TEST_EXPIRES,
	};
	mesh->mesh = test_role(1, 1, 1);
	mesh->manifest = test_role(2, 1, 1);
	mesh->pool = "[\"fd00::/8\",\"10.0.0.0/8\"]";
	for (unsigned i = 0; i < organizations; i++)
		*ARRAY_APPEND(mesh->organizations, mesh->organizations_count) =
			organization_new(organizations, i, nodes);
	return t;
}

static void set_dates(struct test_document *document, const char *issued, const char *expires)
{
	document->issued = issued;
	document->expires = expires;
}

void test_bundle_date(struct test_bundle *t, int64_t issued, int64_t manifest_expires,
		      int64_t expires)
{
	(void)timestamp_format(issued, t->issued);
	(void)timestamp_format(manifest_expires, t->expires[0]);
	(void)timestamp_format(expires, t->expires[1]);
	set_dates(&t->manifest, t->issued, t->expires[0]);
	for (size_t i = 0; i < t->meshes_count; i++) {
		struct test_mesh *mesh = &t->meshes[i];

		set_dates(&mesh->document, t->issued, t->expires[1]);
		for (size_t j = 0; j < mesh->organizations_count; j++)
			set_dates(&mesh->organizations[j].document, t->issued, t->expires[1]);
	}
}

void test_bundle_free(struct test_bundle *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->meshes_count; i++) {
		free(t->meshes[i].organizations);
		strbuf_done(&t->meshes[i].revoked);
	}
	free(t);
}

struct test_mesh *test_bundle_newest_mesh(struct test_bundle *t)
{
	return &t->meshes[t->meshes_count - 1];
}

struct test_organization *test_bundle_organization(struct test_bundle *t, size_t index)
{
	return &test_bundle_newest_mesh(t)->organizations[index];
}

struct test_mesh *test_bundle_next_mesh(struct test_bundle *t)
{
	const struct test_mesh *last = test_bundle_newest_mesh(t);
	struct test_mesh *next = &t->meshes[t->meshes_count++];

	assert(t->meshes_count <= TEST_MESHES_MAX);
	*next = *last;
	next->document.version++;
	t->manifest.version++;
	next->document.has_signers = false;
	next->is_left_out = false;
	next->organizations = memory_dup(last->organizations,
					 last->organizations_count * sizeof(*last->organizations));
	next->revoked = (struct strbuf) { 0 };
	strbuf_puts(&next->revoked, strbuf_text(&last->revoked));
	return next;
}

void test_revoke(struct test_mesh *mesh, const char *kind, const char *key, const char *reason)
{
	strbuf_printf(&mesh->revoked, "%s{\"kind\":\"%s\",\"key\":\"%s\",\"reason\":\"%s\"}",
		      mesh->revoked.length ? "," : "", kind, key, reason);
}

void test_revoke_signing_key(struct test_mesh *mesh, unsigned id, const char *reason)
{
	uint8_t key[KEY_SIZE];
	char hex[2 * KEY_SIZE + 1];

	test_revoke(mesh, "org-key", test_to_hex(test_public_key(id, key), hex), reason);
}

void test_add_signature(struct envelope *envelope, struct signature signature)
{
	envelope->signatures = memory_grow(envelope->signatures, envelope->signatures_count + 1,
					   sizeof(signature));
	envelope->signatures[envelope->signatures_count++] = signature;
}

static void sign(struct envelope *envelope, const unsigned *keys, unsigned count)
{
	struct crypto_signing_key key;

	for (unsigned i = 0; i < count; i++) {
		test_bundle_key(keys[i], &key);
		if (envelope_sign(envelope, &key) < 0)
			abort();
	}
}

/* @roles are those whose thresholds the document has to meet. */
static void sign_document(struct envelope *envelope, const struct test_document *document,
			  const struct test_role *const *roles, size_t roles_count)
{
	if (document->has_signers) {
		sign(envelope, document->signers, document->signers_count);
		return;
	}
	for (size_t i = 0; i < roles_count; i++)
		sign(envelope, roles[i]->keys, roles[i]->threshold);
}

static void make(struct test_bundle *t, enum document_type type, const char *name,
		 struct strbuf *payload, struct envelope *ret)
{
	if (t->edit)
		t->edit(t->userdata, type, name, payload);
	envelope_make(type, strbuf_text(payload), payload->length, ret);
}

/* Every mesh version up to @count, also those that are left out of the bundle. */
static struct envelope *make_meshes(struct test_bundle *t, size_t count)
{
	struct envelope *envelopes = NEW_ARRAY(struct envelope, count);

	for (size_t i = 0; i < count; i++) {
		const struct test_mesh *mesh = &t->meshes[i];
		const struct test_role *roles[] = { &mesh->mesh,
						    i ? &t->meshes[i - 1].mesh : &mesh->mesh };
		CLEANUP(strbuf_done) struct strbuf payload = { 0 };

		test_mesh_payload(t, mesh, i ? envelopes[i - 1].digest : NULL, &payload);
		make(t, DOCUMENT_MESH, NULL, &payload, &envelopes[i]);
		sign_document(&envelopes[i], &mesh->document, roles, ARRAY_SIZE(roles));
	}
	return envelopes;
}

static void make_organization(struct test_bundle *t, const struct test_organization *organization,
			      struct envelope *ret)
{
	const struct test_role *role = &organization->role;
	CLEANUP(strbuf_done) struct strbuf payload = { 0 };

	test_org_payload(t, organization, &payload);
	make(t, DOCUMENT_ORG, organization->name, &payload, ret);
	sign_document(ret, &organization->document, &role, 1);
}

static void make_manifest(struct test_bundle *t, const struct envelope *mesh,
			  const struct envelope *organizations, struct envelope *ret)
{
	const struct test_role *role = &test_bundle_newest_mesh(t)->manifest;
	CLEANUP(strbuf_done) struct strbuf payload = { 0 };

	test_manifest_payload(t, mesh, organizations, &payload);
	make(t, DOCUMENT_MANIFEST, NULL, &payload, ret);
	sign_document(ret, &t->manifest, &role, 1);
}

static void add(struct bundle *bundle, struct envelope *envelope, bool is_left_out)
{
	if (is_left_out)
		envelope_done(envelope);
	else
		*ARRAY_APPEND(bundle->envelopes, bundle->count) = *envelope;
}

struct bundle *test_bundle_build(struct test_bundle *t)
{
	const struct test_mesh *newest = test_bundle_newest_mesh(t);
	CLEANUP(free) struct envelope *meshes = make_meshes(t, t->meshes_count);
	CLEANUP(free) struct envelope *organizations = NULL;
	CLEANUP(free) size_t *order = test_manifest_order(newest);
	struct bundle *bundle = NEW(struct bundle);
	struct envelope manifest = { 0 };

	organizations = NEW_ARRAY(struct envelope, newest->organizations_count);
	for (size_t i = 0; i < newest->organizations_count; i++)
		make_organization(t, &newest->organizations[i], &organizations[i]);
	make_manifest(t, &meshes[t->meshes_count - 1], organizations, &manifest);
	for (size_t i = 0; i < t->meshes_count; i++)
		add(bundle, &meshes[i], t->meshes[i].is_left_out);
	bundle->meshes_count = bundle->count;
	add(bundle, &manifest, false);
	for (size_t i = 0; i < newest->organizations_count; i++) {
		const struct test_organization *organization = &newest->organizations[order[i]];

		add(bundle, &organizations[order[i]],
		    organization->is_left_out || organization->is_left_out_of_manifest);
	}
	return bundle;
}

char *test_bundle_text(struct test_bundle *t, size_t *ret_size)
{
	CLEANUP(bundle_free) struct bundle *bundle = test_bundle_build(t);
	struct strbuf text = { 0 };

	bundle_format(bundle, &text);
	*ret_size = text.length;
	return strbuf_take(&text);
}

static void free_envelopes(struct envelope *envelopes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		envelope_done(&envelopes[i]);
	free(envelopes);
}

void test_bundle_pin(struct test_bundle *t, size_t version, uint8_t ret[KEY_SIZE])
{
	struct envelope *meshes = make_meshes(t, version);

	memcpy(ret, meshes[version - 1].digest, KEY_SIZE);
	free_envelopes(meshes, version);
}

char *test_bundle_mesh_payload(struct test_bundle *t, size_t version, size_t *ret_size)
{
	struct envelope *meshes = make_meshes(t, version);
	char *payload = meshes[version - 1].payload;

	*ret_size = meshes[version - 1].payload_size;
	meshes[version - 1].payload = NULL;
	free_envelopes(meshes, version);
	return payload;
}
