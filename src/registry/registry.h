/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/warning.h"
#include "core/model.h"
#include "registry/verify.h"

/*
 * A signed registry (an object) goes through registry_verify(). An unsigned one (an array) is taken
 * only if both switches are on, one on the machine and one with the command, so that neither a
 * forgotten line nor a forgotten option is enough; and never by a node that has accepted a signed
 * one.
 */
struct registry_options {
	bool allow_unsigned_config;   /* "registry": {"allow_unsigned": true} in config.json */
	bool allow_unsigned_flag;     /* --allow-unsigned */
	bool allow_empty;	      /* --allow-empty: no node at all is meant */
	bool has_signed_state;	      /* signed ones were accepted, even where there is no trust */
	struct verify_options verify; /* for a signed one; its allow_empty does not count */
};

/*
 * Registry text of either format to a checked registry and, for a signed one, the trust state that
 * accepting it leaves (else NULL); *ret is for verified_done(). What it means for the local host is
 * registry_check_local(). As pure as registry_verify().
 *
 * @name is what messages call the text ("registry.json"). @warnings may have been added to when the
 * result is an error. E_UNSIGNED, E_UNSIGNED_DOWNGRADE, E_SYNTAX for what is neither format, and
 * the errors of bundle_parse(), registry_verify(), registry_parse_legacy() and registry_check().
 */
int registry_load_verified(const char *text, size_t size, const char *name,
			   const struct registry_options *options, struct warnings *warnings,
			   struct verified *ret, struct error *error);

/* The same for who is not going to record anything. The caller frees with registry_free(). */
int registry_load(const char *text, size_t size, const char *name,
		  const struct registry_options *options, struct warnings *warnings,
		  struct registry **ret, struct error *error);

/* Does the text claim to be a signed registry? */
bool registry_is_bundle(const char *text, size_t size);

/* Nodes that only @new has, that differ, that only @old has. Either may be NULL: no node. */
void registry_difference(const struct registry *old, const struct registry *new, unsigned *added,
			 unsigned *changed, unsigned *removed);
