// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/xfrm.h"

#include "base/memory.h"
#include "netlink/attribute.h"
#include "netlink/xfrm_decode.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <linux/xfrm.h>
#include <string.h>

struct states {
	struct xfrm_state *array;
	size_t count;
};

struct policies {
	struct xfrm_policy *array;
	size_t count;
};

static int take_state(void *userdata, const struct nlmsghdr *message)
{
	struct states *states = userdata;
	struct xfrm_state state;

	if (xfrm_state_decode(message, &state))
		*ARRAY_APPEND(states->array, states->count) = state;
	return 0;
}

static int take_policy(void *userdata, const struct nlmsghdr *message)
{
	struct policies *policies = userdata;
	struct xfrm_policy policy;

	if (xfrm_policy_decode(message, &policy))
		*ARRAY_APPEND(policies->array, policies->count) = policy;
	return 0;
}

/* A kernel without XFRM has nothing to list. */
static int dump(struct spaces *spaces, uint16_t type, const char *what, netlink_message_fn *message,
		void *userdata, struct error *error)
{
	struct netlink *netlink;
	int result = spaces_xfrm(spaces, &netlink, error);

	if (result < 0)
		return result == -EPROTONOSUPPORT ? 0 : result;
	(void)netlink_request(netlink, type, 0);
	return netlink_dump(netlink, what, message, userdata, error);
}

int xfrm_states_read(struct spaces *spaces, struct xfrm_state **ret, size_t *ret_count,
		     struct error *error)
{
	struct states states = { 0 };
	int result =
		dump(spaces, XFRM_MSG_GETSA, "list of IPsec states", take_state, &states, error);

	if (result < 0) {
		free(states.array);
		return result;
	}
	*ret = states.array;
	*ret_count = states.count;
	return 0;
}

int xfrm_policies_read(struct spaces *spaces, struct xfrm_policy **ret, size_t *ret_count,
		       struct error *error)
{
	struct policies policies = { 0 };
	int result = dump(spaces, XFRM_MSG_GETPOLICY, "list of IPsec policies", take_policy,
			  &policies, error);

	if (result < 0) {
		free(policies.array);
		return result;
	}
	*ret = policies.array;
	*ret_count = policies.count;
	return 0;
}

static void put_mark(struct nlmsghdr *request, const struct xfrm_packet_mark *mark)
{
	const struct xfrm_mark attribute = { .v = mark->value, .m = mark->mask };

	if (mark->value || mark->mask)
		mnl_attr_put(request, XFRMA_MARK, sizeof(attribute), &attribute);
}

/* Whatever it was, it is gone. */
static int call(struct netlink *netlink, const char *what, struct error *error)
{
	int result = netlink_call(netlink, what, error);

	return result == -ESRCH || result == -ENOENT ? 0 : result;
}

int xfrm_state_delete(struct spaces *spaces, const struct xfrm_state *state, struct error *error)
{
	struct netlink *netlink;
	struct nlmsghdr *request;
	struct xfrm_usersa_id *id;
	int result = spaces_xfrm(spaces, &netlink, error);

	if (result < 0)
		return result == -EPROTONOSUPPORT ? 0 : result;
	request = netlink_request(netlink, XFRM_MSG_DELSA, 0);
	id = mnl_nlmsg_put_extra_header(request, sizeof(*id));
	memcpy(&id->daddr, state->destination.bytes, ip_address_size(&state->destination));
	id->spi = htonl(state->spi);
	id->family = state->destination.family;
	id->proto = state->protocol;
	put_mark(request, &state->mark);
	/* Protocols without an SPI are found by both addresses. */
	if (ip_address_present(&state->source)) {
		xfrm_address_t source = { 0 };

		memcpy(&source, state->source.bytes, ip_address_size(&state->source));
		mnl_attr_put(request, XFRMA_SRCADDR, sizeof(source), &source);
	}
	return call(netlink, "deletion of an IPsec state", error);
}

int xfrm_policy_delete(struct spaces *spaces, const struct xfrm_policy *policy, struct error *error)
{
	struct netlink *netlink;
	struct nlmsghdr *request;
	struct xfrm_userpolicy_id *id;
	int result = spaces_xfrm(spaces, &netlink, error);

	if (result < 0)
		return result == -EPROTONOSUPPORT ? 0 : result;
	request = netlink_request(netlink, XFRM_MSG_DELPOLICY, 0);
	id = mnl_nlmsg_put_extra_header(request, sizeof(*id));
	/* By its number, so that the selector need not be told. */
	id->index = policy->index;
	id->dir = xfrm_direction_number(policy->direction);
	put_mark(request, &policy->mark);
	if (policy->if_id)
		mnl_attr_put_u32(request, XFRMA_IF_ID, policy->if_id);
	return call(netlink, "deletion of an IPsec policy", error);
}

int xfrm_states_delete(struct spaces *spaces, uint32_t if_id, struct error *error)
{
	CLEANUP(free) struct xfrm_state *states = NULL;
	size_t count = 0;
	int result = xfrm_states_read(spaces, &states, &count, error);

	assert(if_id);
	for (size_t i = 0; i < count && result == 0; i++)
		if (states[i].if_id == if_id)
			result = xfrm_state_delete(spaces, &states[i], error);
	return result;
}

int xfrm_policies_delete(struct spaces *spaces, uint32_t if_id, struct error *error)
{
	CLEANUP(free) struct xfrm_policy *policies = NULL;
	size_t count = 0;
	int result = xfrm_policies_read(spaces, &policies, &count, error);

	assert(if_id);
	for (size_t i = 0; i < count && result == 0; i++)
		if (policies[i].if_id == if_id)
			result = xfrm_policy_delete(spaces, &policies[i], error);
	return result;
}
