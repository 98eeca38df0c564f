// SPDX-License-Identifier: GPL-2.0-or-later
/* Dumps of routes, plain ones and SIDs: the kernel's bytes, read as a stranger's. */
#include "fake_kernel.h"
#include "netlink/backends.h"
#include "netlink/gateway.h"
#include "srv6/sid.h"

static void check_gateways(struct spaces *spaces)
{
	CLEANUP(free) struct ip_prefix *gateways = NULL;
	struct error error = { 0 };
	size_t count = 0;
	int result = netlink_default_gateways(spaces, &gateways, &count, &error);

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
	intended = fake_kernel_intended(&kernel);
	route_backend(spaces, &backend);
	fake_kernel_observe(&backend, intended);
	sid_backend(spaces, &backend);
	fake_kernel_observe(&backend, intended);
	check_gateways(spaces);
	return 0;
}
