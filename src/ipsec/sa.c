// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/sa.h"

#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void ike_sa_done(struct ike_sa *sa)
{
	free(sa->children);
	*sa = (struct ike_sa) { 0 };
}

enum field_type {
	FIELD_TEXT,
	FIELD_U32,
	FIELD_HEX, /* 32 bits */
	FIELD_U64,
	FIELD_YES,
};

/* One value of a section and its place in a structure. */
struct field {
	const char *name;
	enum field_type type;
	size_t offset;
	size_t size; /* of a text */
	bool is_required;
};

#define TEXT(structure, member)                                                                    \
	FIELD_TEXT, offsetof(struct structure, member), sizeof(((struct structure *)0)->member)
#define OTHER(type, structure, member) (type), offsetof(struct structure, member), 0

static const struct field ike_fields[] = {
	{ "uniqueid", OTHER(FIELD_U32, ike_sa, unique_id), true },
	{ "state", TEXT(ike_sa, state), true },
	{ "initiator", OTHER(FIELD_YES, ike_sa, is_initiator), false },
	{ "remote-id", TEXT(ike_sa, remote_identity), false },
	{ "nat-local", OTHER(FIELD_YES, ike_sa, is_local_behind_nat), false },
	{ "ppk", OTHER(FIELD_YES, ike_sa, has_ppk), false },
	{ "nat-remote", OTHER(FIELD_YES, ike_sa, is_remote_behind_nat), false },
	{ "encr-alg", TEXT(ike_sa, encryption), false },
	{ "encr-keysize", OTHER(FIELD_U32, ike_sa, encryption_bits), false },
	{ "prf-alg", TEXT(ike_sa, prf), false },
	{ "dh-group", TEXT(ike_sa, group), false },
	{ "ake1", TEXT(ike_sa, additional_exchange), false },
	{ "established", OTHER(FIELD_U64, ike_sa, age_s), false },
	{ "rekey-time", OTHER(FIELD_U64, ike_sa, rekey_s), false },
};

static const struct field child_fields[] = {
	{ "name", TEXT(child_sa, name), true },
	{ "uniqueid", OTHER(FIELD_U32, child_sa, unique_id), true },
	{ "state", TEXT(child_sa, state), true },
	{ "spi-in", OTHER(FIELD_HEX, child_sa, spi_in), false },
	{ "spi-out", OTHER(FIELD_HEX, child_sa, spi_out), false },
	{ "if-id-in", OTHER(FIELD_HEX, child_sa, if_id_in), false },
	{ "if-id-out", OTHER(FIELD_HEX, child_sa, if_id_out), false },
	{ "encap", OTHER(FIELD_YES, child_sa, is_udp_encapsulated), false },
	{ "encr-alg", TEXT(child_sa, encryption), false },
	{ "encr-keysize", OTHER(FIELD_U32, child_sa, encryption_bits), false },
	{ "bytes-in", OTHER(FIELD_U64, child_sa, bytes_in), false },
	{ "packets-in", OTHER(FIELD_U64, child_sa, packets_in), false },
	{ "bytes-out", OTHER(FIELD_U64, child_sa, bytes_out), false },
	{ "packets-out", OTHER(FIELD_U64, child_sa, packets_out), false },
	{ "install-time", OTHER(FIELD_U64, child_sa, age_s), false },
	{ "rekey-time", OTHER(FIELD_U64, child_sa, rekey_s), false },
	{ "life-time", OTHER(FIELD_U64, child_sa, life_s), false },
};

/* The value is there. False if it is not what it should be. */
static bool read_value(const struct vici_section *section, const struct field *field, char *place)
{
	unsigned base = field->type == FIELD_HEX ? 16 : 10;
	uint64_t maximum = field->type == FIELD_U64 ? UINT64_MAX : UINT32_MAX;
	uint64_t number;

	switch (field->type) {
	case FIELD_TEXT:
		vici_find_text(section, field->name, place, field->size);
		return true;
	case FIELD_YES:
		*(bool *)(void *)place = vici_is_yes(section, field->name);
		return true;
	case FIELD_U32:
	case FIELD_HEX:
	case FIELD_U64:
		if (!vici_find_number(section, field->name, base, maximum, &number))
			return false;
		if (field->type == FIELD_U64)
			*(uint64_t *)(void *)place = number;
		else
			*(uint32_t *)(void *)place = (uint32_t)number;
		return true;
	}
	return false;
}

static int read_fields(const struct vici_section *section, const struct field *fields, size_t count,
		       void *structure)
{
	for (size_t i = 0; i < count; i++) {
		struct vici_value value;
		bool is_there =
			vici_find(section, fields[i].name, &value) &&
			read_value(section, &fields[i], (char *)structure + fields[i].offset);

		if (!is_there && fields[i].is_required)
			return -EBADMSG;
	}
	return 0;
}

/* "%any", and port 0, where charon does not know yet. */
static struct ip_endpoint read_endpoint(const struct vici_section *section, const char *host,
					const char *port)
{
	struct ip_endpoint endpoint = { 0 };
	char text[IP_ADDRESS_TEXT_SIZE];
	uint64_t number = 0;

	if (ip_address_parse(vici_find_text(section, host, text, sizeof(text)), &endpoint.address) <
	    0)
		return (struct ip_endpoint) { 0 };
	(void)vici_find_number(section, port, 10, UINT16_MAX, &number);
	endpoint.port = (uint16_t)number;
	return endpoint;
}

static void read_children(const struct vici_section *section, struct ike_sa *sa)
{
	struct vici_section rest = { 0 }, inner;
	char name[VICI_NAME_MAX + 1];

	(void)vici_find_section(section, "child-sas", &rest);
	while (vici_next_section(&rest, name, &inner)) {
		struct child_sa child = { 0 };

		if (read_fields(&inner, child_fields, ARRAY_SIZE(child_fields), &child) < 0)
			continue;
		if (sa->children_count == SA_CHILDREN_MAX)
			sa->has_more_children = true;
		else
			*ARRAY_APPEND(sa->children, sa->children_count) = child;
	}
}

int ike_sa_read(const char *connection, const struct vici_section *section, struct ike_sa *ret)
{
	struct ike_sa sa = { 0 };
	int result = read_fields(section, ike_fields, ARRAY_SIZE(ike_fields), &sa);

	if (result < 0)
		return result;
	(void)snprintf(sa.connection, sizeof(sa.connection), "%s", connection);
	sa.local = read_endpoint(section, "local-host", "local-port");
	sa.remote = read_endpoint(section, "remote-host", "remote-port");
	read_children(section, &sa);
	*ret = sa;
	return 0;
}

static bool is_one_of(const char *state, const char *const *states)
{
	for (; *states; states++)
		if (strcmp(state, *states) == 0)
			return true;
	return false;
}

bool ike_sa_is_established(const struct ike_sa *sa)
{
	static const char *const states[] = { "ESTABLISHED", "REKEYING", NULL };

	return is_one_of(sa->state, states);
}

bool child_sa_carries(const struct child_sa *child)
{
	static const char *const states[] = { "INSTALLED", "UPDATING", "REKEYING", NULL };

	return is_one_of(child->state, states);
}

bool ike_sa_carries(const struct ike_sa *sa)
{
	for (size_t i = 0; i < sa->children_count; i++)
		if (child_sa_carries(&sa->children[i]))
			return true;
	return false;
}
