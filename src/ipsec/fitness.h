/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "ipsec/charon_config.h"
#include "vici/message.h"

/*
 * Can a charon that we have not configured do what is needed? Pure. Of its settings it tells
 * nothing but its plugins; what follows from them is in docs/operations.md.
 */

/*
 * @stats: its reply to the command of that name. What it lacks, or has too much, in words that
 * follow on its name: "has no plugin ...; install ...". "" if nothing is wrong. Returns @buffer.
 */
const char *fitness_fault(const struct vici_section *stats, const struct charon_settings *settings,
			  char *buffer, size_t size);
