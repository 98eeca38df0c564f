// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/hex.h"

#include <errno.h>
#include <string.h>

static const char digits[] = "0123456789abcdef";

const char *hex_format(const uint8_t *bytes, size_t size, char *buffer)
{
	for (size_t i = 0; i < size; i++) {
		buffer[2 * i] = digits[bytes[i] >> 4];
		buffer[2 * i + 1] = digits[bytes[i] & 15];
	}
	buffer[2 * size] = '\0';
	return buffer;
}

int hex_parse(const char *text, uint8_t *ret, size_t size)
{
	if (strlen(text) != 2 * size || strspn(text, digits) != 2 * size)
		return -EINVAL;
	for (size_t i = 0; i < size; i++) {
		size_t high = (size_t)(strchr(digits, text[2 * i]) - digits);
		size_t low = (size_t)(strchr(digits, text[2 * i + 1]) - digits);

		ret[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}
