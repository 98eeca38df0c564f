/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/backend.h"
#include "firewall/forward.h"
#include "netlink/spaces.h"

#include <stddef.h>
#include <stdint.h>

/*
 * The rulesets of both spaces, by libnftables.
 *
 * A table is ours if its comment is "aronet:INSTANCE". The digest of the body that it was made from
 * is what is observed, unless the table was changed since: digest and body, with the table's
 * fingerprint right after applying, are kept in RUNTIME/private/ruleset.SPACE, and when the
 * fingerprint differs now, or the file is missing, the fingerprint is observed instead, and the
 * table is replaced.
 *
 * A table that is as it was made is changed where it is (firewall/change.h): no packet is lost, and
 * its counters go on.
 */
struct firewall;

/* @spaces must outlive it. @runtime_dir is copied. */
struct firewall *firewall_new(struct spaces *spaces, const char *runtime_dir);
void firewall_free(struct firewall *firewall);
CLEANUP_DEFINE(struct firewall *, firewall_free);

/* Valid as long as @firewall. */
struct backend firewall_backend(struct firewall *firewall);

/*
 * Told when nftables has refused to change a table where it is and the table was replaced instead;
 * @refusal has its words. From inside of apply().
 */
typedef void firewall_replaced_fn(void *userdata, const struct error *refusal);
void firewall_tell_replaced(struct firewall *firewall, firewall_replaced_fn *replaced,
			    void *userdata);

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
 * ends by itself, or if the table has to be replaced.
 */
int firewall_silence_babel(struct firewall *firewall, unsigned milliseconds, struct error *error);

/*
 * The chains of the host that drop forwarded packets by default. They are read only if somebody has
 * changed a ruleset since; *ret is valid until the next call. 0 or -errno with @error.
 */
int firewall_forward_chains(struct firewall *firewall, const struct forward_chains **ret,
			    struct error *error);
