/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/warning.h"
#include "core/model.h"

/*
 * The last accepted registry, as exactly the bytes that were loaded, in last-good.json (0600) of
 * the state directory (0700). The next start runs on it until a newer one is loaded.
 *
 * There is no record beside it: the bytes are parsed and checked again like any other registry, and
 * a file that was cut or damaged fails there. Only registries that were accepted are written, so
 * for an unsigned one the --allow-unsigned of its load still counts; the switch in the
 * configuration is asked for again.
 */
#define REGISTRY_STORE_FILE "last-good.json"

/* E_STATE_WRITE; the old file is still there then. */
int registry_store_write(const char *state_dir, const char *bytes, size_t size,
			 struct error *error);

/*
 * The bytes, malloc()ed. -ENOENT without touching @error where there is none, the normal first
 * start; E_STATE_CORRUPT for a file that cannot be one.
 */
int registry_store_read(const char *state_dir, char **ret, size_t *ret_size, struct error *error);

/*
 * Read, parse and check. Returns -ENOENT like registry_store_read(). E_STATE_CORRUPT for a damaged
 * file and E_UNSIGNED after the configuration's switch was taken back: the daemon tells the error
 * and runs without peers.
 */
int registry_store_load(const char *state_dir, bool allow_unsigned_config,
			struct warnings *warnings, struct registry **ret, struct error *error);
