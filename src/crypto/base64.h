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
