/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/object.h"
#include "netlink/route_dump.h"

/* The kernel's name for "where this SID goes" (RTA_ENCAP_TYPE, RTA_ENCAP). */
void sid_put_encapsulation(struct nlmsghdr *request, const struct sid *sid);

/*
 * Is @info a SID with a behavior of ours and exactly the parameters that we give it? Only
 * @ret->behavior is written.
 */
bool sid_decode_encapsulation(const struct route_info *info, struct sid *ret);

/* Is @info a seg6local route, whatever it does? */
bool sid_is_seg6local(const struct route_info *info);
