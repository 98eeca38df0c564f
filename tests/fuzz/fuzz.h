/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What fuzz targets share. A target is one function that takes bytes from a stranger; it finds bugs
 * by crashing (sanitizers) and by FUZZ_CHECK() of what must hold for all input. It is linked twice:
 * with libFuzzer, and with replay.c, which feeds it the files of its corpus in every build.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What programmers promise about any input; a violation ends the program like a crash. */
#define FUZZ_CHECK(condition)                                                                      \
	do {                                                                                       \
		if (!(condition))                                                                  \
			fuzz_fail(__FILE__, __LINE__, #condition);                                 \
	} while (0)
_Noreturn void fuzz_fail(const char *file, int line, const char *condition);

/*
 * How every refusal has to look: a negative @result, a code, and a text that a terminal can show. A
 * place may be empty.
 */
void fuzz_check_refusal(int result, const struct error *error);

/* No control character and no DEL: nothing that a terminal acts upon. */
bool fuzz_is_printable(const char *text);

/* Bytes that are read from the front. What is missing at the end reads as zero. */
struct fuzz_input {
	const uint8_t *bytes;
	size_t size;
};

uint8_t fuzz_take_u8(struct fuzz_input *input);
uint16_t fuzz_take_u16(struct fuzz_input *input);
void fuzz_take(struct fuzz_input *input, void *ret, size_t size);

/*
 * The bytes up to the first @end, which is taken, too, or all of them. Terminated, with nothing
 * behind the terminator, so that sanitizers see a read too far. The caller frees it.
 */
char *fuzz_take_text(struct fuzz_input *input, char end);

/* All that is left, likewise; bytes behind a NUL are there, but out of sight of the string. */
char *fuzz_take_rest(struct fuzz_input *input);
