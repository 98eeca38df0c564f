/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "babel/status.h"

/*
 * What BIRD 2 writes to its control socket (nest/cli.c): replies of lines that begin with a code of
 * four digits, and tables for people to read (proto/babel/babel.c, nest/rt-show.c of 2.14 to 2.19).
 * Pure and strict: what is not exactly of a known form is an error, because it means another
 * program or a version that we do not know.
 */
#define BIRD_LINE_MAX 1023 /* BIRD cuts its lines at 500 bytes (CLI_MSG_SIZE) */

#define BIRD_CODE_OK 0
#define BIRD_CODE_READY 1
#define BIRD_CODE_RECONFIGURED 3
#define BIRD_CODE_RECONFIGURING 4 /* protocols are still being restarted */
#define BIRD_CODE_CONFIGURATION_OK 20
#define BIRD_CODE_ROUTES 1007
#define BIRD_CODE_NEIGHBOURS 1024
#define BIRD_CODE_BABEL_ROUTES 1025  /* and entries */
#define BIRD_CODE_RUNTIME_ERROR 8000 /* and above: something did not work */
#define BIRD_CODE_CONFIG_ERROR 8002

struct bird_line {
	bool is_code;	  /* it begins with a code; else it goes on with the last one */
	bool is_last;	  /* of the reply */
	bool is_unasked;  /* a message to whoever asked for these ("echo"); no part of a reply */
	unsigned code;	  /* 0 to 9999 */
	const char *text; /* in @line */
};

/* @line without its newline, terminated by a zero, @length bytes. 0 or -EINVAL. */
int bird_line_parse(const char *line, size_t length, struct bird_line *ret);

/* "BIRD 2.17.6 ready." to "bird-2.17.6". 0 or -EINVAL. */
int bird_greeting_parse(const char *text, char ret[BABEL_VERSION_SIZE]);

/* What a line of a table is. */
enum bird_row {
	BIRD_ROW_NONE, /* a heading, or empty */
	BIRD_ROW_DATA,
};

/*
 * Lines of "show babel neighbors". The number of the last 16 hellos that were heard stands in
 * reach as if those that were lost were the oldest. rxcost and txcost are 0: not told. A BIRD_ROW_
 * or -EINVAL.
 */
int bird_neighbour_parse(const char *text, struct babel_neighbour *ret);

/*
 * Lines of "show babel routes": all ways that BIRD knows. `installed` means that it has chosen
 * this one; whether its filters let it pass, and whose it is, only "show route export" tells.
 * refmetric is 0: unknown.
 */
int bird_babel_route_parse(const char *text, struct babel_route *ret);

/* Lines of "show babel entries": the router-id of the origin and its last sequence number. */
int bird_entry_parse(const char *text, uint8_t ret_router_id[BABEL_ROUTER_ID_SIZE],
		     uint16_t *ret_seqno);

/* Lines of "show route export": prefix, metric and router_id of a route of Babel's. */
int bird_route_parse(const char *text, struct babel_route *ret);
