/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

/*
 * Points in time as documents write them: RFC 3339 section 5.6 with exactly 20 characters, in UTC,
 * "2026-11-21T00:00:00Z". Seconds go to 59. In memory: seconds since the epoch.
 */
#define TIMESTAMP_TEXT_SIZE 21

/* Years 1970 to 9999, real days only (no 30 February). 0 or -EINVAL. */
int timestamp_parse(const char *text, int64_t *ret);

/* Returns @buffer. What is outside of the years above is written as its nearest bound. */
const char *timestamp_format(int64_t seconds, char buffer[TIMESTAMP_TEXT_SIZE]);
