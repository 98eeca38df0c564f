// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/seqno.h"

#include <time.h>

/* What may be asked for while one program ends and the other begins. */
#define MARGIN 16

uint64_t seqno_clock_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint16_t seqno_at(uint64_t realtime_ms, uint16_t offset)
{
	return (uint16_t)(realtime_ms / SEQNO_MS + offset);
}

bool seqno_is_newer(uint16_t a, uint16_t b)
{
	return a != b && (uint16_t)(a - b) < 0x8000;
}

uint16_t seqno_offset_behind(uint64_t realtime_ms, uint16_t last)
{
	uint16_t first = (uint16_t)(last + MARGIN);
	uint16_t clock = seqno_at(realtime_ms, 0);

	return seqno_is_newer(clock, last) && !seqno_is_newer(first, clock)
		       ? 0
		       : (uint16_t)(first - clock);
}
