/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#define LOG_TAIL_SIZE 256

/*
 * The last line of a helper's log, for a person who asks why it ended, as printable ASCII; "" if
 * there is none. Of a line that is longer than the @size bytes of @ret, its end.
 */
void log_tail_read(const char *path, char *ret, size_t size);
