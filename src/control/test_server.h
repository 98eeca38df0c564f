/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "control/server.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A real server in a thread of its own, and clients that mean no good. Time limits are shorter than
 * the daemon's, so that the tests do not wait for seconds.
 */
#define TEST_TIMEOUT_MSEC 300
#define TEST_CHECK_MSEC 50

struct test_server {
	char runtime_dir[64];
	char path[80];
	const char *group;
	int lock;
	pthread_t thread;
	uv_loop_t loop;
	uv_async_t stop;
	struct control_server *server;
	atomic_uint loads_begun, loads_ended, loads_at_once_max, warnings;
	atomic_size_t payload_total;
};

/* Setup and teardown: a server that runs; a runtime directory and its lock alone. */
int test_server_start(void **state);
int test_server_stop(void **state);
int test_server_make_directory(void **state);
int test_server_remove_directory(void **state);

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, test_server_start, test_server_stop)
#define WITH_DIRECTORY(test)                                                                       \
	cmocka_unit_test_setup_teardown(test, test_server_make_directory,                          \
					test_server_remove_directory)

/* A load is answered after a while with its size and turn, a reload refused, all else at once. */
void test_server_handle(void *userdata, struct control_request *request);

/* The server is alive and answers quickly. */
void test_server_check_served(struct test_server *server);

/* Clients that write what they like. The socket, or -errno. */
int test_client_connect(const char *path);
int test_client_send(int socket, const void *bytes, size_t size, const int *fds, unsigned count);
/* The error code of the answer ("ok" for none); waits. NULL: the connection ended without. */
const char *test_client_answer(int socket, char buffer[4096]);
bool test_client_is_closed(int socket);

extern const char test_load_request[];
extern const char test_status_request[];

/* Of this process, clients and server. */
unsigned test_count_descriptors(void);
/* The server's end of a connection is closed a moment after ours. */
void test_check_descriptors(unsigned expected);

uint64_t test_now_msec(void);
void test_sleep_msec(unsigned msec);
void test_skip_or_fail(const char *missing);
