// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/model.h"

#include "base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Two of everything of which there can be several. */
static struct facts some_facts(void)
{
	struct facts facts = {
		.has_seg6 = true,
		.has_bird = true,
		.bird_version = { 2, 17, 1 },
		.underlay_addresses = NEW_ARRAY(struct ip_prefix, 2),
		.underlay_addresses_count = 2,
		.advertised_links = memory_zalloc(2, IFNAME_SIZE),
		.advertised_links_count = 2,
		.names = NEW_ARRAY(struct resolved_name, 2),
		.names_count = 2,
		.kept = NEW_ARRAY(struct kept_tunnel, 2),
		.kept_count = 2,
	};

	(void)ip_prefix_parse("192.0.2.1/24", &facts.underlay_addresses[0]);
	(void)ip_prefix_parse("2001:db8::1/64", &facts.underlay_addresses[1]);
	strcpy(facts.advertised_links[0], "default");
	strcpy(facts.advertised_links[1], "eth0");
	strcpy(facts.names[0].name, "moon.example");
	strcpy(facts.names[1].name, "sun.example");
	strcpy(facts.kept[0].ifname, "araaaaaaaaaa");
	strcpy(facts.kept[1].ifname, "arbbbbbbbbbb");
	facts.names[0].family = facts.names[1].family = AF_INET;
	return facts;
}

static void a_copy_of_facts_is_equal_and_its_own(void **state)
{
	struct facts facts = some_facts();
	struct facts copy = facts_copy(&facts);
	struct facts empty = { 0 };
	struct facts copy_of_empty = facts_copy(&empty);

	(void)state;
	assert_true(facts_equal(&facts, &copy));
	assert_true(facts_equal(&empty, &copy_of_empty));
	assert_false(facts_equal(&facts, &empty));
	facts_done(&facts);
	assert_string_equal(copy.names[1].name, "sun.example");
	facts_done(&copy);
	facts_done(&copy_of_empty);
}

static void change_wireguard(struct facts *facts)
{
	facts->has_kernel_wireguard = true;
}

static void change_owner(struct facts *facts)
{
	strcpy(facts->table_owner, "vrf1");
}

static void change_version(struct facts *facts)
{
	facts->bird_version.patch++;
}

static void change_prefix_length(struct facts *facts)
{
	facts->underlay_addresses[1].length--;
}

static void lose_address(struct facts *facts)
{
	facts->underlay_addresses_count--;
}

static void change_link(struct facts *facts)
{
	facts->advertised_links[1][3] = '1';
}

static void lose_link(struct facts *facts)
{
	facts->advertised_links_count--;
}

static void resolve(struct facts *facts)
{
	(void)ip_address_parse("192.0.2.7", &facts->names[1].address);
}

static void change_family(struct facts *facts)
{
	facts->names[0].family = AF_INET6;
}

static void lose_name(struct facts *facts)
{
	facts->names_count--;
}

static void change_kept(struct facts *facts)
{
	facts->kept[1].ifname[2] = 'c';
}

static void let_go(struct facts *facts)
{
	facts->kept[1].is_leaving = true;
}

static void lose_kept(struct facts *facts)
{
	facts->kept_count--;
}

static void facts_with_one_difference_are_not_equal(void **state)
{
	static void (*const changes[])(struct facts *) = {
		change_wireguard, change_owner, change_version, change_prefix_length, lose_address,
		change_link,	  lose_link,	resolve,	change_family,	      lose_name,
		change_kept,	  let_go,	lose_kept,
	};
	struct facts facts = some_facts();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		struct facts other = facts_copy(&facts);

		changes[i](&other);
		assert_false(facts_equal(&facts, &other));
		assert_false(facts_equal(&other, &facts));
		facts_done(&other);
	}
	facts_done(&facts);
}

#define WG TRANSPORT_WIREGUARD
#define IKE TRANSPORT_IPSEC

/* An endpoint of this node, and what the registry says of it. */
static void transports_of_this_node_are_what_configuration_and_registry_name(void **state)
{
	static const struct {
		uint8_t keys, configured, registered, expected;
	} cases[] = {
		/* Neither names any. */
		{ WG | IKE, 0, 0, WG },
		{ WG, 0, 0, WG },
		{ IKE, 0, 0, IKE },
		/* One of them does. */
		{ WG | IKE, IKE, 0, IKE },
		{ WG | IKE, WG | IKE, 0, WG | IKE },
		{ WG | IKE, 0, IKE, IKE },
		{ WG | IKE, 0, WG | IKE, WG | IKE },
		/* Both do. */
		{ WG | IKE, WG | IKE, IKE, IKE },
		{ WG | IKE, WG, WG | IKE, WG },
		{ WG | IKE, WG, IKE, 0 },
		/* What has no key does not run. */
		{ WG, 0, WG | IKE, WG },
		{ WG, 0, IKE, 0 },
		{ IKE, 0, WG, 0 },
		{ IKE, IKE, WG | IKE, IKE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct endpoint theirs[] = {
			{ .serial_number = 1, .transports = (uint8_t)~cases[i].registered & 3 },
			{ .serial_number = 7, .transports = cases[i].registered },
		};
		const struct registry_node self = { .endpoints = theirs, .endpoints_count = 2 };
		const struct endpoint local = { .serial_number = 7,
						.transports = cases[i].configured };
		const struct config config = {
			.has_wireguard = cases[i].keys & WG,
			.has_identity = cases[i].keys & IKE,
		};

		if (config_transports(&config, &local, &self) != cases[i].expected)
			fail_msg("case %zu", i);
	}
}

static void transports_of_this_node_do_not_need_the_registry(void **state)
{
	struct endpoint other = { .serial_number = 1, .transports = IKE };
	const struct registry_node self = { .endpoints = &other, .endpoints_count = 1 };
	const struct config config = { .has_wireguard = true, .has_identity = true };
	struct endpoint local = { 0 };

	(void)state;
	assert_int_equal(config_transports(&config, &local, NULL), WG);
	assert_int_equal(config_transports(&config, &local, &self), WG);
	local.transports = IKE;
	assert_int_equal(config_transports(&config, &local, NULL), IKE);
	assert_int_equal(config_transports(&config, &local, &self), IKE);
}

static void transports_of_others_are_all_for_which_they_have_keys(void **state)
{
	static const struct {
		struct registry_node node;
		uint8_t named, expected;
	} cases[] = {
		{ { .has_wireguard = true }, 0, WG },
		{ { .has_identity = true }, 0, IKE },
		{ { .identity_is_shared = true }, 0, IKE },
		{ { .has_wireguard = true, .has_identity = true }, 0, WG | IKE },
		{ { .has_wireguard = true, .identity_is_shared = true }, 0, WG | IKE },
		{ { .has_wireguard = true, .has_identity = true }, WG | IKE, WG | IKE },
		{ { .has_wireguard = true, .has_identity = true }, WG, WG },
		{ { .has_wireguard = true, .has_identity = true }, IKE, IKE },
		{ { .has_wireguard = true }, WG | IKE, WG },
		{ { .has_wireguard = true }, IKE, 0 },
		{ { .has_identity = true }, WG, 0 },
		{ { .has_wireguard = false }, 0, 0 },
		{ { .has_wireguard = false }, WG | IKE, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct endpoint endpoint = { .transports = cases[i].named };

		if (node_transports(&cases[i].node, &endpoint) != cases[i].expected)
			fail_msg("case %zu", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_of_facts_is_equal_and_its_own),
		cmocka_unit_test(facts_with_one_difference_are_not_equal),
		cmocka_unit_test(transports_of_this_node_are_what_configuration_and_registry_name),
		cmocka_unit_test(transports_of_this_node_do_not_need_the_registry),
		cmocka_unit_test(transports_of_others_are_all_for_which_they_have_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
