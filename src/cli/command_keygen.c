// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/command.h"

#include "base/cleanup.h"
#include "base/hex.h"
#include "base/memory.h"
#include "cli/keys.h"
#include "crypto/crypto.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A private key as text, and what may be known of it. Wiped by generated_done(). */
struct generated {
	char *private_text; /* with the newline at the end */
	char public_text[512];
};

static void generated_done(struct generated *generated)
{
	if (generated->private_text)
		crypto_wipe(generated->private_text, strlen(generated->private_text));
	free(generated->private_text);
}
CLEANUP_DEFINE_IN_PLACE(struct generated, generated_done);

static int generate_wireguard(struct generated *ret, struct error *error)
{
	uint8_t private_key[CRYPTO_KEY_SIZE], public_key[CRYPTO_KEY_SIZE];
	char *text = NEW_ARRAY(char, CRYPTO_KEY_BASE64_SIZE + 1);

	(void)error;
	crypto_x25519_generate(private_key);
	crypto_x25519_public(private_key, public_key);
	(void)crypto_key_to_base64(private_key, text);
	crypto_wipe(private_key, sizeof(private_key));
	(void)strcat(text, "\n");
	ret->private_text = text;
	(void)crypto_key_to_base64(public_key, ret->public_text);
	return 0;
}

static void describe_node_key(const struct crypto_node_key *key, char *ret, size_t ret_size)
{
	uint8_t wireguard[CRYPTO_KEY_SIZE], identity[CRYPTO_KEY_SIZE];
	char base64[CRYPTO_KEY_BASE64_SIZE], fingerprint[CRYPTO_FINGERPRINT_SIZE];
	char pem[CRYPTO_ED25519_PEM_SIZE];

	crypto_x25519_public(key->wireguard_private, wireguard);
	crypto_ed25519_public(key->identity_seed, identity);
	(void)snprintf(ret, ret_size, "wireguard public key  %s\nidentity fingerprint  %s\n%s",
		       crypto_key_to_base64(wireguard, base64),
		       crypto_fingerprint(identity, fingerprint),
		       crypto_ed25519_public_to_pem(identity, pem));
	ret[strlen(ret) - 1] = '\0'; /* the caller ends the last line */
}

static int generate_node(struct generated *ret, struct error *error)
{
	uint8_t secret[CRYPTO_KEY_SIZE];
	struct crypto_node_key key;
	int result;

	crypto_random(secret, sizeof(secret));
	ret->private_text = crypto_node_key_to_pem(secret);
	crypto_wipe(secret, sizeof(secret));
	/* Through the reader, so that what is told is what a daemon will see. */
	result = crypto_node_key_parse(ret->private_text, "keygen", &key, error);
	if (result < 0)
		return result;
	describe_node_key(&key, ret->public_text, sizeof(ret->public_text));
	crypto_wipe(&key, sizeof(key));
	return 0;
}

/* The id is what the mesh document names. */
static int generate_mesh(struct generated *ret, struct error *error)
{
	uint8_t secret[CRYPTO_KEY_SIZE], id[CRYPTO_MESH_SECRET_ID_SIZE];
	char text[2 * CRYPTO_MESH_SECRET_ID_SIZE + 1];

	(void)error;
	crypto_random(secret, sizeof(secret));
	ret->private_text = crypto_mesh_secret_to_pem(secret);
	crypto_mesh_secret_id(secret, id);
	crypto_wipe(secret, sizeof(secret));
	(void)snprintf(ret->public_text, sizeof(ret->public_text), "secret id  %s",
		       hex_format(id, sizeof(id), text));
	return 0;
}

static const struct {
	const char *kind;
	int (*generate)(struct generated *ret, struct error *error);
} kinds[] = {
	{ "wireguard", generate_wireguard },
	{ "node", generate_node },
	{ "mesh", generate_mesh },
};

static int generate(const char *kind, struct generated *ret, struct error *error)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].kind, kind))
			return kinds[i].generate(ret, error);
	return error_set(error, -EINVAL, ERROR_USAGE, "keygen",
			 "expected wireguard, node, mesh or signing, found \"%.40s\"", kind);
}

int command_keygen(const struct cli_context *context)
{
	const struct cli_options *options = &context->options;
	CLEANUP(generated_done) struct generated generated = { 0 };
	struct error error = { 0 };

	if (generate(options->operand, &generated, &error) < 0)
		return cli_fail(options, &error, error_exit_code(error.code));
	if (options->output_path) {
		if (cli_key_file_create(options->output_path, generated.private_text, 0600,
					&error) < 0)
			return cli_fail(options, &error, EXIT_CONFIG);
		(void)puts(generated.public_text);
		return EXIT_DONE;
	}
	(void)fputs(generated.private_text, stdout);
	(void)fflush(stdout);
	(void)fprintf(stderr, "%s\n", generated.public_text);
	return EXIT_DONE;
}
