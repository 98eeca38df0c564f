// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The whole verification with good signatures: the input is the documents of a bundle as text,
 *which are hashed and signed here, so that a mutation of a document reaches what lies behind its
 * signature. A line begins each document and says by whom it is signed:
 *
 *	%% mesh AB
 *	%% manifest B
 *	%% org Ab
 *	%% trust
 *	%% options pe1795305600
 *
 * A to H are test keys 1 to 8, a small letter is a bad signature. In a document @hN stands for the
 * hash of the N-th document of the input, @sN for its size; it has to come before. "trust" is what
 * the node has accepted before. Options: `p`in to the first mesh document, the clock is `g`iven,
 *the registry was `a`ccepted before, it may be `e`mpty; then the clock.
 */
#include "base/hex.h"
#include "base/memory.h"
#include "fuzz.h"
#include "registry/assemble.h"
#include "registry/manifest.h"
#include "registry/test_bundle.h"
#include "registry/verify.h"
#include "registry_print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DOCUMENTS_MAX 10 /* one digit names them */
#define PAYLOAD_MAX 16384

struct documents {
	struct envelope items[DOCUMENTS_MAX];
	size_t count;
	struct trust *trust;
	struct verify_options options;
	uint8_t pin[KEY_SIZE];
};

static void documents_done(struct documents *documents)
{
	for (size_t i = 0; i < documents->count; i++)
		envelope_done(&documents->items[i]);
	trust_free(documents->trust);
}
CLEANUP_DEFINE_IN_PLACE(struct documents, documents_done);

/* "@h3" and "@s3" */
static void substitute(const struct documents *documents, const char *text, struct strbuf *ret)
{
	char digest[2 * KEY_SIZE + 1];

	for (; *text && ret->length < PAYLOAD_MAX; text++) {
		size_t index = *text == '@' && text[1] ? (size_t)(text[2] - '0') : SIZE_MAX;

		if (index < documents->count && text[1] == 'h')
			strbuf_puts(ret,
				    hex_format(documents->items[index].digest, KEY_SIZE, digest));
		else if (index < documents->count && text[1] == 's')
			strbuf_printf(ret, "%zu", documents->items[index].payload_size);
		else
			strbuf_append(ret, text, 1);
		text += index < documents->count && (text[1] == 'h' || text[1] == 's') ? 2 : 0;
	}
}

static void sign(struct envelope *envelope, const char *letters)
{
	for (; *letters; letters++) {
		bool is_bad = *letters >= 'a' && *letters <= 'h';
		struct crypto_signing_key key;

		if (!is_bad && !(*letters >= 'A' && *letters <= 'H'))
			continue;
		test_bundle_key((unsigned)(*letters | 0x20) - 'a' + 1, &key);
		if (envelope_sign(envelope, &key) < 0 || !is_bad)
			continue;
		for (unsigned i = 0; i < envelope->signatures_count; i++) {
			char keyid[CRYPTO_KEYID_SIZE];

			if (!strcmp(envelope->signatures[i].keyid,
				    crypto_keyid(key.public_key, keyid)))
				envelope->signatures[i].bytes[7] ^= 0x20;
		}
	}
}

static void read_options(const char *words, struct documents *documents)
{
	struct verify_options *options = &documents->options;

	options->mesh_sha256 = strchr(words, 'p') ? documents->pin : NULL;
	options->clock_is_given = strchr(words, 'g');
	options->was_accepted = strchr(words, 'a');
	options->allow_empty = strchr(words, 'e');
	words += strcspn(words, "0123456789");
	if (*words)
		(void)sscanf(words, "%12" SCNd64, &options->clock);
}

/* One section; @head is its line behind "%% ". */
static void take_section(struct documents *documents, const char *head, const char *body)
{
	static const struct {
		const char *name;
		enum document_type type;
	} types[] = {
		{ "mesh", DOCUMENT_MESH },
		{ "manifest", DOCUMENT_MANIFEST },
		{ "org", DOCUMENT_ORG },
	};

	if (!strncmp(head, "options ", strlen("options ")))
		read_options(head + strlen("options "), documents);
	if (!strcmp(head, "trust") && !documents->trust)
		(void)trust_parse(body, strlen(body), "trust.json", &documents->trust, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		CLEANUP(strbuf_done) struct strbuf payload = { 0 };
		struct envelope *envelope = &documents->items[documents->count];

		if (strncmp(head, types[i].name, strlen(types[i].name)) != 0 ||
		    documents->count == DOCUMENTS_MAX)
			continue;
		substitute(documents, body, &payload);
		envelope_make(types[i].type, strbuf_text(&payload), payload.length, envelope);
		sign(envelope, head + strlen(types[i].name));
		documents->count++;
	}
}

static void take_documents(char *text, struct documents *ret)
{
	static const char mark[] = "%% ";
	char *section = strstr(text, mark);

	while (section) {
		char *head = section + strlen(mark);
		char *next = strstr(head, "\n%% ");
		char *body = head + strcspn(head, "\n");

		if (next)
			*next++ = '\0';
		if (*body)
			*body++ = '\0';
		take_section(ret, head, body);
		section = next;
	}
	for (size_t i = ret->count; i > 0; i--)
		if (ret->items[i - 1].type == DOCUMENT_MESH)
			memcpy(ret->pin, ret->items[i - 1].digest, KEY_SIZE);
	ret->options.trust = ret->trust;
}

/* A bundle has a fixed order of types. Takes the envelopes. */
static struct bundle *make_bundle(struct documents *documents)
{
	static const enum document_type order[] = { DOCUMENT_MESH, DOCUMENT_MANIFEST,
						    DOCUMENT_ORG };
	CLEANUP(bundle_free) struct bundle *bundle = NEW(struct bundle);
	size_t counts[ARRAY_SIZE(order)] = { 0 };

	bundle->envelopes = NEW_ARRAY(struct envelope, documents->count + 1);
	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		for (size_t j = 0; j < documents->count; j++) {
			if (documents->items[j].type != order[i] || !documents->items[j].payload)
				continue;
			bundle->envelopes[bundle->count++] = documents->items[j];
			documents->items[j] = (struct envelope) { .type = DOCUMENT_REQUEST };
			counts[i]++;
		}
	bundle->meshes_count = counts[0];
	return counts[0] >= 1 && counts[1] == 1 ? TAKE(bundle) : NULL;
}

static bool is_granted(const struct mesh_organization *organization, const struct ip_prefix *prefix)
{
	for (size_t i = 0; i < organization->grants_count; i++)
		if (ip_prefix_contains(&organization->grants[i].prefix, prefix) &&
		    prefix->length <= organization->grants[i].max_length)
			return true;
	return false;
}

static void check_node(const struct mesh_document *mesh, const struct registry_node *node)
{
	const struct mesh_organization *organization =
		mesh_find_organization(mesh, node->id.organization);

	FUZZ_CHECK(organization && !organization->is_suspended);
	FUZZ_CHECK(node->no_transit == !organization->is_transit);
	for (size_t i = 0; i < node->prefixes_count; i++)
		FUZZ_CHECK(is_granted(organization, &node->prefixes[i]));
	FUZZ_CHECK(!node->has_wireguard ||
		   !mesh_find_revocation(mesh, REVOCATION_WIREGUARD_KEY, node->wireguard_key));
	FUZZ_CHECK(!node->has_identity ||
		   !mesh_find_revocation(mesh, REVOCATION_NODE_KEY, node->identity_key));
	/* Who signs documents is no node. */
	FUZZ_CHECK(!node->has_identity || (!keyset_has(&mesh->mesh_role, node->identity_key) &&
					   !keyset_has(&mesh->manifest_role, node->identity_key)));
}

static void check_sizes(const struct mesh_document *mesh, const struct registry *registry)
{
	for (size_t i = 0; i < mesh->organizations_count; i++) {
		unsigned nodes = 0;

		for (size_t j = 0; j < registry->nodes_count; j++)
			nodes += !strcmp(registry->nodes[j].id.organization,
					 mesh->organizations[i].name);
		FUZZ_CHECK(nodes <= mesh->organizations[i].max_nodes);
	}
}

/* Whoever is heard has signed, by as many as it takes; a mesh document may be known by its hash. */
static void check_signatures(const struct mesh_document *mesh, const struct bundle *bundle,
			     const struct trust *trust)
{
	const uint8_t *digest = bundle->envelopes[bundle->meshes_count - 1].digest;

	FUZZ_CHECK((trust && !memcmp(trust->mesh_digest, digest, KEY_SIZE)) ||
		   !keyset_verify(&mesh->mesh_role, &bundle->envelopes[bundle->meshes_count - 1],
				  "mesh", NULL));
	FUZZ_CHECK(!keyset_verify(&mesh->manifest_role, &bundle->envelopes[bundle->meshes_count],
				  "manifest", NULL));
	for (size_t i = bundle->meshes_count + 1; i < bundle->count; i++) {
		CLEANUP(org_document_free) struct org_document *org = NULL;
		const struct mesh_organization *organization;
		struct keyset keyset;

		FUZZ_CHECK(!org_document_parse(bundle->envelopes[i].payload,
					       bundle->envelopes[i].payload_size, "org", NULL, &org,
					       NULL));
		organization = mesh_find_organization(mesh, org->name);
		FUZZ_CHECK(organization != NULL);
		keyset = mesh_organization_keyset(mesh, organization);
		FUZZ_CHECK(!keyset_verify(&keyset, &bundle->envelopes[i], "org", NULL));
	}
}

static void check_meaning(const struct bundle *bundle, const struct registry *registry,
			  const struct trust *trust)
{
	const struct envelope *newest = &bundle->envelopes[bundle->meshes_count - 1];
	CLEANUP(mesh_document_free) struct mesh_document *mesh = NULL;

	FUZZ_CHECK(
		!mesh_document_parse(newest->payload, newest->payload_size, "mesh", &mesh, NULL));
	FUZZ_CHECK(registry->is_signed);
	FUZZ_CHECK(registry->origin.mesh_version == mesh->header.version);
	registry_check_promises(registry);
	for (size_t i = 0; i < registry->nodes_count; i++)
		check_node(mesh, &registry->nodes[i]);
	check_sizes(mesh, registry);
	check_signatures(mesh, bundle, trust);
}

/* Nothing that was accepted is ever gone back behind. */
static void check_floors(const struct trust *before, const struct trust *after)
{
	if (!before)
		return;
	FUZZ_CHECK(!memcmp(before->mesh_id, after->mesh_id, MESH_ID_SIZE));
	FUZZ_CHECK(after->mesh_version >= before->mesh_version);
	FUZZ_CHECK(after->mesh_version > before->mesh_version ||
		   !memcmp(after->mesh_digest, before->mesh_digest, KEY_SIZE));
	FUZZ_CHECK(after->last_seen >= before->last_seen);
	FUZZ_CHECK(memcmp(after->manifest.keyset, before->manifest.keyset, KEY_SIZE) != 0 ||
		   after->manifest.version >= before->manifest.version);
	for (size_t i = 0; i < after->organizations_count; i++) {
		const struct trust_organization *now = &after->organizations[i];
		const struct trust_organization *then = trust_find_organization(before, now->name);

		FUZZ_CHECK(!then || memcmp(now->floor.keyset, then->floor.keyset, KEY_SIZE) != 0 ||
			   now->floor.version >= then->floor.version);
	}
}

static void check_trust_file(const struct trust *trust)
{
	CLEANUP(trust_free) struct trust *again = NULL;
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	CLEANUP(strbuf_done) struct strbuf text_again = { 0 };

	trust_format(trust, &text);
	FUZZ_CHECK(trust_parse(text.bytes, text.length, "again", &again, NULL) == 0);
	trust_format(again, &text_again);
	FUZZ_CHECK(!strcmp(text.bytes, text_again.bytes));
}

/* The same bundle once more, on the state that the first time has left: the same, with less work.
 */
static void check_again(const struct bundle *bundle, const struct verify_options *options,
			const struct verified *first)
{
	CLEANUP(verified_done) struct verified second = { 0 };
	CLEANUP(strbuf_done) struct strbuf before = { 0 };
	CLEANUP(strbuf_done) struct strbuf after = { 0 };
	struct verify_options again = *options;
	struct error error = { 0 };

	again.trust = first->trust;
	if (registry_verify(bundle, &again, NULL, &second, &error) < 0)
		fuzz_fail(__FILE__, __LINE__, error.text);
	registry_print(first->registry, &before);
	registry_print(second.registry, &after);
	trust_format(first->trust, &before);
	trust_format(second.trust, &after);
	FUZZ_CHECK(!strcmp(strbuf_text(&before), strbuf_text(&after)));
	FUZZ_CHECK(second.signatures_checked <= first->signatures_checked);
}

static void check(const struct bundle *bundle, const struct verify_options *options)
{
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	CLEANUP(verified_done) struct verified verified = { 0 };
	struct verified untouched = { 0 };
	struct error error = { 0 };
	int result = registry_verify(bundle, options, &warnings, &verified, &error);

	for (size_t i = 0; i < warnings.count; i++)
		FUZZ_CHECK(fuzz_is_printable(warnings.items[i].text));
	if (result < 0) {
		fuzz_check_refusal(result, &error);
		FUZZ_CHECK(!memcmp(&verified, &untouched, sizeof(untouched)));
		return;
	}
	FUZZ_CHECK(options->allow_empty || verified.registry->nodes_count);
	check_meaning(bundle, verified.registry, options->trust);
	check_floors(options->trust, verified.trust);
	check_trust_file(verified.trust);
	check_again(bundle, options, &verified);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(documents_done)
	struct documents documents = { .options = { .clock = TEST_NOW,
						    .build_date = TEST_BUILD_DATE } };
	struct fuzz_input input = { data, size };
	CLEANUP(free) char *text = fuzz_take_rest(&input);
	CLEANUP(bundle_free) struct bundle *bundle = NULL;

	take_documents(text, &documents);
	bundle = make_bundle(&documents);
	if (bundle)
		check(bundle, &documents.options);
	return 0;
}
