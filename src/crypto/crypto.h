/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Keys and hashes, all by OpenSSL 3. Secrets have no formatter; whoever holds one wipes it with
 * crypto_wipe().
 */
#define CRYPTO_KEY_SIZE 32
#define CRYPTO_KEY_BASE64_SIZE 45  /* 44 characters and the terminator */
#define CRYPTO_FINGERPRINT_SIZE 41 /* "21fe-31df-a154-a261-626b-f854-046f-d227" */

void crypto_wipe(void *secret, size_t size);

/* getrandom(2); a failure is fatal and aborts. */
void crypto_random(void *ret, size_t size);

void crypto_sha256(const void *bytes, size_t size, uint8_t ret[CRYPTO_KEY_SIZE]);

/* For names that others make of a key by it; there is nothing that it protects. */
#define CRYPTO_SHA1_SIZE 20
void crypto_sha1(const void *bytes, size_t size, uint8_t ret[CRYPTO_SHA1_SIZE]);

/* SHA-256 of several pieces, fed in order. */
struct crypto_hash;
struct crypto_hash *crypto_hash_new(void);
void crypto_hash_add(struct crypto_hash *hash, const void *bytes, size_t size);
void crypto_hash_finish(struct crypto_hash *hash, uint8_t ret[CRYPTO_KEY_SIZE]); /* frees */

/* HKDF-SHA256 (RFC 5869). */
void crypto_hkdf_bytes(const uint8_t secret[CRYPTO_KEY_SIZE], const void *salt, size_t salt_size,
		       const void *info, size_t info_size, uint8_t ret[CRYPTO_KEY_SIZE]);
/* The same with text salt and info, as the registry specification uses it. */
void crypto_hkdf(const uint8_t secret[CRYPTO_KEY_SIZE], const char *salt, const char *info,
		 uint8_t ret[CRYPTO_KEY_SIZE]);

/* Public key of an X25519 private key, like `wg pubkey`. */
void crypto_x25519_public(const uint8_t private_key[CRYPTO_KEY_SIZE], uint8_t ret[CRYPTO_KEY_SIZE]);
/*
 * RFC 7748 section 5: the bits that X25519 does not use. WireGuard stores a private key so, and who
 * compares what is there with what should be has to do the same.
 */
void crypto_x25519_clamp(uint8_t private_key[CRYPTO_KEY_SIZE]);
/* A fresh, clamped private key, like `wg genkey`. */
void crypto_x25519_generate(uint8_t ret[CRYPTO_KEY_SIZE]);
void crypto_ed25519_public(const uint8_t seed[CRYPTO_KEY_SIZE], uint8_t ret[CRYPTO_KEY_SIZE]);

/*
 * Ed25519 (RFC 8032 section 5.1). Signing is deterministic. Whoever verifies asks
 * crypto_ed25519_is_weak() about the key first: under a small-order key one constant signature is
 * good for nearly every message.
 */
#define CRYPTO_SIGNATURE_SIZE 64
void crypto_ed25519_sign(const uint8_t seed[CRYPTO_KEY_SIZE], const void *message, size_t size,
			 uint8_t ret[CRYPTO_SIGNATURE_SIZE]);
bool crypto_ed25519_verify(const uint8_t public_key[CRYPTO_KEY_SIZE], const void *message,
			   size_t size, const uint8_t signature[CRYPTO_SIGNATURE_SIZE]);

/* First 32 hex digits of SHA-256(key): which key a signature is said to be of. */
#define CRYPTO_KEYID_SIZE 33
const char *crypto_keyid(const uint8_t key[CRYPTO_KEY_SIZE], char buffer[CRYPTO_KEYID_SIZE]);

/* Small-order and non-canonical points, registry specification section 2.3. */
bool crypto_x25519_is_weak(const uint8_t public_key[CRYPTO_KEY_SIZE]);
bool crypto_ed25519_is_weak(const uint8_t public_key[CRYPTO_KEY_SIZE]);

/* Standard base64 of 32 bytes: 44 characters, canonical. 0 or -EINVAL. */
int crypto_key_from_base64(const char *text, uint8_t ret[CRYPTO_KEY_SIZE]);
const char *crypto_key_to_base64(const uint8_t key[CRYPTO_KEY_SIZE],
				 char buffer[CRYPTO_KEY_BASE64_SIZE]);

/* "-----BEGIN PUBLIC KEY-----" Ed25519 SPKI, 113 bytes, last LF optional, nothing else. */
int crypto_ed25519_public_from_pem(const char *text, uint8_t ret[CRYPTO_KEY_SIZE]);

/* The same text, with the last LF; @buffer holds 113 characters and the terminator. */
#define CRYPTO_ED25519_PEM_SIZE 114
const char *crypto_ed25519_public_to_pem(const uint8_t public_key[CRYPTO_KEY_SIZE],
					 char buffer[CRYPTO_ED25519_PEM_SIZE]);

/* For people: eight groups of four hex digits of SHA-256(key). */
const char *crypto_fingerprint(const uint8_t key[CRYPTO_KEY_SIZE],
			       char buffer[CRYPTO_FINGERPRINT_SIZE]);

/*
 * The private key of a node as it stands in a file or inline in config.json:
 *   "PRIVATE KEY"      PKCS#8 Ed25519: the IKE key itself; there is no WireGuard key in it
 *   "ARONET NODE KEY"  32 secret bytes from which both keys are derived (specification, section 7)
 */
struct crypto_node_key {
	bool has_wireguard;
	uint8_t wireguard_private[CRYPTO_KEY_SIZE];
	uint8_t identity_seed[CRYPTO_KEY_SIZE];
};
int crypto_node_key_parse(const char *pem, const char *place, struct crypto_node_key *ret,
			  struct error *error);

/* PEM text of a node secret, for `aronet keygen node`; malloc()ed. */
char *crypto_node_key_to_pem(const uint8_t secret[CRYPTO_KEY_SIZE]);

/*
 * The pre-shared secret of a mesh, 32 bytes in an "ARONET MESH SECRET", and what follows from it
 * (registry specification, section 8). It is given to the nodes out of band and stands in no
 * document; its id does.
 */
int crypto_mesh_secret_parse(const char *pem, const char *place, uint8_t ret[CRYPTO_KEY_SIZE],
			     struct error *error);
/* For `aronet keygen mesh`; malloc()ed, to be wiped and freed. */
char *crypto_mesh_secret_to_pem(const uint8_t secret[CRYPTO_KEY_SIZE]);

/* First bytes of SHA-256 of a label and the secret: which one it is, and nothing of it. */
#define CRYPTO_MESH_SECRET_ID_SIZE 8
void crypto_mesh_secret_id(const uint8_t secret[CRYPTO_KEY_SIZE],
			   uint8_t ret[CRYPTO_MESH_SECRET_ID_SIZE]);

#define CRYPTO_MESH_ID_SIZE 16
/* WireGuard's pre-shared key of two nodes, by their public keys in any order, in one epoch. */
void crypto_mesh_secret_psk(const uint8_t secret[CRYPTO_KEY_SIZE],
			    const uint8_t mesh_id[CRYPTO_MESH_ID_SIZE],
			    const uint8_t key[CRYPTO_KEY_SIZE],
			    const uint8_t peer_key[CRYPTO_KEY_SIZE], uint64_t epoch,
			    uint8_t ret[CRYPTO_KEY_SIZE]);
/* IKE's pre-shared key (PPK, RFC 8784) of the whole mesh in one epoch. */
void crypto_mesh_secret_ppk(const uint8_t secret[CRYPTO_KEY_SIZE],
			    const uint8_t mesh_id[CRYPTO_MESH_ID_SIZE], uint64_t epoch,
			    uint8_t ret[CRYPTO_KEY_SIZE]);

/*
 * A key that signs registry documents, in a PKCS#8 file: "PRIVATE KEY", or "ENCRYPTED PRIVATE KEY"
 * (PBES2 with scrypt and AES-256-CBC), which OpenSSL's command line reads and writes, too.
 */
struct crypto_signing_key {
	uint8_t seed[CRYPTO_KEY_SIZE];
	uint8_t public_key[CRYPTO_KEY_SIZE];
};

#define CRYPTO_PASSPHRASE_MAX 1024 /* bytes */

/*
 * Gives the passphrase for @place, terminated, into @buffer of CRYPTO_PASSPHRASE_MAX + 1 bytes,
 * which the caller wipes. 0 or -errno with @error: no terminal, interrupted.
 */
typedef int crypto_passphrase_fn(void *userdata, const char *place, char *buffer,
				 struct error *error);

/*
 * @ask is called only for an encrypted key. Exactly one PEM block of either kind, nothing around
 * it; a public key in a file that should hold a private one is named as such. E_KEYFILE: no such
 * key, another algorithm, wrong passphrase.
 */
int crypto_signing_key_parse(const char *pem, const char *place, crypto_passphrase_fn *ask,
			     void *userdata, struct crypto_signing_key *ret, struct error *error);

/* PEM text, encrypted unless @passphrase is NULL; malloc()ed, to be wiped and freed. */
char *crypto_signing_key_to_pem(const struct crypto_signing_key *key, const char *passphrase);

/*
 * Read a key file of at most CRYPTO_KEY_FILE_MAX bytes. Refused with E_KEYFILE and the reason: not
 * a regular file, a symbolic link, owned by anyone but root or the running user, readable or
 * writable by group or others, in a directory that others may write. Never blocks on a FIFO.
 * *ret is terminated text; the caller wipes and frees it.
 */
#define CRYPTO_KEY_FILE_MAX 16384
int crypto_key_file_read(const char *path, char **ret, struct error *error);
