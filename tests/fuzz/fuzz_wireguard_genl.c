// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A WireGuard device as the kernel dumps it, in several messages, each u16 of length and its bytes.
 * What was read is then changed to what is intended.
 */
#include "base/memory.h"
#include "fuzz.h"
#include "wireguard/genl.h"

#include <libmnl/libmnl.h>
#include <string.h>

#define MESSAGES_MAX 16

static const struct wireguard intended = {
	.link = "arlwabvlup2v",
	.private_key = { 1 },
	.peer_key = { 2 },
	.listen_port = 12025,
	.endpoint = { { AF_INET, { 192, 0, 2, 1 } }, 12025 },
	.keepalive_sec = 25,
};

/* A copy with a true header and nothing behind it but the padding that our transport adds. */
static struct nlmsghdr *take_message(struct fuzz_input *input)
{
	size_t size = fuzz_take_u16(input);
	struct nlmsghdr *message;

	size = size < input->size ? size : input->size;
	message = memory_zalloc(1, sizeof(*message) + MNL_ALIGN(size));
	message->nlmsg_len = (uint32_t)(sizeof(*message) + size);
	fuzz_take(input, message + 1, size);
	return message;
}

static void check_change(const struct wireguard_device *device)
{
	CLEANUP(wireguard_change_done) struct wireguard_change change = { 0 };
	CLEANUP(free) uint8_t *buffer = memory_zalloc(1, NETLINK_BUFFER_SIZE);
	const struct ip_endpoint recorded = { 0 };
	struct object object;
	size_t next = 0;

	wireguard_device_to_object(device, intended.link, &recorded, &intended, &object);
	wireguard_change_make(device, &recorded, &intended, &change);
	do {
		struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);

		next = genl_put_change(message, intended.link, &change, next);
		FUZZ_CHECK(message->nlmsg_len <= NETLINK_BUFFER_SIZE);
	} while (next < change.removed_count);
	FUZZ_CHECK(next == change.removed_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(wireguard_device_done) struct wireguard_device device = { 0 };
	struct fuzz_input input = { data, size };

	for (unsigned i = 0; i < MESSAGES_MAX && input.size; i++) {
		CLEANUP(free) struct nlmsghdr *message = take_message(&input);

		if (genl_parse_device(message, &device) < 0)
			return 0;
	}
	FUZZ_CHECK(device.peers_count <= WIREGUARD_PEERS_MAX);
	check_change(&device);
	return 0;
}
