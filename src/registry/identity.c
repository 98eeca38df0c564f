// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/identity.h"

#include "base/hex.h"
#include "crypto/crypto.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define INTERFACE_NAME_PREFIX "ar"
#define INTERFACE_NAME_CHARACTERS 10 /* of base32, 50 bits */
#define INTERFACE_ID_SIZE 8
#define ROUTER_ID_ZEROS 4

/* The text with its terminating zero, which separates it from what follows. */
static void hash_add_text(struct crypto_hash *hash, const char *text)
{
	crypto_hash_add(hash, text, strlen(text) + 1);
}

static void hash_add_serial(struct crypto_hash *hash, uint32_t serial)
{
	const uint8_t bytes[] = {
		(uint8_t)(serial >> 24),
		(uint8_t)(serial >> 16),
		(uint8_t)(serial >> 8),
		(uint8_t)serial,
	};

	crypto_hash_add(hash, bytes, sizeof(bytes));
}

void registry_node_router_id(const struct registry_node *node, uint8_t ret[ROUTER_ID_SIZE])
{
	struct crypto_hash *hash = crypto_hash_new();
	uint8_t digest[CRYPTO_KEY_SIZE];

	if (node->identity_is_shared) {
		hash_add_text(hash, "aronet router-id v1");
		crypto_hash_add(hash, node->identity_key, KEY_SIZE);
		hash_add_text(hash, node->id.organization);
		crypto_hash_add(hash, node->id.common_name, strlen(node->id.common_name));
	} else {
		crypto_hash_add(hash, node->has_identity ? node->identity_key : node->wireguard_key,
				KEY_SIZE);
	}
	crypto_hash_finish(hash, digest);
	memset(ret, 0, ROUTER_ID_ZEROS);
	memcpy(ret + ROUTER_ID_ZEROS, digest + ROUTER_ID_ZEROS, ROUTER_ID_SIZE - ROUTER_ID_ZEROS);
}

static int compare_router_ids(const void *a, const void *b)
{
	const struct router_id_owner *left = a, *right = b;
	int order = memcmp(left->router_id, right->router_id, ROUTER_ID_SIZE);

	return order ? order : node_id_compare(left->node, right->node);
}

int router_ids_check(struct router_id_owner *owners, size_t count, struct error *error)
{
	static const uint8_t zeros[ROUTER_ID_SIZE];
	char text[2 * ROUTER_ID_SIZE + 1], one[NODE_ID_TEXT_SIZE], other[NODE_ID_TEXT_SIZE];

	if (count)
		qsort(owners, count, sizeof(*owners), compare_router_ids);
	for (size_t i = 0; i < count; i++) {
		const uint8_t *id = owners[i].router_id;

		if (!memcmp(id, zeros, ROUTER_ID_SIZE))
			return error_set(error, -EINVAL, ERROR_KEY_REUSED, NULL,
					 "%s: router-id %s is not allowed; make a new key",
					 node_id_format(owners[i].node, one),
					 hex_format(id, ROUTER_ID_SIZE, text));
		if (i > 0 && !memcmp(owners[i - 1].router_id, id, ROUTER_ID_SIZE))
			return error_set(error, -EINVAL, ERROR_KEY_REUSED, NULL,
					 "router-id %s is that of %s and of %s; make a new key for "
					 "one of them",
					 hex_format(id, ROUTER_ID_SIZE, text),
					 node_id_format(owners[i - 1].node, one),
					 node_id_format(owners[i].node, other));
	}
	return 0;
}

static void hash_add_end(struct crypto_hash *hash, const struct tunnel_end *end)
{
	hash_add_text(hash, end->node->organization);
	hash_add_text(hash, end->node->common_name);
	hash_add_serial(hash, end->serial_number);
}

/* S of the specification. */
static void hash_add_tunnel(struct crypto_hash *hash, enum transport transport,
			    const struct tunnel_end *local, const struct tunnel_end *remote)
{
	hash_add_text(hash, "aronet ifname v1");
	hash_add_text(hash, transport == TRANSPORT_IPSEC ? "ipsec" : "wireguard");
	hash_add_end(hash, local);
	hash_add_end(hash, remote);
	if (transport == TRANSPORT_IPSEC)
		return;
	crypto_hash_add(hash, local->key, KEY_SIZE);
	crypto_hash_add(hash, remote->key, KEY_SIZE);
}

/* RFC 4648 section 6 in lower case: character @index of the base32 form of @bytes. */
static char base32_character(const uint8_t *bytes, unsigned index)
{
	unsigned bit = index * 5;
	unsigned pair = (unsigned)bytes[bit / 8] << 8 | bytes[bit / 8 + 1];

	return "abcdefghijklmnopqrstuvwxyz234567"[pair >> (11 - bit % 8) & 31];
}

void tunnel_interface_name(enum transport transport, const struct tunnel_end *local,
			   const struct tunnel_end *remote, char ret[IFNAME_SIZE])
{
	struct crypto_hash *hash = crypto_hash_new();
	uint8_t digest[CRYPTO_KEY_SIZE];
	char *next = ret + strlen(INTERFACE_NAME_PREFIX);

	hash_add_tunnel(hash, transport, local, remote);
	crypto_hash_finish(hash, digest);
	memset(ret, 0, IFNAME_SIZE);
	memcpy(ret, INTERFACE_NAME_PREFIX, strlen(INTERFACE_NAME_PREFIX));
	for (unsigned i = 0; i < INTERFACE_NAME_CHARACTERS; i++)
		*next++ = base32_character(digest, i);
}

void tunnel_link_local_address(enum transport transport, const struct tunnel_end *local,
			       const struct tunnel_end *remote, struct ip_address *ret)
{
	struct crypto_hash *hash = crypto_hash_new();
	struct ip_address address = { .family = AF_INET6, .bytes = { 0xfe, 0x80 } };
	uint8_t digest[CRYPTO_KEY_SIZE];

	hash_add_text(hash, "aronet lladdr v1");
	hash_add_tunnel(hash, transport, local, remote);
	crypto_hash_finish(hash, digest);
	memcpy(address.bytes + INTERFACE_ID_SIZE, digest, INTERFACE_ID_SIZE);
	*ret = address;
}
