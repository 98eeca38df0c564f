// SPDX-License-Identifier: GPL-2.0-or-later
#include "process/port.h"

#include "base/cleanup.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

/* At a port that nobody else has; -1: there is no such family here. */
static int bind_any(int family, uint16_t *ret_port)
{
	struct sockaddr_in6 address = { .sin6_family = (sa_family_t)family };
	socklen_t size = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(address);
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	*ret_port = ntohs(address.sin6_port); /* in both families at the same place */
	return fd;
}

static void holder_is_told_with_its_family(void **state)
{
	static const int families[] = { AF_INET, AF_INET6 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		uint16_t port = 0;
		CLEANUP(close) int fd = bind_any(families[i], &port);
		char text[64], expected[64];

		if (fd < 0)
			continue;
		assert_int_equal(port_holder(families[i], port), getpid());
		(void)snprintf(expected, sizeof(expected), "(process %d)", (int)getpid());
		assert_non_null(strstr(port_describe_holder(port, text, sizeof(text)), expected));
	}
}

static void free_port_has_no_holder(void **state)
{
	uint16_t port = 0;
	int fd = bind_any(AF_INET, &port);
	char text[64];

	(void)state;
	(void)close(fd);
	assert_int_equal(port_holder(AF_INET, port), 0);
	assert_int_equal(port_holder(AF_INET6, port), 0);
	assert_string_equal(port_describe_holder(port, text, sizeof(text)), "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(holder_is_told_with_its_family),
		cmocka_unit_test(free_port_has_no_holder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
