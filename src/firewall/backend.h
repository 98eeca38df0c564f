/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/backend.h"
#include "netlink/spaces.h"

#include <stddef.h>
#include <stdint.h>

/*
 * The rulesets of both spaces, by libnftables: one transaction each.
 *
 * A table is ours if its comment is "aronet:INSTANCE:SHA-256 of the body". That digest is what is
 * observed, unless the table was changed since: the table's fingerprint right after applying is
 * kept in RUNTIME/private/ruleset.SPACE, and when it differs now, or the file is missing, the
 * fingerprint is observed instead, and the table is replaced.
 *
 * Counters begin at zero with every replacement.
 */
struct firewall;

/* @spaces must outlive it. @runtime_dir is copied. */
struct firewall *firewall_new(struct spaces *spaces, const char *runtime_dir);
void firewall_free(struct firewall *firewall);
CLEANUP_DEFINE(struct firewall *, firewall_free);

/* Valid as long as @firewall. */
struct backend firewall_backend(struct firewall *firewall);

/* Transactions of ours that changed a ruleset. */
uint64_t firewall_writes(const struct firewall *firewall);

struct firewall_counter {
	char name[32]; /* "spoofed_source" */
	uint64_t packets;
	uint64_t bytes;
};

struct firewall_counters {
	struct firewall_counter *items; /* in the order of the table */
	size_t count;
};

void firewall_counters_done(struct firewall_counters *counters);
CLEANUP_DEFINE_IN_PLACE(struct firewall_counters, firewall_counters_done);

/* The counters of our table in @space; none while there is no table. 0 or -errno with @error. */
int firewall_counters(struct firewall *firewall, enum space space, struct firewall_counters *ret,
		      struct error *error);

/*
 * Drop what babeld sends in the overlay for @milliseconds from now on, whatever was said before. It
 * ends by itself, or with the next replacement of the table.
 */
int firewall_silence_babel(struct firewall *firewall, unsigned milliseconds, struct error *error);
