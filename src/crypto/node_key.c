// SPDX-License-Identifier: GPL-2.0-or-later
#include "crypto/crypto.h"

#include "base/memory.h"
#include "crypto/pem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char node_label[] = "ARONET NODE KEY";
static const char expected[] =
	"an Ed25519 \"PRIVATE KEY\" (openssl genpkey -algorithm ed25519) or an \"ARONET NODE KEY\" "
	"(aronet keygen node) in PEM";

/* Registry specification, section 7; the first generation. */
static int derive_keys(const struct pem_reader *reader, const struct pem *pem,
		       struct crypto_node_key *key)
{
	static const char salt[] = "aronet node key v1";
	uint8_t secret[CRYPTO_KEY_SIZE];
	int result = pem_read_secret(reader, pem, secret);

	if (result < 0)
		return result;
	key->has_wireguard = true;
	crypto_hkdf(secret, salt, "ike/1", key->identity_seed);
	crypto_hkdf(secret, salt, "wg/1", key->wireguard_private);
	crypto_wipe(secret, sizeof(secret));
	return 0;
}

int crypto_node_key_parse(const char *text, const char *place, struct crypto_node_key *ret,
			  struct error *error)
{
	const struct pem_reader reader = { place, expected, error };
	struct crypto_node_key key = { 0 };
	struct pem *pem = NEW(struct pem);
	int result = pem_split(&reader, text, pem);

	if (result == 0) {
		if (!strcmp(pem->label, node_label))
			result = derive_keys(&reader, pem, &key);
		else if (!strcmp(pem->label, "PRIVATE KEY"))
			result = pem_read_ed25519(&reader, pem, key.identity_seed);
		else
			result = pem_fail_label(&reader, pem);
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
	return pem_write_secret(node_label, secret);
}
