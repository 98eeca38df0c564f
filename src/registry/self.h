/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/warning.h"
#include "core/model.h"

/* Adds a warning E_SELF for each thing that @registry and @config say differently of this node. */
void registry_compare_self(const struct registry *registry, const struct config *config,
			   struct warnings *warnings);
