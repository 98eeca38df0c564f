// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/fetching.h"

#include "base/memory.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>

#define CHUNK_SIZE 65536

struct stream {
	uv_pipe_t pipe;
	struct fetching *fetching;
	struct strbuf bytes;
	size_t limit;
	char chunk[CHUNK_SIZE];
};

struct fetching {
	uv_process_t process;
	uv_timer_t timer;
	struct stream output, words;
	unsigned running; /* the process and its two streams: all have to end */
	unsigned open;	  /* handles; the last one to close frees all */
	bool is_too_big, is_too_slow;
	unsigned timeout_ms;
	int64_t status;
	int signal;
	fetching_done_fn *done; /* NULL: cancelled */
	void *userdata;
};

static void closed(uv_handle_t *handle)
{
	struct fetching *fetching = handle->data;

	if (--fetching->open)
		return;
	strbuf_done(&fetching->output.bytes);
	strbuf_done(&fetching->words.bytes);
	free(fetching);
}

static void close_all(struct fetching *fetching)
{
	uv_handle_t *const handles[] = {
		(uv_handle_t *)&fetching->process,
		(uv_handle_t *)&fetching->timer,
		(uv_handle_t *)&fetching->output.pipe,
		(uv_handle_t *)&fetching->words.pipe,
	};

	for (size_t i = 0; i < ARRAY_SIZE(handles); i++)
		uv_close(handles[i], closed);
}

static int judge(const struct fetching *fetching, struct fetch_output *ret, struct error *error)
{
	if (fetching->is_too_big)
		return error_set(error, -EFBIG, ERROR_FETCH, NULL,
				 FETCH_PROGRAM " wrote more than is allowed and was killed");
	if (fetching->is_too_slow)
		return error_set(error, -ETIMEDOUT, ERROR_FETCH, NULL,
				 FETCH_PROGRAM " took more than %g s and was killed",
				 fetching->timeout_ms / 1000.0);
	if (fetching->status != 0 || fetching->signal != 0)
		return fetch_words_to_error(strbuf_text(&fetching->words.bytes),
					    fetching->words.bytes.length, error);
	return fetch_output_parse(strbuf_text(&fetching->output.bytes),
				  fetching->output.bytes.length, ret, error);
}

static void ended(struct fetching *fetching)
{
	struct fetch_output output = { 0 };
	struct error error = { 0 };
	int result;

	if (--fetching->running)
		return;
	if (fetching->done) {
		result = judge(fetching, &output, &error);
		fetching->done(fetching->userdata, result < 0 ? &error : NULL, &output,
			       &fetching->output.bytes);
	}
	close_all(fetching);
}

static void exited(uv_process_t *process, int64_t status, int signal)
{
	struct fetching *fetching = process->data;

	fetching->status = status;
	fetching->signal = signal;
	ended(fetching);
}

static void kill_it(struct fetching *fetching)
{
	if (uv_is_active((uv_handle_t *)&fetching->process))
		(void)uv_process_kill(&fetching->process, SIGKILL);
}

static void out_of_time(uv_timer_t *timer)
{
	struct fetching *fetching = timer->data;

	fetching->is_too_slow = true;
	kill_it(fetching);
}

static void give_chunk(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
	struct stream *stream = (struct stream *)handle;

	(void)suggested;
	*ret = uv_buf_init(stream->chunk, sizeof(stream->chunk));
}

static void got_some(uv_stream_t *handle, ssize_t length, const uv_buf_t *chunk)
{
	struct stream *stream = (struct stream *)handle;

	if (length < 0) {
		(void)uv_read_stop(handle);
		ended(stream->fetching);
	} else if (stream->bytes.length + (size_t)length <= stream->limit) {
		strbuf_append(&stream->bytes, chunk->base, (size_t)length);
	} else {
		stream->fetching->is_too_big = true;
		kill_it(stream->fetching);
	}
}

static void open_stream(struct fetching *fetching, uv_loop_t *loop, struct stream *stream,
			size_t limit)
{
	stream->fetching = fetching;
	stream->limit = limit;
	stream->pipe.data = fetching;
	(void)uv_pipe_init(loop, &stream->pipe, 0);
}

static struct fetching *fetching_new(uv_loop_t *loop)
{
	struct fetching *fetching = NEW(struct fetching);

	fetching->open = 4;
	fetching->running = 3;
	fetching->process.data = fetching;
	fetching->timer.data = fetching;
	(void)uv_timer_init(loop, &fetching->timer);
	open_stream(fetching, loop, &fetching->output, FETCH_OUTPUT_MAX);
	open_stream(fetching, loop, &fetching->words, FETCH_WORDS_MAX);
	return fetching;
}

static int spawn(struct fetching *fetching, uv_loop_t *loop, const struct fetching_options *options)
{
	const uv_stdio_flags flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE;
	char path[PATH_MAX];
	const char *program =
		options->program ? options->program : fetch_program_path(path, sizeof(path));
	char *environment[] = { NULL };
	char *argv[] = {
		(char *)(uintptr_t)program,
		(char *)(uintptr_t)options->url,
		(char *)(uintptr_t)options->etag,
		(char *)(uintptr_t)options->ca_path,
		NULL,
	};
	uv_stdio_container_t stdio[] = {
		{ .flags = UV_IGNORE }, /* /dev/null */
		{ .flags = flags, .data.stream = (uv_stream_t *)&fetching->output.pipe },
		{ .flags = flags, .data.stream = (uv_stream_t *)&fetching->words.pipe },
	};
	const uv_process_options_t process = {
		.exit_cb = exited,
		.file = program,
		.args = argv,
		.env = environment,
		.cwd = "/",
		.stdio_count = ARRAY_SIZE(stdio),
		.stdio = stdio,
	};

	return uv_spawn(loop, &fetching->process, &process);
}

struct fetching *fetching_begin(uv_loop_t *loop, const struct fetching_options *options,
				fetching_done_fn *done, void *userdata, struct error *error)
{
	struct fetching *fetching = fetching_new(loop);
	int result = spawn(fetching, loop, options);

	if (result < 0) {
		close_all(fetching);
		(void)error_set(error, result, ERROR_FETCH, NULL,
				"cannot run " FETCH_PROGRAM ": %s", uv_strerror(result));
		return NULL;
	}
	fetching->done = done;
	fetching->userdata = userdata;
	fetching->timeout_ms = options->timeout_ms ? options->timeout_ms : FETCHING_TIMEOUT_MS;
	(void)uv_timer_start(&fetching->timer, out_of_time, fetching->timeout_ms, 0);
	(void)uv_read_start((uv_stream_t *)&fetching->output.pipe, give_chunk, got_some);
	(void)uv_read_start((uv_stream_t *)&fetching->words.pipe, give_chunk, got_some);
	return fetching;
}

void fetching_cancel(struct fetching *fetching)
{
	if (!fetching)
		return;
	fetching->done = NULL;
	kill_it(fetching);
}
