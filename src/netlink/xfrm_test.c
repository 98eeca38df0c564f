// SPDX-License-Identifier: GPL-2.0-or-later
/* With the kernel. States without keys (ALLOCSPI), because not every kernel has ESP. */
#include "netlink/xfrm.h"

#include "netlink/test_machine.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/xfrm.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state)
{
	*state = machine_new("test", NULL);
	return 0;
}

static int tear_down(void **state)
{
	machine_free(*state);
	return 0;
}

/* What an IKE daemon does first: the kernel makes a state with a free SPI in this range. */
static void add_state(struct machine *machine, uint32_t if_id, uint32_t spi, uint32_t mark_value)
{
	struct xfrm_userspi_info info = {
		.info = { .id.proto = IPPROTO_ESP,
			  .family = AF_INET,
			  .mode = XFRM_MODE_TUNNEL,
			  .reqid = spi },
		.min = spi,
		.max = spi,
	};
	const struct xfrm_mark mark = { .v = mark_value, .m = 0xffffffff };
	struct netlink *netlink;
	struct nlmsghdr *request;

	assert_int_equal(inet_pton(AF_INET, "192.0.2.1", &info.info.saddr), 1);
	assert_int_equal(inet_pton(AF_INET, "192.0.2.2", &info.info.id.daddr), 1);
	assert_int_equal(spaces_xfrm(machine->spaces, &netlink, NULL), 0);
	request = netlink_request(netlink, XFRM_MSG_ALLOCSPI, 0);
	memcpy(mnl_nlmsg_put_extra_header(request, sizeof(info)), &info, sizeof(info));
	if (if_id)
		mnl_attr_put_u32(request, XFRMA_IF_ID, if_id);
	if (mark_value)
		mnl_attr_put(request, XFRMA_MARK, sizeof(mark), &mark);
	assert_int_equal(netlink_call(netlink, "ALLOCSPI", NULL), 0);
}

static size_t count_states(struct machine *machine)
{
	CLEANUP(free) struct xfrm_state *states = NULL;
	size_t count = 99;

	assert_int_equal(xfrm_states_read(machine->spaces, &states, &count, NULL), 0);
	return count;
}

static size_t count_policies(struct machine *machine)
{
	CLEANUP(free) struct xfrm_policy *policies = NULL;
	size_t count = 99;

	assert_int_equal(xfrm_policies_read(machine->spaces, &policies, &count, NULL), 0);
	return count;
}

static void new_machine_has_nothing(void **state)
{
	assert_int_equal(count_states(*state), 0);
	assert_int_equal(count_policies(*state), 0);
	assert_int_equal(xfrm_states_delete(((struct machine *)*state)->spaces, 42, NULL), 0);
	assert_int_equal(xfrm_policies_delete(((struct machine *)*state)->spaces, 42, NULL), 0);
}

static void states_are_read_and_deleted(void **state)
{
	struct machine *machine = *state;
	CLEANUP(free) struct xfrm_state *states = NULL;
	char text[IP_ADDRESS_TEXT_SIZE];
	size_t count = 0;

	add_state(machine, 42, 0x1234, 0);
	assert_int_equal(xfrm_states_read(machine->spaces, &states, &count, NULL), 0);
	assert_int_equal(count, 1);
	assert_int_equal(states[0].if_id, 42);
	assert_int_equal(states[0].spi, 0x1234);
	assert_int_equal(states[0].protocol, IPPROTO_ESP);
	assert_string_equal(ip_address_format(&states[0].source, text), "192.0.2.1");
	assert_string_equal(ip_address_format(&states[0].destination, text), "192.0.2.2");
	assert_int_equal(xfrm_state_delete(machine->spaces, &states[0], NULL), 0);
	assert_int_equal(count_states(machine), 0);
	/* It is gone. */
	assert_int_equal(xfrm_state_delete(machine->spaces, &states[0], NULL), 0);
}

static void states_of_others_stay(void **state)
{
	struct machine *machine = *state;

	add_state(machine, 42, 0x1001, 0);
	add_state(machine, 42, 0x1002, 7);
	add_state(machine, 43, 0x1003, 0);
	add_state(machine, 0, 0x1004, 0);
	assert_int_equal(count_states(machine), 4);
	assert_int_equal(xfrm_states_delete(machine->spaces, 42, NULL), 0);
	assert_int_equal(count_states(machine), 2);
	assert_int_equal(xfrm_states_delete(machine->spaces, 43, NULL), 0);
	assert_int_equal(count_states(machine), 1);
}

/* As charon makes them for one peer. */
static void add_policies(struct machine *machine, unsigned if_id, const char *further)
{
	static const char *const directions[] = { "in", "out", "fwd" };
	static const char *const networks[] = { "0.0.0.0/0", "::/0" };
	char command[256];

	for (size_t i = 0; i < ARRAY_SIZE(directions); i++)
		for (size_t k = 0; k < ARRAY_SIZE(networks); k++) {
			(void)snprintf(command, sizeof(command),
				       "ip xfrm policy add src %s dst %s dir %s if_id %u %s "
				       "tmpl src 192.0.2.1 dst 192.0.2.2 proto esp mode tunnel",
				       networks[k], networks[k], directions[i], if_id, further);
			assert_int_equal(machine_run(machine, SPACE_UNDERLAY, command, NULL), 0);
		}
}

static void policies_of_an_interface_are_deleted(void **state)
{
	struct machine *machine = *state;

	add_policies(machine, 42, "");
	add_policies(machine, 42, "mark 7 mask 0xff");
	add_policies(machine, 43, "");
	assert_int_equal(count_policies(machine), 18);
	assert_int_equal(xfrm_policies_delete(machine->spaces, 42, NULL), 0);
	assert_int_equal(count_policies(machine), 6);
	assert_int_equal(xfrm_policies_delete(machine->spaces, 42, NULL), 0);
	assert_int_equal(count_policies(machine), 6);
}

static void reading_is_no_write(void **state)
{
	uint64_t before = netlink_writes();

	(void)count_states(*state);
	(void)count_policies(*state);
	assert_int_equal(netlink_writes(), before);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		CASE(new_machine_has_nothing), CASE(states_are_read_and_deleted),
		CASE(states_of_others_stay),   CASE(policies_of_an_interface_are_deleted),
		CASE(reading_is_no_write),
	};
#undef CASE
	struct netlink *netlink = NULL;

	machine_isolate();
	if (netlink_open(NETLINK_XFRM, &netlink, NULL) == -EPROTONOSUPPORT)
		machine_skip("XFRM");
	netlink_free(netlink);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
