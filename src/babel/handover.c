// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/handover.h"

#include "babel/packet.h"
#include "base/cleanup.h"

#include <net/if.h>
#include <string.h>

/* babeld looks at a new interface 200 ms after it was told of it. */
#define CHECK_MS 250

unsigned handover_silence_ms(const struct generation *generation)
{
	unsigned longest = 0;

	for (size_t i = 0; i < generation->interfaces_count; i++)
		if (generation->interfaces[i].hello_interval_ms > longest)
			longest = generation->interfaces[i].hello_interval_ms;
	return 3 * longest + CHECK_MS;
}

/* RFC 8966 section 4.6.5. Numbers go on from generation to generation. */
static void hello_format(uint16_t seqno, unsigned interval_ms, uint8_t ret[12])
{
	unsigned centiseconds = HANDOVER_LIFE_INTERVALS * interval_ms / 10;
	const uint8_t packet[12] = {
		42,
		2,
		0,
		8, /* header: magic, version, length of the body */
		4,
		6, /* Hello */
		0x80,
		0, /* unicast */
		(uint8_t)(seqno >> 8),
		(uint8_t)seqno,
		(uint8_t)(centiseconds >> 8),
		(uint8_t)centiseconds,
	};

	memcpy(ret, packet, sizeof(packet));
}

/* The kernel chooses the only link-local address of the tunnel. */
static void say_hello_to(int fd, const struct babel_neighbour *neighbour, unsigned interval_ms,
			 uint64_t generation)
{
	const struct ip_endpoint endpoint = { neighbour->address, BABEL_PORT };
	struct sockaddr_storage address;
	socklen_t size = ip_endpoint_to_sockaddr(&endpoint, &address);

	((struct sockaddr_in6 *)&address)->sin6_scope_id = if_nametoindex(neighbour->link);
	for (unsigned i = 0; i < HANDOVER_HELLOS; i++) {
		uint8_t hello[12];

		hello_format((uint16_t)(generation * HANDOVER_HELLOS + i), interval_ms, hello);
		(void)!sendto(fd, hello, sizeof(hello), MSG_DONTWAIT, (struct sockaddr *)&address,
			      size);
	}
}

void handover_say_hello(struct spaces *spaces, const struct generation *running,
			const struct babeld_tables *tables)
{
	CLEANUP(close) int fd = -1;

	if (spaces_enter(spaces, SPACE_OVERLAY) < 0)
		return;
	fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	for (size_t i = 0; fd >= 0 && i < tables->neighbours_count; i++) {
		const struct babel_neighbour *neighbour = &tables->neighbours[i];
		const struct babel_interface *interface = generation_find(running, neighbour->link);

		if (interface && neighbour->address.family == AF_INET6)
			say_hello_to(fd, neighbour, interface->hello_interval_ms, running->number);
	}
	spaces_leave(spaces);
}
