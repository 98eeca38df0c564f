/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/backend.h"
#include "netlink/spaces.h"

/*
 * Back ends of rtnetlink. @spaces is kept and must outlive the back end.
 *
 * The namespace has to be observed first: that is where a namespace that was deleted or made anew
 * is noticed, and the sockets of the old one are closed.
 */
void namespace_backend(struct spaces *spaces, struct backend *ret);
void vrf_member_backend(struct spaces *spaces, struct backend *ret);
void vrf_rule_backend(struct spaces *spaces, struct backend *ret);
void address_backend(struct spaces *spaces, struct backend *ret);
void route_backend(struct spaces *spaces, struct backend *ret);
