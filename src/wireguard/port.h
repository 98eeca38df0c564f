/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * Who holds UDP port @port in the calling thread's network namespace, for a message: "babeld
 * (process 4711)", "the kernel" (a socket without a process) or "" if nobody does. Best effort.
 * Returns @buffer.
 */
const char *port_describe_holder(uint16_t port, char *buffer, size_t size);
