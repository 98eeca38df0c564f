/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "babel/policy.h"
#include "base/ip.h"
#include "core/object.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What the routing daemon says about itself, for status. Costs and metrics: 65535 is infinity. */
#define BABEL_INFINITY 65535

struct babel_link {
	char name[IFNAME_SIZE];
	bool up;
	struct ip_address ipv6; /* link-local; absent while down */
	struct ip_address ipv4;
};

struct babel_neighbour {
	uint64_t id; /* of the daemon, unique while the neighbour lasts */
	char link[IFNAME_SIZE];
	struct ip_address address; /* link-local */
	uint16_t reach;		   /* the last 16 hellos, the newest in the highest bit */
	uint16_t rxcost;
	uint16_t txcost;
	uint16_t cost;
	bool has_rtt;
	uint32_t rtt_usec;
};

/* One way to a prefix; of all ways to the same prefix one is installed. */
struct babel_route {
	uint64_t id; /* as above */
	struct ip_prefix prefix;
	bool installed;
	uint8_t router_id[BABEL_ROUTER_ID_SIZE]; /* of the origin */
	uint16_t metric;
	uint16_t refmetric; /* as the neighbour announced it */
	struct ip_address via;
	char link[IFNAME_SIZE];
};

#define BABEL_VERSION_SIZE 64
#define BABEL_PROBLEM_SIZE 320

/* Arrays belong to the back end and are valid until the loop runs again. */
struct babel_status {
	enum speaker_program program;
	bool answers; /* its control socket is connected and was read to the end */
	pid_t pid;    /* 0: not running */
	uint64_t generation;
	char version[BABEL_VERSION_SIZE]; /* "babeld-1.12.1", "bird-2.17.6" */
	char problem[BABEL_PROBLEM_SIZE]; /* why it cannot tell what it should, for a person; "" */
	const struct babel_link *links;
	size_t links_count;
	const struct babel_neighbour *neighbours;
	size_t neighbours_count;
	const struct babel_route *routes;
	size_t routes_count;
	bool truncated; /* there is more than we keep */
};
