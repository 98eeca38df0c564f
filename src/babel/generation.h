/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "babel/policy.h"
#include "core/object.h"

/*
 * What is known about the running babeld beyond what it tells itself. Written to a file so that a
 * restarted daemon can adopt the process.
 */
struct generation {
	uint64_t number; /* 0: there was none yet */
	pid_t pid;	 /* 0: not started yet */
	uint8_t router_id[BABEL_ROUTER_ID_SIZE];
	uint8_t digest[KEY_SIZE];	    /* of the policy */
	struct babel_interface *interfaces; /* by link */
	size_t interfaces_count;
};

#define GENERATION_INTERFACES_MAX 20000
#define GENERATION_FILE_MAX (GENERATION_INTERFACES_MAX * 40 + 256) /* bytes */

void generation_done(struct generation *generation);
CLEANUP_DEFINE_IN_PLACE(struct generation, generation_done);

void generation_format(const struct generation *generation, struct strbuf *buffer);
int generation_parse(const char *text, struct generation *ret);

const struct babel_interface *generation_find(const struct generation *generation,
					      const char *link);

/* Adds it, or changes the one of that link. */
void generation_put(struct generation *generation, const struct babel_interface *interface);
