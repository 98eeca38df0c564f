/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"

#include <stddef.h>

/*
 * Bytes that are too many for a packet travel as a sealed memfd (memfd_create(2), fcntl(2)). The
 * seals WRITE, GROW and SHRINK make the content immutable before the receiver looks at it: nothing
 * can change between check and use, nobody's path is opened with the daemon's rights, and a load
 * cannot arrive half.
 */
#define CONTROL_PAYLOAD_MAX ((size_t)32 << 20) /* registry specification, section 2.5: a bundle */

/* A sealed memfd with a copy of @bytes; the caller closes it. 0 or -errno. */
int control_payload_make(const void *bytes, size_t size, int *ret_fd);

/*
 * The same from a file, a pipe or standard input, up to its end, without holding it all in memory.
 * @name is what messages call it. E_FILE, E_TOO_BIG, and E_SYNTAX for nothing at all.
 */
int control_payload_copy(int source_fd, const char *name, int *ret_fd, struct error *error);

/*
 * Check that @fd is a readable, sealed memfd of 1 to CONTROL_PAYLOAD_MAX bytes. Errors: E_CTL_FD,
 * E_TOO_BIG; @name ("load") opens the text.
 */
int control_payload_check(int fd, const char *name, size_t *ret_size, struct error *error);

/* Check as above, then read all of it. *ret is terminated malloc()ed memory of the caller. */
int control_payload_read(int fd, const char *name, char **ret, size_t *ret_size,
			 struct error *error);
