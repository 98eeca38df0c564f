/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "babel/backend.h"
#include "core/backend.h"
#include "netlink/spaces.h"

#include <stdbool.h>
#include <uv.h>

/*
 * For tests: three nodes a, b and c in network namespaces of their own, each joined with each by a
 * veth pair ("ab" in a leads to "ba" in b), with the routes that other parts of the daemon make:
 * own prefixes and low-priority direct ones. The back end under test runs a real babeld or BIRD in
 * each.
 *
 * Namespaces are bound in a mount namespace of the test process and vanish with it.
 */
#define MESH_NODES 3
#define MESH_FLOWS 8
#define MESH_RXCOST 32

struct mesh_node {
	struct mesh *mesh;
	char letter;
	char id; /* makes its router-id; its letter unless changed */
	char netns[64];
	char directory[64];
	struct ip_prefix prefixes[2]; /* fd00:LETTER::/64, 10.0.NUMBER.0/24 */
	char links[2][IFNAME_SIZE];
	uint16_t rxcosts[2];	      /* of these, for mesh_intend(); MESH_RXCOST unless changed */
	bool no_transit;	      /* what the registry says about it */
	enum speaker_program program; /* what mesh_intend() intends; babeld unless changed */
	unsigned deadline_ms;	      /* as in babel_options, for the quiet time, too */
	int64_t clock_shift_ms;	      /* as in babel_options */
	struct spaces *spaces;
	struct babel *babel;
	struct state *intended;
	bool is_done;
	int result;
	struct error error;
	unsigned dirty;
};

/* UDP packets from one node's address to another's. */
struct mesh_flow {
	int tx, rx;
	unsigned sent, received;
};

struct mesh {
	uv_loop_t loop;
	struct mesh_node nodes[MESH_NODES];
	struct mesh_flow flows[MESH_FLOWS];
	unsigned flows_count;
};

/* NULL, or what is missing to run here, with programs whose bits (1 << SPEAKER_...) are set. */
const char *mesh_missing(unsigned programs);

void mesh_init(struct mesh *mesh);
void mesh_done(struct mesh *mesh);

/* The same as set-up and tear-down of a group of cases: *state is the mesh. */
int mesh_set_up(void **state);
int mesh_tear_down(void **state);

struct mesh_node *mesh_node(struct mesh *mesh, char letter);

/* As nodes have them, see registry_node_router_id(): four zeros, and four times @id. */
void mesh_router_id(char id, uint8_t ret[BABEL_ROUTER_ID_SIZE]);

/* Run "ip ..." in the namespace of @node; words are separated by single blanks. */
void mesh_ip(const struct mesh_node *node, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The same with "nft ...". */
void mesh_nft(const struct mesh_node *node, const char *command);

/* What the daemon makes beside Babel: low-priority routes from one node to another's prefixes. */
void mesh_direct_routes(struct mesh *mesh, char from, char to);

/* Run the loop until @condition or for @timeout_ms. Returns the time in ms, -1 if it ran out. */
typedef bool mesh_condition_fn(struct mesh *mesh, void *userdata);
int mesh_run(struct mesh *mesh, int timeout_ms, mesh_condition_fn *condition, void *userdata);

/* Far more than anything takes, even beside much other work: only what fails waits as long. */
#define MESH_WAIT_MS 60000
#define assert_soon(mesh, condition, userdata)                                                     \
	assert_true(mesh_run(mesh, MESH_WAIT_MS, condition, userdata) >= 0)

/* Make the back end; again after mesh_node_forget(), which leaves babeld alone. */
void mesh_node_open(struct mesh_node *node);
void mesh_node_forget(struct mesh_node *node);

/* The registry's policy for @node, and @more rules. Owned by the caller. */
char *mesh_policy(const struct mesh_node *node, const char *more);

/* Intend a speaker with policy @body on all links but @without; NULL: on all. */
void mesh_intend(struct mesh_node *node, const char *body, const char *without);

/* Observe, plan and apply until the plan is empty. Returns the number of operations. */
unsigned mesh_converge(struct mesh_node *node);

/* One plan only, whose operations may fail: the first result that is not 0. */
int mesh_apply_once(struct mesh_node *node);

struct babel_status mesh_status(const struct mesh_node *node);

/* Number of routes of the node's program in the kernel to @prefix, with @metric; any that leads on
 * if NULL or 0. */
#define MESH_UNREACHABLE UINT32_MAX
unsigned mesh_kernel_routes(const struct mesh_node *node, const char *prefix, uint32_t metric);

void mesh_flow_open(struct mesh *mesh, char from, char to, int family);
/* Send one packet on each flow every 5 ms, @count times, then wait until all have arrived. */
void mesh_flow_run(struct mesh *mesh, unsigned count);
void mesh_flow_close(struct mesh *mesh);

/* Conditions. All nodes have a route to each prefix of each other; */
bool mesh_is_complete(struct mesh *mesh, void *userdata);
/* and these four of the present generation are the only ones of their programs. */
bool mesh_is_clean(struct mesh *mesh, void *userdata);
/* Clean, and each goes directly to each: a new daemon may first hear of a node by another. */
bool mesh_is_direct(struct mesh *mesh, void *userdata);

/* a has routes to both prefixes of b; to any of them; to none. */
bool mesh_hears_b(struct mesh *mesh, void *userdata);
bool mesh_reaches_b(struct mesh *mesh, void *userdata);
bool mesh_has_lost_b(struct mesh *mesh, void *userdata);

/* For policies of c and a: what c has no right to. And whether a has routes to all of that. */
#define MESH_ROGUE_ANNOUNCED "announce ::/0\nannounce 0.0.0.0/0\nannounce fd00:c:0:0:1::/80\n"
#define MESH_ROGUE_ACCEPTED                                                                        \
	"accept ::/0 from 0000000063636363\n"                                                      \
	"accept 0.0.0.0/0 from 0000000063636363\n"                                                 \
	"accept fd00:c:0:0:1::/80 from 0000000063636363\n"
bool mesh_is_fooled(struct mesh *mesh, void *userdata);

/* @userdata is a node. */
bool mesh_node_is_dirty(struct mesh *mesh, void *userdata);
bool mesh_node_answers(struct mesh *mesh, void *userdata);

/* @count routes to @prefix, all of the present generation: nothing that an old one has left. */
bool mesh_has_only_new(const struct mesh_node *node, const char *prefix, unsigned count);

/* Eight flows between all pairs, two of them with IPv4. */
void mesh_open_flows(struct mesh *mesh);
void mesh_expect_no_loss(struct mesh *mesh);

/* Both ends down, and up again with what the daemon would make there. */
void mesh_link_cut(struct mesh *mesh, char a, char b);
void mesh_link_join(struct mesh *mesh, char a, char b);

/* What both ends count for this link, from the next mesh_intend() on. */
void mesh_link_set_rxcost(struct mesh *mesh, char a, char b, uint16_t rxcost);
