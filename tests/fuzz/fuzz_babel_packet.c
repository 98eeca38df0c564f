// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Babel packets: what is read keeps to the rules of the header, a packet that is cut off gives the
 * first updates of the whole, and the audit finds no more than there is.
 */
#include "babel/audit.h"
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

static void ignore_event(void *userdata, enum audit_event event,
			 const struct audit_finding *finding)
{
	(void)userdata;
	(void)event;
	(void)finding;
}

static void check_finding(const struct audit *audit, const struct audit_finding *finding,
			  size_t size)
{
	char text[AUDIT_TEXT_SIZE];

	FUZZ_CHECK(finding->count > 0 && finding->count <= size);
	FUZZ_CHECK(finding->samples_count <= AUDIT_SAMPLES);
	FUZZ_CHECK(audit_prefixes(audit, finding) <= size);
	FUZZ_CHECK(audit_format(audit, finding, text)[0] && fuzz_is_printable(text));
}

/* Whatever the packet says, as if the neighbour on "ab" had sent it. */
static void check_audit(const uint8_t *data, size_t size)
{
	static const char text[] = "announce fd66::/64\n"
				   "accept fd67::/64 from 0102030405060708 on ab\n"
				   "accept nothing else on ab\n"
				   "accept fd67::/64 from 0102030405060708\n"
				   "accept 192.168.128.0/24 from 1112131415161718\n";
	static const uint8_t own[BABEL_ROUTER_ID_SIZE] = { 0xa1 };
	CLEANUP(audit_free) struct audit *audit = audit_new(1, ignore_event, NULL);
	CLEANUP(babel_policy_done) struct babel_policy policy = { 0 };
	const struct audit_finding *finding;

	FUZZ_CHECK(babel_policy_parse(text, &policy, NULL) == 0);
	audit_set_policy(audit, &policy, own, NULL, 0, 0);
	audit_packet(audit, "ab", data, size, 0);
	(void)audit_tick(audit, AUDIT_SOON_USEC);
	for (size_t i = 0; (finding = audit_finding(audit, i)); i++)
		check_finding(audit, finding, size + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct babel_update update;
	struct babel_packet packet;
	size_t count = 0;

	check_audit(data, size);
	if (babel_packet_open(data, size, &packet) < 0)
		return 0;
	check_cut(packet, data, size / 2);
	for (; babel_packet_next(&packet, &update); count++)
		check_update(&update);
	FUZZ_CHECK(count * UPDATE_SIZE_MIN <= size && packet.malformed <= size);
	FUZZ_CHECK(!babel_packet_next(&packet, &update));
	return 0;
}
