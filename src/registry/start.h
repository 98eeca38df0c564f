/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "registry/store.h"

/* What a start finds in the state directory (registry specification, section 5.4). */
enum start_row {
	START_FIRST_USE,     /* nothing: the pin of the configuration is needed */
	START_GOOD,	     /* both files, and they agree */
	START_REBUILT,	     /* no trust.json, but a registry that verifies against the pin: W05 */
	START_CORRUPT,	     /* trust.json damaged, the registry verifies against the pin */
	START_CORRUPT_ALONE, /* trust.json damaged, and no registry to run on */
	START_ALONE,	     /* no registry to run on; a load goes on from trust.json or the pin */
	START_UNSIGNED,	     /* an unsigned registry, and no trust.json */
};

struct start {
	enum start_row row;
	struct registry *registry; /* to run on; NULL: without peers */
	uint8_t digest[KEY_SIZE];  /* of the bytes of last-good.json, if there is a registry */
	int64_t last_seen;	   /* 0: nothing signed */
	struct error error;	   /* what is wrong, ERROR_NONE if nothing is */
};

void start_done(struct start *start);
CLEANUP_DEFINE_IN_PLACE(struct start, start_done);

/*
 * Never fails: whatever is wrong is in @ret->error, for the log and for status. Writes trust.json
 * where it is missing or behind last-good.json, and only warns if it cannot.
 */
void registry_start(const struct store_rules *rules, struct warnings *warnings, struct start *ret);
