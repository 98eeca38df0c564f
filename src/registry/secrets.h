/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/warning.h"
#include "core/model.h"

/*
 * Which secret of the mesh is in use, and when that changes (registry specification, section 8).
 * Pure. @registry may be NULL. Times are seconds since the epoch.
 *
 * The keys that follow from a secret are those of one epoch, a day of UTC.
 */
#define SECRET_EPOCH_SEC 86400

uint64_t secrets_epoch(int64_t now);

/* The newest whose time has come; NULL if the mesh has none. */
const struct secret_use *secrets_in_use(const struct registry *registry, int64_t now);

/* The one with that id that this node has; NULL if it has not. */
const struct mesh_secret *secrets_find(const struct config *config,
				       const uint8_t id[SECRET_ID_SIZE]);

/* Does anything here follow from the clock? Else there is no key of any secret. */
bool secrets_are_used(const struct config *config, const struct registry *registry);

/*
 * When the epoch or the secret in use last was another one, and will be next: for `changed_at` of
 * the facts, and for a timer. 0 if nothing follows from the clock.
 */
int64_t secrets_last_change(const struct config *config, const struct registry *registry,
			    int64_t now);
int64_t secrets_next_change(const struct config *config, const struct registry *registry,
			    int64_t now);

/*
 * What is wrong at this time, and what to do about it: the secret in use is not on this node. False
 * if all is well.
 */
#define SECRETS_PROBLEM_SIZE 320
bool secrets_problem(const struct config *config, const struct registry *registry, int64_t now,
		     char ret[SECRETS_PROBLEM_SIZE]);

/* Warnings E_SELF: where registry and configuration do not fit otherwise, now or later. */
void secrets_compare(const struct config *config, const struct registry *registry, int64_t now,
		     struct warnings *warnings);
