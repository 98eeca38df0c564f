// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/gate.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>

#define LOOK_EVERY_MS 5

static const char bell[] = "# All filters have been read.\n";

struct gate {
	uv_timer_t timer;
	int fd;
	uint64_t give_up_at_ms;
	gate_reached_fn *reached;
	void *userdata;
};

static bool is_drained(const struct gate *gate)
{
	int unread = 0;

	return ioctl(gate->fd, FIONREAD, &unread) == 0 && unread == 0;
}

static void on_timer(uv_timer_t *timer)
{
	struct gate *gate = timer->data;
	bool drained = is_drained(gate);

	if (!drained && uv_now(timer->loop) < gate->give_up_at_ms)
		return;
	(void)uv_timer_stop(timer);
	gate->reached(gate->userdata, drained ? 0 : -ETIMEDOUT);
}

int gate_new(uv_loop_t *loop, gate_reached_fn *reached, void *userdata, int *ret_input_fd,
	     struct gate **ret, struct error *error)
{
	struct gate *gate;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(error, -errno, ERROR_APPLY, "babeld",
				 "cannot make a pipe for its configuration: %m");
	gate = NEW(struct gate);
	gate->fd = ends[1];
	gate->reached = reached;
	gate->userdata = userdata;
	(void)uv_timer_init(loop, &gate->timer);
	gate->timer.data = gate;
	uv_update_time(loop);
	gate->give_up_at_ms = uv_now(loop) + GATE_TIMEOUT_MS;
	(void)uv_timer_start(&gate->timer, on_timer, LOOK_EVERY_MS, LOOK_EVERY_MS);
	(void)!write(gate->fd, bell, strlen(bell));
	*ret_input_fd = ends[0];
	*ret = gate;
	return 0;
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void gate_free(struct gate *gate)
{
	if (!gate)
		return;
	(void)close(gate->fd);
	uv_close((uv_handle_t *)&gate->timer, on_closed);
}

/* It fits into the empty pipe. SIGPIPE is ignored: who does not read any more has ended. */
int gate_open(struct gate *gate, const char *rest)
{
	size_t length = strlen(rest);
	ssize_t written = write(gate->fd, rest, length);
	int result = written < 0 ? -errno : (size_t)written < length ? -EPIPE : 0;

	gate_free(gate);
	return result;
}
