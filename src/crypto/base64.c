// SPDX-License-Identifier: GPL-2.0-or-later
#include "crypto/base64.h"

#include <errno.h>
#include <stdint.h>

/* All ones if @low <= @c <= @high, else zero. */
static uint32_t in_range(uint32_t c, uint32_t low, uint32_t high)
{
	return 0 - (((low - 1 - c) & (c - high - 1)) >> 31);
}

/* 0-63, or UINT32_MAX. No table and no branch on the character: it may be of a secret. */
static uint32_t decode_character(char character)
{
	uint32_t c = (unsigned char)character;
	uint32_t upper = in_range(c, 'A', 'Z');
	uint32_t lower = in_range(c, 'a', 'z');
	uint32_t digit = in_range(c, '0', '9');
	uint32_t plus = in_range(c, '+', '+');
	uint32_t slash = in_range(c, '/', '/');
	uint32_t value = (upper & (c - 'A')) | (lower & (c - 'a' + 26)) | (digit & (c - '0' + 52)) |
			 (plus & 62) | (slash & 63);

	return value | ~(upper | lower | digit | plus | slash);
}

static size_t count_padding(const char *text, size_t length)
{
	size_t padding = 0;

	while (padding < 2 && padding < length && text[length - padding - 1] == '=')
		padding++;
	return padding;
}

int base64_decode(const char *text, size_t length, void *ret, size_t size, size_t *ret_size)
{
	size_t padding = count_padding(text, length);
	size_t bytes = length / 4 * 3 - padding;
	uint32_t bits = 0, bad = 0;
	uint8_t *out = ret;
	size_t used = 0;

	if (length == 0 || length % 4 || bytes > size)
		return -EINVAL;
	for (size_t i = 0; i < length - padding; i++) {
		uint32_t value = decode_character(text[i]);

		bad |= value >> 31;
		bits = bits << 6 | (value & 63);
		/* Every character but the first of four completes a byte. */
		if (i % 4)
			out[used++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
	}
	bad |= bits & ((1u << (2 * padding)) - 1);
	if (bad)
		return -EINVAL;
	*ret_size = bytes;
	return 0;
}
