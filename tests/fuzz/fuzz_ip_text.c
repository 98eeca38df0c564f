// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Addresses, prefixes, endpoints, numbers and host names as text: writing what was read gives the
 * same value, and prefixes cover each other exactly as their bits say.
 */
#include "base/cleanup.h"
#include "base/ip.h"
#include "base/number.h"
#include "fuzz.h"
#include "registry/name.h"
#include "registry/overlap.h"
#include "registry/refusal.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>

static bool bit_at(const struct ip_address *address, unsigned index)
{
	return address->bytes[index / 8] >> (7 - index % 8) & 1;
}

static bool covers(const struct ip_prefix *outer, const struct ip_prefix *inner)
{
	if (outer->address.family != inner->address.family || outer->length > inner->length)
		return false;
	for (unsigned i = 0; i < outer->length; i++)
		if (bit_at(&outer->address, i) != bit_at(&inner->address, i))
			return false;
	return true;
}

static void check_address(const char *text)
{
	struct ip_address address, again;
	char buffer[IP_ADDRESS_TEXT_SIZE];

	if (ip_address_parse(text, &address) < 0)
		return;
	FUZZ_CHECK(ip_address_parse(ip_address_format(&address, buffer), &again) == 0);
	FUZZ_CHECK(!memcmp(&address, &again, sizeof(again)));
	(void)endpoint_address_refusal(&address);
}

static void check_prefix(const char *text, struct ip_prefix *ret)
{
	struct ip_prefix prefix, masked, again, unmapped;
	char buffer[IP_PREFIX_TEXT_SIZE];

	if (ip_prefix_parse(text, &prefix) < 0)
		return;
	FUZZ_CHECK(prefix.length <= ip_address_bits(&prefix.address));
	FUZZ_CHECK(ip_prefix_parse(ip_prefix_format(&prefix, buffer), &again) == 0);
	FUZZ_CHECK(!ip_prefix_compare(&prefix, &again));
	masked = ip_prefix_masked(&prefix);
	FUZZ_CHECK(!ip_prefix_has_host_bits(&masked));
	FUZZ_CHECK(ip_prefix_has_host_bits(&prefix) == (ip_prefix_compare(&prefix, &masked) != 0));
	unmapped = prefix_unmapped(&masked);
	FUZZ_CHECK(unmapped.length <= ip_address_bits(&unmapped.address));
	(void)prefix_refusal(&masked);
	*ret = masked;
}

static void check_pair(const struct ip_prefix *a, const struct ip_prefix *b)
{
	FUZZ_CHECK(ip_prefix_contains(a, b) == covers(a, b));
	FUZZ_CHECK(ip_prefix_contains(b, a) == covers(b, a));
	FUZZ_CHECK(ip_prefix_overlaps(a, b) == (covers(a, b) || covers(b, a)));
	FUZZ_CHECK(ip_prefix_compare(a, b) == -ip_prefix_compare(b, a) ||
		   ip_prefix_compare(a, b) * ip_prefix_compare(b, a) < 0);
	/* A covering prefix sorts before what it covers. */
	FUZZ_CHECK(!covers(a, b) || ip_prefix_compare(a, b) <= 0);
}

static void check_endpoint(const char *text)
{
	struct ip_endpoint endpoint, again;
	struct sockaddr_storage address;
	char buffer[IP_ENDPOINT_TEXT_SIZE];

	if (ip_endpoint_parse(text, &endpoint) < 0)
		return;
	FUZZ_CHECK(ip_endpoint_parse(ip_endpoint_format(&endpoint, buffer), &again) == 0);
	FUZZ_CHECK(!ip_endpoint_compare(&endpoint, &again));
	FUZZ_CHECK(ip_endpoint_to_sockaddr(&endpoint, &address) > 0);
	FUZZ_CHECK(!ip_endpoint_from_sockaddr((struct sockaddr *)&address, &again));
	FUZZ_CHECK(!ip_endpoint_compare(&endpoint, &again));
}

static void check_number(const char *text, uint64_t maximum)
{
	uint64_t number, expected;
	char *end;

	if (number_parse(text, maximum, &number) < 0)
		return;
	errno = 0;
	expected = strtoull(text, &end, 10);
	FUZZ_CHECK(!errno && !*end && number == expected && number <= maximum);
}

/* No resolver takes a host name for a number. */
static void check_host_name(const char *text)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST };
	struct addrinfo *found = NULL;

	if (!host_name_is_valid(text))
		return;
	FUZZ_CHECK(getaddrinfo(text, NULL, &hints, &found) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	CLEANUP(free) char *first = fuzz_take_text(&input, '\n');
	CLEANUP(free) char *second = fuzz_take_rest(&input);
	struct ip_prefix a = { 0 }, b = { 0 };

	check_address(first);
	check_endpoint(first);
	check_host_name(first);
	check_number(first, UINT64_MAX);
	check_number(first, 4095);
	check_prefix(first, &a);
	check_prefix(second, &b);
	if (ip_address_present(&a.address) && ip_address_present(&b.address))
		check_pair(&a, &b);
	return 0;
}
