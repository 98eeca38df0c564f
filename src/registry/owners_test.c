// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/owners.h"

#include "registry/test_support.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define NODE(name, key, network)                                                                   \
	"{'common_name': '" name "', 'public_key': " key ", 'endpoints': [],"                      \
	" 'anycast': ['10.53.0.0/24'],"                                                            \
	" 'remarks': {'network': '" network "', 'prefixs': ['10.53.0.0/24']}}"

static const char *owner(const struct owners *owners, const char *prefix, const uint8_t *router_id)
{
	struct ip_prefix wanted = test_prefix(prefix);
	const struct registry_node *node = owners_find(owners, &wanted, router_id);

	return node ? node->id.common_name : "";
}

static void owners_are_found_by_prefix_and_router_id(void **state)
{
	CLEANUP(registry_free)
	struct registry *registry = test_registry_must_load(
		"[{'organization': 'o', 'public_key': $A, 'nodes': [" NODE(
			"sun", "$S", "fd66:2::/64") "," NODE("moon", "$M", "fd66:1::/64") "]}]",
		NULL);
	CLEANUP(owners_done) struct owners owners = { 0 };
	uint8_t moon[ROUTER_ID_SIZE], sun[ROUTER_ID_SIZE], other[ROUTER_ID_SIZE] = { 1 };

	(void)state;
	registry_node_router_id(&registry->nodes[0], moon);
	registry_node_router_id(&registry->nodes[1], sun);
	owners_make(registry, &owners);
	assert_string_equal(owner(&owners, "fd66:1::/64", NULL), "moon");
	assert_string_equal(owner(&owners, "fd66:2::/64", moon), "sun");
	assert_string_equal(owner(&owners, "10.53.0.0/24", moon), "moon");
	assert_string_equal(owner(&owners, "10.53.0.0/24", sun), "sun");
	assert_string_equal(owner(&owners, "10.53.0.0/24", other), "moon");
	assert_string_equal(owner(&owners, "10.53.0.0/24", NULL), "moon");
	assert_string_equal(owner(&owners, "10.53.0.0/25", NULL), "");
	assert_string_equal(owner(&owners, "ffff::/16", NULL), "");
	assert_string_equal(owner(&owners, "0.0.0.0/0", NULL), "");
}

static void without_a_registry_nobody_owns_anything(void **state)
{
	CLEANUP(owners_done) struct owners owners = { 0 };

	(void)state;
	owners_make(NULL, &owners);
	assert_string_equal(owner(&owners, "10.0.0.0/8", NULL), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(owners_are_found_by_prefix_and_router_id),
		cmocka_unit_test(without_a_registry_nobody_owns_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
