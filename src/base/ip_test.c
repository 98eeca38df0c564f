// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/ip.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The order matters to cmocka. */
#include <setjmp.h>
#include <stddef.h>

#include <cmocka.h>

static struct ip_prefix prefix(const char *text)
{
	struct ip_prefix parsed;

	if (ip_prefix_parse(text, &parsed) < 0)
		fail_msg("cannot parse %s", text);
	return parsed;
}

static void prefixes_are_read_and_printed(void **state)
{
	static const struct {
		const char *text, *printed;
	} rows[] = {
		{ "192.0.2.0/24", "192.0.2.0/24" }, { "192.0.2.1", "192.0.2.1/32" },
		{ "0.0.0.0/0", "0.0.0.0/0" },	    { "192.0.2.1/24", "192.0.2.1/24" },
		{ "FD66:0::/64", "fd66::/64" },	    { "::/0", "::/0" },
		{ "fd66::1", "fd66::1/128" },	    { "2001:db8::1/128", "2001:db8::1/128" },
	};
	char buffer[IP_PREFIX_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ip_prefix parsed = prefix(rows[i].text);

		assert_string_equal(ip_prefix_format(&parsed, buffer), rows[i].printed);
	}
}

static void bad_prefixes_are_refused(void **state)
{
	static const char *const texts[] = {
		"192.0.2.0/33",
		"fd66::/129",
		"192.0.2.0/-1",
		"fd66::/-1",
		"192.0.2.0/",
		"fd66::/",
		"fd66::/08",
		"192.0.2.0/08",
		"192.0.2.0/24 ",
		"192.0.2.0/+24",
		"/24",
		"",
		"192.0.2.0/24/",
		"192.0.2/24",
		"192.0.2.256/32",
		"192.0.2.01",
		"fe80::1%lo",
		"fd66:::/64",
		"localhost",
		" 192.0.2.0/24",
		"fd66::/4294967360",
		"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000/64",
	};
	struct ip_prefix untouched, parsed;

	(void)state;
	memset(&untouched, 0x55, sizeof(untouched));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		memset(&parsed, 0x55, sizeof(parsed));
		if (ip_prefix_parse(texts[i], &parsed) != -EINVAL)
			fail_msg("accepted \"%s\"", texts[i]);
		assert_memory_equal(&parsed, &untouched, sizeof(parsed));
	}
}

static void equal_prefixes_are_equal_in_memory(void **state)
{
	struct ip_prefix one, other;

	(void)state;
	memset(&one, 0x55, sizeof(one));
	memset(&other, 0xaa, sizeof(other));
	assert_int_equal(ip_prefix_parse("192.0.2.0/24", &one), 0);
	assert_int_equal(ip_prefix_parse("192.0.2.0/24", &other), 0);
	assert_memory_equal(&one, &other, sizeof(one));
}

static void host_bits_are_found_and_masked(void **state)
{
	static const struct {
		const char *text, *masked;
	} rows[] = {
		{ "192.168.128.1/24", "192.168.128.0/24" },
		{ "192.168.255.255/17", "192.168.128.0/17" },
		{ "255.255.255.255/0", "0.0.0.0/0" },
		{ "fd66::1/64", "fd66::/64" },
		{ "ffff:ffff:ffff::/33", "ffff:ffff:8000::/33" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ip_prefix parsed = prefix(rows[i].text);
		struct ip_prefix masked = ip_prefix_masked(&parsed);
		struct ip_prefix expected = prefix(rows[i].masked);

		assert_true(ip_prefix_has_host_bits(&parsed));
		assert_int_equal(ip_prefix_compare(&masked, &expected), 0);
		assert_false(ip_prefix_has_host_bits(&masked));
	}
}

static void covering_prefix_sorts_directly_before_what_it_covers(void **state)
{
	static const char *const sorted[] = { "0.0.0.0/0",     "10.0.0.0/8",   "10.0.0.0/24",
					      "10.255.0.0/16", "192.0.2.0/24", "::/0",
					      "fd66::/48",     "fd66::/64" };
	struct ip_prefix prefixes[8];

	(void)state;
	for (size_t i = 0; i < 8; i++)
		prefixes[i] = prefix(sorted[7 - i]);
	qsort(prefixes, 8, sizeof(prefixes[0]), ip_prefix_compare_qsort);
	for (size_t i = 0; i < 8; i++) {
		struct ip_prefix expected = prefix(sorted[i]);

		assert_int_equal(ip_prefix_compare(&prefixes[i], &expected), 0);
	}
}

static void containing_and_overlapping(void **state)
{
	static const struct {
		const char *outer, *inner;
		bool contains, overlaps;
	} rows[] = {
		{ "10.0.0.0/8", "10.1.0.0/16", true, true },
		{ "10.1.0.0/16", "10.0.0.0/8", false, true },
		{ "10.0.0.0/8", "10.0.0.0/8", true, true },
		{ "10.0.0.0/8", "11.0.0.0/8", false, false },
		{ "0.0.0.0/0", "192.0.2.1/32", true, true },
		{ "0.0.0.0/0", "fd66::/64", false, false },
		{ "::/0", "192.0.2.1/32", false, false },
		{ "fd66::/63", "fd66:0:0:1::/64", true, true },
		{ "fd66::/64", "fd66:0:0:1::/64", false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ip_prefix outer = prefix(rows[i].outer);
		struct ip_prefix inner = prefix(rows[i].inner);

		assert_int_equal(ip_prefix_contains(&outer, &inner), rows[i].contains);
		assert_int_equal(ip_prefix_overlaps(&outer, &inner), rows[i].overlaps);
		assert_int_equal(ip_prefix_overlaps(&inner, &outer), rows[i].overlaps);
	}
}

/* Every length with every bit turned over: what is behind the length does not matter. */
static void only_bits_of_the_prefix_count(void **state)
{
	static const char *const addresses[] = { "198.51.100.167", "2001:db8:a5a5::5a5a:ffff" };

	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		struct ip_prefix outer = prefix(addresses[i]);
		unsigned bits = outer.length;

		for (outer.length = 0; outer.length <= bits; outer.length++) {
			for (unsigned bit = 0; bit < bits; bit++) {
				struct ip_prefix other = outer, masked;

				other.address.bytes[bit / 8] ^= (uint8_t)(0x80u >> (bit % 8));
				assert_int_equal(ip_prefix_contains_address(&outer, &other.address),
						 bit >= outer.length);
				masked = ip_prefix_masked(&other);
				other = ip_prefix_masked(&outer);
				assert_int_equal(ip_prefix_compare(&masked, &other) == 0,
						 bit >= outer.length);
				assert_false(ip_prefix_has_host_bits(&masked));
			}
		}
	}
}

static void absent_address_prints_as_nothing(void **state)
{
	struct ip_endpoint endpoint = { 0 };
	struct sockaddr_storage storage;
	char buffer[IP_ENDPOINT_TEXT_SIZE];

	(void)state;
	assert_string_equal(ip_address_format(&endpoint.address, buffer), "");
	assert_string_equal(ip_endpoint_format(&endpoint, buffer), "");
	assert_int_equal(ip_endpoint_to_sockaddr(&endpoint, &storage), 0);
	assert_false(ip_address_present(&endpoint.address));
}

static void endpoints_survive_text_and_socket_address(void **state)
{
	static const char *const texts[] = { "192.0.2.1:51820", "[2001:db8::1]:1", "[::]:65535" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct ip_endpoint parsed, again;
		struct sockaddr_storage storage;
		char buffer[IP_ENDPOINT_TEXT_SIZE];

		assert_int_equal(ip_endpoint_parse(texts[i], &parsed), 0);
		assert_string_equal(ip_endpoint_format(&parsed, buffer), texts[i]);
		assert_true(ip_endpoint_to_sockaddr(&parsed, &storage) > 0);
		assert_int_equal(ip_endpoint_from_sockaddr((struct sockaddr *)&storage, &again), 0);
		assert_int_equal(ip_endpoint_compare(&parsed, &again), 0);
	}
}

static void bad_endpoints_are_refused(void **state)
{
	static const char *const texts[] = { "",
					     ":",
					     "192.0.2.1",
					     "192.0.2.1:",
					     "192.0.2.1:65536",
					     "192.0.2.1:-1",
					     "[192.0.2.1]:1",
					     "2001:db8::1:1",
					     "[2001:db8::1]1",
					     "[:1",
					     "[]:1",
					     "[2001:db8::1:1" };
	struct ip_endpoint parsed;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (ip_endpoint_parse(texts[i], &parsed) != -EINVAL)
			fail_msg("accepted \"%s\"", texts[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefixes_are_read_and_printed),
		cmocka_unit_test(bad_prefixes_are_refused),
		cmocka_unit_test(equal_prefixes_are_equal_in_memory),
		cmocka_unit_test(host_bits_are_found_and_masked),
		cmocka_unit_test(covering_prefix_sorts_directly_before_what_it_covers),
		cmocka_unit_test(containing_and_overlapping),
		cmocka_unit_test(only_bits_of_the_prefix_count),
		cmocka_unit_test(absent_address_prints_as_nothing),
		cmocka_unit_test(endpoints_survive_text_and_socket_address),
		cmocka_unit_test(bad_endpoints_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
