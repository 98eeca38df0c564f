// SPDX-License-Identifier: GPL-2.0-or-later
#include "vici/test_wait.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define LIMIT_MS 60000

void test_wait_init(struct test_wait *wait, uv_loop_t *loop)
{
	(void)uv_timer_init(loop, &wait->timer);
	wait->timer.data = wait;
}

void test_wait_done(struct test_wait *wait)
{
	uv_close((uv_handle_t *)&wait->timer, NULL);
}

static void on_timer(uv_timer_t *timer)
{
	((struct test_wait *)timer->data)->is_over = true;
}

static void begin(struct test_wait *wait, unsigned milliseconds)
{
	wait->is_over = false;
	(void)uv_timer_start(&wait->timer, on_timer, milliseconds, 0);
}

void test_wait_until(struct test_wait *wait, const unsigned *count, unsigned value)
{
	begin(wait, LIMIT_MS);
	while (*count < value) {
		assert_false(wait->is_over);
		(void)uv_run(wait->timer.loop, UV_RUN_ONCE);
	}
	(void)uv_timer_stop(&wait->timer);
}

void test_wait_for(struct test_wait *wait, unsigned milliseconds)
{
	begin(wait, milliseconds);
	while (!wait->is_over)
		(void)uv_run(wait->timer.loop, UV_RUN_ONCE);
}
