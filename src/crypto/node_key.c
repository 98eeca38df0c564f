// SPDX-License-Identifier: GPL-2.0-or-later
#include "crypto/crypto.h"

#include "base/memory.h"
#include "crypto/base64.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_SIZE 32
/* An RSA key of 16384 bits in PEM; what is longer is not looked at. */
#define BODY_SIZE 13000

static const char node_label[] = "ARONET NODE KEY";

/* PKCS#8 version 1 with the Ed25519 OID (RFC 8410 section 7); the seed follows. */
static const uint8_t pkcs8_ed25519[] = { 0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
					 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20 };

/* Labels of keys that people give us by mistake. */
static const struct {
	const char *label;
	const char *what;
} wrong_labels[] = {
	{ "ENCRYPTED PRIVATE KEY", "an encrypted key; nobody could type its passphrase" },
	{ "RSA PRIVATE KEY", "an RSA key" },
	{ "EC PRIVATE KEY", "an EC key" },
	{ "DSA PRIVATE KEY", "a DSA key" },
	{ "OPENSSH PRIVATE KEY", "a key in OpenSSH's own format" },
	{ "PUBLIC KEY", "a public key" },
	{ "RSA PUBLIC KEY", "a public key" },
	{ "CERTIFICATE", "a certificate" },
};

/* Object identifiers of algorithms as they stand in PKCS#8. */
static const struct {
	uint8_t bytes[12];
	size_t size;
	const char *what;
} algorithms[] = {
	{ { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01 }, 11, "an RSA key" },
	{ { 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 }, 9, "an EC key" },
	{ { 0x06, 0x03, 0x2b, 0x65, 0x6e }, 5, "an X25519 key" },
	{ { 0x06, 0x03, 0x2b, 0x65, 0x71 }, 5, "an Ed448 key" },
};

struct pem {
	char label[LABEL_SIZE];
	uint8_t body[BODY_SIZE];
	size_t size;
};

static int fail_format(struct error *error, const char *place, const char *what)
{
	return error_set(error, -EINVAL, ERROR_KEYFILE, place,
			 "%s; expected an Ed25519 \"PRIVATE KEY\" (openssl genpkey -algorithm "
			 "ed25519) or an \"ARONET NODE KEY\" (aronet keygen node) in PEM",
			 what);
}

/* Base64 in lines. The text between @start and @end; NULs and blanks are refused by the decoder. */
static int decode_body(const char *start, const char *end, struct pem *pem)
{
	char *joined = memory_zalloc((size_t)(end - start) + 1, 1);
	size_t length = 0;
	int result;

	for (const char *c = start; c < end; c++)
		if (*c != '\n' && !(*c == '\r' && c[1] == '\n'))
			joined[length++] = *c;
	result = base64_decode(joined, length, pem->body, sizeof(pem->body), &pem->size);
	crypto_wipe(joined, length);
	free(joined);
	return result;
}

/* Exactly one block; white space around it is allowed. */
static int split_pem(const char *text, const char *place, struct pem *pem, struct error *error)
{
	static const char begin[] = "-----BEGIN ";
	const char *label, *label_end, *end, *behind;
	char end_line[LABEL_SIZE + sizeof("\n-----END -----")];

	text += strspn(text, " \t\r\n");
	label = text + sizeof(begin) - 1;
	if (!*text)
		return fail_format(error, place, "is empty");
	if (strncmp(text, begin, sizeof(begin) - 1) != 0)
		return fail_format(error, place, "does not begin with \"-----BEGIN \"");
	label_end = strstr(label, "-----");
	if (!label_end || (size_t)(label_end - label) >= sizeof(pem->label))
		return fail_format(error, place, "has a damaged first line");
	memcpy(pem->label, label, (size_t)(label_end - label));
	pem->label[label_end - label] = '\0';
	(void)snprintf(end_line, sizeof(end_line), "\n-----END %s-----", pem->label);
	end = strstr(label_end, end_line);
	if (!end)
		return fail_format(error, place, "has no END line that fits its BEGIN line");
	behind = end + strlen(end_line);
	behind += strspn(behind, " \t\r\n");
	if (!strncmp(behind, begin, sizeof(begin) - 1))
		return fail_format(error, place, "holds two PEM blocks");
	if (*behind)
		return fail_format(error, place, "has text behind the key");
	label_end += strlen("-----");
	if (memchr(label_end, ':', (size_t)(end - label_end)))
		return fail_format(error, place, "is an encrypted key or has PEM headers");
	if (decode_body(label_end, end, pem) < 0)
		return fail_format(error, place, "holds damaged base64");
	return 0;
}

static int fail_label(const struct pem *pem, const char *place, struct error *error)
{
	char what[96];

	for (size_t i = 0; i < sizeof(wrong_labels) / sizeof(wrong_labels[0]); i++) {
		if (strcmp(pem->label, wrong_labels[i].label) != 0)
			continue;
		(void)snprintf(what, sizeof(what), "is %s", wrong_labels[i].what);
		return fail_format(error, place, what);
	}
	return fail_format(error, place, "is PEM of an unknown kind");
}

static int parse_pkcs8(const struct pem *pem, const char *place, struct crypto_node_key *key,
		       struct error *error)
{
	char what[64];

	if (pem->size == sizeof(pkcs8_ed25519) + CRYPTO_KEY_SIZE &&
	    !memcmp(pem->body, pkcs8_ed25519, sizeof(pkcs8_ed25519))) {
		key->has_wireguard = false;
		memcpy(key->identity_seed, pem->body + sizeof(pkcs8_ed25519), CRYPTO_KEY_SIZE);
		return 0;
	}
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
		/* The identifier stands near the start, behind lengths and the version. */
		if (!memmem(pem->body, pem->size < 24 ? pem->size : 24, algorithms[i].bytes,
			    algorithms[i].size))
			continue;
		(void)snprintf(what, sizeof(what), "is %s", algorithms[i].what);
		return fail_format(error, place, what);
	}
	return fail_format(error, place, "is not a plain Ed25519 key");
}

/* Registry specification, section 7; the first generation. */
static int derive_keys(const struct pem *pem, const char *place, struct crypto_node_key *key,
		       struct error *error)
{
	static const char salt[] = "aronet node key v1";

	if (pem->size != CRYPTO_KEY_SIZE)
		return fail_format(error, place, "does not hold 32 bytes");
	key->has_wireguard = true;
	crypto_hkdf(pem->body, salt, "ike/1", key->identity_seed);
	crypto_hkdf(pem->body, salt, "wg/1", key->wireguard_private);
	return 0;
}

int crypto_node_key_parse(const char *text, const char *place, struct crypto_node_key *ret,
			  struct error *error)
{
	struct crypto_node_key key = { 0 };
	struct pem *pem = NEW(struct pem);
	int result;

	result = split_pem(text, place, pem, error);
	if (result == 0) {
		if (!strcmp(pem->label, node_label))
			result = derive_keys(pem, place, &key, error);
		else if (!strcmp(pem->label, "PRIVATE KEY"))
			result = parse_pkcs8(pem, place, &key, error);
		else
			result = fail_label(pem, place, error);
	}
	if (result == 0)
		*ret = key;
	crypto_wipe(&key, sizeof(key));
	crypto_wipe(pem, sizeof(*pem));
	free(pem);
	return result;
}

char *crypto_node_key_to_pem(const uint8_t secret[CRYPTO_KEY_SIZE])
{
	char base64[CRYPTO_KEY_BASE64_SIZE];
	char *pem;

	if (asprintf(&pem, "-----BEGIN %s-----\n%s\n-----END %s-----\n", node_label,
		     crypto_key_to_base64(secret, base64), node_label) < 0)
		abort();
	crypto_wipe(base64, sizeof(base64));
	return pem;
}
