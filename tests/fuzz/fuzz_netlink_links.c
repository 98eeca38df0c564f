// SPDX-License-Identifier: GPL-2.0-or-later
/* Dumps of links and addresses, and events about them: the kernel's bytes, read as a stranger's. */
#include "base/memory.h"
#include "fake_kernel.h"
#include "netlink/backends.h"
#include "netlink/facts.h"
#include "netlink/link.h"
#include "netlink/monitor_event.h"

#include <linux/netlink.h>

static void check_events(const uint8_t *data, size_t size)
{
	/* Aligned as a buffer for datagrams is. */
	CLEANUP(free) void *datagram = memory_dup(data, size);

	(void)monitor_event_reason(NETLINK_ROUTE, datagram, size);
	(void)monitor_event_reason(NETLINK_NETFILTER, datagram, size);
}

static void check_facts(struct spaces *spaces)
{
	CLEANUP(free) struct ip_prefix *addresses = NULL;
	struct error error = { 0 };
	size_t count = 0;
	int result = netlink_underlay_addresses(spaces, &addresses, &count, &error);

	if (result < 0)
		fuzz_check_refusal(result, &error);
	for (size_t i = 1; i < count; i++)
		FUZZ_CHECK(ip_prefix_compare(&addresses[i - 1], &addresses[i]) <= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fake_kernel kernel = { { data, size } };
	CLEANUP(state_free) struct state *intended = NULL;
	struct links links = { .spaces = fake_kernel_use(&kernel), .vrf_table = 128 };
	struct backend backend;

	kernel.has_netns = fuzz_take_u8(&kernel.answers) & 1;
	if (size)
		check_events(kernel.answers.bytes, kernel.answers.size);
	intended = fake_kernel_intended(&kernel);
	link_backend(&links, &backend);
	fake_kernel_observe(&backend, intended);
	address_backend(links.spaces, &backend);
	fake_kernel_observe(&backend, intended);
	check_facts(links.spaces);
	return 0;
}
