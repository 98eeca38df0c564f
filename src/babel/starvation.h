/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "babel/babeld_tables.h"

/*
 * Prefixes that babeld has no route to although a neighbour offers one: the offer is not feasible,
 * and nothing comes of the request for a newer sequence number (RFC 8966, section 2.6).
 *
 * babeld passes such a request on once and takes further ones for redundant for 65 s, in all
 * versions from 1.9 to 1.14 (REQUEST_TIMEOUT, request_redundant()). When that one packet is lost,
 * as is likely while links come and go, the prefix is out of reach for so long. A babeld that is
 * started anew has no feasibility distances, and takes the offer (docs/decisions/0016).
 */
#define STARVATION_LOOK_MS 3000	 /* between two looks */
#define STARVATION_TIME_MS 10000 /* far more than a request and its answer take */

/* At least between two new babelds; doubled up to the other as long as they change nothing. */
#define STARVATION_PAUSE_MS 60000
#define STARVATION_PAUSE_MAX_MS 3600000

struct starved {
	struct ip_prefix prefix; /* first: they are sorted by it */
	uint64_t since_ms;
};

/* Zero-initialised it has seen nothing. */
struct starvation {
	struct starved *prefixes; /* at the last look */
	size_t prefixes_count;
	uint64_t pause_until_ms;
	unsigned pause_ms;
};

void starvation_done(struct starvation *starvation);
CLEANUP_DEFINE_IN_PLACE(struct starvation, starvation_done);

/*
 * A look at the tables, at a time of any clock that only goes forward. Returns the prefix for whose
 * sake babeld is to be started anew now, the one that has starved longest; NULL: no reason to.
 * Valid until the next look.
 */
const struct ip_prefix *starvation_look(struct starvation *starvation,
					const struct babeld_tables *tables, uint64_t now_ms);

/* The tables are not what babeld has, or it is another babeld: begin anew. */
void starvation_forget(struct starvation *starvation);
