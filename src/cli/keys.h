/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cli/options.h"
#include "core/model.h"
#include "crypto/crypto.h"

#include <sys/types.h>

/* Keys of --key, from files of private or public keys. */
struct cli_key {
	char holder[NAME_SIZE]; /* for people: "alice" of keys/alice.key */
	bool is_private;
	struct crypto_signing_key key; /* of a public one only public_key is there */
};

struct cli_keys {
	struct cli_key *items;
	size_t count;
};

enum cli_key_kind {
	CLI_KEY_PRIVATE, /* to sign with; asks for passphrases */
	CLI_KEY_PUBLIC,	 /* *.pub */
	CLI_KEY_EITHER,
};

/*
 * In the order of @paths. E_KEYFILE, also for a file of the wrong kind and for the same key twice.
 * The program leaves no core behind from here on.
 */
int cli_keys_read(const struct cli_options *options, const struct cli_list *paths,
		  enum cli_key_kind kind, struct cli_keys *ret, struct error *error);

/* @text as a new file; E_KEYFILE for one that exists, which is left alone. */
int cli_key_file_create(const char *path, const char *text, mode_t mode, struct error *error);

/* Wipes them. */
void cli_keys_done(struct cli_keys *keys);
CLEANUP_DEFINE_IN_PLACE(struct cli_keys, cli_keys_done);
