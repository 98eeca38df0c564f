// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/outline.h"

#include "base/hex.h"
#include "base/memory.h"
#include "base/printable.h"
#include "base/strbuf.h"
#include "base/timestamp.h"
#include "source/holders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the next lines go. */
struct outline_writer {
	struct outline *outline;
	enum outline_rank rank;
	char subject[NODE_ID_TEXT_SIZE + 32];
};

void outline_done(struct outline *outline)
{
	for (size_t i = 0; i < outline->count; i++) {
		free(outline->lines[i].subject);
		free(outline->lines[i].attribute);
		free(outline->lines[i].value);
	}
	free(outline->lines);
	*outline = (struct outline) { 0 };
}

static void __attribute__((format(printf, 3, 4)))
add(struct outline_writer *writer, const char *attribute, const char *format, ...)
{
	struct outline_line *line = ARRAY_APPEND(writer->outline->lines, writer->outline->count);
	struct strbuf value = { 0 };
	va_list arguments;

	va_start(arguments, format);
	strbuf_vprintf(&value, format, arguments);
	va_end(arguments);
	*line = (struct outline_line) {
		.rank = writer->rank,
		.subject = memory_strdup(writer->subject),
		.attribute = memory_strdup(attribute),
		.value = strbuf_take(&value),
	};
	printable_make(line->value);
}

static struct outline_writer begin(struct outline *outline, enum outline_rank rank,
				   const char *kind, const char *name)
{
	struct outline_writer writer = { .outline = outline, .rank = rank };

	(void)snprintf(writer.subject, sizeof(writer.subject), "%s %s", kind, name);
	add(&writer, "", "%s", "");
	return writer;
}

static void add_keys(struct outline_writer *writer, const char *what, const struct keyset *keys,
		     struct json_object *mesh)
{
	char attribute[64], fingerprint[CRYPTO_FINGERPRINT_SIZE], holder[HOLDER_TEXT_SIZE];

	for (unsigned i = 0; i < keys->count; i++) {
		(void)snprintf(attribute, sizeof(attribute), "%s %s", what,
			       crypto_fingerprint(keys->keys[i], fingerprint));
		add(writer, attribute, "%s",
		    mesh ? holder_format(mesh, keys->keys[i], holder) : "");
	}
	(void)snprintf(attribute, sizeof(attribute), "%s threshold", what);
	add(writer, attribute, "%u", keys->threshold);
}

static void add_grants(struct outline_writer *writer, const struct mesh_organization *organization)
{
	char attribute[IP_PREFIX_TEXT_SIZE + 16], prefix[IP_PREFIX_TEXT_SIZE];

	for (size_t i = 0; i < organization->grants_count; i++) {
		const struct grant *grant = &organization->grants[i];

		(void)snprintf(attribute, sizeof(attribute), "grant %s",
			       ip_prefix_format(&grant->prefix, prefix));
		add(writer, attribute, "prefixes to /%u%s", grant->max_length,
		    grant->shared ? ", shared" : "");
	}
}

static void add_organization(struct outline *outline, const struct mesh_organization *organization)
{
	struct outline_writer writer =
		begin(outline, OUTLINE_ORGANIZATION, "organization", organization->name);

	add_keys(&writer, "key", &organization->keys, NULL);
	add_grants(&writer, organization);
	add(&writer, "state", "%s", organization->is_suspended ? "suspended" : "active");
	add(&writer, "transit", "%s", organization->is_transit ? "yes" : "no");
	add(&writer, "max_nodes", "%u", organization->max_nodes);
}

static void add_revocation(struct outline_writer *writer, const struct revocation *revocation)
{
	static const char *const kinds[] = {
		[REVOCATION_ORG_KEY] = "org-key",
		[REVOCATION_NODE_KEY] = "node-key",
		[REVOCATION_WIREGUARD_KEY] = "wireguard-key",
	};
	char attribute[128], base64[CRYPTO_KEY_BASE64_SIZE], fingerprint[CRYPTO_FINGERPRINT_SIZE];

	(void)snprintf(attribute, sizeof(attribute), "revoked %s %s", kinds[revocation->kind],
		       revocation->kind == REVOCATION_WIREGUARD_KEY
			       ? crypto_key_to_base64(revocation->key, base64)
			       : crypto_fingerprint(revocation->key, fingerprint));
	add(writer, attribute, "%s", revocation->reason);
}

static bool is_known(const char *const *known, const char *name)
{
	for (; *known; known++)
		if (!strcmp(*known, name))
			return true;
	return false;
}

/* Members that nothing above speaks about, as they are written. */
static void add_others(struct outline_writer *writer, struct json_object *object,
		       const char *const *known, const char *what)
{
	char attribute[96];

	json_object_object_foreach(object, name, value)
	{
		if (is_known(known, name))
			continue;
		(void)snprintf(attribute, sizeof(attribute), "%s %.80s", what, name);
		printable_make(attribute);
		add(writer, attribute, "%s",
		    json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN |
								  JSON_C_TO_STRING_NOSLASHESCAPE));
	}
}

static void add_other_mesh_members(struct outline_writer *writer, struct json_object *payload)
{
	static const char *const known[] = {
		"type",	   "spec",	    "mesh_id",	   "name",  "version",		 "prev",
		"issued",  "expires",	    "keys",	   "roles", "manifest_max_days", "pool",
		"revoked", "organizations", "psk_secrets", NULL,
	};

	add_others(writer, payload, known, "member");
}

static void add_secret(struct outline_writer *writer, const struct secret_use *use)
{
	char attribute[2 * SECRET_ID_SIZE + 16], id[2 * SECRET_ID_SIZE + 1];
	char from[TIMESTAMP_TEXT_SIZE];

	(void)snprintf(attribute, sizeof(attribute), "secret %s",
		       hex_format(use->id, SECRET_ID_SIZE, id));
	add(writer, attribute, "from %s",
	    use->from ? timestamp_format(use->from, from) : "the beginning");
}

void outline_add_mesh(struct outline *outline, const struct mesh_document *mesh,
		      struct json_object *payload)
{
	struct outline_writer writer = begin(outline, OUTLINE_MESH, "mesh", mesh->name);
	char attribute[IP_PREFIX_TEXT_SIZE + 16], text[IP_PREFIX_TEXT_SIZE];
	char mesh_id[2 * MESH_ID_SIZE + 1];

	add(&writer, "id", "%s", hex_format(mesh->header.mesh_id, MESH_ID_SIZE, mesh_id));
	add_keys(&writer, "mesh key", &mesh->mesh_role, payload);
	add_keys(&writer, "manifest key", &mesh->manifest_role, payload);
	add(&writer, "manifest_max_days", "%u", mesh->manifest_max_days);
	for (size_t i = 0; i < mesh->pool_count; i++) {
		(void)snprintf(attribute, sizeof(attribute), "pool %s",
			       ip_prefix_format(&mesh->pool[i], text));
		add(&writer, attribute, "%s", "");
	}
	for (unsigned i = 0; i < mesh->secrets_count; i++)
		add_secret(&writer, &mesh->secrets[i]);
	for (size_t i = 0; i < mesh->revoked_count; i++)
		add_revocation(&writer, &mesh->revoked[i]);
	if (payload)
		add_other_mesh_members(&writer, payload);
	for (size_t i = 0; i < mesh->organizations_count; i++)
		add_organization(outline, &mesh->organizations[i]);
}

static void add_endpoint(struct outline_writer *writer, const struct endpoint *endpoint)
{
	char attribute[32], address[IP_ADDRESS_TEXT_SIZE];
	const char *where = "dials out only";

	if (ip_address_present(&endpoint->address))
		where = ip_address_format(&endpoint->address, address);
	else if (endpoint->name[0])
		where = endpoint->name;
	(void)snprintf(attribute, sizeof(attribute), "endpoint %u", endpoint->serial_number);
	add(writer, attribute, "%s, %s, port %u, send_port %u%s", where,
	    endpoint->family == AF_INET ? "ip4" : "ip6", endpoint->port, endpoint->send_port,
	    endpoint->transports == TRANSPORT_WIREGUARD ? ", WireGuard only"
	    : endpoint->transports == TRANSPORT_IPSEC	? ", IPsec only"
							: "");
}

void outline_add_node(struct outline *outline, const struct registry_node *node)
{
	char id[NODE_ID_TEXT_SIZE], attribute[IP_PREFIX_TEXT_SIZE + 16];
	char prefix[IP_PREFIX_TEXT_SIZE], base64[CRYPTO_KEY_BASE64_SIZE];
	char fingerprint[CRYPTO_FINGERPRINT_SIZE];
	struct outline_writer writer =
		begin(outline, OUTLINE_NODE, "node", node_id_format(&node->id, id));

	for (unsigned i = 0; i < node->endpoints_count; i++)
		add_endpoint(&writer, &node->endpoints[i]);
	add(&writer, "network", "%s", ip_prefix_format(&node->network, prefix));
	for (size_t i = 1; i < node->prefixes_count; i++) {
		(void)snprintf(attribute, sizeof(attribute), "prefix %s",
			       ip_prefix_format(&node->prefixes[i], prefix));
		add(&writer, attribute, "%s",
		    registry_node_is_anycast(node, &node->prefixes[i]) ? "anycast" : "");
	}
	if (node->has_identity || node->identity_is_shared)
		add(&writer, "public_key", "%s%s",
		    crypto_fingerprint(node->identity_key, fingerprint),
		    node->identity_is_shared ? " (its organization's)" : "");
	if (node->has_wireguard)
		add(&writer, "wireguard", "%s", crypto_key_to_base64(node->wireguard_key, base64));
}

void outline_add_org_members(struct outline *outline, const struct org_document *org,
			     struct json_object *payload)
{
	static const char *const known[] = {
		"type",	  "spec",    "mesh_id", "organization", "version",
		"issued", "expires", "nodes",	NULL,
	};
	struct outline_writer writer = { .outline = outline, .rank = OUTLINE_ORGANIZATION };
	size_t before = outline->count;

	(void)snprintf(writer.subject, sizeof(writer.subject), "document of %s", org->name);
	add_others(&writer, payload, known, "member");
	if (outline->count > before)
		add(&writer, "", "%s", "");
}

void outline_add_node_members(struct outline *outline, const struct node_id *id,
			      struct json_object *node)
{
	static const char *const known[] = { "common_name", "public_key", "wireguard", "endpoints",
					     "anycast",	    "remarks",	  NULL };
	static const char *const known_remarks[] = { "network", "prefixs", "extra_network", NULL };
	struct outline_writer writer = { .outline = outline, .rank = OUTLINE_NODE };
	char node_name[NODE_ID_TEXT_SIZE];
	struct json_object *remarks;

	(void)snprintf(writer.subject, sizeof(writer.subject), "node %s",
		       node_id_format(id, node_name));
	add_others(&writer, node, known, "member");
	if (json_object_object_get_ex(node, "remarks", &remarks))
		add_others(&writer, remarks, known_remarks, "remark");
}

static int compare_lines(const void *a, const void *b)
{
	const struct outline_line *left = a, *right = b;
	int order = (int)left->rank - (int)right->rank;

	if (!order)
		order = strcmp(left->subject, right->subject);
	return order ? order : strcmp(left->attribute, right->attribute);
}

void outline_finish(struct outline *outline)
{
	if (outline->count)
		qsort(outline->lines, outline->count, sizeof(outline->lines[0]), compare_lines);
}

void outline_format(const struct outline *outline, struct strbuf *ret)
{
	for (size_t i = 0; i < outline->count; i++) {
		const struct outline_line *line = &outline->lines[i];

		if (!line->attribute[0])
			strbuf_printf(ret, "%s\n", line->subject);
		else
			strbuf_printf(ret, "    %s%s%s\n", line->attribute,
				      line->value[0] ? ": " : "", line->value);
	}
}
