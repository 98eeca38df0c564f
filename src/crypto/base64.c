// SPDX-License-Identifier: GPL-2.0-or-later
#include "crypto/base64.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdbool.h>
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

/* One more than the value of a character in either alphabet, or 0. */
static const uint8_t values[256] = {
#define ROW(c, v) [c] = (v) + 1, [(c) + 1] = (v) + 2, [(c) + 2] = (v) + 3, [(c) + 3] = (v) + 4
	ROW('A', 0),  ROW('E', 4),  ROW('I', 8),  ROW('M', 12), ROW('Q', 16), ROW('U', 20),
	['Y'] = 25,   ['Z'] = 26,   ROW('a', 26), ROW('e', 30), ROW('i', 34), ROW('m', 38),
	ROW('q', 42), ROW('u', 46), ['y'] = 51,	  ['z'] = 52,	ROW('0', 52), ROW('4', 56),
	['8'] = 61,   ['9'] = 62,   ['+'] = 63,	  ['/'] = 64,	['-'] = 63,   ['_'] = 64,
#undef ROW
};

/* Up to four characters to up to three bytes; -EINVAL for a foreign character or tail bits. */
static int decode_group(const unsigned char *text, size_t characters, uint8_t *ret)
{
	uint32_t bits = 0;
	bool bad = false;

	for (size_t i = 0; i < 4; i++) {
		uint8_t value = i < characters ? values[text[i]] : 1;

		bad |= value == 0;
		bits = bits << 6 | (uint32_t)(value - 1);
	}
	for (size_t i = 0; i + 1 < characters; i++)
		ret[i] = (uint8_t)(bits >> (16 - 8 * i));
	/* The bits behind the last byte: four of two characters, two of three. */
	return bad || (bits & (0xffffffu >> (8 * (characters - 1)))) ? -EINVAL : 0;
}

int base64_decode_public(const char *text, size_t length, void *ret, size_t *ret_size)
{
	const unsigned char *in = (const unsigned char *)text;
	size_t padding = count_padding(text, length);
	size_t whole = (length - padding) / 4 * 4;
	uint8_t *out = ret;

	if (length % 4)
		return -EINVAL;
	for (size_t i = 0; i < whole; i += 4, out += 3) {
		uint32_t a = values[in[i]], b = values[in[i + 1]];
		uint32_t c = values[in[i + 2]], d = values[in[i + 3]];
		uint32_t bits = (a - 1) << 18 | (b - 1) << 12 | (c - 1) << 6 | (d - 1);

		if (!a || !b || !c || !d)
			return -EINVAL;
		out[0] = (uint8_t)(bits >> 16);
		out[1] = (uint8_t)(bits >> 8);
		out[2] = (uint8_t)bits;
	}
	if (padding && decode_group(in + whole, 4 - padding, out) < 0)
		return -EINVAL;
	*ret_size = length / 4 * 3 - padding;
	return 0;
}

void base64_encode(const void *bytes, size_t size, char *ret)
{
	ret[0] = '\0';
	(void)EVP_EncodeBlock((unsigned char *)ret, bytes, (int)size);
}
