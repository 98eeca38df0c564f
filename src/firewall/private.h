/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "firewall/backend.h"
#include "firewall/nft.h"

struct firewall {
	struct spaces *spaces;
	struct nft_spaces *nft;
	char *private_dir;
};

/* Is there a table `inet NAME`? 1, 0 or -errno. */
int firewall_table_exists(struct firewall *firewall, enum space space, const char *name,
			  struct error *error);
