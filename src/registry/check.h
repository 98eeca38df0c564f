/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "core/model.h"

/*
 * What a registry must mean on every host (registry specification, section 4 step 8, section 6):
 *
 *	E_KEY_WEAK      a key with which no secret can be agreed
 *	E_KEY_REUSED    a WireGuard or identity key, or a router-id, of two nodes
 *	E_LOCAL_POLICY  a prefix that no node may announce; whether a default route may be is asked
 *	                by each host, see policy.h
 *	E_OVERLAP       prefixes of two nodes, an endpoint of two nodes, a WireGuard send_port twice
 *
 * Two nodes may have the same prefix if both say that it is anycast and both are of one
 * organization; in a signed registry also of two, whose grants are shared then. A default route
 * takes nothing away from prefixes that lie in it.
 *
 * Nodes are named as organization/common_name. The place of the error is left to the caller.
 */
int registry_check(const struct registry *registry, struct error *error);
