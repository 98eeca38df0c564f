/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Why a charon that was just started is of no use, by what it has logged so far: @log, terminated.
 * A part that is missing is only logged, and charon runs on without. Pure.
 *
 * The text is for behind "charon-systemd: ", with what to do about it. False if nothing that is
 * known speaks against it.
 */
bool charon_log_explain(const char *log, char *ret, size_t size);

/*
 * Was it denied something that its user, root, may do? Then something like AppArmor or SELinux has
 * denied it that. In the same directory the daemon has just made its configuration and deleted what
 * was in the way of its socket: one that it cannot open, and the other that it cannot make, count.
 * Pure.
 */
bool charon_log_has_denial(const char *log);
