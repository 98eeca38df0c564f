// SPDX-License-Identifier: GPL-2.0-or-later
#include "fetch/process.h"

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/strbuf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

int fetch_output_parse(const char *output, size_t size, struct fetch_output *ret,
		       struct error *error)
{
	const size_t ok = strlen(FETCH_LINE_OK), same = strlen(FETCH_LINE_NOT_MODIFIED);
	struct fetch_output parsed = { 0 };
	const char *end;

	if (size == same && !memcmp(output, FETCH_LINE_NOT_MODIFIED, same)) {
		*ret = (struct fetch_output) { .not_modified = true };
		return 0;
	}
	end = size >= ok && !memcmp(output, FETCH_LINE_OK, ok)
		      ? memchr(output, '\n',
			       size < ok + FETCH_ETAG_SIZE ? size : ok + FETCH_ETAG_SIZE)
		      : NULL;
	if (!end)
		return error_set(error, -EPROTO, ERROR_FETCH, NULL,
				 FETCH_PROGRAM " answers something else than expected; is it of "
					       "the same version?");
	memcpy(parsed.etag, output + ok, (size_t)(end - output) - ok);
	parsed.body = end + 1;
	parsed.body_size = size - (size_t)(end + 1 - output);
	*ret = parsed;
	return 0;
}

int fetch_words_to_error(const char *words, size_t size, struct error *error)
{
	size_t length = 0;

	while (length < size && words[length] && words[length] != '\n')
		length++;
	if (length == 0)
		return error_set(error, -EIO, ERROR_FETCH, NULL,
				 FETCH_PROGRAM " ended without a word; was it killed?");
	return error_set(error, -EIO, ERROR_FETCH, NULL, "%.*s", (int)length, words);
}

const char *fetch_program_path(char *buffer, size_t size)
{
	char own[PATH_MAX] = "";
	ssize_t length = readlink("/proc/self/exe", own, sizeof(own) - 1);
	char *slash = length > 0 ? strrchr(own, '/') : NULL;

	if (slash) {
		slash[1] = '\0';
		if ((size_t)snprintf(buffer, size, "%s" FETCH_PROGRAM, own) < size &&
		    access(buffer, X_OK) == 0)
			return buffer;
	}
	(void)snprintf(buffer, size, "%s/" FETCH_PROGRAM, LIBEXEC_DIRECTORY);
	return buffer;
}

/* One end of each pipe is the program's standard output and error. */
static int spawn(const char *url, const char *ca_path, int output, int words, pid_t *ret,
		 struct error *error)
{
	char path[PATH_MAX];
	char *const environment[] = { NULL };
	char *const argv[] = {
		(char *)(uintptr_t)fetch_program_path(path, sizeof(path)),
		(char *)(uintptr_t)url,
		(char *)(uintptr_t) "",
		(char *)(uintptr_t)ca_path,
		NULL,
	};
	posix_spawn_file_actions_t actions;
	int result;

	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	(void)posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	(void)posix_spawn_file_actions_adddup2(&actions, words, STDERR_FILENO);
	result = posix_spawn(ret, path, &actions, NULL, argv, environment);
	(void)posix_spawn_file_actions_destroy(&actions);
	if (result)
		return error_set(error, -result, ERROR_FETCH, path, "cannot run: %s",
				 strerror(result));
	return 0;
}

/* What fits below @limit; more is read and dropped, so that the writer does not hang. */
static bool read_some(int fd, struct strbuf *buffer, size_t limit)
{
	char chunk[65536];
	ssize_t length = read(fd, chunk, sizeof(chunk));

	if (length < 0)
		return errno == EINTR || errno == EAGAIN;
	if (length > 0 && buffer->length + (size_t)length <= limit)
		strbuf_append(buffer, chunk, (size_t)length);
	return length > 0;
}

static void read_both(int output, int words, struct strbuf *ret_output, struct strbuf *ret_words)
{
	struct pollfd fds[] = { { output, POLLIN, 0 }, { words, POLLIN, 0 } };

	while (fds[0].fd >= 0 || fds[1].fd >= 0) {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0 && errno != EINTR)
			return;
		if (fds[0].revents && !read_some(output, ret_output, FETCH_OUTPUT_MAX))
			fds[0].fd = -1;
		if (fds[1].revents && !read_some(words, ret_words, FETCH_WORDS_MAX))
			fds[1].fd = -1;
	}
}

static int wait_for(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int fetch_run(const char *url, const char *ca_path, char **ret_body, size_t *ret_size,
	      struct error *error)
{
	CLEANUP(strbuf_done) struct strbuf output = { 0 }, words = { 0 };
	struct fetch_output parsed;
	int out[2], err[2], result;
	pid_t pid;

	result = fetch_url_check(url, error);
	if (result < 0)
		return result;
	if (pipe2(out, O_CLOEXEC) < 0)
		return error_set(error, -errno, ERROR_FETCH, url, "pipe: %m");
	if (pipe2(err, O_CLOEXEC) < 0) {
		result = -errno;
		(void)close(out[0]);
		(void)close(out[1]);
		return error_set(error, result, ERROR_FETCH, url, "pipe: %s", strerror(-result));
	}
	result = spawn(url, ca_path, out[1], err[1], &pid, error);
	(void)close(out[1]);
	(void)close(err[1]);
	if (result == 0) {
		read_both(out[0], err[0], &output, &words);
		if (wait_for(pid) != EXIT_DONE)
			result = fetch_words_to_error(words.bytes, words.length, error);
	}
	(void)close(out[0]);
	(void)close(err[0]);
	if (result == 0)
		result = fetch_output_parse(strbuf_text(&output), output.length, &parsed, error);
	if (result < 0)
		return result;
	*ret_body = memory_zalloc(parsed.body_size + 1, 1);
	if (parsed.body_size)
		memcpy(*ret_body, parsed.body, parsed.body_size);
	*ret_size = parsed.body_size;
	return 0;
}
