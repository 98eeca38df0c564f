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
	};

	(void)ip_prefix_parse("192.0.2.1/24", &facts.underlay_addresses[0]);
	(void)ip_prefix_parse("2001:db8::1/64", &facts.underlay_addresses[1]);
	strcpy(facts.advertised_links[0], "default");
	strcpy(facts.advertised_links[1], "eth0");
	strcpy(facts.names[0].name, "moon.example");
	strcpy(facts.names[1].name, "sun.example");
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

static void facts_with_one_difference_are_not_equal(void **state)
{
	static void (*const changes[])(struct facts *) = {
		change_wireguard, change_owner, change_version, change_prefix_length, lose_address,
		change_link,	  lose_link,	resolve,	change_family,	      lose_name,
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_of_facts_is_equal_and_its_own),
		cmocka_unit_test(facts_with_one_difference_are_not_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
