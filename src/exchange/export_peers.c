// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange/export_private.h"

#include "crypto/crypto.h"
#include "exchange/hcl_write.h"
#include "registry/node_write.h"
#include "json/json.h"

/* Lists and objects in a remark, so that its document is not deeper than JSON_DEPTH_MAX. */
#define REMARK_DEPTH_MAX 7
/* Free members of the remarks, so that with ours there are no more than JSON_MEMBERS_MAX. */
#define REMARKS_MAX 60

/* RAIT: peers with a WireGuard key and the ports that they send from. */

static bool has_wireguard_endpoint(const struct registry_node *node)
{
	for (unsigned i = 0; i < node->endpoints_count; i++)
		if (endpoint_speaks_wireguard(&node->endpoints[i]))
			return true;
	return false;
}

/* Only nodes that have what a peer needs. */
static bool is_peer(struct export *export, const struct registry_node *node)
{
	char id[NODE_ID_TEXT_SIZE];

	if (node->has_wireguard && has_wireguard_endpoint(node)) {
		export->carried++;
		return true;
	}
	report_add(export->report, NULL, "%s left out: it has no %s", node_id_format(&node->id, id),
		   node->has_wireguard ? "endpoint for WireGuard" : "WireGuard key");
	return false;
}

/* "" if it only dials out. */
static const char *address_of(const struct endpoint *endpoint, char buffer[IP_ADDRESS_TEXT_SIZE])
{
	return endpoint->name[0] ? endpoint->name : ip_address_format(&endpoint->address, buffer);
}

static void write_hcl_endpoint(const struct endpoint *endpoint, struct strbuf *ret)
{
	char buffer[IP_ADDRESS_TEXT_SIZE];
	const char *address = address_of(endpoint, buffer);

	strbuf_printf(ret, "  endpoint {\n    address_family = \"%s\"\n    send_port      = %u\n",
		      address_family_name(endpoint->family), endpoint->send_port);
	if (address[0])
		strbuf_printf(ret, "    address        = \"%s\"\n", address);
	strbuf_puts(ret, "  }\n");
}

static void write_hcl_prefixes(const struct registry_node *node, struct strbuf *ret)
{
	struct json_object *prefixes = export_prefixes(node);

	strbuf_puts(ret, "    prefixs = ");
	(void)hcl_write_value(prefixes, 1, ret);
	strbuf_puts(ret, "\n");
	json_object_put(prefixes);
}

static void write_free_remark(struct export *export, const struct registry_node *node,
			      const char *name, struct json_object *value, struct strbuf *ret)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	char id[NODE_ID_TEXT_SIZE], quoted[JSON_QUOTE_SIZE];

	if (hcl_is_name(name) && hcl_write_value(value, REMARK_DEPTH_MAX, &text))
		strbuf_printf(ret, "    %s = %s\n", name, strbuf_text(&text));
	else
		report_add(export->report, NULL,
			   "%s: remark %s left out: HCL has no such name, or it is nested too deep",
			   node_id_format(&node->id, id), json_quote(name, quoted));
}

/* Networks and organization, which are RAIT's to keep and import's to find. */
static void write_hcl_remarks(struct export *export, const struct export_node *from,
			      struct strbuf *ret)
{
	char text[IP_PREFIX_TEXT_SIZE];
	unsigned count = 0;

	strbuf_printf(ret, "  remarks {\n    organization = \"%s\"\n    network = \"%s\"\n",
		      from->node->id.organization, ip_prefix_format(&from->node->network, text));
	write_hcl_prefixes(from->node, ret);
	if (from->remarks) {
		json_object_object_foreach(from->remarks, name, value)
		{
			if (!remark_is_own_of_peer(name) && count++ < REMARKS_MAX)
				write_free_remark(export, from->node, name, value, ret);
		}
	}
	strbuf_puts(ret, "  }\n");
}

static void write_hcl_peer(struct export *export, const struct export_node *from,
			   struct strbuf *ret)
{
	const struct registry_node *node = from->node;
	char key[CRYPTO_KEY_BASE64_SIZE];

	strbuf_printf(ret, "peers {\n  public_key = \"%s\"\n  name       = \"%s\"\n",
		      crypto_key_to_base64(node->wireguard_key, key), node->id.common_name);
	for (unsigned i = 0; i < node->endpoints_count; i++)
		if (endpoint_speaks_wireguard(&node->endpoints[i]))
			write_hcl_endpoint(&node->endpoints[i], ret);
	write_hcl_remarks(export, from, ret);
	strbuf_puts(ret, "}\n");
}

static void report_losses(const struct export *export)
{
	size_t identities = 0, endpoints = 0;

	for (size_t i = 0; i < export->count; i++) {
		const struct registry_node *node = export->nodes[i].node;

		identities += node->has_identity || node->identity_is_shared;
		for (unsigned j = 0; j < node->endpoints_count; j++)
			endpoints += !endpoint_speaks_wireguard(&node->endpoints[j]);
	}
	if (identities)
		report_add(export->report, NULL, "Ed25519 keys left out: %zu", identities);
	if (endpoints)
		report_add(export->report, NULL, "endpoints for IPsec only left out: %zu",
			   endpoints);
}

void export_hcl(struct export *export, struct strbuf *ret)
{
	for (size_t i = 0; i < export->count; i++)
		if (is_peer(export, export->nodes[i].node))
			write_hcl_peer(export, &export->nodes[i], ret);
	report_losses(export);
}

/* An entry for each endpoint: RAIT before version 3.1 runs an instance for each. */
static void write_toml_peer(const struct registry_node *node, struct strbuf *ret)
{
	char key[CRYPTO_KEY_BASE64_SIZE], id[NODE_ID_TEXT_SIZE], buffer[IP_ADDRESS_TEXT_SIZE];

	for (unsigned i = 0; i < node->endpoints_count; i++) {
		const struct endpoint *endpoint = &node->endpoints[i];
		const char *address = address_of(endpoint, buffer);

		if (!endpoint_speaks_wireguard(endpoint))
			continue;
		strbuf_printf(ret,
			      "# %s\n[[Peers]]\nPublicKey = \"%s\"\nAddressFamily = \"%s\"\n"
			      "SendPort = %u\n",
			      node_id_format(&node->id, id),
			      crypto_key_to_base64(node->wireguard_key, key),
			      address_family_name(endpoint->family), endpoint->send_port);
		if (address[0])
			strbuf_printf(ret, "Endpoint = \"%s\"\n", address);
	}
}

void export_toml(struct export *export, struct strbuf *ret)
{
	for (size_t i = 0; i < export->count; i++)
		if (is_peer(export, export->nodes[i].node))
			write_toml_peer(export->nodes[i].node, ret);
	report_losses(export);
	if (export->carried)
		report_add(export->report, NULL,
			   "names, networks and remarks left out: RAIT before version 3 has none");
}
