// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Dumps of links and addresses, of tunnels and their WireGuard devices, and events about them: the
 * kernel's bytes, read as a stranger's.
 */
#include "base/memory.h"
#include "fake_kernel.h"
#include "netlink/backends.h"
#include "netlink/facts.h"
#include "netlink/link.h"
#include "netlink/monitor_event.h"
#include "wireguard/genl.h"
#include "wireguard/links.h"

#include <linux/netlink.h>
#include <string.h>

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

static void check_tunnels(struct spaces *spaces)
{
	CLEANUP(free) struct wireguard_link *links = NULL;
	struct error error = { 0 };
	size_t count = 0;
	int result = wireguard_links_read(spaces, &links, &count, &error);

	if (result < 0)
		fuzz_check_refusal(result, &error);
	for (size_t i = 0; i < count; i++) {
		FUZZ_CHECK(memchr(links[i].name, '\0', sizeof(links[i].name)));
		FUZZ_CHECK(memchr(links[i].label, '\0', sizeof(links[i].label)));
	}
}

static void check_devices(void)
{
	CLEANUP(wireguard_device_done) struct wireguard_device device = { 0 };
	struct error error = { 0 };
	uint16_t family = 0;
	int result = genl_find_family(fake_kernel_netlink(), &family, &error);

	if (result < 0)
		fuzz_check_refusal(result, &error);
	result = genl_get(fake_kernel_netlink(), 24, "arlwabvlup2v", &device, &error);
	if (result < 0)
		fuzz_check_refusal(result, &error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fake_kernel kernel = { { data, size } };
	CLEANUP(state_free) struct state *intended = NULL;
	struct spaces *spaces = fake_kernel_use(&kernel);
	struct backend backend;

	kernel.has_netns = fuzz_take_u8(&kernel.answers) & 1;
	if (size)
		check_events(kernel.answers.bytes, kernel.answers.size);
	intended = fake_kernel_intended(&kernel);
	link_backend(spaces, &backend);
	fake_kernel_observe(&backend, intended);
	vrf_member_backend(spaces, &backend);
	fake_kernel_observe(&backend, intended);
	address_backend(spaces, &backend);
	fake_kernel_observe(&backend, intended);
	check_facts(spaces);
	check_tunnels(spaces);
	check_devices();
	return 0;
}
