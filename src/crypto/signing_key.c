// SPDX-License-Identifier: GPL-2.0-or-later
#include "crypto/crypto.h"

#include "base/cleanup.h"
#include "base/memory.h"
#include "crypto/pem.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <string.h>

/* OpenSSL's own choice, 16 MiB; it refuses to read what needs more than 32 MiB. */
#define SCRYPT_N 16384
#define SCRYPT_R 8
#define SCRYPT_P 1
/* What a file may ask for: a few seconds of work at most, whoever wrote it. */
#define SCRYPT_P_MAX 16
#define PBKDF2_ITERATIONS_MAX 10000000

static const char expected[] =
	"a signing key (aronet keygen signing, or openssl genpkey -algorithm "
	"ed25519) in PEM";

CLEANUP_DEFINE(X509_SIG *, X509_SIG_free);
CLEANUP_DEFINE(PBE2PARAM *, PBE2PARAM_free);
CLEANUP_DEFINE(PBKDF2PARAM *, PBKDF2PARAM_free);
CLEANUP_DEFINE(SCRYPT_PARAMS *, SCRYPT_PARAMS_free);
CLEANUP_DEFINE(PKCS8_PRIV_KEY_INFO *, PKCS8_PRIV_KEY_INFO_free);
CLEANUP_DEFINE(EVP_PKEY *, EVP_PKEY_free);
CLEANUP_DEFINE(BIO *, BIO_free_all);

static bool is_at_most(const ASN1_INTEGER *integer, int64_t maximum)
{
	int64_t value;

	return ASN1_INTEGER_get_int64(&value, integer) == 1 && value > 0 && value <= maximum;
}

static bool scrypt_is_affordable(const ASN1_TYPE *type)
{
	CLEANUP(SCRYPT_PARAMS_free)
	SCRYPT_PARAMS *scrypt = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(SCRYPT_PARAMS), type);

	/* OpenSSL bounds the memory, and with it N and r. */
	return scrypt && is_at_most(scrypt->parallelizationParameter, SCRYPT_P_MAX);
}

static bool pbkdf2_is_affordable(const ASN1_TYPE *type)
{
	CLEANUP(PBKDF2PARAM_free)
	PBKDF2PARAM *pbkdf2 = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), type);

	return pbkdf2 && is_at_most(pbkdf2->iter, PBKDF2_ITERATIONS_MAX);
}

/* PBES2 (RFC 8018 section 6.2) with scrypt (RFC 7914) or PBKDF2, and bounded work. */
static bool encryption_is_known(const X509_SIG *encrypted)
{
	CLEANUP(PBE2PARAM_free) PBE2PARAM *pbes2 = NULL;
	const X509_ALGOR *algorithm;
	const ASN1_OBJECT *object;
	const void *value;
	int type;

	X509_SIG_get0(encrypted, &algorithm, NULL);
	X509_ALGOR_get0(&object, &type, &value, algorithm);
	if (OBJ_obj2nid(object) != NID_pbes2 || type != V_ASN1_SEQUENCE)
		return false;
	pbes2 = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), algorithm->parameter);
	if (!pbes2 || !pbes2->keyfunc->parameter)
		return false;
	switch (OBJ_obj2nid(pbes2->keyfunc->algorithm)) {
	case NID_id_scrypt:
		return scrypt_is_affordable(pbes2->keyfunc->parameter);
	case NID_id_pbkdf2:
		return pbkdf2_is_affordable(pbes2->keyfunc->parameter);
	default:
		return false;
	}
}

/* The decrypted PKCS#8 takes the place of the encrypted one in @pem. */
static int replace_body(const struct pem_reader *reader, PKCS8_PRIV_KEY_INFO *key, struct pem *pem)
{
	unsigned char *der = NULL;
	int length = i2d_PKCS8_PRIV_KEY_INFO(key, &der);
	int result = 0;

	crypto_wipe(pem->body, pem->size);
	if (length <= 0 || (size_t)length > sizeof(pem->body)) {
		result = pem_fail(reader, "holds no key that can be used");
	} else {
		memcpy(pem->body, der, (size_t)length);
		pem->size = (size_t)length;
	}
	if (der)
		OPENSSL_clear_free(der, (size_t)length);
	return result;
}

static int decrypt(const struct pem_reader *reader, crypto_passphrase_fn *ask, void *userdata,
		   struct pem *pem)
{
	CLEANUP(X509_SIG_free) X509_SIG *encrypted = NULL;
	CLEANUP(PKCS8_PRIV_KEY_INFO_free) PKCS8_PRIV_KEY_INFO *key = NULL;
	char passphrase[CRYPTO_PASSPHRASE_MAX + 1];
	const unsigned char *der = pem->body;
	int result;

	encrypted = d2i_X509_SIG(NULL, &der, (long)pem->size);
	if (!encrypted || der != pem->body + pem->size)
		return pem_fail(reader, "is a damaged encrypted key");
	if (!encryption_is_known(encrypted))
		return pem_fail(reader, "is encrypted in a way that is not supported (PBES2 with "
					"scrypt or PBKDF2 is)");
	result = ask(userdata, reader->place, passphrase, reader->error);
	if (result == 0)
		key = PKCS8_decrypt(encrypted, passphrase, (int)strlen(passphrase));
	crypto_wipe(passphrase, sizeof(passphrase));
	if (result < 0)
		return result;
	if (!key)
		return error_set(reader->error, -EKEYREJECTED, ERROR_KEYFILE, reader->place,
				 "wrong passphrase");
	return replace_body(reader, key, pem);
}

int crypto_signing_key_parse(const char *text, const char *place, crypto_passphrase_fn *ask,
			     void *userdata, struct crypto_signing_key *ret, struct error *error)
{
	const struct pem_reader reader = { place, expected, error };
	struct crypto_signing_key key = { 0 };
	struct pem *pem = NEW(struct pem);
	int result = pem_split(&reader, text, pem);

	if (result == 0 && !strcmp(pem->label, "ENCRYPTED PRIVATE KEY"))
		result = decrypt(&reader, ask, userdata, pem);
	else if (result == 0 && strcmp(pem->label, "PRIVATE KEY") != 0)
		result = pem_fail_label(&reader, pem);
	if (result == 0)
		result = pem_read_ed25519(&reader, pem, key.seed);
	if (result == 0) {
		crypto_ed25519_public(key.seed, key.public_key);
		*ret = key;
	}
	crypto_wipe(&key, sizeof(key));
	crypto_wipe(pem, sizeof(*pem));
	free(pem);
	return result;
}

/* Takes the encryption's parameters; NULL if OpenSSL cannot. */
static X509_SIG *encrypt(PKCS8_PRIV_KEY_INFO *key, const char *passphrase)
{
	X509_ALGOR *algorithm = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), NULL, 0, NULL, SCRYPT_N,
						      SCRYPT_R, SCRYPT_P);

	return algorithm ? PKCS8_set0_pbe(passphrase, (int)strlen(passphrase), key, algorithm)
			 : NULL;
}

char *crypto_signing_key_to_pem(const struct crypto_signing_key *key, const char *passphrase)
{
	CLEANUP(EVP_PKEY_free) EVP_PKEY *pkey = NULL;
	CLEANUP(PKCS8_PRIV_KEY_INFO_free) PKCS8_PRIV_KEY_INFO *plain = NULL;
	CLEANUP(X509_SIG_free) X509_SIG *encrypted = NULL;
	CLEANUP(BIO_free_all) BIO *bio = BIO_new(BIO_s_secmem());
	char *bytes, *text;
	long length;
	int written;

	pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, key->seed, CRYPTO_KEY_SIZE);
	plain = pkey ? EVP_PKEY2PKCS8(pkey) : NULL;
	if (!bio || !plain)
		abort();
	if (passphrase) {
		encrypted = encrypt(plain, passphrase);
		written = encrypted ? PEM_write_bio_PKCS8(bio, encrypted) : 0;
	} else {
		written = PEM_write_bio_PKCS8_PRIV_KEY_INFO(bio, plain);
	}
	length = BIO_get_mem_data(bio, &bytes);
	if (written != 1 || length <= 0)
		abort();
	text = memory_zalloc((size_t)length + 1, 1);
	memcpy(text, bytes, (size_t)length);
	return text;
}
