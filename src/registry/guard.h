/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "core/model.h"

/*
 * What this host needs and no other node may take from it: part of registry_check_local(), see
 * policy.h. E_LOCAL_POLICY if a prefix of another node overlaps
 *
 *	a network of this node (its SIDs are in there), unless both nodes say that it is anycast
 *	an address or a connected network of the underlay, a default gateway, a resolver
 *	the literal address of any endpoint
 *	a prefix of "deny"
 *
 * A default route overlaps only another one.
 */
int guard_check(const struct registry *registry, const struct config *config,
		const struct facts *facts, struct error *error);
