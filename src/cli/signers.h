/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cli/keys.h"
#include "source/sign.h"

/* The private keys of --key, in the form in which they sign. */
struct signers {
	struct cli_keys keys;
	const struct crypto_signing_key **items;
};

void signers_done(struct signers *signers);
CLEANUP_DEFINE_IN_PLACE(struct signers, signers_done);

/* @signers is zeroed before; *ret points into it. */
int signers_read(const struct cli_options *options, struct signers *signers,
		 struct signing_keys *ret, struct error *error);

/* --at, else the system's clock. */
int64_t cli_clock(const struct cli_options *options);
