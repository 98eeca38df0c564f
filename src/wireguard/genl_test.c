// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireguard/genl.h"

#include "wireguard/test_devices.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/wireguard.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct buffer {
	char bytes[NETLINK_BUFFER_SIZE] __attribute__((aligned(8)));
};

static struct nlmsghdr *begin(struct buffer *buffer)
{
	memset(buffer, 0, sizeof(*buffer));
	return mnl_nlmsg_put_header(buffer->bytes);
}

/* Attributes have the same numbers in requests and answers: what we send can be read as a device.
 */
static void fresh_device_round_trips(void **state)
{
	CLEANUP(wireguard_change_done) struct wireguard_change change = { 0 }, left = { 0 };
	CLEANUP(wireguard_device_done) struct wireguard_device device = { 0 };
	CLEANUP(free) struct buffer *buffer = malloc(sizeof(*buffer));
	const struct wireguard_device blank = { .has_listen_port = true };
	struct wireguard intended = test_intention();
	struct nlmsghdr *message = begin(buffer);

	(void)state;
	wireguard_change_make(&blank, &(struct ip_endpoint) { 0 }, &intended, &change);
	assert_int_equal(genl_put_change(message, "art0", &change, 0), 0);
	assert_int_equal(genl_parse_device(message, &device), 0);
	wireguard_change_make(&device, &intended.endpoint, &intended, &left);
	assert_true(wireguard_change_is_empty(&left));
	assert_int_equal(ip_endpoint_compare(&device.peers[0].endpoint, &intended.endpoint), 0);
}

static void ipv6_endpoint_round_trips(void **state)
{
	CLEANUP(wireguard_change_done) struct wireguard_change change = { 0 };
	CLEANUP(wireguard_device_done) struct wireguard_device device = { 0 };
	CLEANUP(free) struct buffer *buffer = malloc(sizeof(*buffer));
	const struct wireguard_device blank = { 0 };
	struct wireguard intended = test_intention();
	struct nlmsghdr *message = begin(buffer);

	(void)state;
	intended.endpoint = test_endpoint("[2001:db8::5]:50154");
	wireguard_change_make(&blank, &(struct ip_endpoint) { 0 }, &intended, &change);
	(void)genl_put_change(message, "art0", &change, 0);
	assert_int_equal(genl_parse_device(message, &device), 0);
	assert_int_equal(ip_endpoint_compare(&device.peers[0].endpoint, &intended.endpoint), 0);
}

static void preshared_key_round_trips_and_can_be_taken_away(void **state)
{
	CLEANUP(wireguard_change_done) struct wireguard_change change = { 0 }, removal = { 0 };
	CLEANUP(wireguard_device_done) struct wireguard_device device = { 0 };
	CLEANUP(free) struct buffer *buffer = malloc(sizeof(*buffer));
	const struct wireguard_device blank = { 0 };
	static const uint8_t none[KEY_SIZE];
	struct wireguard intended = test_intention();
	struct nlmsghdr *message = begin(buffer);

	(void)state;
	memset(intended.preshared_key, 0x44, KEY_SIZE);
	wireguard_change_make(&blank, &(struct ip_endpoint) { 0 }, &intended, &change);
	(void)genl_put_change(message, "art0", &change, 0);
	assert_int_equal(genl_parse_device(message, &device), 0);
	assert_memory_equal(device.peers[0].preshared_key, intended.preshared_key, KEY_SIZE);

	memset(intended.preshared_key, 0, KEY_SIZE);
	wireguard_change_make(&device, &intended.endpoint, &intended, &removal);
	message = begin(buffer);
	(void)genl_put_change(message, "art0", &removal, 0);
	assert_int_equal(genl_parse_device(message, &device), 0);
	assert_memory_equal(device.peers[0].preshared_key, none, KEY_SIZE);
}

struct found {
	bool has[WGDEVICE_A_MAX + 1];
	uint32_t peer_flags[8];
	bool peer_has_endpoint[8];
	unsigned peers;
};

/* Read independently of the parser under test. */
static struct found look_into(const struct nlmsghdr *message)
{
	struct found found = { 0 };
	struct nlattr *attribute, *peer, *value;

	mnl_attr_for_each(attribute, message, sizeof(struct genlmsghdr))
	{
		found.has[mnl_attr_get_type(attribute)] = true;
		if (mnl_attr_get_type(attribute) != WGDEVICE_A_PEERS)
			continue;
		mnl_attr_for_each_nested(peer, attribute)
		{
			mnl_attr_for_each_nested(value, peer)
			{
				if (mnl_attr_get_type(value) == WGPEER_A_FLAGS)
					found.peer_flags[found.peers % 8] = mnl_attr_get_u32(value);
				if (mnl_attr_get_type(value) == WGPEER_A_ENDPOINT)
					found.peer_has_endpoint[found.peers % 8] = true;
			}
			found.peers++;
		}
	}
	return found;
}

static void difference_touches_nothing_else(void **state)
{
	CLEANUP(wireguard_device_done) struct wireguard_device device = test_device();
	CLEANUP(wireguard_change_done) struct wireguard_change change = { 0 };
	CLEANUP(free) struct buffer *buffer = malloc(sizeof(*buffer));
	struct wireguard intended = test_intention();
	struct nlmsghdr *message = begin(buffer);
	const struct genlmsghdr *header;
	struct found found;

	(void)state;
	(void)test_add_peer(&device, 0x33);
	intended.keepalive_sec = 0;
	wireguard_change_make(&device, &intended.endpoint, &intended, &change);
	assert_int_equal(genl_put_change(message, "art0", &change, 0), 1);
	header = mnl_nlmsg_get_payload(message);
	assert_int_equal(header->cmd, WG_CMD_SET_DEVICE);
	assert_int_equal(header->version, WG_GENL_VERSION);
	found = look_into(message);
	assert_true(found.has[WGDEVICE_A_IFNAME]);
	assert_false(found.has[WGDEVICE_A_FLAGS]);
	assert_false(found.has[WGDEVICE_A_PRIVATE_KEY]);
	assert_false(found.has[WGDEVICE_A_LISTEN_PORT]);
	assert_false(found.has[WGDEVICE_A_FWMARK]);
	assert_int_equal(found.peers, 2);
	assert_int_equal(found.peer_flags[0], WGPEER_F_REMOVE_ME);
	assert_int_equal(found.peer_flags[1], WGPEER_F_UPDATE_ONLY);
	assert_false(found.peer_has_endpoint[1]);
}

static void many_removals_are_split_and_our_peer_comes_last(void **state)
{
	CLEANUP(wireguard_device_done) struct wireguard_device device = { 0 };
	CLEANUP(wireguard_change_done) struct wireguard_change change = { 0 };
	CLEANUP(free) struct buffer *buffer = malloc(sizeof(*buffer));
	struct wireguard intended = test_intention();
	struct nlmsghdr *message = begin(buffer);
	struct found found;

	(void)state;
	for (unsigned i = 0; i < GENL_REMOVALS_MAX + 3; i++)
		(void)test_add_peer(&device, 0x44);
	wireguard_change_make(&device, &intended.endpoint, &intended, &change);
	assert_int_equal(genl_put_change(message, "art0", &change, 0), GENL_REMOVALS_MAX);
	assert_true(message->nlmsg_len < NETLINK_BUFFER_SIZE);
	found = look_into(message);
	assert_int_equal(found.peers, GENL_REMOVALS_MAX);
	assert_false(found.has[WGDEVICE_A_PRIVATE_KEY]);
	message = begin(buffer);
	assert_int_equal(genl_put_change(message, "art0", &change, GENL_REMOVALS_MAX),
			 GENL_REMOVALS_MAX + 3);
	found = look_into(message);
	assert_int_equal(found.peers, 4);
	assert_true(found.has[WGDEVICE_A_PRIVATE_KEY]);
	assert_int_equal(found.peer_flags[3], WGPEER_F_REPLACE_ALLOWEDIPS);
}

static void put_allowed_ip(struct nlmsghdr *message, uint16_t family, const void *address,
			   uint8_t length)
{
	struct nlattr *nested = mnl_attr_nest_start(message, 0);

	mnl_attr_put_u16(message, WGALLOWEDIP_A_FAMILY, family);
	mnl_attr_put(message, WGALLOWEDIP_A_IPADDR, family == AF_INET ? 4 : 16, address);
	mnl_attr_put_u8(message, WGALLOWEDIP_A_CIDR_MASK, length);
	mnl_attr_nest_end(message, nested);
}

/* A message of a dump as the kernel makes it: one peer with one allowed IP. */
static struct nlmsghdr *dump_part(struct buffer *buffer, uint8_t key_byte, bool is_first,
				  uint16_t family)
{
	static const uint8_t any[16];
	struct nlmsghdr *message = begin(buffer);
	struct nlattr *peers, *peer, *allowed_ips;
	uint8_t key[KEY_SIZE];

	memset(key, key_byte, sizeof(key));
	(void)mnl_nlmsg_put_extra_header(message, sizeof(struct genlmsghdr));
	mnl_attr_put_strz(message, WGDEVICE_A_IFNAME, "art0");
	if (is_first)
		mnl_attr_put_u16(message, WGDEVICE_A_LISTEN_PORT, 20001);
	peers = mnl_attr_nest_start(message, WGDEVICE_A_PEERS);
	peer = mnl_attr_nest_start(message, 0);
	mnl_attr_put(message, WGPEER_A_PUBLIC_KEY, KEY_SIZE, key);
	if (is_first) {
		const int64_t handshake[2] = { 1795223645, 30214860 };

		mnl_attr_put(message, WGPEER_A_LAST_HANDSHAKE_TIME, sizeof(handshake), handshake);
		mnl_attr_put_u64(message, WGPEER_A_RX_BYTES, 460);
		mnl_attr_put_u64(message, WGPEER_A_TX_BYTES, 516);
		mnl_attr_put_u16(message, WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL, 25);
	}
	allowed_ips = mnl_attr_nest_start(message, WGPEER_A_ALLOWEDIPS);
	put_allowed_ip(message, family, any, 0);
	mnl_attr_nest_end(message, allowed_ips);
	mnl_attr_nest_end(message, peer);
	mnl_attr_nest_end(message, peers);
	return message;
}

static void dump_that_is_split_inside_a_peer_is_joined(void **state)
{
	CLEANUP(wireguard_device_done) struct wireguard_device device = { 0 };
	CLEANUP(free) struct buffer *buffer = malloc(sizeof(*buffer));

	(void)state;
	assert_int_equal(genl_parse_device(dump_part(buffer, 0x22, true, AF_INET), &device), 0);
	assert_int_equal(genl_parse_device(dump_part(buffer, 0x22, false, AF_INET6), &device), 0);
	assert_int_equal(genl_parse_device(dump_part(buffer, 0x33, false, AF_INET6), &device), 0);
	assert_int_equal(device.peers_count, 2);
	assert_int_equal(device.listen_port, 20001);
	assert_true(device.peers[0].allows_ipv4 && device.peers[0].allows_ipv6);
	assert_false(device.peers[0].allows_other);
	assert_int_equal(device.peers[0].last_handshake_sec, 1795223645);
	assert_int_equal(device.peers[0].rx_bytes, 460);
	assert_int_equal(device.peers[0].tx_bytes, 516);
	assert_int_equal(device.peers[0].keepalive_sec, 25);
	assert_false(device.peers[1].allows_ipv4);
	assert_true(device.peers[1].allows_ipv6);
}

static void narrower_allowed_ip_is_another_one(void **state)
{
	static const uint8_t network[4] = { 192, 0, 2, 0 };
	CLEANUP(wireguard_device_done) struct wireguard_device device = { 0 };
	CLEANUP(free) struct buffer *buffer = malloc(sizeof(*buffer));
	struct nlmsghdr *message = begin(buffer);
	struct nlattr *peers, *peer, *allowed_ips;
	uint8_t key[KEY_SIZE] = { 1 };

	(void)state;
	(void)mnl_nlmsg_put_extra_header(message, sizeof(struct genlmsghdr));
	peers = mnl_attr_nest_start(message, WGDEVICE_A_PEERS);
	peer = mnl_attr_nest_start(message, 0);
	mnl_attr_put(message, WGPEER_A_PUBLIC_KEY, KEY_SIZE, key);
	allowed_ips = mnl_attr_nest_start(message, WGPEER_A_ALLOWEDIPS);
	put_allowed_ip(message, AF_INET, network, 24);
	mnl_attr_nest_end(message, allowed_ips);
	mnl_attr_nest_end(message, peer);
	mnl_attr_nest_end(message, peers);
	assert_int_equal(genl_parse_device(message, &device), 0);
	assert_true(device.peers[0].allows_other);
	assert_false(device.peers[0].allows_ipv4);
}

/* Wherever a byte is wrong: refused or read as something, never read out of bounds. */
static void damaged_messages_are_survived(void **state)
{
	CLEANUP(free) struct buffer *buffer = malloc(sizeof(*buffer));
	const size_t length = dump_part(buffer, 0x22, true, AF_INET6)->nlmsg_len;

	(void)state;
	for (size_t i = sizeof(struct nlmsghdr); i < length; i++) {
		struct wireguard_device device = { 0 };
		char *copy = malloc(length);

		(void)dump_part(buffer, 0x22, true, AF_INET6);
		memcpy(copy, buffer->bytes, length);
		copy[i] ^= 0x7f;
		(void)genl_parse_device((struct nlmsghdr *)(void *)copy, &device);
		assert_true(device.peers_count <= 1);
		wireguard_device_done(&device);
		free(copy);
	}
}

static void short_key_is_refused(void **state)
{
	CLEANUP(wireguard_device_done) struct wireguard_device device = { 0 };
	CLEANUP(free) struct buffer *buffer = malloc(sizeof(*buffer));
	struct nlmsghdr *message = begin(buffer);
	uint8_t key[KEY_SIZE - 1] = { 1 };

	(void)state;
	(void)mnl_nlmsg_put_extra_header(message, sizeof(struct genlmsghdr));
	mnl_attr_put(message, WGDEVICE_A_PRIVATE_KEY, sizeof(key), key);
	assert_int_equal(genl_parse_device(message, &device), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(preshared_key_round_trips_and_can_be_taken_away),
		cmocka_unit_test(fresh_device_round_trips),
		cmocka_unit_test(ipv6_endpoint_round_trips),
		cmocka_unit_test(difference_touches_nothing_else),
		cmocka_unit_test(many_removals_are_split_and_our_peer_comes_last),
		cmocka_unit_test(dump_that_is_split_inside_a_peer_is_joined),
		cmocka_unit_test(narrower_allowed_ip_is_another_one),
		cmocka_unit_test(damaged_messages_are_survived),
		cmocka_unit_test(short_key_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
