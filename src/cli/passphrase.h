/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cli/options.h"
#include "crypto/crypto.h"

/*
 * Where passphrases come from: a descriptor that a script has opened, one line each, or the
 * terminal. Never an argument or an environment variable, which other processes can read.
 */
#define PASSPHRASE_FD_VARIABLE "ARONET_PASSPHRASE_FD" /* a number, like --passphrase-fd */

struct passphrase_source {
	int fd; /* -1: the terminal */
};

/* --passphrase-fd, else the variable. E_USAGE for a descriptor that is not open. */
int passphrase_source_init(struct passphrase_source *source, const struct cli_options *options,
			   struct error *error);

/* A crypto_passphrase_fn; @userdata is a struct passphrase_source. */
int passphrase_ask(void *userdata, const char *place, char *buffer, struct error *error);

/*
 * A new passphrase for the file at @place: asked twice on a terminal. E_KEYFILE if the two differ
 * or it is empty. @buffer has CRYPTO_PASSPHRASE_MAX + 1 bytes, which the caller wipes.
 */
int passphrase_ask_new(const struct passphrase_source *source, const char *place, char *buffer,
		       struct error *error);
