// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/ask.h"

#include "base/hex.h"
#include "crypto/crypto.h"
#include "ipsec/connection.h"

#include <stdlib.h>
#include <string.h>

static int ask(struct vici_client *client, const char *command, const struct vici_writer *message,
	       struct ask_answer answer, struct error *error)
{
	const struct vici_call call = {
		.command = command,
		.message = message,
		.done = answer.done,
		.userdata = answer.userdata,
		.id = answer.id,
	};

	return vici_client_call(client, &call, error);
}

int ask_version(struct vici_client *client, struct ask_answer answer)
{
	return ask(client, "version", NULL, answer, NULL);
}

int ask_stats(struct vici_client *client, struct ask_answer answer)
{
	return ask(client, "stats", NULL, answer, NULL);
}

int ask_algorithms(struct vici_client *client, struct ask_answer answer)
{
	return ask(client, "get-algorithms", NULL, answer, NULL);
}

int ask_load_key(struct vici_client *client, const uint8_t private_key[KEY_SIZE],
		 const uint8_t public_key[KEY_SIZE], struct ask_answer answer, struct error *error)
{
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 };
	struct crypto_signing_key key;
	char *pem;

	memcpy(key.seed, private_key, KEY_SIZE);
	memcpy(key.public_key, public_key, KEY_SIZE);
	pem = crypto_signing_key_to_pem(&key, NULL);
	crypto_wipe(&key, sizeof(key));
	vici_printf(&message, "type", "any");
	vici_put(&message, "data", pem, strlen(pem));
	crypto_wipe(pem, strlen(pem));
	free(pem);
	return ask(client, "load-key", &message, answer, error);
}

int ask_keys(struct vici_client *client, struct ask_answer answer)
{
	return ask(client, "get-keys", NULL, answer, NULL);
}

int ask_unload_key(struct vici_client *client, const char *id, struct ask_answer answer)
{
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 };

	vici_printf(&message, "id", "%s", id);
	return ask(client, "unload-key", &message, answer, NULL);
}

/* strongSwan's KEYID_PUBKEY_SHA1; of Ed25519 the hashed bytes are the key itself. */
const char *ask_key_id(const uint8_t public_key[KEY_SIZE], char buffer[ASK_KEY_ID_SIZE])
{
	uint8_t digest[CRYPTO_SHA1_SIZE];

	crypto_sha1(public_key, KEY_SIZE, digest);
	return hex_format(digest, sizeof(digest), buffer);
}

int ask_load_connection(struct vici_client *client, const struct ike_connection *connection,
			const struct ike_offer *offer, const struct ike_hints *hints,
			struct ask_answer answer, struct error *error)
{
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 };

	ike_connection_write(connection, offer, hints, &message);
	return ask(client, "load-conn", &message, answer, error);
}

int ask_unload_connection(struct vici_client *client, const char *name, struct ask_answer answer,
			  struct error *error)
{
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 };

	vici_printf(&message, "name", "%s", name);
	return ask(client, "unload-conn", &message, answer, error);
}

int ask_connections(struct vici_client *client, struct ask_answer answer)
{
	return ask(client, "get-conns", NULL, answer, NULL);
}

const char *ask_ppk_name(const struct ike_ppk *ppk, char buffer[PPK_NAME_SIZE])
{
	uint8_t digest[CRYPTO_KEY_SIZE];
	size_t length = strlen(ppk->id);

	crypto_sha256(ppk->key, sizeof(ppk->key), digest);
	memcpy(buffer, ppk->id, length);
	buffer[length] = PPK_NAME_DIGEST;
	(void)hex_format(digest, PPK_DIGEST_BYTES, buffer + length + 1);
	return buffer;
}

int ask_load_ppk(struct vici_client *client, const struct ike_ppk *ppk, struct ask_answer answer,
		 struct error *error)
{
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 };
	char name[PPK_NAME_SIZE];

	vici_printf(&message, "id", "%s", ask_ppk_name(ppk, name));
	vici_printf(&message, "type", "ppk");
	vici_put(&message, "data", ppk->key, sizeof(ppk->key));
	vici_begin_list(&message, "owners");
	vici_put_item(&message, ppk->id);
	vici_end_list(&message);
	return ask(client, "load-shared", &message, answer, error);
}

int ask_unload_ppk(struct vici_client *client, const char *name, struct ask_answer answer,
		   struct error *error)
{
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 };

	vici_printf(&message, "id", "%s", name);
	return ask(client, "unload-shared", &message, answer, error);
}

int ask_ppks(struct vici_client *client, struct ask_answer answer)
{
	return ask(client, "get-shared", NULL, answer, NULL);
}

int ask_sas(struct vici_client *client, vici_part_fn *part, struct ask_answer answer)
{
	/* Not with `noblock`: what charon is at work on would look as if it was gone. */
	const struct vici_call call = {
		.command = "list-sas",
		.stream = "list-sa",
		.part = part,
		.done = answer.done,
		.userdata = answer.userdata,
		.id = answer.id,
	};

	return vici_client_call(client, &call, NULL);
}

int ask_initiate(struct vici_client *client, const char *name, struct ask_answer answer)
{
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 };

	vici_printf(&message, "child", "%s", IKE_CHILD_NAME);
	vici_printf(&message, "ike", "%s", name);
	vici_printf(&message, "timeout", "-1");
	return ask(client, "initiate", &message, answer, NULL);
}

int ask_terminate(struct vici_client *client, uint32_t unique_id, bool at_once)
{
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 };

	vici_printf(&message, "ike-id", "%u", unique_id);
	vici_printf(&message, "timeout", "-1");
	if (at_once)
		vici_printf(&message, "force", "yes");
	return ask(client, "terminate", &message, (struct ask_answer) { 0 }, NULL);
}
