/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "firewall/nft.h"

#include <stdbool.h>

/*
 * What the kernel has of a table `inet NAME`, read by plain netlink: libnftables takes a hundred
 * times as long to list a table of 20,000 prefixes.
 */
#define TABLE_COMMENT_SIZE 129 /* NFTNL_UDATA_COMMENT_MAXLEN, and the terminator */

struct table {
	bool exists;
	char comment[TABLE_COMMENT_SIZE]; /* "" if it has none */
	/*
	 * SHA-256 of its flags, chains, rules, sets, elements and names of objects as the kernel
	 * dumps them, handles included: equal as long as nobody has changed anything. Counters may
	 * count, and dynamic sets, of which only name and flags are read, may fill.
	 */
	uint8_t fingerprint[KEY_SIZE];
};

/* 0, also for a table that does not exist, or -errno with @error. */
int table_read(struct nft_spaces *nft, enum space space, const char *name, struct table *ret,
	       struct error *error);

/* Only whether it exists: 1, 0 or -errno with @error. */
int table_exists(struct nft_spaces *nft, enum space space, const char *name, struct error *error);
