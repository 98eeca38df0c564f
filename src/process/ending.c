// SPDX-License-Identifier: GPL-2.0-or-later
#include "process/child.h"

#include "base/memory.h"

#include <signal.h>

struct child_ending {
	struct child_watch *watch;
	uv_timer_t patience;
	pid_t pid;
	child_ended_fn *ended;
	void *userdata;
};

static void process_ended(void *userdata, pid_t pid)
{
	struct child_ending *ending = userdata;

	(void)uv_timer_stop(&ending->patience);
	ending->ended(ending->userdata, pid); /* may free us */
}

/* The watch still holds a descriptor of the process, so the number cannot mean another one. */
static void out_of_patience(uv_timer_t *timer)
{
	const struct child_ending *ending = timer->data;

	(void)child_signal(ending->pid, SIGKILL);
}

int child_ending_new(uv_loop_t *loop, pid_t pid, unsigned timeout_ms, child_ended_fn *ended,
		     void *userdata, struct child_ending **ret, struct error *error)
{
	struct child_ending *ending = NEW(struct child_ending);
	int result = child_watch_new(loop, pid, process_ended, ending, &ending->watch, error);

	if (result < 0) {
		free(ending);
		return result;
	}
	ending->pid = pid;
	ending->ended = ended;
	ending->userdata = userdata;
	ending->patience.data = ending;
	(void)uv_timer_init(loop, &ending->patience);
	(void)uv_timer_start(&ending->patience, out_of_patience, timeout_ms, 0);
	(void)child_signal(pid, SIGTERM);
	*ret = ending;
	return 0;
}

static void timer_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void child_ending_free(struct child_ending *ending)
{
	if (!ending)
		return;
	child_watch_free(ending->watch);
	uv_close((uv_handle_t *)&ending->patience, timer_closed);
}
