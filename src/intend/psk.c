// SPDX-License-Identifier: GPL-2.0-or-later
#include "intend/psk.h"

#include "crypto/crypto.h"
#include "registry/secrets.h"

#include <string.h>

static void make_unusable(const struct config *config, const uint8_t peer_key[KEY_SIZE],
			  uint8_t ret[KEY_SIZE])
{
	static const char salt[] = "aronet psk without secret";

	crypto_hkdf_bytes(config->wireguard_private, salt, strlen(salt), peer_key, KEY_SIZE, ret);
}

void psk_make(const struct config *config, const struct registry *registry,
	      const struct facts *facts, const uint8_t peer_key[KEY_SIZE], uint8_t ret[KEY_SIZE])
{
	const struct mesh_secret *secret;

	if (!secrets_are_used(config, registry)) {
		memset(ret, 0, KEY_SIZE);
		return;
	}
	secret = secrets_find(config, secrets_in_use(registry, facts->changed_at)->id);
	if (secret)
		crypto_mesh_secret_psk(secret->secret, registry->origin.mesh_id,
				       config->wireguard_public, peer_key,
				       secrets_epoch(facts->changed_at), ret);
	else
		make_unusable(config, peer_key, ret);
}
