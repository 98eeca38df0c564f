// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/test_payload.h"

#include "base/memory.h"
#include "crypto/test_hex.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void put_header(const struct test_bundle *t, const struct test_document *document,
		       const char *type, struct strbuf *ret)
{
	strbuf_printf(ret,
		      "{\"type\":\"%s\",\"spec\":1,\"mesh_id\":\"%s\",\"version\":%" PRIu64
		      ",\"issued\":\"%s\",\"expires\":\"%s\"",
		      type, t->mesh_id, document->version, document->issued, document->expires);
}

static void put_keyid(unsigned id, struct strbuf *ret)
{
	uint8_t key[KEY_SIZE];
	char keyid[CRYPTO_KEYID_SIZE];

	strbuf_printf(ret, "\"%s\"", crypto_keyid(test_public_key(id, key), keyid));
}

/* A PEM text as it stands in JSON. */
static void put_pem(const uint8_t key[KEY_SIZE], struct strbuf *ret)
{
	char pem[CRYPTO_ED25519_PEM_SIZE];

	strbuf_puts(ret, "\"");
	for (const char *c = crypto_ed25519_public_to_pem(key, pem); *c; c++)
		strbuf_append(ret, *c == '\n' ? "\\n" : c, *c == '\n' ? 2 : 1);
	strbuf_puts(ret, "\"");
}

static void put_keys(const unsigned *ids, unsigned count, struct strbuf *ret)
{
	uint8_t key[KEY_SIZE];

	strbuf_puts(ret, "\"keys\":[");
	for (unsigned i = 0; i < count; i++) {
		strbuf_puts(ret, i ? ",{\"id\":" : "{\"id\":");
		put_keyid(ids[i], ret);
		strbuf_puts(ret, ",\"public_key\":");
		put_pem(test_public_key(ids[i], key), ret);
		strbuf_puts(ret, "}");
	}
	strbuf_puts(ret, "]");
}

static void put_role(const char *name, const struct test_role *role, struct strbuf *ret)
{
	strbuf_printf(ret, "\"%s\":{\"keys\":[", name);
	for (unsigned i = 0; i < role->count; i++) {
		strbuf_puts(ret, i ? "," : "");
		put_keyid(role->keys[i], ret);
	}
	strbuf_printf(ret, "],\"threshold\":%u}", role->threshold);
}

static bool has(const unsigned *ids, unsigned count, unsigned id)
{
	for (unsigned i = 0; i < count; i++)
		if (ids[i] == id)
			return true;
	return false;
}

static void put_roles(const struct test_mesh *mesh, struct strbuf *ret)
{
	unsigned ids[2 * KEYSET_KEYS_MAX], count = 0;

	for (unsigned i = 0; i < mesh->mesh.count; i++)
		ids[count++] = mesh->mesh.keys[i];
	for (unsigned i = 0; i < mesh->manifest.count; i++)
		if (!has(ids, count, mesh->manifest.keys[i]))
			ids[count++] = mesh->manifest.keys[i];
	put_keys(ids, count, ret);
	strbuf_puts(ret, ",\"roles\":{");
	put_role("mesh", &mesh->mesh, ret);
	strbuf_puts(ret, ",");
	put_role("manifest", &mesh->manifest, ret);
	strbuf_puts(ret, "}");
}

/* Small indexes have an IPv4 network, too. */
static bool has_ipv4(unsigned organization, unsigned node)
{
	return organization < 256 && node < 256;
}

static void put_organization(const struct test_organization *organization, struct strbuf *ret)
{
	const struct test_role *role = &organization->role;
	unsigned index = organization->index;

	strbuf_printf(ret, "\n{\"organization\":\"%s\",", organization->name);
	put_keys(role->keys, role->count, ret);
	strbuf_printf(ret, ",\"threshold\":%u,\"state\":\"%s\",\"transit\":%s,\"max_nodes\":%u,",
		      role->threshold, organization->is_suspended ? "suspended" : "active",
		      organization->no_transit ? "false" : "true", organization->max_nodes);
	if (organization->grants) {
		strbuf_printf(ret, "\"grants\":%s}", organization->grants);
		return;
	}
	strbuf_printf(ret, "\"grants\":[{\"prefix\":\"fd66:%x::/32\",\"max_length\":64}", index);
	if (has_ipv4(index, 0))
		strbuf_printf(ret, ",{\"prefix\":\"10.%u.0.0/16\",\"max_length\":24}", index);
	strbuf_puts(ret, "]}");
}

void test_mesh_payload(const struct test_bundle *t, const struct test_mesh *mesh,
		       const uint8_t *prev, struct strbuf *ret)
{
	char hex[2 * KEY_SIZE + 1];

	put_header(t, &mesh->document, "aronet.mesh", ret);
	strbuf_printf(ret, ",\"name\":\"%s\",\"prev\":", t->mesh_name);
	if (prev)
		strbuf_printf(ret, "\"%s\",\n", test_to_hex(prev, hex));
	else
		strbuf_puts(ret, "null,\n");
	put_roles(mesh, ret);
	if (mesh->manifest_max_days)
		strbuf_printf(ret, ",\"manifest_max_days\":%u", mesh->manifest_max_days);
	strbuf_printf(ret, ",\"pool\":%s,\n\"organizations\":[", mesh->pool);
	for (size_t i = 0; i < mesh->organizations_count; i++) {
		strbuf_puts(ret, i ? "," : "");
		put_organization(&mesh->organizations[i], ret);
	}
	strbuf_printf(ret, "],\n\"revoked\":[%s]}\n", strbuf_text(&mesh->revoked));
}

/*
 * Addresses of the benchmarking range, RFC 2544, and ports that differ: each node can be the
 * endpoint of all others.
 */
static void put_node(const struct test_organization *organization, unsigned node,
		     struct strbuf *ret)
{
	unsigned index = organization->index;
	unsigned number = organization->first_number + node;
	char base64[CRYPTO_KEY_BASE64_SIZE];
	uint8_t key[KEY_SIZE];

	strbuf_printf(ret, "\n{\"common_name\":\"node-%u\",", node + 1);
	if (!organization->without_identity) {
		strbuf_puts(ret, "\"public_key\":");
		test_identity_key(index, node, key);
		put_pem(key, ret);
		strbuf_puts(ret, ",");
	}
	test_wireguard_key(index, node, key);
	strbuf_printf(ret,
		      "\"wireguard\":[{\"public_key\":\"%s\"}],\"endpoints\":[{\"serial_number\":0,"
		      "\"address\":\"198.18.%u.%u\",\"address_family\":\"ip4\",\"port\":%u}],"
		      "\"remarks\":{\"network\":\"fd66:%x:%x::/64\",\"prefixs\":[",
		      crypto_key_to_base64(key, base64), number >> 8, number & 255, 10000 + number,
		      index, node);
	if (has_ipv4(index, node))
		strbuf_printf(ret, "\"10.%u.%u.0/24\"", index, node);
	strbuf_puts(ret, "]}}");
}

void test_org_payload(const struct test_bundle *t, const struct test_organization *organization,
		      struct strbuf *ret)
{
	put_header(t, &organization->document, "aronet.org", ret);
	strbuf_printf(ret, ",\"organization\":\"%s\",\"nodes\":", organization->name);
	if (organization->nodes) {
		strbuf_printf(ret, "%s}\n", organization->nodes);
		return;
	}
	strbuf_puts(ret, "[");
	for (unsigned i = 0; i < organization->nodes_count; i++) {
		strbuf_puts(ret, i ? "," : "");
		put_node(organization, i, ret);
	}
	strbuf_puts(ret, "]}\n");
}

static int compare_names(const void *a, const void *b, void *mesh)
{
	const struct test_organization *organizations = ((struct test_mesh *)mesh)->organizations;

	return strcmp(organizations[*(const size_t *)a].name,
		      organizations[*(const size_t *)b].name);
}

size_t *test_manifest_order(const struct test_mesh *mesh)
{
	size_t *order = NEW_ARRAY(size_t, mesh->organizations_count + 1);
	struct test_mesh copy = *mesh;

	for (size_t i = 0; i < mesh->organizations_count; i++)
		order[i] = i;
	qsort_r(order, mesh->organizations_count, sizeof(*order), compare_names, &copy);
	return order;
}

static void put_entry(const char *name, uint64_t version, const struct envelope *envelope,
		      struct strbuf *ret)
{
	char hex[2 * KEY_SIZE + 1];

	strbuf_puts(ret, "{");
	if (name)
		strbuf_printf(ret, "\"organization\":\"%s\",", name);
	strbuf_printf(ret, "\"version\":%" PRIu64 ",\"size\":%zu,\"sha256\":\"%s\"}", version,
		      envelope->payload_size, test_to_hex(envelope->digest, hex));
}

void test_manifest_payload(struct test_bundle *t, const struct envelope *mesh,
			   const struct envelope *organizations, struct strbuf *ret)
{
	const struct test_mesh *newest = test_bundle_newest_mesh(t);
	CLEANUP(free) size_t *order = test_manifest_order(newest);
	bool is_first = true;

	put_header(t, &t->manifest, "aronet.manifest", ret);
	strbuf_puts(ret, ",\n\"mesh\":");
	put_entry(NULL, newest->document.version, mesh, ret);
	strbuf_puts(ret, ",\n\"organizations\":[");
	for (size_t i = 0; i < newest->organizations_count; i++) {
		const struct test_organization *organization = &newest->organizations[order[i]];

		if (organization->is_left_out_of_manifest)
			continue;
		strbuf_puts(ret, is_first ? "\n" : ",\n");
		put_entry(organization->name, organization->document.version,
			  &organizations[order[i]], ret);
		is_first = false;
	}
	strbuf_puts(ret, "]}\n");
}
