/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/warning.h"
#include "core/model.h"

/*
 * An unsigned registry is taken only if both switches are on: one stands on the machine, the other
 * comes with the command, so that neither a forgotten line nor a forgotten option is enough.
 */
struct registry_options {
	bool allow_unsigned_config; /* "registry": {"allow_unsigned": true} in config.json */
	bool allow_unsigned_flag;   /* --allow-unsigned */
	bool allow_empty;	    /* --allow-empty: no node at all is meant */
};

/*
 * Registry text of either format to a checked registry, which the caller frees with
 * registry_free(). What it means for the local host is registry_check_local().
 *
 * @name is what messages call the text ("registry.json"). @warnings may have been added to when the
 * result is an error. E_UNSIGNED, E_VALUE for a signed bundle, E_SYNTAX for what is neither,
 * and the errors of registry_parse_legacy() and registry_check().
 */
int registry_load(const char *text, size_t size, const char *name,
		  const struct registry_options *options, struct warnings *warnings,
		  struct registry **ret, struct error *error);

/* Nodes that only @new has, that differ, that only @old has. Either may be NULL: no node. */
void registry_difference(const struct registry *old, const struct registry *new, unsigned *added,
			 unsigned *changed, unsigned *removed);
