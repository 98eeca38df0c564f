/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "netlink/spaces.h"

/*
 * Addresses of a link that is not ours, and so no objects: marked and made as those are, but found
 * by asking. -ENODEV with an error without such a link.
 */
int address_add(struct spaces *spaces, enum space space, const char *link,
		const struct ip_prefix *prefix, struct error *error);

/* One that is not there is no error, nor is it without the link. */
int address_remove(struct spaces *spaces, enum space space, const char *link,
		   const struct ip_prefix *prefix, struct error *error);

/* All of IPv6, whoever has made them, in any order; malloc()ed. */
int address_list(struct spaces *spaces, enum space space, const char *link, struct ip_prefix **ret,
		 size_t *ret_count, struct error *error);
