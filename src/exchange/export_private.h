/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "exchange/export.h"

/* A node of the registry and its remarks as they stand in the document; NULL if there are none. */
struct export_node {
	const struct registry_node *node;
	struct json_object *remarks;
};

struct export
{
	struct export_node *nodes; /* in the order of the registry: by organization, then name */
	size_t count;
	struct report *report;
	size_t carried; /* how many nodes made it */
};

/* remarks.c: is @name one of the remarks that mean something in a document, in a list of peers? */
bool remark_is_own(const char *name);
bool remark_is_own_of_peer(const char *name);

/* All prefixes of @node but its network. */
struct json_object *export_prefixes(const struct registry_node *node);

/* export_array.c */
void export_array(struct export *export, enum export_format format, struct strbuf *ret);

/* export_peers.c */
void export_hcl(struct export *export, struct strbuf *ret);
void export_toml(struct export *export, struct strbuf *ret);
