/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

/*
 * Make @text fit to be shown, in place: what a terminal acts upon (C0, DEL, and C1 as UTF-8 encodes
 * it) becomes question marks, and so does a UTF-8 sequence that is cut off at the end, as
 * snprintf() leaves it. Never longer, and never empty unless it was. Texts from outside pass here
 * on their way to a person.
 */
void printable_make(char *text);

/*
 * What fits of @text, which comes from a program that writes ASCII: all else becomes question
 * marks, for whatever bytes they are, they may end up in JSON. @size: of @ret, terminator included.
 */
void printable_keep_ascii(const char *text, char *ret, size_t size);
