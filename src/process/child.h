/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"

#include <stdbool.h>
#include <sys/types.h>
#include <uv.h>

/*
 * Helpers that carry traffic or routes (wireguard-go, babeld). They outlive the daemon: own
 * session, not its child, standard output and error in a file of their own. A restarted daemon
 * finds them by their sockets and watches them like those that it started.
 *
 * Of root's capabilities they get the few that traffic and routes need, whatever the daemon has:
 * the next daemon may run in the sandbox of a unit, and the kernel shows what a process runs only
 * to those who have all of its capabilities (ptrace(2), PTRACE_MODE_READ_FSCREDS).
 */
struct child_options {
	const char *const *argv; /* argv[0] is looked up in PATH; terminated by NULL */
	/*
	 * "NAME=value", added to ours; terminated by NULL, or NULL. What systemd has told the
	 * daemon about sd_notify(3) is not passed on.
	 */
	const char *const *environment;
	int netns_fd;	      /* network namespace to run in; -1: the caller's */
	int input_fd;	      /* standard input, stays the caller's; 0: /dev/null */
	const char *log_path; /* truncated at each start, mode 0600 */
	/*
	 * No file grows beyond that many bytes by what it writes; more is lost (RLIMIT_FSIZE with
	 * SIGXFSZ ignored). For programs that write a line for whatever a stranger sends. 0: no
	 * limit. Not for programs in Go, whose runtime does not let that signal be ignored.
	 */
	size_t file_max;
};

/*
 * Start a program. Returns 0 and its pid once execve() has succeeded, or -errno with an error that
 * names the program ("babeld: No such file or directory; install the package babeld").
 */
int child_spawn(const struct child_options *options, pid_t *ret, struct error *error);

/* Is @pid alive and is the file name of its executable @program? */
bool child_is(pid_t pid, const char *program);

/* The process that listens on the unix stream socket @fd is connected to, or -errno. */
pid_t child_of_socket(int fd);

/* SIGKILL or another signal; a process that is already gone is no error. */
int child_signal(pid_t pid, int signal);

/* SIGTERM, up to @timeout_ms for it to end, SIGKILL. Returns when it is gone. */
void child_stop(pid_t pid, unsigned timeout_ms);

/* Calls @ended once, from the loop, when the process ends (pidfd, Linux 5.3). */
struct child_watch;
typedef void child_ended_fn(void *userdata, pid_t pid);
int child_watch_new(uv_loop_t *loop, pid_t pid, child_ended_fn *ended, void *userdata,
		    struct child_watch **ret, struct error *error);
void child_watch_free(struct child_watch *watch);
CLEANUP_DEFINE(struct child_watch *, child_watch_free);

/*
 * The same as child_stop() without waiting: SIGTERM now, SIGKILL after @timeout_ms, and @ended from
 * the loop when the process is gone. Fails with -ESRCH if it is gone already.
 */
struct child_ending;
int child_ending_new(uv_loop_t *loop, pid_t pid, unsigned timeout_ms, child_ended_fn *ended,
		     void *userdata, struct child_ending **ret, struct error *error);

/* Stops waiting; the process has had its SIGTERM. May be called from @ended. */
void child_ending_free(struct child_ending *ending);
CLEANUP_DEFINE(struct child_ending *, child_ending_free);
