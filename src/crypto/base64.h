/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

/*
 * Standard base64 (RFC 4648 section 4), canonical only: no white space, full padding, zero tail
 * bits. Takes the same time for all texts of a length, because private keys pass through.
 *
 * Returns 0 and the size, or -EINVAL, also if @ret has no room. May leave bytes in @ret then.
 */
int base64_decode(const char *text, size_t length, void *ret, size_t size, size_t *ret_size);

/*
 * Base64 of public data in either alphabet of RFC 4648 (sections 4 and 5, also mixed), else as
 * strict as above. By tables, hence fast; not for secrets. @ret has room for length / 4 * 3 bytes;
 * nothing (length 0) decodes to nothing. 0 and the size, or -EINVAL.
 */
int base64_decode_public(const char *text, size_t length, void *ret, size_t *ret_size);

/* Standard alphabet with padding; @ret has room for BASE64_TEXT_SIZE(size), terminated. */
#define BASE64_TEXT_SIZE(size) (((size) + 2) / 3 * 4 + 1)
void base64_encode(const void *bytes, size_t size, char *ret);
