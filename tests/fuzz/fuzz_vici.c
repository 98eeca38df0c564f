// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packets from a VICI socket. Who answers there may be another charon than ours, and identities in
 * what it says come from strangers.
 */
#include "fuzz.h"
#include "ipsec/sa.h"
#include "vici/packet.h"

#include <string.h>

static void check_value(const struct vici_value *value, const struct vici_section *section)
{
	FUZZ_CHECK(value->bytes >= section->bytes &&
		   value->bytes + value->size <= section->bytes + section->size);
}

static void check_names(const struct vici_section *section)
{
	static const char *const names[] = { "", "k", "state", "uniqueid", "up" };
	struct vici_section inner = { 0 };
	struct vici_value value;
	char text[16];
	uint64_t number;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		bool is_value = vici_find(section, names[i], &value);

		if (is_value)
			check_value(&value, section);
		FUZZ_CHECK(
			fuzz_is_printable(vici_find_text(section, names[i], text, sizeof(text))));
		FUZZ_CHECK(!vici_is_yes(section, names[i]) || is_value);
		if (vici_find_number(section, names[i], 16, UINT32_MAX, &number))
			FUZZ_CHECK(is_value && number <= UINT32_MAX);
		FUZZ_CHECK(is_value + vici_find_section(section, names[i], &inner) +
				   vici_find_list(section, names[i], &inner) <=
			   1);
	}
}

static void check_sa(const struct vici_section *section)
{
	CLEANUP(ike_sa_done) struct ike_sa sa = { .unique_id = 7 };

	if (ike_sa_read("name", section, &sa) < 0) {
		FUZZ_CHECK(sa.unique_id == 7 && !sa.children);
		return;
	}
	FUZZ_CHECK(sa.children_count <= SA_CHILDREN_MAX);
	FUZZ_CHECK(fuzz_is_printable(sa.remote_identity) && fuzz_is_printable(sa.state));
}

/* What is found by going through it is found by name, too, if it is the first of that name. */
static void check_section(const struct vici_section *section, unsigned depth)
{
	struct vici_section rest = *section, inner;
	char name[VICI_NAME_MAX + 1];

	FUZZ_CHECK(depth <= VICI_DEPTH_MAX);
	check_names(section);
	check_sa(section);
	while (vici_next_section(&rest, name, &inner)) {
		FUZZ_CHECK(inner.bytes >= section->bytes &&
			   inner.bytes + inner.size <= section->bytes + section->size);
		check_section(&inner, depth + 1);
	}
	FUZZ_CHECK(rest.size == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vici_packet packet = { .name = "untouched" };
	struct vici_section message;
	size_t packet_size;

	if (size >= VICI_SEGMENT_HEADER_SIZE && vici_segment_read(data, &packet_size) == 0)
		FUZZ_CHECK(packet_size > 0 && packet_size <= VICI_PACKET_MAX);
	if (vici_packet_read(data, size, &packet) < 0)
		FUZZ_CHECK(!strcmp(packet.name, "untouched"));
	else
		check_section(&packet.message, 0);
	if (vici_message_read(data, size, &message) == 0)
		check_section(&message, 0);
	return 0;
}
