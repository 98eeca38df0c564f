/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* For tests: 64 hexadecimal digits to 32 bytes. */
static inline void test_from_hex(const char *hex, uint8_t ret[32])
{
	for (size_t i = 0; i < 32; i++) {
		unsigned byte = 0;

		(void)sscanf(hex + 2 * i, "%2x", &byte);
		ret[i] = (uint8_t)byte;
	}
}

static inline const char *test_to_hex(const uint8_t bytes[32], char buffer[65])
{
	for (size_t i = 0; i < 32; i++)
		(void)snprintf(buffer + 2 * i, 3, "%02x", bytes[i]);
	return buffer;
}
