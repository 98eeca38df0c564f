/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "babel/policy.h"
#include "core/object.h"

/*
 * What is known about the running routing daemon beyond what it tells itself. Written to a file so
 * that a restarted daemon can adopt the process.
 */
struct generation {
	uint64_t number; /* 0: there was none yet */
	pid_t pid;	 /* 0: not started yet */
	enum speaker_program program;
	uint32_t table;
	char vrf[IFNAME_SIZE];
	uint8_t router_id[BABEL_ROUTER_ID_SIZE];
	uint8_t digest[KEY_SIZE];	    /* of the policy */
	uint16_t seqno_offset;		    /* see seqno.h; 0 but for babeld */
	struct babel_interface *interfaces; /* by link */
	size_t interfaces_count;
};

/*
 * Metric of its kernel routes. A new generation builds its set while that of the old one, with the
 * lower metric, still carries the traffic. After GENERATION_METRICS they begin anew.
 */
#define GENERATION_METRIC_BASE 1024
#define GENERATION_METRICS 16384
uint32_t generation_metric(uint64_t number);
bool generation_has_metric(uint32_t metric); /* some generation */

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
