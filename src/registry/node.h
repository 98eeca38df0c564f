/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/warning.h"
#include "core/model.h"
#include "json/json.h"

/*
 * One node of an organization, as it stands in the unsigned array and in a signed organization
 * document alike (registry specification, section 3.3):
 *
 *	{"common_name": "host-01", "public_key": PEM, "wireguard": [{"public_key": base64}],
 *	 "endpoints": [...], "remarks": {"network": "fd66:1::/64", "prefixs": [], ...}}
 */
#define NODE_WIREGUARD_KEYS_MAX 2

/* What the document around the node says. */
struct node_context {
	const char *organization;
	const uint8_t *organization_key; /* Ed25519, for nodes without one; NULL if none */
	struct warnings *warnings;	 /* W01, W02 */
	bool network_optional;		 /* other programs have nodes without; never in documents */
};

/*
 * Read the node at @cursor into @node, which is zeroed before. On failure @node may be filled in
 * part; it belongs to the caller in any case. The result does not depend on the order of
 * endpoints and prefixes in the document: endpoints are sorted by serial number, prefixes by
 * address behind the network.
 *
 * Errors carry the place in the document: E_NAME, E_KEY_FORMAT, E_TOO_BIG, E_TYPE, E_VALUE,
 * E_MISSING, E_UNKNOWN_MEMBER.
 */
int node_read(const struct json_cursor *cursor, const struct node_context *context,
	      struct registry_node *node, struct error *error);

/*
 * Only `remarks`: network and prefixes into @node, whose id is set. On failure those of @node may
 * be set in part.
 */
int node_read_remarks(const struct json_cursor *cursor, const struct node_context *context,
		      struct registry_node *node, struct error *error);

/* PEM text at @cursor; E_KEY_FORMAT. */
int node_read_identity_key(const struct json_cursor *cursor, uint8_t ret[KEY_SIZE],
			   struct error *error);

/*
 * One element of `endpoints` into zeroed *@endpoint. *@has_serial is false where the member is
 * absent, which only a single endpoint may do.
 */
int endpoint_read(const struct json_cursor *cursor, struct endpoint *endpoint, bool *has_serial,
		  struct error *error);

/* The members that an object may have, under the name that the JSON Schema gives the object. */
struct member_table {
	const char *object;
	const struct json_member *members;
	size_t members_count;
	bool others_allowed;
};
extern const struct member_table endpoint_member_table;
extern const struct member_table node_member_tables[];
#define NODE_MEMBER_TABLES 3
