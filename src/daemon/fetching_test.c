// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/fetching.h"

#include "base/cleanup.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A shell plays aronet-fetch: its arguments are -c and a script, where that has URL and ETag. */
struct fixture {
	uv_loop_t loop;
	bool is_done;
	struct error error;
	char etag[FETCH_ETAG_SIZE];
	char body[64];
};

static int make_loop(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	assert_int_equal(uv_loop_init(&fixture->loop), 0);
	*state = fixture;
	return 0;
}

static int close_loop(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(uv_loop_close(&fixture->loop), 0);
	free(fixture);
	return 0;
}

static void on_done(void *userdata, const struct error *error, const struct fetch_output *output,
		    struct strbuf *bytes)
{
	struct fixture *fixture = userdata;

	(void)bytes;
	assert_false(fixture->is_done);
	fixture->is_done = true;
	if (error) {
		fixture->error = *error;
		return;
	}
	strcpy(fixture->etag, output->etag);
	(void)snprintf(fixture->body, sizeof(fixture->body), "%.*s", (int)output->body_size,
		       output->body);
}

static struct fetching *begin(struct fixture *fixture, const char *script, unsigned timeout_ms)
{
	const struct fetching_options options = {
		.program = "/bin/sh",
		.url = "-c",
		.etag = script,
		.timeout_ms = timeout_ms,
	};
	struct fetching *fetching =
		fetching_begin(&fixture->loop, &options, on_done, fixture, &fixture->error);

	assert_non_null(fetching);
	return fetching;
}

static void run(struct fixture *fixture, const char *script, unsigned timeout_ms)
{
	(void)begin(fixture, script, timeout_ms);
	assert_int_equal(uv_run(&fixture->loop, UV_RUN_DEFAULT), 0);
	assert_true(fixture->is_done);
}

static void what_the_program_wrote_is_handed_over(void **state)
{
	struct fixture *fixture = *state;

	run(fixture, "printf 'ok \"e\"\\nbody'", 0);
	assert_int_equal(fixture->error.code, ERROR_NONE);
	assert_string_equal(fixture->etag, "\"e\"");
	assert_string_equal(fixture->body, "body");
}

static void words_of_the_program_are_the_error(void **state)
{
	struct fixture *fixture = *state;

	run(fixture, "printf 'ok \"e\"\\nbody'; echo 'https://a/: answers 404' >&2; exit 1", 0);
	assert_int_equal(fixture->error.code, ERROR_FETCH);
	assert_string_equal(fixture->error.text, "https://a/: answers 404");
}

static void program_has_nothing_of_the_environment(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(setenv("https_proxy", "http://proxy.test/", 1), 0);
	run(fixture, "printf 'ok \\n%s' \"$https_proxy\"", 0);
	assert_string_equal(fixture->body, "");
	assert_int_equal(fixture->error.code, ERROR_NONE);
}

/* If it were not killed, the loop would not end. */
static void hung_program_is_killed_when_its_time_is_over(void **state)
{
	struct fixture *fixture = *state;

	run(fixture, "printf 'ok \"e\"\\nbody'; trap '' TERM; exec sleep 1000", 100);
	assert_int_equal(fixture->error.code, ERROR_FETCH);
	assert_string_equal(fixture->error.text,
			    "aronet-fetch took more than 0.1 s and was killed");
}

static void program_that_writes_too_much_is_killed(void **state)
{
	struct fixture *fixture = *state;

	run(fixture, "exec yes >&2", 0);
	assert_int_equal(fixture->error.code, ERROR_FETCH);
	assert_string_equal(fixture->error.text,
			    "aronet-fetch wrote more than is allowed and was killed");
}

static void who_cancels_is_not_told(void **state)
{
	struct fixture *fixture = *state;

	fetching_cancel(begin(fixture, "exec sleep 1000", 0));
	assert_int_equal(uv_run(&fixture->loop, UV_RUN_DEFAULT), 0);
	assert_false(fixture->is_done);
}

static void missing_program_is_an_error_at_once(void **state)
{
	struct fixture *fixture = *state;
	const struct fetching_options options = {
		.program = "/nonexistent/aronet-fetch",
		.url = "https://a.test/",
		.etag = "",
	};

	assert_null(fetching_begin(&fixture->loop, &options, on_done, fixture, &fixture->error));
	assert_int_equal(fixture->error.code, ERROR_FETCH);
	assert_string_equal(fixture->error.text,
			    "cannot run aronet-fetch: no such file or directory");
	assert_int_equal(uv_run(&fixture->loop, UV_RUN_DEFAULT), 0);
	assert_false(fixture->is_done);
}

#define WITH_LOOP(test) cmocka_unit_test_setup_teardown(test, make_loop, close_loop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_LOOP(what_the_program_wrote_is_handed_over),
		WITH_LOOP(words_of_the_program_are_the_error),
		WITH_LOOP(program_has_nothing_of_the_environment),
		WITH_LOOP(hung_program_is_killed_when_its_time_is_over),
		WITH_LOOP(program_that_writes_too_much_is_killed),
		WITH_LOOP(who_cancels_is_not_told),
		WITH_LOOP(missing_program_is_an_error_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
