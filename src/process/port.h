/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The process that holds UDP port @port of @family (AF_INET or AF_INET6) in the calling thread's
 * network namespace, on whatever address; the first of several. 0 if nobody does; -ESRCH if it is
 * held by the kernel (a socket without a process) or by a process that cannot be seen.
 */
pid_t port_holder(int family, uint16_t port);

/*
 * Who holds UDP port @port in the calling thread's network namespace, for a message: "babeld
 * (process 4711)", "the kernel" (a socket without a process) or "" if nobody does. Best effort.
 * Returns @buffer.
 */
const char *port_describe_holder(uint16_t port, char *buffer, size_t size);
