// SPDX-License-Identifier: GPL-2.0-or-later
#include "json/utf8.h"

/* The table of RFC 3629 section 4: first byte, range of the second, length. */
static const struct {
	unsigned char first_low, first_high;
	unsigned char second_low, second_high;
	unsigned char length;
} sequences[] = {
	{ 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
	{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

size_t utf8_sequence(const char *text, size_t size)
{
	const unsigned char *bytes = (const unsigned char *)text;

	if (bytes[0] < 0x80)
		return 1;
	for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++) {
		if (bytes[0] < sequences[i].first_low || bytes[0] > sequences[i].first_high)
			continue;
		if (size < sequences[i].length || bytes[1] < sequences[i].second_low ||
		    bytes[1] > sequences[i].second_high)
			return 0;
		for (size_t k = 2; k < sequences[i].length; k++)
			if ((bytes[k] & 0xc0) != 0x80)
				return 0;
		return sequences[i].length;
	}
	return 0;
}
