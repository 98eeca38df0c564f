/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"

#include <uv.h>

/*
 * Where a new babeld waits, with its filters read, until the old one is gone.
 *
 * babeld takes seconds to read 20,000 filters (each is appended to a list that it walks through)
 * and opens its sockets after that. It is given its configuration in two files: the first is all
 * but the end, the second, its standard input, is a pipe that we hold. When it has read what is in
 * the pipe it has read everything before, too. The end of the configuration then goes into the
 * pipe.
 *
 * If we end before that, babeld finds a configuration without an interface and ends as well.
 */
struct gate;

/* What babeld may take at most to read its configuration. Nothing waits but the change. */
#define GATE_TIMEOUT_MS 300000

/* @result: 0, or -ETIMEDOUT. Called once, from the loop; not after gate_open() or gate_free(). */
typedef void gate_reached_fn(void *userdata, int result);

/* @ret_input_fd is for the new process, and to be closed by the caller when that runs. */
int gate_new(uv_loop_t *loop, gate_reached_fn *reached, void *userdata, int *ret_input_fd,
	     struct gate **ret, struct error *error);

/* Write @rest, the end of the configuration, and close. Frees the gate. 0 or -errno. */
int gate_open(struct gate *gate, const char *rest);

/* Closes without a word. */
void gate_free(struct gate *gate);
CLEANUP_DEFINE(struct gate *, gate_free);
