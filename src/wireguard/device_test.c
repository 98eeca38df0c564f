// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireguard/device.h"

#include "wireguard/test_devices.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct fixture {
	struct wireguard_device device;
	struct wireguard intended;
	struct ip_endpoint recorded;
	struct wireguard_change change;
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->device = test_device();
	fixture->intended = test_intention();
	fixture->recorded = fixture->intended.endpoint;
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	wireguard_device_done(&fixture->device);
	wireguard_change_done(&fixture->change);
	free(fixture);
	return 0;
}

static void make_change(struct fixture *fixture)
{
	wireguard_change_make(&fixture->device, &fixture->recorded, &fixture->intended,
			      &fixture->change);
}

/* What the planner sees: does the object say that there is something to do? */
static bool object_differs(struct fixture *fixture)
{
	struct object wanted = { .kind = OBJECT_WIREGUARD, .wireguard = fixture->intended };
	struct object object;

	wireguard_device_to_object(&fixture->device, "art0", &fixture->recorded, &fixture->intended,
				   &object);
	assert_int_equal(object_compare(&object, &wanted), 0);
	return !object_spec_equal(&object, &wanted);
}

static void change_of_identical_device_is_empty(void **state)
{
	struct fixture *fixture = *state;

	make_change(fixture);
	assert_true(wireguard_change_is_empty(&fixture->change));
	assert_false(object_differs(fixture));
}

static void change_of_fresh_device_sets_everything(void **state)
{
	struct fixture *fixture = *state;
	struct wireguard_change *change = &fixture->change;

	wireguard_device_done(&fixture->device);
	fixture->device.has_listen_port = true;
	fixture->recorded = (struct ip_endpoint) { 0 };
	assert_true(wireguard_device_is_blank(&fixture->device));
	make_change(fixture);
	assert_true(change->has_private_key && change->has_listen_port && change->has_fwmark);
	assert_true(change->has_peer && change->adds_peer && change->replaces_allowed_ips);
	assert_true(change->has_endpoint && change->has_keepalive);
	assert_int_equal(change->removed_count, 0);
	assert_memory_equal(change->private_key, fixture->intended.private_key, KEY_SIZE);
	assert_memory_equal(change->peer_key, fixture->intended.peer_key, KEY_SIZE);
	assert_int_equal(change->listen_port, 20001);
	assert_int_equal(change->fwmark, 54);
	assert_int_equal(change->keepalive_sec, 25);
}

static void roamed_peer_keeps_its_endpoint(void **state)
{
	struct fixture *fixture = *state;

	fixture->device.peers[0].endpoint = test_endpoint("198.51.100.77:4444");
	make_change(fixture);
	assert_true(wireguard_change_is_empty(&fixture->change));
	assert_false(object_differs(fixture));
}

static void changed_configured_endpoint_is_sent_alone(void **state)
{
	struct fixture *fixture = *state;

	fixture->intended.endpoint = test_endpoint("[2001:db8::7]:20002");
	make_change(fixture);
	assert_true(fixture->change.has_endpoint);
	assert_int_equal(
		ip_endpoint_compare(&fixture->change.endpoint, &fixture->intended.endpoint), 0);
	assert_false(fixture->change.has_keepalive || fixture->change.replaces_allowed_ips ||
		     fixture->change.adds_peer || fixture->change.has_private_key ||
		     fixture->change.has_listen_port || fixture->change.has_fwmark);
	assert_true(object_differs(fixture));
}

/* The alias was written by an earlier daemon that knew no endpoint, or was lost. */
static void endpoint_without_a_record_is_sent(void **state)
{
	struct fixture *fixture = *state;

	fixture->recorded = (struct ip_endpoint) { 0 };
	make_change(fixture);
	assert_true(fixture->change.has_endpoint);
	assert_true(object_differs(fixture));
}

static void lost_live_endpoint_is_set_again(void **state)
{
	struct fixture *fixture = *state;

	fixture->device.peers[0].endpoint = (struct ip_endpoint) { 0 };
	make_change(fixture);
	assert_true(fixture->change.has_endpoint);
	assert_true(object_differs(fixture));
}

static void endpoint_that_is_no_longer_configured_costs_no_session(void **state)
{
	struct fixture *fixture = *state;

	fixture->intended.endpoint = (struct ip_endpoint) { 0 };
	make_change(fixture);
	assert_true(wireguard_change_is_empty(&fixture->change));
	/* But the record has to go. */
	assert_true(object_differs(fixture));
	fixture->recorded = (struct ip_endpoint) { 0 };
	assert_false(object_differs(fixture));
}

static void removed_keepalive_and_fwmark_are_set_to_zero(void **state)
{
	struct fixture *fixture = *state;

	fixture->intended.keepalive_sec = 0;
	fixture->intended.fwmark = 0;
	make_change(fixture);
	assert_true(fixture->change.has_keepalive && fixture->change.has_fwmark);
	assert_int_equal(fixture->change.keepalive_sec, 0);
	assert_int_equal(fixture->change.fwmark, 0);
	assert_true(object_differs(fixture));
}

static void foreign_peers_are_removed_one_by_one(void **state)
{
	struct fixture *fixture = *state;
	uint8_t key[KEY_SIZE];

	(void)test_add_peer(&fixture->device, 0x33);
	(void)test_add_peer(&fixture->device, 0x44);
	make_change(fixture);
	assert_int_equal(fixture->change.removed_count, 2);
	memset(key, 0x33, sizeof(key));
	assert_memory_equal(fixture->change.removed[0], key, KEY_SIZE);
	memset(key, 0x44, sizeof(key));
	assert_memory_equal(fixture->change.removed[1], key, KEY_SIZE);
	assert_false(fixture->change.has_peer);
	assert_true(object_differs(fixture));
}

static void changed_peer_replaces_the_old_one(void **state)
{
	struct fixture *fixture = *state;

	memset(fixture->intended.peer_key, 0x55, KEY_SIZE);
	make_change(fixture);
	assert_int_equal(fixture->change.removed_count, 1);
	assert_memory_equal(fixture->change.removed[0], fixture->device.peers[0].public_key,
			    KEY_SIZE);
	assert_true(fixture->change.adds_peer && fixture->change.has_endpoint &&
		    fixture->change.replaces_allowed_ips);
	assert_true(object_differs(fixture));
}

static void wrong_allowed_ips_are_replaced(void **state)
{
	struct fixture *fixture = *state;
	struct wireguard_peer *peer = &fixture->device.peers[0];
	struct ip_prefix prefix;

	assert_int_equal(ip_prefix_parse("192.0.2.0/24", &prefix), 0);
	wireguard_peer_allow(peer, &prefix);
	make_change(fixture);
	assert_true(fixture->change.replaces_allowed_ips);
	assert_false(fixture->change.adds_peer);
	assert_true(object_differs(fixture));

	wireguard_change_done(&fixture->change);
	peer->allows_other = false;
	peer->allows_ipv6 = false;
	make_change(fixture);
	assert_true(fixture->change.replaces_allowed_ips);
	assert_int_equal(ip_prefix_parse("::/0", &prefix), 0);
	wireguard_peer_allow(peer, &prefix);
	assert_false(object_differs(fixture));
}

static void preshared_key_is_set_alone(void **state)
{
	struct fixture *fixture = *state;

	memset(fixture->intended.preshared_key, 0x44, KEY_SIZE);
	make_change(fixture);
	assert_true(fixture->change.has_preshared_key);
	assert_memory_equal(fixture->change.preshared_key, fixture->intended.preshared_key,
			    KEY_SIZE);
	assert_false(fixture->change.adds_peer || fixture->change.has_endpoint ||
		     fixture->change.has_keepalive || fixture->change.replaces_allowed_ips ||
		     fixture->change.has_private_key || fixture->change.has_listen_port);
	assert_int_equal(fixture->change.removed_count, 0);
	assert_true(object_differs(fixture));

	wireguard_change_done(&fixture->change);
	memset(fixture->device.peers[0].preshared_key, 0x44, KEY_SIZE);
	make_change(fixture);
	assert_true(wireguard_change_is_empty(&fixture->change));
	assert_false(object_differs(fixture));
}

static void preshared_key_that_is_not_intended_is_removed(void **state)
{
	static const uint8_t none[KEY_SIZE];
	struct fixture *fixture = *state;

	fixture->device.peers[0].preshared_key[KEY_SIZE - 1] = 1;
	make_change(fixture);
	assert_true(fixture->change.has_preshared_key);
	assert_memory_equal(fixture->change.preshared_key, none, KEY_SIZE);
	assert_true(object_differs(fixture));
}

static void port_of_zero_leaves_the_port_alone(void **state)
{
	struct fixture *fixture = *state;

	fixture->intended.listen_port = 0;
	fixture->device.listen_port = 35616;
	make_change(fixture);
	assert_true(wireguard_change_is_empty(&fixture->change));
	assert_false(object_differs(fixture));
}

static void lost_socket_is_opened_again(void **state)
{
	struct fixture *fixture = *state;

	fixture->device.has_listen_port = false;
	fixture->device.listen_port = 0;
	fixture->intended.listen_port = 0;
	make_change(fixture);
	assert_true(fixture->change.has_listen_port);
	assert_int_equal(fixture->change.listen_port, 0);
	assert_true(object_differs(fixture));
}

static void blank_change_takes_key_and_peers(void **state)
{
	static const uint8_t no_key[KEY_SIZE];
	struct fixture *fixture = *state;

	wireguard_change_make_blank(&fixture->device, &fixture->change);
	assert_true(fixture->change.has_private_key);
	assert_memory_equal(fixture->change.private_key, no_key, KEY_SIZE);
	assert_int_equal(fixture->change.removed_count, 1);
	assert_false(fixture->change.has_peer || fixture->change.has_listen_port);
}

static void peers_have_a_limit(void **state)
{
	struct fixture *fixture = *state;

	while (fixture->device.peers_count < WIREGUARD_PEERS_MAX)
		assert_non_null(wireguard_device_add_peer(&fixture->device));
	assert_null(wireguard_device_add_peer(&fixture->device));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(change_of_identical_device_is_empty),
		TEST(change_of_fresh_device_sets_everything),
		TEST(roamed_peer_keeps_its_endpoint),
		TEST(changed_configured_endpoint_is_sent_alone),
		TEST(endpoint_without_a_record_is_sent),
		TEST(lost_live_endpoint_is_set_again),
		TEST(endpoint_that_is_no_longer_configured_costs_no_session),
		TEST(removed_keepalive_and_fwmark_are_set_to_zero),
		TEST(foreign_peers_are_removed_one_by_one),
		TEST(changed_peer_replaces_the_old_one),
		TEST(wrong_allowed_ips_are_replaced),
		TEST(preshared_key_is_set_alone),
		TEST(preshared_key_that_is_not_intended_is_removed),
		TEST(port_of_zero_leaves_the_port_alone),
		TEST(lost_socket_is_opened_again),
		TEST(blank_change_takes_key_and_peers),
		TEST(peers_have_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
