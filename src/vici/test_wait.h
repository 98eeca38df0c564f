/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <uv.h>

/* For tests: to run a loop until something that it counts up has come. */
struct test_wait {
	uv_timer_t timer;
	bool is_over;
};

void test_wait_init(struct test_wait *wait, uv_loop_t *loop);
void test_wait_done(struct test_wait *wait); /* the loop has to run once more */

/* Fails if that takes a minute: only what fails waits as long. */
void test_wait_until(struct test_wait *wait, const unsigned *count, unsigned value);

void test_wait_for(struct test_wait *wait, unsigned milliseconds);
