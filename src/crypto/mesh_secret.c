// SPDX-License-Identifier: GPL-2.0-or-later
#include "crypto/crypto.h"

#include "base/memory.h"
#include "crypto/pem.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

static const char label[] = "ARONET MESH SECRET";
static const char expected[] = "an \"ARONET MESH SECRET\" (aronet keygen mesh) in PEM";

int crypto_mesh_secret_parse(const char *text, const char *place, uint8_t ret[CRYPTO_KEY_SIZE],
			     struct error *error)
{
	const struct pem_reader reader = { place, expected, error };
	struct pem *pem = NEW(struct pem);
	int result = pem_split(&reader, text, pem);

	if (result == 0 && strcmp(pem->label, label) != 0)
		result = pem_fail_label(&reader, pem);
	if (result == 0)
		result = pem_read_secret(&reader, pem, ret);
	crypto_wipe(pem, sizeof(*pem));
	free(pem);
	return result;
}

char *crypto_mesh_secret_to_pem(const uint8_t secret[CRYPTO_KEY_SIZE])
{
	return pem_write_secret(label, secret);
}

void crypto_mesh_secret_id(const uint8_t secret[CRYPTO_KEY_SIZE],
			   uint8_t ret[CRYPTO_MESH_SECRET_ID_SIZE])
{
	static const char prefix[] = "aronet psk id v1"; /* hashed with its terminator */
	struct crypto_hash *hash = crypto_hash_new();
	uint8_t digest[CRYPTO_KEY_SIZE];

	crypto_hash_add(hash, prefix, sizeof(prefix));
	crypto_hash_add(hash, secret, CRYPTO_KEY_SIZE);
	crypto_hash_finish(hash, digest);
	memcpy(ret, digest, CRYPTO_MESH_SECRET_ID_SIZE);
}

/* @info ends with the epoch. The salt is the label and the mesh's id. */
static void derive(const uint8_t secret[CRYPTO_KEY_SIZE], const char *purpose,
		   const uint8_t mesh_id[CRYPTO_MESH_ID_SIZE], const void *info, size_t info_size,
		   uint8_t ret[CRYPTO_KEY_SIZE])
{
	uint8_t salt[32];
	size_t length = strlen(purpose);

	memcpy(salt, purpose, length);
	memcpy(salt + length, mesh_id, CRYPTO_MESH_ID_SIZE);
	crypto_hkdf_bytes(secret, salt, length + CRYPTO_MESH_ID_SIZE, info, info_size, ret);
}

void crypto_mesh_secret_psk(const uint8_t secret[CRYPTO_KEY_SIZE],
			    const uint8_t mesh_id[CRYPTO_MESH_ID_SIZE],
			    const uint8_t key[CRYPTO_KEY_SIZE],
			    const uint8_t peer_key[CRYPTO_KEY_SIZE], uint64_t epoch,
			    uint8_t ret[CRYPTO_KEY_SIZE])
{
	bool is_first = memcmp(key, peer_key, CRYPTO_KEY_SIZE) < 0;
	struct {
		uint8_t lower[CRYPTO_KEY_SIZE], higher[CRYPTO_KEY_SIZE];
		uint64_t epoch;
	} info = { .epoch = htobe64(epoch) };

	memcpy(info.lower, is_first ? key : peer_key, CRYPTO_KEY_SIZE);
	memcpy(info.higher, is_first ? peer_key : key, CRYPTO_KEY_SIZE);
	derive(secret, "aronet psk v1", mesh_id, &info, sizeof(info), ret);
}

void crypto_mesh_secret_ppk(const uint8_t secret[CRYPTO_KEY_SIZE],
			    const uint8_t mesh_id[CRYPTO_MESH_ID_SIZE], uint64_t epoch,
			    uint8_t ret[CRYPTO_KEY_SIZE])
{
	uint64_t info = htobe64(epoch);

	derive(secret, "aronet ppk v1", mesh_id, &info, sizeof(info), ret);
}
