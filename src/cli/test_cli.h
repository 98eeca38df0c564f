/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

/*
 * The whole command line as a process of its own, against a real control server in another one. The
 * server's daemon answers a load with the loaded bytes: what a test wants to be told, it loads. Its
 * status is in the fixture's file, if there is one.
 */
struct test_cli {
	char directory[64];
	char socket[96];
	char file[96]; /* in the directory; made by tests */
	pid_t server;
};

struct test_cli_outcome {
	int exit;
	char out[16384];
	char err[4096];
};

/* Setup and teardown: a directory with a server, and without. */
int test_cli_start_server(void **state);
int test_cli_make_directory(void **state);
int test_cli_clean_up(void **state);

#define WITH_SERVER(test)                                                                          \
	cmocka_unit_test_setup_teardown(test, test_cli_start_server, test_cli_clean_up)
#define WITH_DIRECTORY(test)                                                                       \
	cmocka_unit_test_setup_teardown(test, test_cli_make_directory, test_cli_clean_up)

/* `aronet LINE`, its words split at spaces, with nothing or with @input on standard input. */
void test_cli_run(struct test_cli_outcome *outcome, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void test_cli_run_with_input(struct test_cli_outcome *outcome, const char *input, const char *line);

void test_cli_check_outcome(const struct test_cli_outcome *outcome, int exit, const char *out,
			    const char *err);
