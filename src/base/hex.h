/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Lower-case, two digits a byte. @buffer holds 2 * @size + 1 bytes. Returns @buffer. */
const char *hex_format(const uint8_t *bytes, size_t size, char *buffer);

/* Exactly 2 * @size lower-case digits. 0 or -EINVAL. */
int hex_parse(const char *text, uint8_t *ret, size_t size);
