// SPDX-License-Identifier: GPL-2.0-or-later
#include "fetch/unprivileged.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static int become_nobody(struct error *error)
{
	if (geteuid() != 0)
		return 0;
	if (setgroups(0, NULL) < 0 ||
	    setresgid(UNPRIVILEGED_ID, UNPRIVILEGED_ID, UNPRIVILEGED_ID) < 0 ||
	    setresuid(UNPRIVILEGED_ID, UNPRIVILEGED_ID, UNPRIVILEGED_ID) < 0)
		return error_set(error, -errno, ERROR_FETCH, NULL,
				 "cannot become nobody to fetch: %m; the daemon's unit has to "
				 "leave CAP_SETUID and CAP_SETGID to it");
	return 0;
}

/* Another user than root may still have capabilities, ambient ones of a unit for instance. */
static int drop_capabilities(struct error *error)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 ||
	    syscall(SYS_capset, &header, none) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_set(error, -errno, ERROR_FETCH, NULL,
				 "cannot drop capabilities to fetch: %m");
	return 0;
}

/* Sanitizers map terabytes that they never use. */
static void limit_memory(void)
{
#ifndef __SANITIZE_ADDRESS__
	const struct rlimit memory = { UNPRIVILEGED_MEMORY, UNPRIVILEGED_MEMORY };

	(void)setrlimit(RLIMIT_AS, &memory);
#endif
}

static void set_limits(void)
{
	const struct rlimit none = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
	limit_memory();
	(void)prctl(PR_SET_DUMPABLE, 0);
}

int unprivileged_become(struct error *error)
{
	int result = become_nobody(error);

	if (result == 0)
		result = drop_capabilities(error);
	if (result < 0)
		return result;
	(void)clearenv();
	(void)syscall(SYS_close_range, STDERR_FILENO + 1, ~0u, 0);
	set_limits();
	return 0;
}
