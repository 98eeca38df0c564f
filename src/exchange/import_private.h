/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "exchange/import.h"
#include "json/json.h"

/* The stages of exchange_import(): texts become nodes, nodes are completed and checked. */

struct import_node {
	struct registry_node node;   /* without a network if it has none yet */
	bool is_peer;		     /* read from a list of peers: its key is WireGuard's */
	char *name;		     /* of a peer, as it was written; NULL: none */
	struct json_object *remarks; /* other members, NULL if there are none */
	struct json_cursor *cursor;  /* where it stands, see cursor_keep() */
	bool is_marked;		     /* to be removed */
};

struct import_organization {
	char name[NAME_SIZE];
	bool has_key;
	uint8_t key[KEY_SIZE]; /* Ed25519 */
	struct json_cursor *cursor;
};

struct import {
	const struct exchange_options *options;
	struct report *report;
	struct json_document **documents; /* kept for places */
	size_t documents_count;
	struct import_node *nodes;
	size_t nodes_count;
	struct import_organization *organizations;
	size_t organizations_count;
	bool used_option_organization;
	size_t networks_from_prefix;
};

void import_done(struct import *import);
CLEANUP_DEFINE_IN_PLACE(struct import, import_done);

/*
 * A copy of a cursor and of those around it, in one piece of memory for free(). To find a line and
 * column means to read the text up to there, so places are looked up when somebody is told of them.
 */
struct json_cursor *cursor_keep(const struct json_cursor *cursor);

/* Zeroed at the end of the list, with its place; NULL and E_TOO_BIG beyond REGISTRY_NODES_MAX. */
struct import_node *import_add_node(struct import *import, const struct json_cursor *cursor,
				    struct error *error);

void import_drop_last_node(struct import *import);

/* Take out the nodes that were marked so. */
void import_remove_marked(struct import *import);

/* Put @network, without its host bits, before the other prefixes. */
void import_set_network(struct registry_node *node, const struct ip_prefix *network);

/* remarks.c: free members of @object to the node, less those that a document reads itself. */
void import_add_remarks(struct import *import, const struct json_cursor *object,
			struct import_node *node);
/* The network that `prefix` among the remarks means, if it has no other. */
void import_take_prefix(struct import *import, struct import_node *node);

/* array.c: the root is an array of organizations. */
int import_read_array(struct import *import, const struct json_cursor *root, struct error *error);

/* peers.c: peers of HCL, of TOML, and of the JSON of ranet before 0.6. */
int import_read_hcl(struct import *import, const struct json_cursor *root, struct error *error);
int import_read_toml(struct import *import, const struct json_cursor *root, struct error *error);
int import_read_json_peers(struct import *import, const struct json_cursor *root,
			   struct error *error);

/* address.c */

/* 127.0.0.1 and the like, which these programs write for an address that they do not know. */
bool address_is_placeholder(const struct ip_address *address);
/*
 * Why @text cannot be the address of @endpoint, whose family is set or 0; NULL if it can, and is
 * set, or is empty.
 */
const char *address_take(const char *text, struct endpoint *endpoint);

/* merge.c: peers of one key and organization become the first of them. */
void import_merge_peers(struct import *import);

/* naming.c: common names for peers. */
void import_name_peers(struct import *import);

/* networks.c: networks for nodes without; those that get none are taken out. */
int import_assign_networks(struct import *import, struct error *error);

/* body.c: the document of @organization without its header. */
struct json_object *import_make_body(const struct import *import,
				     const struct import_organization *organization);

/* grants.c */
void import_propose_grants(const struct import *import, struct exchange_organization *organization);
