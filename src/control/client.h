/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"
#include "control/protocol.h"

#include <json-c/json.h>
#include <stddef.h>

/* The blocking end of the control socket, for commands. */
struct control_client;

#define CONTROL_CONNECT_SEC 5 /* when the daemon is too busy to accept */

/* Connect to the socket at @path. E_CTL_DOWN or E_CTL_PERM, with what to do about it. */
int control_client_open(const char *path, struct control_client **ret, struct error *error);
void control_client_close(struct control_client *client);
CLEANUP_DEFINE(struct control_client *, control_client_close);

/*
 * Ask and wait for the answer, up to @timeout_msec. @arguments->wait_sec and the flags are sent
 * along where they are set; @payload_fd (payload.h; -1: none) stays the caller's.
 *
 * *ret is owned by the caller. -EREMOTEIO: the daemon refused; @error has its code, place and text
 * and control_client_exit_code() its exit code. Other errors are E_CTL_DOWN.
 */
int control_client_call(struct control_client *client, const struct control_arguments *arguments,
			int payload_fd, unsigned timeout_msec, struct json_object **ret,
			struct error *error);

/* How a command should end after a failed open (NULL) or call. */
enum exit_code control_client_exit_code(const struct control_client *client,
					const struct error *error);
