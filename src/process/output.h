/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * What a short-lived program prints. Unlike the helpers of child.h it is waited for, blocking, and
 * never outlives the call.
 */

/* Is there an executable file of that name in PATH? */
bool program_is_installed(const char *program);

/*
 * Run @argv (argv[0] is looked up in PATH, terminated by NULL) without input and read what it prints,
 * errors too (BIRD prints its version there): at most @size - 1 bytes go to @ret, as a text. What is
 * longer is cut.
 *
 * 0 if it has ended with status 0. -ETIMEDOUT if it lasted longer than @timeout_ms and was killed,
 * -EPROTO if it ended in another way, or why it could not be started.
 */
int program_output(const char *const *argv, unsigned timeout_ms, char *ret, size_t size);
