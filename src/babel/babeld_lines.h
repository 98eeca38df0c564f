/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "babel/status.h"

/*
 * Lines that babeld writes to its control socket (local.c of babeld 1.12.1). Pure and strict: a
 * line that is not exactly of a known form is an error, because it means another program or a
 * version that we do not know.
 */

/* babeld formats each line in a buffer of 512 bytes. */
#define BABELD_LINE_MAX 511

enum babeld_line_type {
	BABELD_LINE_GREETING, /* "BABEL 1.0" */
	BABELD_LINE_VERSION,  /* text: "babeld-1.12.1" */
	BABELD_LINE_HOST,     /* text */
	BABELD_LINE_MY_ID,    /* router_id */
	BABELD_LINE_OK,
	BABELD_LINE_NO, /* text: the reason, may be empty */
	BABELD_LINE_BAD,
	BABELD_LINE_EVENT,
};

enum babeld_action {
	BABELD_ADD,
	BABELD_CHANGE,
	BABELD_FLUSH,
};

enum babeld_thing {
	BABELD_INTERFACE,
	BABELD_NEIGHBOUR,
	BABELD_ROUTE,
	BABELD_XROUTE, /* what we announce */
};

struct babeld_line {
	enum babeld_line_type type;
	char text[BABEL_VERSION_SIZE]; /* longer ones are cut */
	uint8_t router_id[BABEL_ROUTER_ID_SIZE];
	enum babeld_action action;
	enum babeld_thing thing;
	union {
		struct babel_link interface;
		struct babel_neighbour neighbour;
		struct babel_route route;
		struct ip_prefix xroute;
	};
};

/* @line without its newline, @length bytes. 0 or -EINVAL. */
int babeld_line_parse(const char *line, size_t length, struct babeld_line *ret);

/* Is it babeld @major.@minor or later? Versions that cannot be read are not. */
bool babeld_version_at_least(const char *version, unsigned major, unsigned minor);
