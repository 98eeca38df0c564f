/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "firewall/backend.h"
#include "firewall/nft.h"

/*
 * The table of a space as it was read last. Every observation asks; a generation that is still the
 * same answers without reading thousands of prefixes.
 */
struct seen {
	bool is_valid;
	uint32_t generation;
	uint64_t namespace;
	bool exists;
	bool is_as_made;      /* ours, and as the record says */
	struct object object; /* the ruleset, perhaps foreign */
};

/* The chains of others as they were read last, for the same reason. */
struct forward_seen {
	bool is_valid;
	uint32_t generation;
	uint64_t namespace;
	struct forward_chains chains;
};

struct firewall {
	struct spaces *spaces;
	struct nft_spaces *nft;
	char *private_dir;
	struct seen seen[SPACE_OVERLAY + 1];
	struct forward_seen forward;
	uint64_t writes;
	firewall_replaced_fn *replaced; /* may be NULL */
	void *replaced_userdata;
};
