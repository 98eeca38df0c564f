// SPDX-License-Identifier: GPL-2.0-or-later
#include "intend/psk.h"

#include "base/hex.h"
#include "crypto/crypto.h"
#include "registry/secrets.h"

#include <inttypes.h>
#include <stdio.h>
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

static void add_ppk(const struct mesh_secret *secret, const struct registry *registry,
		    uint64_t epoch, bool is_offered, struct state *state)
{
	struct object object = { .kind = OBJECT_IKE_PPK, .ike_ppk.is_offered = is_offered };
	char text[2 * SECRET_ID_SIZE + 1];

	(void)snprintf(object.ike_ppk.id, IKE_PPK_ID_SIZE, IKE_PPK_ID_PREFIX "%s-%" PRIu64,
		       hex_format(secret->id, SECRET_ID_SIZE, text), epoch);
	crypto_mesh_secret_ppk(secret->secret, registry->origin.mesh_id, epoch, object.ike_ppk.key);
	(void)state_add(state, &object);
	explicit_bzero(&object, sizeof(object));
}

void psk_add_ppks(const struct config *config, const struct registry *registry,
		  const struct facts *facts, struct state *state)
{
	const struct secret_use *in_use = secrets_in_use(registry, facts->changed_at);
	uint64_t today = secrets_epoch(facts->changed_at);

	if (!secrets_are_used(config, registry))
		return;
	for (unsigned i = 0; i < registry->secrets_count; i++) {
		const struct secret_use *use = &registry->secrets[i];
		const struct mesh_secret *secret = secrets_find(config, use->id);

		for (uint64_t epoch = today ? today - 1 : 0; secret && epoch <= today + 1; epoch++)
			add_ppk(secret, registry, epoch, use == in_use && epoch == today, state);
	}
}

enum ike_ppk_use psk_ppk_use(const struct config *config, const struct registry *registry)
{
	if (config->ppk_required)
		return IKE_PPK_REQUIRED;
	return secrets_are_used(config, registry) ? IKE_PPK_OFFERED : IKE_PPK_NONE;
}
