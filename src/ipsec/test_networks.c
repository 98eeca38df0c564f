// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/test_networks.h"

#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static void run(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void run(const char *format, ...)
{
	char command[256];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	assert_int_equal(system(command), 0);
}

static int new_netns(void)
{
	int fd;

	assert_int_equal(unshare(CLONE_NEWNET), 0);
	fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

void test_networks_make(int *ret_near, int *ret_far)
{
	*ret_far = new_netns();
	*ret_near = new_netns();
	run("ip link add veth-near type veth peer name veth-far netns /proc/%d/fd/%d", getpid(),
	    *ret_far);
	run("ip addr add 192.0.2.1/24 dev veth-near && ip link set veth-near up");
	assert_int_equal(setns(*ret_far, CLONE_NEWNET), 0);
	run("ip addr add 192.0.2.2/24 dev veth-far && ip link set veth-far up");
	assert_int_equal(setns(*ret_near, CLONE_NEWNET), 0);
}
