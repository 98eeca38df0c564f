// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/xfrm_decode.h"

#include <arpa/inet.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define BUFFER_WORDS 256

/* An SA of charon's, ESP in UDP, as the kernel lists it. */
static struct nlmsghdr *make_state(uint64_t buffer[BUFFER_WORDS])
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	const struct xfrm_encap_tmpl encapsulation = {
		.encap_type = 2,
		.encap_sport = htons(12025),
		.encap_dport = htons(30002),
	};
	const struct xfrm_mark mark = { .v = 1, .m = 0xff };
	struct xfrm_usersa_info info = {
		.id = { .spi = htonl(0xc4a32797), .proto = IPPROTO_ESP },
		.family = AF_INET,
		.mode = XFRM_MODE_TUNNEL,
	};

	assert_int_equal(inet_pton(AF_INET, "192.0.2.1", &info.saddr), 1);
	assert_int_equal(inet_pton(AF_INET, "192.0.2.2", &info.id.daddr), 1);
	message->nlmsg_type = XFRM_MSG_NEWSA;
	memcpy(mnl_nlmsg_put_extra_header(message, sizeof(info)), &info, sizeof(info));
	mnl_attr_put(message, XFRMA_ENCAP, sizeof(encapsulation), &encapsulation);
	mnl_attr_put(message, XFRMA_MARK, sizeof(mark), &mark);
	mnl_attr_put_u32(message, XFRMA_IF_ID, 42);
	return message;
}

static struct nlmsghdr *make_policy(uint64_t buffer[BUFFER_WORDS], uint8_t direction)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct xfrm_userpolicy_info info = {
		.sel = { .family = AF_INET6, .prefixlen_d = 32, .prefixlen_s = 0 },
		.index = 4711,
		.dir = direction,
	};

	assert_int_equal(inet_pton(AF_INET6, "2001:db8::", &info.sel.daddr), 1);
	message->nlmsg_type = XFRM_MSG_NEWPOLICY;
	memcpy(mnl_nlmsg_put_extra_header(message, sizeof(info)), &info, sizeof(info));
	mnl_attr_put_u32(message, XFRMA_IF_ID, 42);
	return message;
}

static void state_is_read(void **state)
{
	uint64_t buffer[BUFFER_WORDS] = { 0 };
	char text[IP_ADDRESS_TEXT_SIZE];
	struct xfrm_state found;

	(void)state;
	assert_true(xfrm_state_decode(make_state(buffer), &found));
	assert_int_equal(found.if_id, 42);
	assert_int_equal(found.spi, 0xc4a32797);
	assert_int_equal(found.protocol, IPPROTO_ESP);
	assert_string_equal(ip_address_format(&found.source, text), "192.0.2.1");
	assert_string_equal(ip_address_format(&found.destination, text), "192.0.2.2");
	assert_int_equal(found.source_port, 12025);
	assert_int_equal(found.destination_port, 30002);
	assert_int_equal(found.mark.value, 1);
	assert_int_equal(found.mark.mask, 0xff);
}

static void policy_is_read(void **state)
{
	static const struct {
		uint8_t kernel;
		enum xfrm_direction direction;
	} cases[] = {
		{ XFRM_POLICY_IN, XFRM_IN },
		{ XFRM_POLICY_OUT, XFRM_OUT },
		{ XFRM_POLICY_FWD, XFRM_FORWARD },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t buffer[BUFFER_WORDS] = { 0 };
		char text[IP_PREFIX_TEXT_SIZE];
		struct xfrm_policy found;

		assert_true(xfrm_policy_decode(make_policy(buffer, cases[i].kernel), &found));
		assert_int_equal(found.direction, cases[i].direction);
		assert_int_equal(found.if_id, 42);
		assert_int_equal(found.index, 4711);
		assert_string_equal(ip_prefix_format(&found.source, text), "::/0");
		assert_string_equal(ip_prefix_format(&found.destination, text), "2001:db8::/32");
		assert_int_equal(found.mark.mask, 0);
	}
}

static void other_messages_are_passed_over(void **state)
{
	uint64_t buffer[BUFFER_WORDS] = { 0 };
	struct nlmsghdr *message = make_state(buffer);
	struct xfrm_policy policy;
	struct xfrm_state found;

	(void)state;
	assert_false(xfrm_policy_decode(message, &policy));
	message->nlmsg_len = NLMSG_HDRLEN + sizeof(struct xfrm_usersa_info) - 4;
	assert_false(xfrm_state_decode(message, &found));
	/* A socket's own, 3 and beyond. */
	message = make_policy(buffer, XFRM_POLICY_MAX);
	assert_false(xfrm_policy_decode(message, &policy));
	assert_false(xfrm_state_decode(message, &found));
}

/* Attributes that are shorter than they should be are as good as none. */
static void short_attributes_are_passed_over(void **state)
{
	uint64_t buffer[BUFFER_WORDS] = { 0 };
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct xfrm_state found;

	(void)state;
	message->nlmsg_type = XFRM_MSG_NEWSA;
	(void)mnl_nlmsg_put_extra_header(message, sizeof(struct xfrm_usersa_info));
	mnl_attr_put_u16(message, XFRMA_IF_ID, 42);
	mnl_attr_put_u32(message, XFRMA_MARK, 1);
	mnl_attr_put_u32(message, XFRMA_ENCAP, 1);
	assert_true(xfrm_state_decode(message, &found));
	assert_int_equal(found.if_id, 0);
	assert_int_equal(found.mark.value, 0);
	assert_int_equal(found.source_port, 0);
	assert_false(ip_address_present(&found.source));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(state_is_read),
		cmocka_unit_test(policy_is_read),
		cmocka_unit_test(other_messages_are_passed_over),
		cmocka_unit_test(short_attributes_are_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
