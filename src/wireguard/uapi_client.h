/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "wireguard/uapi.h"

/*
 * The control socket of a userspace implementation. Calls block for at most UAPI_TIMEOUT_MS: the
 * answer comes from memory, a process that takes longer hangs.
 */
#define UAPI_DIRECTORY "/var/run/wireguard"
#define UAPI_TIMEOUT_MS 500
#define UAPI_PATH_SIZE 64

const char *uapi_path(const char *link, char buffer[UAPI_PATH_SIZE]);

/*
 * A connected socket with its time-outs set, or -errno: -ENOENT without a socket file,
 * -ECONNREFUSED if the process that made the file is gone.
 */
int uapi_connect(const char *link);

/* Errors name the path of the socket. */
int uapi_get(int fd, const char *link, struct wireguard_device *ret, struct error *error);
int uapi_set(int fd, const char *link, const struct wireguard_change *change, struct error *error);
