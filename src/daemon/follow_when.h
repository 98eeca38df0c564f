/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * When a node looks at the source of its registry again, and what of it is news. Times are
 * milliseconds if not said otherwise.
 */
#define FOLLOW_URL_FIRST_MS 10000 /* after the start, and after the first failure */
#define FOLLOW_FILE_RETRY_MS 1000
#define FOLLOW_EXPIRING_MS 60000 /* at least so often when the registry in force expires soon */
#define FOLLOW_JITTER_PERCENT 10 /* so that the nodes of a mesh do not all come at once */

struct follow_when {
	uint64_t interval_ms;
	uint64_t retry_ms; /* after the first failure; doubles up to the interval */
	unsigned failures; /* since the last success */
	bool is_expiring;
};

/* How long to wait; @random decides on the jitter. */
uint64_t follow_when_ms(const struct follow_when *when, uint32_t random);

/* How long to wait before the first look. */
uint64_t follow_when_first_ms(const struct follow_when *when);

/* Is @problem another one than @told, which was told last (ERROR_NONE: nothing is wrong)? */
bool follow_is_news(const struct error *told, const struct error *problem);
