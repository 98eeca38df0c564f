/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Tell the service manager, as sd_notify(3) does: "READY=1", "STATUS=...", "WATCHDOG=1". Does
 * nothing where $NOTIFY_SOCKET is not set.
 */
void notify(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Half of $WATCHDOG_USEC in milliseconds, or 0 without a watchdog. */
unsigned notify_watchdog_ms(void);
