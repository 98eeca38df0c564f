/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/strbuf.h"
#include "core/model.h"
#include "exchange/report.h"

#include <json-c/json.h>

/*
 * A registry for other programs:
 *
 *	EXPORT_ARONET     original aronet, Python and Rust: JSON array; the networks beside the
 *	                  first stand in `prefixs` and in `extra_network`, as each reads one of them
 *	EXPORT_RANET      ranet 0.6 and later: the same with text as serial number
 *	EXPORT_RAIT       RAIT 3: peers.conf in HCL; organization and networks are remarks, where
 *	                  exchange_import() finds them again
 *	EXPORT_RAIT_TOML  RAIT 1.4 to 2: peers.conf in TOML, an endpoint each
 *
 * The first two know IPsec and one key for all nodes of an organization, the others WireGuard. What
 * a format cannot carry is left out, and the report says so.
 */
enum export_format {
	EXPORT_ARONET,
	EXPORT_RANET,
	EXPORT_RAIT,
	EXPORT_RAIT_TOML,
};

/*
 * @organizations are the documents that the registry was made from, or NULL: free remarks of nodes,
 * which a registry does not keep, are taken from there.
 *
 * E_OMITTED if no node can be carried; @ret is then what it was.
 */
int exchange_export(const struct registry *registry, struct json_object *const *organizations,
		    size_t organizations_count, enum export_format format, struct report *report,
		    struct strbuf *ret, struct error *error);
