// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/xfrm_decode.h"

#include "netlink/attribute.h"

#include <arpa/inet.h>
#include <linux/xfrm.h>
#include <string.h>

/* Structures have members of 64 bits, and messages are aligned to 32. */
static bool read_header(const struct nlmsghdr *message, uint16_t type, void *ret, size_t size,
			const struct nlattr *attributes[XFRMA_MAX + 1])
{
	if (message->nlmsg_type != type || mnl_nlmsg_get_payload_len(message) < size)
		return false;
	memcpy(ret, mnl_nlmsg_get_payload(message), size);
	attributes_parse(message, size, attributes, XFRMA_MAX);
	return true;
}

/* The absent address for what is neither IPv4 nor IPv6. */
static struct ip_address address(uint16_t family, const xfrm_address_t *bytes)
{
	return family == AF_INET || family == AF_INET6 ? ip_address_from_bytes(family, bytes)
						       : (struct ip_address) { 0 };
}

static struct xfrm_packet_mark mark(const struct nlattr *attribute)
{
	struct xfrm_mark mark = { 0 };

	if (attribute && mnl_attr_get_payload_len(attribute) >= sizeof(mark))
		memcpy(&mark, mnl_attr_get_payload(attribute), sizeof(mark));
	return (struct xfrm_packet_mark) { .value = mark.v, .mask = mark.m };
}

static void read_ports(const struct nlattr *attribute, struct xfrm_state *ret)
{
	struct xfrm_encap_tmpl encapsulation;

	if (!attribute || mnl_attr_get_payload_len(attribute) < sizeof(encapsulation))
		return;
	memcpy(&encapsulation, mnl_attr_get_payload(attribute), sizeof(encapsulation));
	ret->source_port = ntohs(encapsulation.encap_sport);
	ret->destination_port = ntohs(encapsulation.encap_dport);
}

bool xfrm_state_decode(const struct nlmsghdr *message, struct xfrm_state *ret)
{
	const struct nlattr *attributes[XFRMA_MAX + 1];
	struct xfrm_usersa_info info;

	if (!read_header(message, XFRM_MSG_NEWSA, &info, sizeof(info), attributes))
		return false;
	*ret = (struct xfrm_state) {
		.if_id = attribute_u32(attributes[XFRMA_IF_ID], 0),
		.spi = ntohl(info.id.spi),
		.protocol = info.id.proto,
		.source = address(info.family, &info.saddr),
		.destination = address(info.family, &info.id.daddr),
		.mark = mark(attributes[XFRMA_MARK]),
	};
	read_ports(attributes[XFRMA_ENCAP], ret);
	return true;
}

static const uint8_t directions[] = {
	[XFRM_IN] = XFRM_POLICY_IN,
	[XFRM_OUT] = XFRM_POLICY_OUT,
	[XFRM_FORWARD] = XFRM_POLICY_FWD,
};

uint8_t xfrm_direction_number(enum xfrm_direction direction)
{
	return directions[direction];
}

bool xfrm_policy_decode(const struct nlmsghdr *message, struct xfrm_policy *ret)
{
	const struct nlattr *attributes[XFRMA_MAX + 1];
	struct xfrm_userpolicy_info info;

	if (!read_header(message, XFRM_MSG_NEWPOLICY, &info, sizeof(info), attributes))
		return false;
	for (size_t i = 0; i < sizeof(directions); i++) {
		if (directions[i] != info.dir)
			continue;
		*ret = (struct xfrm_policy) {
			.if_id = attribute_u32(attributes[XFRMA_IF_ID], 0),
			.index = info.index,
			.direction = (enum xfrm_direction)i,
			.source = { address(info.sel.family, &info.sel.saddr),
				    info.sel.prefixlen_s },
			.destination = { address(info.sel.family, &info.sel.daddr),
					 info.sel.prefixlen_d },
			.mark = mark(attributes[XFRMA_MARK]),
		};
		return true;
	}
	return false;
}
