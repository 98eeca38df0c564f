/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

/* Numbers as people read them. All return @buffer. */
#define UNITS_TEXT_SIZE 24

/* "7s", "3m12s", "4h05m", "12d03h" */
const char *units_format_age(int64_t seconds, char buffer[UNITS_TEXT_SIZE]);

/* "0 B", "1023 B", "1.5 KiB", "37.2 GiB" */
const char *units_format_bytes(int64_t bytes, char buffer[UNITS_TEXT_SIZE]);
