/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * The sequence number that a new babeld begins with. Neighbours take no update with an older one
 * from a router-id that they know (RFC 8966, section 3.5.1; numbers are compared modulo 2^16,
 * section 3.2.1), so it goes with the clock: four a second, faster than babeld raises its own.
 *
 * BIRD counts from 1, and for half of every four and a half hours the clock's number is older than
 * that. So behind a BIRD the numbers are those of the clock and an offset.
 */
#define SEQNO_MS 250 /* for each number */
uint64_t seqno_clock_ms(void); /* CLOCK_REALTIME: it goes on over a restart of the machine */
uint16_t seqno_at(uint64_t realtime_ms, uint16_t offset);

/* Is @a newer than @b? (RFC 8966, section 3.2.1) */
bool seqno_is_newer(uint16_t a, uint16_t b);

/* The offset with which numbers are newer than @last from now on; 0 if they are without. */
uint16_t seqno_offset_behind(uint64_t realtime_ms, uint16_t last);
