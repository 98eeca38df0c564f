// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/printable.h"

#include <stdio.h>
#include <string.h>

#define SEQUENCE_MAX 4 /* RFC 3629 */

static size_t sequence_length(unsigned char lead)
{
	if (lead < 0xc0)
		return 1;
	return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : SEQUENCE_MAX;
}

static void replace_cut_sequence(char *text)
{
	size_t length = strlen(text);

	for (size_t back = 1; back < SEQUENCE_MAX && back <= length; back++) {
		unsigned char byte = (unsigned char)text[length - back];

		if ((byte & 0xc0) == 0x80)
			continue;
		if (sequence_length(byte) > back)
			strcpy(text + length - back, "?");
		return;
	}
}

void printable_make(char *text)
{
	for (unsigned char *byte = (unsigned char *)text; *byte; byte++) {
		if (byte[0] == 0xc2 && byte[1] >= 0x80 && byte[1] < 0xa0)
			byte[0] = byte[1] = '?';
		if (*byte < ' ' || *byte == 0x7f)
			*byte = '?';
	}
	replace_cut_sequence(text);
}

void printable_keep_ascii(const char *text, char *ret, size_t size)
{
	(void)snprintf(ret, size, "%s", text);
	for (char *c = ret; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
}
