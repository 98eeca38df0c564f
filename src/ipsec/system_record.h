/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "core/model.h"
#include "ipsec/ask.h"
#include "ipsec/charon_config.h"

#include <sys/types.h>

/*
 * What is ours in a charon that we have not started, beyond its connections, which bear our name: a
 * file, for the daemon that comes after a killed one, or that is to use another charon.
 */
#define SYSTEM_RECORD_KEYS_MAX                                                                     \
	8 /* the present one, and former ones that could not be taken back                         \
	   */

struct system_record {
	char socket[IKE_SOCKET_SIZE]; /* VICI; "": there is no record */
	struct charon_settings settings;
	pid_t pid; /* that has got the keys: another process does not have them from us */
	char keys[SYSTEM_RECORD_KEYS_MAX][ASK_KEY_ID_SIZE];
	size_t keys_count;
};

/* The one without a socket if there is no such file, or none that can be understood. */
void system_record_read(const char *path, struct system_record *ret);
/* Or delete, if it has no socket. */
int system_record_write(const char *path, const struct system_record *record, struct error *error);

bool system_record_has_key(const struct system_record *record, const char *id);
/* False if there is no room. */
bool system_record_add_key(struct system_record *record, const char *id);
void system_record_remove_key(struct system_record *record, const char *id);
