/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

/*
 * Length in bytes of the UTF-8 sequence that @text begins with, or 0 if it is none: overlong forms,
 * surrogates and what lies beyond U+10FFFF are none (RFC 3629 section 4). @size is at least 1.
 */
size_t utf8_sequence(const char *text, size_t size);
