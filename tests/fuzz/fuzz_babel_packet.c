// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Babel packets: what is read keeps to the rules of the header, and a packet that is cut off gives
 * the first updates of the whole.
 */
#include "babel/packet.h"
#include "fuzz.h"

#include <string.h>

#define UPDATE_SIZE_MIN 12 /* type, length and ten bytes */

static bool is_whole(const struct ip_prefix *prefix)
{
	return prefix->length <= ip_address_bits(&prefix->address) &&
	       !ip_prefix_has_host_bits(prefix);
}

static void check_update(const struct babel_update *update)
{
	FUZZ_CHECK(is_whole(&update->prefix) && is_whole(&update->source));
	FUZZ_CHECK(ip_address_present(&update->prefix.address) ||
		   update->metric == BABEL_METRIC_INFINITY);
	if (!ip_address_present(&update->source.address))
		return;
	FUZZ_CHECK(update->source.length > 0);
	FUZZ_CHECK(update->source.address.family == update->prefix.address.family);
}

static void check_cut(struct babel_packet whole, const uint8_t *data, size_t size)
{
	struct babel_update expected, found;
	struct babel_packet cut;

	if (babel_packet_open(data, size, &cut) < 0)
		return;
	while (babel_packet_next(&cut, &found)) {
		FUZZ_CHECK(babel_packet_next(&whole, &expected));
		FUZZ_CHECK(ip_prefix_compare(&expected.prefix, &found.prefix) == 0);
		FUZZ_CHECK(memcmp(expected.router_id, found.router_id, BABEL_ROUTER_ID_SIZE) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct babel_update update;
	struct babel_packet packet;
	size_t count = 0;

	if (babel_packet_open(data, size, &packet) < 0)
		return 0;
	check_cut(packet, data, size / 2);
	for (; babel_packet_next(&packet, &update); count++)
		check_update(&update);
	FUZZ_CHECK(count * UPDATE_SIZE_MIN <= size && packet.malformed <= size);
	FUZZ_CHECK(!babel_packet_next(&packet, &update));
	return 0;
}
