/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cli/options.h"
#include "registry/verify.h"

/*
 * Verify a bundle as --mesh-sha256, --state and --at say. Without pin and state it is checked
 * whether the file is sound in itself, and a note says what that is worth.
 */
int cli_verify_bundle(const struct cli_options *options, const struct bundle *bundle,
		      struct warnings *warnings, struct verified *ret, struct error *error);
