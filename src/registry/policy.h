/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/warning.h"
#include "core/model.h"

/*
 * What a registry must not do to this host, whoever signed it (registry specification, section
 * 6.2), and what it says about this host.
 *
 * E_LOCAL_POLICY: a prefix of another node overlaps this node's own networks, an address or
 * connected network of the underlay, or the literal or resolved address of any endpoint: packets
 * of a tunnel would be sent into a tunnel. Resolver and default gateway are protected as part of
 * the connected networks in @facts.
 * E_KEY_REUSED: another node has this node's WireGuard key.
 *
 * Warnings E_SELF tell where registry and configuration disagree about this node; both values are
 * in the text. The registry is usable all the same.
 */
int registry_check_local(const struct registry *registry, const struct config *config,
			 const struct facts *facts, struct warnings *warnings, struct error *error);
