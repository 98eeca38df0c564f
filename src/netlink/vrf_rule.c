// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/backends.h"

#include "netlink/attribute.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>

/* The kernel's own choice, vrf_fib_rule(). */
#define VRF_RULE_PRIORITY 1000

static bool vrf_rule_claims(void *userdata, const struct object *object)
{
	(void)userdata;
	return object->kind == OBJECT_VRF_RULE;
}

static int take_rule(void *userdata, const struct nlmsghdr *message)
{
	const struct fib_rule_hdr *header = mnl_nlmsg_get_payload(message);
	const struct nlattr *attributes[FRA_MAX + 1];
	struct object object = { .kind = OBJECT_VRF_RULE };

	if (message->nlmsg_type != RTM_NEWRULE ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(*header))
		return 0;
	attributes_parse(message, sizeof(*header), attributes, FRA_MAX);
	object.vrf_rule.family = header->family;
	if (header->action == FR_ACT_TO_TBL && attribute_u8(attributes[FRA_L3MDEV], 0) == 1)
		(void)state_add(userdata, &object);
	return 0;
}

/* Only what is wanted: a rule that is there when none is wanted is the kernel's. */
static int vrf_rule_observe(void *userdata, const struct state *intended, struct state *operational,
			    struct error *error)
{
	struct netlink *netlink;
	int result = 0;

	STATE_FOR_EACH(intended, OBJECT_VRF_RULE, object)
	{
		struct fib_rule_hdr *header;

		if (result == 0)
			result = spaces_rtnetlink(userdata, SPACE_OVERLAY, &netlink, error);
		if (result < 0)
			break;
		header = mnl_nlmsg_put_extra_header(netlink_request(netlink, RTM_GETRULE, 0),
						    sizeof(*header));
		header->family = (uint8_t)object->vrf_rule.family;
		result = netlink_dump(netlink, "list of rules", take_rule, operational, error);
	}
	return result;
}

static int vrf_rule_apply(void *userdata, const struct operation *operation,
			  const struct state *intended, uint64_t id, struct error *error)
{
	struct fib_rule_hdr *header;
	struct nlmsghdr *request;
	struct netlink *netlink;
	int result;

	(void)intended, (void)id;
	if (operation->type == OPERATION_DELETE)
		return 0;
	result = spaces_rtnetlink(userdata, SPACE_OVERLAY, &netlink, error);
	if (result < 0)
		return result;
	request = netlink_request(netlink, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL);
	header = mnl_nlmsg_put_extra_header(request, sizeof(*header));
	header->family = (uint8_t)operation->to->vrf_rule.family;
	header->action = FR_ACT_TO_TBL;
	mnl_attr_put_u32(request, FRA_PRIORITY, VRF_RULE_PRIORITY);
	mnl_attr_put_u8(request, FRA_L3MDEV, 1);
	mnl_attr_put_u8(request, FRA_PROTOCOL, RTPROT_KERNEL);
	result = netlink_call(netlink, "rule of VRFs", error);
	/* Made by the kernel a moment ago, with the VRF. */
	return result == -EEXIST ? 0 : result;
}

void vrf_rule_backend(struct spaces *spaces, struct backend *ret)
{
	*ret = (struct backend) {
		.name = "vrf-rule",
		.userdata = spaces,
		.claims = vrf_rule_claims,
		.observe = vrf_rule_observe,
		.apply = vrf_rule_apply,
	};
}
