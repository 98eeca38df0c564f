/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/strbuf.h"
#include "intend/tunnel.h"

#include <json-c/json.h>

/*
 * What it would mean on a node if one registry took the place of another: which of its tunnels
 * come, go or change, and which of them carry nothing for a while. Pure, and by the functions that
 * the daemon plans with. A tunnel is known by its two endpoints.
 */
enum tunnel_fate {
	TUNNEL_COMES,
	TUNNEL_GOES,
	TUNNEL_REMADE,	/* its interface is another one: a key of either end changed */
	TUNNEL_CHANGED, /* in place */
};

struct tunnel_impact {
	enum tunnel_fate fate;
	char label[sizeof(((struct tunnel *)NULL)->label)]; /* "example/sun/0" */
	uint32_t local_serial;
	char what[192]; /* "listens on 20001 -> 20002" */
	/*
	 * The two ends have to change together, and no two nodes load a registry at the same time.
	 * An end that is told a new address goes on answering from the old one.
	 */
	bool interrupts;
};

struct impact {
	struct tunnel_impact *tunnels; /* sorted by label and local serial */
	size_t tunnels_count;
	size_t untouched;  /* tunnels */
	size_t operations; /* of the whole plan: addresses, routes, rules, too */
};

void impact_done(struct impact *impact);
CLEANUP_DEFINE_IN_PLACE(struct impact, impact_done);

/* Either registry may be NULL: none. Errors of intend(). */
int impact_make(const struct config *config, const struct facts *facts, const struct registry *old,
		const struct registry *new, struct impact *ret, struct error *error);

/*
 *	+ tunnel example/sun/0 comes up
 *	~ tunnel example/mars/0 is made anew, another key: interrupted until both ends have loaded
 *	1 tunnel untouched, 12 operations
 */
void impact_format(const struct impact *impact, struct strbuf *ret);

/*
 * The same: {"tunnels": [{"change": "up", "down", "remade" or "changed", "tunnel": "example/sun/0",
 * "endpoint": 0 (the serial number of this node's), "what": "" or a text, "interrupts": false}],
 * "untouched": 1, "operations": 12}.
 */
struct json_object *impact_to_json(const struct impact *impact);
