/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "netlink/xfrm.h"

#include <libmnl/libmnl.h>

/*
 * What the kernel says of a state (XFRM_MSG_NEWSA) or a policy (XFRM_MSG_NEWPOLICY) in a list.
 * Pure. False for another message, one that is too short, and the policy of a single socket.
 */
bool xfrm_state_decode(const struct nlmsghdr *message, struct xfrm_state *ret);
bool xfrm_policy_decode(const struct nlmsghdr *message, struct xfrm_policy *ret);

/* XFRM_POLICY_IN and so on. */
uint8_t xfrm_direction_number(enum xfrm_direction direction);
