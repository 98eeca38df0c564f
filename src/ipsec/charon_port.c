// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/charon_port.h"

#include "base/cleanup.h"
#include "process/port.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>

/* Bytes; what charon would read is not read here, so that little of it shall be kept. */
#define HOLD_BUFFER_SIZE 1

static const int families[] = { AF_INET, AF_INET6 };

static int open_socket(int family)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int on = 1;

	if (fd < 0)
		return -errno;
	/* As charon: each family has a socket of its own. */
	if (family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	return fd;
}

/* To the unspecified address, like charon and without SO_REUSEADDR. */
static int bind_socket(int fd, int family, uint16_t port)
{
	/* The port is at the same place in both. */
	const struct sockaddr_in6 address = { .sin6_family = (sa_family_t)family,
					      .sin6_port = htons(port) };

	return bind(fd, (const struct sockaddr *)&address,
		    family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(address)) < 0
		       ? -errno
		       : 0;
}

static int open_port(int family, uint16_t port)
{
	CLEANUP(close) int fd = open_socket(family);
	int result = fd < 0 ? fd : bind_socket(fd, family, port);

	return result < 0 ? result : take_fd(&fd);
}

int charon_port_check(uint16_t port, struct error *error)
{
	char holder[128];

	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		CLEANUP(close) int fd = open_port(families[i], port);

		if (fd >= 0 || fd == -EAFNOSUPPORT)
			continue;
		if (fd != -EADDRINUSE)
			return error_set(error, fd, ERROR_APPLY, NULL, "UDP port %u: %s", port,
					 strerror(-fd));
		port_describe_holder(port, holder, sizeof(holder));
		return error_set(error, fd, ERROR_APPLY, NULL,
				 "UDP port %u is taken%s%s; free it, or change \"port\" of the "
				 "endpoints",
				 port, holder[0] ? " by " : "", holder);
	}
	return 0;
}

bool charon_port_is_of(uint16_t port, pid_t pid)
{
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		CLEANUP(close) int fd = open_socket(families[i]);
		pid_t holder = fd == -EAFNOSUPPORT ? pid : port_holder(families[i], port);

		if (holder != pid && holder != -ESRCH)
			return false;
	}
	return true;
}

/* -1 where that does not work. */
static int hold_port(int family, uint16_t port)
{
	CLEANUP(close) int fd = open_port(family, port);
	const int encapsulation = UDP_ENCAP_ESPINUDP, size = HOLD_BUFFER_SIZE;

	if (fd < 0 ||
	    setsockopt(fd, IPPROTO_UDP, UDP_ENCAP, &encapsulation, sizeof(encapsulation)) < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return take_fd(&fd);
}

void charon_hold_begin(struct charon_hold *hold, uint16_t port)
{
	charon_hold_end(hold);
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		hold->fds[i] = hold_port(families[i], port);
		if (hold->fds[i] >= 0)
			hold->port = port;
	}
}

void charon_hold_end(struct charon_hold *hold)
{
	if (!hold->port)
		return;
	hold->port = 0;
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		close_cleanup(&hold->fds[i]);
}
