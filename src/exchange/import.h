/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "exchange/report.h"
#include "registry/mesh.h"

#include <json-c/json.h>

/*
 * Registries of other programs to organization documents (registry specification, sections 3.3, 3.6
 * and 10):
 *
 *	original aronet       JSON array of organizations
 *	ranet 0.6 and later   the same with other rules: text as serial number, free remarks
 *	ranet 0.1 to 0.5      JSON array of peers
 *	RAIT 3, higgs         peers.conf in HCL, `peers` blocks; or the body of one, as `rait pub`
 *	                      writes it
 *	RAIT 1.4 to 2         peers.conf in TOML, [[Peers]]
 *	RAIT 1.0 to 1.3       one peer a file in TOML
 *
 * What a text is, its first words tell. Strict where the other program is: what it would not have
 * read is an error with line and column. Lenient where it was: a peer that RAIT would have skipped
 * is left out, and the report says so.
 *
 * A peer has no organization: `organization` in its remarks, else that of the options. It is named
 * by its `name` if that is one here, else by its key. The peers of one key are one node.
 *
 * A node of ours announces a network, which ranet and RAIT do not know: it is `network` in its
 * remarks; else `prefix` there, as in the gravity mesh; else a /64 in the pool of the options that
 * follows from its key, whatever the order of nodes; else the node is left out.
 */
struct exchange_text {
	const char *text;
	size_t size;
	const char *name; /* what messages call it */
};

struct exchange_options {
	const char *organization;     /* a valid name, or NULL */
	const struct ip_prefix *pool; /* IPv6, masked, shorter than /64; or NULL */
	bool grant_pool;	      /* propose all of it, if one organization is alone in there */
	/* What others have already: no network is chosen in there, and no grant proposed over it.
	 */
	const struct ip_prefix *taken; /* masked */
	size_t taken_count;
};

/* Bytes of one text; more is E_TOO_BIG. */
#define EXCHANGE_TEXT_MAX (32u << 20)

struct exchange_organization {
	char name[NAME_SIZE];
	struct json_object *body; /* `organization`, `nodes`, and `public_key` if it has one */
	size_t nodes_count;
	/* Cover what its nodes announce, and nothing that another organization does. */
	struct grant *grants;
	size_t grants_count;
};

struct exchange_result {
	struct exchange_organization *organizations; /* sorted by name */
	size_t count;
	size_t nodes_count;
};

void exchange_result_done(struct exchange_result *result);
CLEANUP_DEFINE_IN_PLACE(struct exchange_result, exchange_result_done);

/*
 * All texts together. The nodes have passed registry_check(), so that what is written loads.
 *
 * Errors: those of the parsers, of node_read() and of registry_check(); E_USAGE for peers without
 * an organization, and for an organization where all texts have their own; E_OMITTED if no node is
 * left; E_UNSUPPORTED for texts of other kinds, named if they are known (a signed bundle,
 * rait.conf). *ret is written only on success; the report may have lines in any case.
 */
int exchange_import(const struct exchange_text *texts, size_t count,
		    const struct exchange_options *options, struct report *report,
		    struct exchange_result *ret, struct error *error);
