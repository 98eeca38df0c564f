// SPDX-License-Identifier: GPL-2.0-or-later
#include "srv6/sid_codec.h"

#include "netlink/attribute.h"

#include <linux/lwtunnel.h>
#include <linux/seg6_local.h>
#include <string.h>

/*
 * Each behavior with its kernel action and the one parameter that the action needs. The next hops
 * are all zero: the kernel then looks up the inner destination in the tables of the namespace.
 */
static const struct {
	uint32_t action;
	uint16_t parameter; /* SEG6_LOCAL_..., or SEG6_LOCAL_UNSPEC */
	uint16_t size;
} behaviors[] = {
	[SID_END] = { SEG6_LOCAL_ACTION_END, SEG6_LOCAL_UNSPEC, 0 },
	[SID_END_DX4] = { SEG6_LOCAL_ACTION_END_DX4, SEG6_LOCAL_NH4, sizeof(struct in_addr) },
	[SID_END_DX6] = { SEG6_LOCAL_ACTION_END_DX6, SEG6_LOCAL_NH6, sizeof(struct in6_addr) },
	[SID_END_DT46] = { SEG6_LOCAL_ACTION_END_DT46, SEG6_LOCAL_VRFTABLE, sizeof(uint32_t) },
};

/* The bytes of the behavior's parameter. */
static void format_parameter(const struct sid *sid, uint8_t ret[sizeof(struct in6_addr)])
{
	memset(ret, 0, sizeof(struct in6_addr));
	if (behaviors[sid->behavior].parameter == SEG6_LOCAL_VRFTABLE)
		memcpy(ret, &sid->table, sizeof(sid->table));
}

void sid_put_encapsulation(struct nlmsghdr *request, const struct sid *sid)
{
	uint8_t parameter[sizeof(struct in6_addr)];
	struct nlattr *nest;

	mnl_attr_put_u16(request, RTA_ENCAP_TYPE, LWTUNNEL_ENCAP_SEG6_LOCAL);
	nest = mnl_attr_nest_start(request, RTA_ENCAP);
	mnl_attr_put_u32(request, SEG6_LOCAL_ACTION, behaviors[sid->behavior].action);
	format_parameter(sid, parameter);
	if (behaviors[sid->behavior].size)
		mnl_attr_put(request, behaviors[sid->behavior].parameter,
			     behaviors[sid->behavior].size, parameter);
	mnl_attr_nest_end(request, nest);
}

bool sid_is_seg6local(const struct route_info *info)
{
	return attribute_u16(info->attributes[RTA_ENCAP_TYPE], LWTUNNEL_ENCAP_NONE) ==
	       LWTUNNEL_ENCAP_SEG6_LOCAL;
}

static bool has_parameter(const struct nlattr *attribute, const struct sid *sid)
{
	uint8_t expected[sizeof(struct in6_addr)];
	size_t size = behaviors[sid->behavior].size;

	format_parameter(sid, expected);
	return !size || (attribute && mnl_attr_get_payload_len(attribute) == size &&
			 !memcmp(mnl_attr_get_payload(attribute), expected, size));
}

bool sid_decode_encapsulation(const struct route_info *info, struct sid *ret)
{
	const struct nlattr *attributes[SEG6_LOCAL_MAX + 1];
	struct sid sid = { .table = info->table };
	uint32_t action;

	if (!sid_is_seg6local(info))
		return false;
	attributes_parse_nested(info->attributes[RTA_ENCAP], attributes, SEG6_LOCAL_MAX);
	action = attribute_u32(attributes[SEG6_LOCAL_ACTION], SEG6_LOCAL_ACTION_UNSPEC);
	for (unsigned i = 0; i < ARRAY_SIZE(behaviors); i++) {
		sid.behavior = (enum sid_behavior)i;
		if (behaviors[i].action != action ||
		    !has_parameter(attributes[behaviors[i].parameter], &sid))
			continue;
		ret->behavior = sid.behavior;
		return true;
	}
	return false;
}
