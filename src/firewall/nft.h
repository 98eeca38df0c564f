/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "netlink/spaces.h"

#include <nftables/libnftables.h>
#include <stdint.h>

/*
 * One libnftables context per space. A context belongs for ever to the network namespace in which
 * it was made, so it is made anew when the overlay was.
 */
struct nft_spaces;

struct nft_spaces *nft_spaces_new(struct spaces *spaces); /* @spaces must outlive it */
void nft_spaces_free(struct nft_spaces *nft);
CLEANUP_DEFINE(struct nft_spaces *, nft_spaces_free);

/*
 * Run @script in @space as one transaction. @flags: NFT_CTX_OUTPUT_JSON and the like. *ret_output
 * (may be NULL) is valid until the next call.
 *
 * Returns -ENOENT while the space does not exist. What nftables refuses is -EINVAL, with its own
 * words and the line that it means.
 */
int nft_spaces_run(struct nft_spaces *nft, enum space space, unsigned flags, const char *script,
		   const char **ret_output, struct error *error);

/* A plain netlink socket (NETLINK_NETFILTER) in @space, owned by @nft; errors as above. */
int nft_spaces_netlink(struct nft_spaces *nft, enum space space, struct netlink **ret,
		       struct error *error);

/*
 * The generation of @space's ruleset (NFT_MSG_GETGEN): the kernel counts every transaction of
 * anybody, so what was read at a generation is still so as long as it lasts. *ret is that of the
 * network namespace that is there now; a namespace made anew has another *ret_namespace.
 *
 * Returns -ENOENT while the space does not exist.
 */
int nft_spaces_generation(struct nft_spaces *nft, enum space space, uint32_t *ret,
			  uint64_t *ret_namespace, struct error *error);
