// SPDX-License-Identifier: GPL-2.0-or-later
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fuzz_fail(const char *file, int line, const char *condition)
{
	(void)fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
	abort();
}

bool fuzz_is_printable(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

void fuzz_check_refusal(int result, const struct error *error)
{
	FUZZ_CHECK(result < 0);
	FUZZ_CHECK(error->code != ERROR_NONE);
	FUZZ_CHECK(error->text[0]);
	FUZZ_CHECK(fuzz_is_printable(error->text));
	FUZZ_CHECK(fuzz_is_printable(error->place));
}

void fuzz_take(struct fuzz_input *input, void *ret, size_t size)
{
	size_t there = size < input->size ? size : input->size;

	memset(ret, 0, size);
	if (there)
		memcpy(ret, input->bytes, there);
	input->bytes += there;
	input->size -= there;
}

uint8_t fuzz_take_u8(struct fuzz_input *input)
{
	uint8_t value;

	fuzz_take(input, &value, sizeof(value));
	return value;
}

uint16_t fuzz_take_u16(struct fuzz_input *input)
{
	uint16_t value;

	fuzz_take(input, &value, sizeof(value));
	return value;
}

static char *take_copy(struct fuzz_input *input, size_t length)
{
	char *text = malloc(length + 1);

	if (!text)
		abort();
	fuzz_take(input, text, length);
	text[length] = '\0';
	return text;
}

char *fuzz_take_text(struct fuzz_input *input, char end)
{
	const uint8_t *found = input->size ? memchr(input->bytes, end, input->size) : NULL;
	char *text = take_copy(input, found ? (size_t)(found - input->bytes) : input->size);

	if (found)
		(void)fuzz_take_u8(input);
	return text;
}

char *fuzz_take_rest(struct fuzz_input *input)
{
	return take_copy(input, input->size);
}
