/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"
#include "core/object.h"

#include <stdint.h>

/*
 * What we made of the table of a space, for the next change and the next run of the daemon: a line
 * "FINGERPRINT DIGEST" in hexadecimal, then the body.
 */
struct record {
	uint8_t fingerprint[KEY_SIZE]; /* of struct table, right after it was made */
	uint8_t digest[KEY_SIZE];      /* of struct ruleset */
	char *body;		       /* owned; NULL if there is no record */
};

/*
 * Nobody else writes it, so this keeps out nonsense only. A registry has at most 32 MiB, but a
 * prefix of it may stand in several sets, and once more for each tunnel to a node without transit.
 */
#define RECORD_SIZE_MAX ((size_t)512 * 1024 * 1024)

void record_done(struct record *record);
CLEANUP_DEFINE_IN_PLACE(struct record, record_done);

/* A file that is not there, or holds anything else, is no record: not an error. 0 or -errno. */
int record_read(const char *path, struct record *ret, struct error *error);

/* Replaces the file. 0 or -errno. */
int record_write(const char *path, const uint8_t fingerprint[KEY_SIZE],
		 const struct ruleset *ruleset, struct error *error);
