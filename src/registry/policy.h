/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/warning.h"
#include "core/model.h"

/*
 * Leave out the nodes with a key in "deny_keys" of the configuration, each with a warning
 * E_LOCAL_POLICY; this node itself always stays. To be called for every registry that was accepted
 * elsewhere, before registry_check_local() and intend(), and again with another configuration: what
 * was left out before is asked anew. All that comes behind sees only the nodes that stay.
 */
void registry_apply_policy(struct registry *registry, const struct config *config,
			   struct warnings *warnings);

/*
 * What a registry must not do to this host, whoever signed it (registry specification, section
 * 6.2), and what it says about this host.
 *
 * E_LOCAL_POLICY: a prefix of another node that
 *
 *	is a default route, unless "accept_default_from" names the node
 *	is not in "accept", where that lists anything (a default route needs not be)
 *	takes what this host needs, or what "deny" lists: see guard.h
 *
 * or more prefixes than "max_prefixes". Packets of a tunnel would be sent into a tunnel otherwise.
 * That the name of an endpoint resolves into the overlay refuses no registry: only that peer gets
 * no tunnel, see intend().
 *
 * E_KEY_REUSED: another node has this node's WireGuard key.
 *
 * Warnings E_SELF tell where registry and configuration disagree about this node, its secrets
 * included; both values are in the text. The registry is usable all the same.
 */
int registry_check_local(const struct registry *registry, const struct config *config,
			 const struct facts *facts, struct warnings *warnings, struct error *error);
