// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/follow_when.h"

#include <string.h>

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t back_off_ms(const struct follow_when *when)
{
	uint64_t wait = when->retry_ms;

	for (unsigned i = 1; i < when->failures && wait < when->interval_ms; i++)
		wait *= 2;
	return wait;
}

uint64_t follow_when_ms(const struct follow_when *when, uint32_t random)
{
	uint64_t wait = when->interval_ms, spread;

	if (when->failures)
		wait = least(wait, back_off_ms(when));
	if (when->is_expiring)
		wait = least(wait, FOLLOW_EXPIRING_MS);
	spread = wait * FOLLOW_JITTER_PERCENT / 100;
	return wait - spread + random % (2 * spread + 1);
}

uint64_t follow_when_first_ms(const struct follow_when *when)
{
	return least(when->retry_ms, when->interval_ms);
}

bool follow_is_news(const struct error *told, const struct error *problem)
{
	return told->code != problem->code || strcmp(told->text, problem->text) != 0 ||
	       strcmp(told->place, problem->place) != 0;
}
