/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"

/*
 * Give up all that a process could abuse, for good, before it reads what strangers send:
 *
 *	root becomes nobody (uid and gid 65534), without supplementary groups; another user stays
 *who it is; either way no capabilities and none to be gained (PR_SET_NO_NEW_PRIVS) no environment,
 *no descriptor but 0, 1 and 2, no core file, no debugger at most UNPRIVILEGED_MEMORY of memory, and
 *no file can be written
 *
 * E_FETCH if root cannot become nobody, for lack of CAP_SETUID and CAP_SETGID: better no registry
 * than one fetched as root.
 */
#define UNPRIVILEGED_ID 65534
#define UNPRIVILEGED_MEMORY ((size_t)512 << 20)
int unprivileged_become(struct error *error);
