// SPDX-License-Identifier: GPL-2.0-or-later
#include "crypto/pem.h"

#include "base/memory.h"
#include "crypto/base64.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* PKCS#8 version 1 with the Ed25519 OID (RFC 8410 section 7); the seed follows. */
static const uint8_t pkcs8_ed25519[] = { 0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
					 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20 };

/* Labels of keys that people give us by mistake. */
static const struct {
	const char *label;
	const char *what;
} wrong_labels[] = {
	{ "ENCRYPTED PRIVATE KEY", "an encrypted key; nobody could type its passphrase" },
	{ "ARONET NODE KEY", "the key of a node" },
	{ "ARONET MESH SECRET", "the secret of a mesh" },
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

int pem_fail(const struct pem_reader *reader, const char *what)
{
	return error_set(reader->error, -EINVAL, ERROR_KEYFILE, reader->place, "%s; expected %s",
			 what, reader->expected);
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

int pem_split(const struct pem_reader *reader, const char *text, struct pem *pem)
{
	static const char begin[] = "-----BEGIN ";
	const char *label, *label_end, *end, *behind;
	char end_line[PEM_LABEL_SIZE + sizeof("\n-----END -----")];

	text += strspn(text, " \t\r\n");
	label = text + sizeof(begin) - 1;
	if (!*text)
		return pem_fail(reader, "is empty");
	if (strncmp(text, begin, sizeof(begin) - 1) != 0)
		return pem_fail(reader, "does not begin with \"-----BEGIN \"");
	label_end = strstr(label, "-----");
	if (!label_end || (size_t)(label_end - label) >= sizeof(pem->label))
		return pem_fail(reader, "has a damaged first line");
	memcpy(pem->label, label, (size_t)(label_end - label));
	pem->label[label_end - label] = '\0';
	(void)snprintf(end_line, sizeof(end_line), "\n-----END %s-----", pem->label);
	end = strstr(label_end, end_line);
	if (!end)
		return pem_fail(reader, "has no END line that fits its BEGIN line");
	behind = end + strlen(end_line);
	behind += strspn(behind, " \t\r\n");
	if (!strncmp(behind, begin, sizeof(begin) - 1))
		return pem_fail(reader, "holds two PEM blocks");
	if (*behind)
		return pem_fail(reader, "has text behind the key");
	label_end += strlen("-----");
	if (memchr(label_end, ':', (size_t)(end - label_end)))
		return pem_fail(reader, "is an encrypted key or has PEM headers");
	if (decode_body(label_end, end, pem) < 0)
		return pem_fail(reader, "holds damaged base64");
	return 0;
}

int pem_fail_label(const struct pem_reader *reader, const struct pem *pem)
{
	char what[96];

	for (size_t i = 0; i < sizeof(wrong_labels) / sizeof(wrong_labels[0]); i++) {
		if (strcmp(pem->label, wrong_labels[i].label) != 0)
			continue;
		(void)snprintf(what, sizeof(what), "is %s", wrong_labels[i].what);
		return pem_fail(reader, what);
	}
	return pem_fail(reader, "is PEM of an unknown kind");
}

int pem_read_ed25519(const struct pem_reader *reader, const struct pem *pem,
		     uint8_t ret[CRYPTO_KEY_SIZE])
{
	char what[64];

	if (pem->size == sizeof(pkcs8_ed25519) + CRYPTO_KEY_SIZE &&
	    !memcmp(pem->body, pkcs8_ed25519, sizeof(pkcs8_ed25519))) {
		memcpy(ret, pem->body + sizeof(pkcs8_ed25519), CRYPTO_KEY_SIZE);
		return 0;
	}
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
		/* The identifier stands near the start, behind lengths and the version. */
		if (!memmem(pem->body, pem->size < 24 ? pem->size : 24, algorithms[i].bytes,
			    algorithms[i].size))
			continue;
		(void)snprintf(what, sizeof(what), "is %s", algorithms[i].what);
		return pem_fail(reader, what);
	}
	return pem_fail(reader, "is not a plain Ed25519 key");
}

int pem_read_secret(const struct pem_reader *reader, const struct pem *pem,
		    uint8_t ret[CRYPTO_KEY_SIZE])
{
	if (pem->size != CRYPTO_KEY_SIZE)
		return pem_fail(reader, "does not hold 32 bytes");
	memcpy(ret, pem->body, CRYPTO_KEY_SIZE);
	return 0;
}

char *pem_write_secret(const char *label, const uint8_t secret[CRYPTO_KEY_SIZE])
{
	char base64[CRYPTO_KEY_BASE64_SIZE];
	char *pem;

	if (asprintf(&pem, "-----BEGIN %s-----\n%s\n-----END %s-----\n", label,
		     crypto_key_to_base64(secret, base64), label) < 0)
		abort();
	crypto_wipe(base64, sizeof(base64));
	return pem;
}
