/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/strbuf.h"

#include <stdbool.h>

/*
 * From one body of a table (struct ruleset) to another without a moment in which a packet meets
 * rules whose sets are empty.
 *
 * That moment exists when a table is replaced: Linux puts the new rules in force first and the
 * elements of new interval sets a little later (seen with 6.18: one packet lost in two of three
 * replacements under a flood). So the table stays, sets get and lose elements, and what is new or
 * not needed any more takes more than one transaction.
 *
 * A body is a sequence of blocks "\tset NAME {", "\tcounter NAME {" or "\tchain NAME {", each
 * closed by "\t}", as firewall/text.h writes it.
 */
struct firewall_change {
	struct strbuf sets;  /* what is new besides rules, and the elements of sets that stay */
	struct strbuf rules; /* all rules of the chains that differ */
	struct strbuf rest;  /* what no rule uses any more goes */
};

void firewall_change_done(struct firewall_change *change);
CLEANUP_DEFINE_IN_PLACE(struct firewall_change, firewall_change_done);

/*
 * The scripts, to be run in this order; one that is empty is not needed. False if there is no such
 * way, because a set has another type or a chain another hook, or because a body has another form:
 * then the table has to be replaced.
 */
bool firewall_format_change(const char *table, const char *from, const char *to,
			    struct firewall_change *ret);
