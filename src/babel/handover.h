/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "babel/babeld_tables.h"
#include "babel/generation.h"
#include "netlink/spaces.h"

/*
 * From one generation of babeld to the next without a gap for those who reach each other through
 * this node only.
 *
 * A neighbour takes a link for dead unless it has heard two of the last three hellos (RFC 8966
 * appendix A.2.1) and the other side has reported a finite cost. A new babeld fails both: its
 * hellos begin with another number, which makes the neighbour forget those before, and until it has
 * heard two hellos itself it reports "infinity". So the neighbours hear unicast hellos, which are
 * counted by themselves, before the old babeld is killed, and nothing of the new one until it has
 * heard enough. That lasts three hello intervals; what it announces anew is heard after that.
 */
#define HANDOVER_HELLOS 3	  /* unicast, at once */
#define HANDOVER_LIFE_INTERVALS 3 /* how long each counts; all of them for 2.7 times that */

/* How long the new one shall not be heard: until its links have been checked, and it has heard two.
 */
unsigned handover_silence_ms(const struct generation *generation);

/* Send unicast hellos to the neighbours in @tables, as @running would. Never blocks. */
void handover_say_hello(struct spaces *spaces, const struct generation *running,
			const struct babeld_tables *tables);
