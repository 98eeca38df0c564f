// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/packet.h"

#include "base/cleanup.h"

#include <errno.h>
#include <string.h>

/* RFC 8966 section 4.2 */
#define HEADER_SIZE 4
#define MAGIC 42
#define VERSION 2

/* Section 4.3 and 4.4: a type and a length, but Pad1 is one byte. */
#define TLV_HEADER_SIZE 2
#define TYPE_PAD1 0
#define TYPE_PADN 1

/* Section 4.6: offsets into the body of a TLV, behind type and length. */
#define TLV_ROUTER_ID 6
#define ROUTER_ID_OFFSET 2
#define ROUTER_ID_BODY 10

#define TLV_NEXT_HOP 7
#define NEXT_HOP_BODY 2

#define TLV_UPDATE 8
#define UPDATE_FLAGS 1
#define UPDATE_LENGTH 2
#define UPDATE_OMITTED 3
#define UPDATE_INTERVAL 4
#define UPDATE_SEQNO 6
#define UPDATE_METRIC 8
#define UPDATE_BODY 10
#define FLAG_PREFIX 0x80    /* the prefix is the default for those that follow */
#define FLAG_ROUTER_ID 0x40 /* and its last bytes are their router-id */

/* Section 4.7; RFC 9079 section 7.1 */
#define SUBTLV_MANDATORY 0x80
#define SUBTLV_SOURCE_PREFIX 128

enum encoding {
	ENCODING_WILDCARD,
	ENCODING_IPV4,
	ENCODING_IPV6,
	ENCODING_LINK_LOCAL,
	ENCODING_IPV4_VIA_IPV6,
};
_Static_assert(BABEL_ENCODINGS == ENCODING_IPV4_VIA_IPV6 + 1, "one default prefix per encoding");

/* How addresses are written. Link-local ones are fe80::/64 and the last eight bytes. */
static const struct {
	uint16_t family;
	uint8_t size;	 /* bytes of a whole address */
	uint8_t implied; /* of these never sent */
} encodings[BABEL_ENCODINGS] = {
	[ENCODING_WILDCARD] = { AF_UNSPEC, 0, 0 },    [ENCODING_IPV4] = { AF_INET, 4, 0 },
	[ENCODING_IPV6] = { AF_INET6, 16, 0 },	      [ENCODING_LINK_LOCAL] = { AF_INET6, 16, 8 },
	[ENCODING_IPV4_VIA_IPV6] = { AF_INET, 4, 0 },
};
static const uint8_t link_local[16] = { 0xfe, 0x80 };

/* The body of a TLV, or what is left of it. */
struct slice {
	const uint8_t *bytes;
	size_t size;
};

static struct slice slice_skip(struct slice slice, size_t size)
{
	return (struct slice) { slice.bytes + size, slice.size - size };
}

static uint16_t read_u16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

int babel_packet_open(const void *bytes, size_t size, struct babel_packet *ret)
{
	const uint8_t *header = bytes;
	struct babel_packet packet = { 0 };

	if (size < HEADER_SIZE || header[0] != MAGIC || header[1] != VERSION)
		return -EINVAL;
	packet.bytes = header + HEADER_SIZE;
	packet.size = read_u16(header + 2);
	if (packet.size > size - HEADER_SIZE) {
		packet.size = size - HEADER_SIZE;
		packet.malformed++;
	}
	*ret = packet;
	return 0;
}

/*
 * A prefix of @length bits whose first @omitted bytes are those of @before; the rest is at the
 * beginning of @slice. Section 4.6.9. Fills all bytes of an address and sets *@ret_size to the
 * bytes that were read.
 */
static int read_prefix(struct slice slice, unsigned encoding, unsigned length, unsigned omitted,
		       const struct babel_default_prefix *before, uint8_t ret[16], size_t *ret_size)
{
	size_t wanted = (length + 7) / 8;
	size_t given = omitted;

	if (wanted > encodings[encoding].size || omitted > wanted || (omitted && !before->is_known))
		return -EINVAL;
	memset(ret, 0, 16);
	if (omitted) {
		memcpy(ret, before->bytes, omitted);
	} else if (encodings[encoding].implied) {
		given = encodings[encoding].implied;
		memcpy(ret, link_local, given);
	}
	if (wanted > given) {
		if (slice.size < wanted - given)
			return -EINVAL;
		memcpy(ret + given, slice.bytes, wanted - given);
	}
	*ret_size = wanted > given ? wanted - given : 0;
	return 0;
}

static struct ip_prefix prefix_of(unsigned encoding, const uint8_t bytes[16], unsigned length)
{
	struct ip_prefix prefix = { .length = (uint8_t)length };

	prefix.address = ip_address_from_bytes(encodings[encoding].family, bytes);
	return ip_prefix_masked(&prefix);
}

/*
 * One TLV or sub-TLV at @*at; false at the end. Pad1 and PadN are skipped. A length that leads out
 * of the slice ends it and is malformed.
 */
static bool next_tlv(struct slice all, size_t *at, unsigned *malformed, uint8_t *ret_type,
		     struct slice *ret)
{
	while (*at < all.size) {
		const uint8_t *tlv = all.bytes + *at;
		size_t left = all.size - *at;

		if (tlv[0] == TYPE_PAD1) {
			++*at;
			continue;
		}
		if (left < TLV_HEADER_SIZE || left - TLV_HEADER_SIZE < tlv[1]) {
			++*malformed;
			*at = all.size;
			break;
		}
		*at += TLV_HEADER_SIZE + tlv[1];
		if (tlv[0] == TYPE_PADN)
			continue;
		*ret_type = tlv[0];
		*ret = (struct slice) { tlv + TLV_HEADER_SIZE, tlv[1] };
		return true;
	}
	return false;
}

static void read_router_id(struct babel_packet *packet, struct slice body)
{
	packet->has_router_id = body.size >= ROUTER_ID_BODY;
	if (packet->has_router_id)
		memcpy(packet->router_id, body.bytes + ROUTER_ID_OFFSET, BABEL_ROUTER_ID_SIZE);
	else
		packet->malformed++;
}

static void forget_next_hops(struct babel_packet *packet)
{
	packet->next_hop4 = packet->next_hop6 = (struct ip_address) { 0 };
	packet->malformed++;
}

static void read_next_hop(struct babel_packet *packet, struct slice body)
{
	static const struct babel_default_prefix none = { 0 };
	struct ip_address *kept;
	uint8_t bytes[16];
	unsigned encoding;
	size_t size;

	if (body.size < NEXT_HOP_BODY) {
		forget_next_hops(packet);
		return;
	}
	encoding = body.bytes[0];
	if (encoding >= BABEL_ENCODINGS || encoding == ENCODING_IPV4_VIA_IPV6)
		return; /* RFC 9229 section 2.1: of no meaning here, ignored */
	if (encoding == ENCODING_WILDCARD ||
	    read_prefix(slice_skip(body, NEXT_HOP_BODY), encoding, 8u * encodings[encoding].size, 0,
			&none, bytes, &size) < 0) {
		forget_next_hops(packet);
		return;
	}
	kept = encoding == ENCODING_IPV4 ? &packet->next_hop4 : &packet->next_hop6;
	*kept = ip_address_from_bytes(encodings[encoding].family, bytes);
}

static void forget_defaults(struct babel_packet *packet)
{
	memset(packet->defaults, 0, sizeof(packet->defaults));
}

/* Section 4.6.9: four zero bytes and an IPv4 address, or the second half of an IPv6 address. */
static void router_id_from_prefix(struct babel_packet *packet, const struct ip_address *address)
{
	memset(packet->router_id, 0, sizeof(packet->router_id));
	if (address->family == AF_INET)
		memcpy(packet->router_id + 4, address->bytes, 4);
	else
		memcpy(packet->router_id, address->bytes + 8, 8);
	packet->has_router_id = true;
}

/* RFC 9079 section 7.1: once at most, never of length 0. */
static int read_source(struct slice body, unsigned encoding, struct ip_prefix *ret)
{
	static const struct babel_default_prefix none = { 0 };
	uint8_t bytes[16];
	size_t size;

	if (ip_address_present(&ret->address) || body.size < 1 || body.bytes[0] == 0 ||
	    read_prefix(slice_skip(body, 1), encoding, body.bytes[0], 0, &none, bytes, &size) < 0)
		return -EINVAL;
	*ret = prefix_of(encoding, bytes, body.bytes[0]);
	return 0;
}

/* Returns false if the Update has to be ignored. */
static bool read_subtlvs(struct babel_packet *packet, struct slice rest, unsigned encoding,
			 struct babel_update *update)
{
	unsigned malformed = 0;
	bool is_understood = true;
	struct slice body;
	uint8_t type;
	size_t at = 0;

	while (next_tlv(rest, &at, &malformed, &type, &body)) {
		if (type == SUBTLV_SOURCE_PREFIX && encoding != ENCODING_WILDCARD)
			malformed += read_source(body, encoding, &update->source) < 0;
		else if (type & SUBTLV_MANDATORY)
			is_understood = false;
	}
	packet->malformed += malformed > 0;
	return malformed == 0 && is_understood;
}

/*
 * The parser's state follows from every Update, also from one that has to be ignored (section 4.5),
 * because the sender has built on it. Host bits are cleared before anything follows from them, as
 * babeld does: otherwise it and we could see different prefixes in one packet.
 */
static int read_update_prefix(struct babel_packet *packet, struct slice body,
			      struct slice *ret_rest, struct babel_update *update)
{
	unsigned encoding = body.bytes[0];
	unsigned flags = body.bytes[UPDATE_FLAGS];
	unsigned length = body.bytes[UPDATE_LENGTH];
	uint8_t bytes[16];
	size_t size;

	if (read_prefix(slice_skip(body, UPDATE_BODY), encoding, length, body.bytes[UPDATE_OMITTED],
			&packet->defaults[encoding], bytes, &size) < 0) {
		if (flags & FLAG_PREFIX)
			forget_defaults(packet);
		return -EINVAL;
	}
	*ret_rest = slice_skip(body, UPDATE_BODY + size);
	if (encoding == ENCODING_WILDCARD)
		return 0;
	update->prefix = prefix_of(encoding, bytes, length);
	if ((flags & FLAG_PREFIX) && encoding != ENCODING_LINK_LOCAL) {
		packet->defaults[encoding].is_known = true;
		memcpy(packet->defaults[encoding].bytes, update->prefix.address.bytes,
		       sizeof(bytes));
	}
	if (flags & FLAG_ROUTER_ID)
		router_id_from_prefix(packet, &update->prefix.address);
	return 0;
}

static bool is_complete(const struct babel_packet *packet, const struct babel_update *update)
{
	return update->metric == BABEL_METRIC_INFINITY ||
	       (packet->has_router_id && ip_address_present(&update->prefix.address));
}

static bool read_update(struct babel_packet *packet, struct slice body, struct babel_update *ret)
{
	struct babel_update update = { 0 };
	struct slice rest;

	if (body.size < UPDATE_BODY) {
		if (body.size <= UPDATE_FLAGS || body.bytes[UPDATE_FLAGS] & FLAG_PREFIX)
			forget_defaults(packet);
		packet->malformed++;
		return false;
	}
	if (body.bytes[0] >= BABEL_ENCODINGS)
		return false;
	update.interval_centiseconds = read_u16(body.bytes + UPDATE_INTERVAL);
	update.seqno = read_u16(body.bytes + UPDATE_SEQNO);
	update.metric = read_u16(body.bytes + UPDATE_METRIC);
	if (read_update_prefix(packet, body, &rest, &update) < 0 || !is_complete(packet, &update)) {
		packet->malformed++;
		return false;
	}
	if (packet->has_router_id)
		memcpy(update.router_id, packet->router_id, sizeof(update.router_id));
	update.next_hop = body.bytes[0] == ENCODING_IPV4 ? packet->next_hop4 : packet->next_hop6;
	if (!read_subtlvs(packet, rest, body.bytes[0], &update))
		return false;
	*ret = update;
	return true;
}

bool babel_packet_next(struct babel_packet *packet, struct babel_update *ret)
{
	const struct slice all = { packet->bytes, packet->size };
	struct slice body;
	uint8_t type;

	while (next_tlv(all, &packet->at, &packet->malformed, &type, &body)) {
		if (type == TLV_ROUTER_ID)
			read_router_id(packet, body);
		else if (type == TLV_NEXT_HOP)
			read_next_hop(packet, body);
		else if (type == TLV_UPDATE && read_update(packet, body, ret))
			return true;
	}
	return false;
}
