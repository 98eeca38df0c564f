// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange/import_private.h"

#include "exchange/peer_endpoint.h"
#include "registry/name.h"

#include "base/memory.h"
#include "crypto/crypto.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

/*
 * Lists of peers: a WireGuard key and endpoints each (RAIT, pkg/rait/peers.go; ranet before 0.6).
 * In the flat form, that of RAIT before 3.1, a peer is its only endpoint.
 */
struct peer_reader {
	struct import *import;
	struct import_node *node;
	bool is_flat;
	struct endpoint flat;
};

static int read_key(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct peer_reader *reader = target;
	struct registry_node *node = &reader->node->node;
	const char *text;
	int result = json_read_string(cursor, &text, error);

	if (result < 0)
		return result;
	if (crypto_key_from_base64(text, node->wireguard_key) < 0)
		return json_cursor_fail(cursor, error, ERROR_KEY_FORMAT,
					"a WireGuard key is 44 characters of base64 (32 bytes), as "
					"printed by wg pubkey");
	if (crypto_x25519_is_weak(node->wireguard_key))
		return json_cursor_fail(cursor, error, ERROR_KEY_WEAK,
					"small-order point; no tunnel can come up with it");
	node->has_wireguard = true;
	return 0;
}

/* RAIT writes "" for a peer without a name. */
static int read_name(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct peer_reader *reader = target;
	const char *text;
	int result = json_read_string(cursor, &text, error);

	if (result == 0 && text[0])
		reader->node->name = memory_strdup(text);
	return result;
}

static int read_flat_family(const struct json_cursor *cursor, void *target, struct error *error)
{
	return peer_read_family(cursor, &((struct peer_reader *)target)->flat.family, error);
}

static int read_flat_port(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct peer_reader *reader = target;

	reader->is_flat = true;
	return peer_read_port(cursor, &reader->flat, error);
}

static int read_flat_address(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct peer_reader *reader = target;

	reader->is_flat = true;
	return peer_read_address(cursor, reader->import->report, &reader->flat, error);
}

static int read_endpoints(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct peer_reader *reader = target;

	return peer_read_endpoints(cursor, reader->import->report, &reader->node->node, error);
}

/* Blocks in RAIT from 3.1 on, an address in 3.0. */
static int read_endpoint(const struct json_cursor *cursor, void *target, struct error *error)
{
	if (json_object_is_type(cursor->value, json_type_string))
		return read_flat_address(cursor, target, error);
	return read_endpoints(cursor, target, error);
}

/* What of the remarks is ours; they are free, so that another meaning of a name is no mistake. */
static void take_own_remarks(const struct json_cursor *remarks, struct peer_reader *reader)
{
	const struct node_context context = { .network_optional = true };
	struct registry_node *node = &reader->node->node;
	struct json_cursor organization;
	const char *name;
	struct error error;

	if (json_cursor_member(remarks, "organization", &organization) == 0 &&
	    json_read_string(&organization, &name, NULL) == 0 && name_is_valid(name))
		strcpy(node->id.organization, name);
	if (node_read_remarks(remarks, &context, node, &error) == 0)
		return;
	report_left_out(reader->import->report, "networks of this peer", &error);
	node->network = (struct ip_prefix) { 0 };
	node->prefixes_count = 0;
}

/* A block or an object; of several blocks the first. */
static int read_remarks(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct peer_reader *reader = target;
	struct json_cursor remarks = *cursor;

	if (json_object_is_type(cursor->value, json_type_array)) {
		if (json_object_array_length(cursor->value) > 1)
			report_at(reader->import->report, cursor,
				  "only the first block of remarks is taken");
		remarks = json_cursor_item(cursor, 0);
	}
	if (!json_object_is_type(remarks.value, json_type_object))
		return json_cursor_fail(cursor, error, ERROR_TYPE, "expected object, found %s",
					json_cursor_type(&remarks));
	take_own_remarks(&remarks, reader);
	import_add_remarks(reader->import, &remarks, reader->node);
	return 0;
}

/* The family is read before the address. */
static const struct json_member hcl_members[] = {
	{ "public_key", true, read_key },
	{ "name", false, read_name },
	{ "address_family", false, read_flat_family },
	{ "send_port", false, read_flat_port },
	{ "endpoint", false, read_endpoint },
	{ "remarks", false, read_remarks },
};

static const struct json_member json_members[] = {
	{ "public_key", true, read_key },
	{ "endpoints", true, read_endpoints },
	{ "remarks", false, read_remarks },
};

static const struct json_member toml_members[] = {
	{ "PublicKey", true, read_key },
	{ "Name", false, read_name },
	{ "AddressFamily", false, read_flat_family },
	{ "SendPort", true, read_flat_port },
	{ "Endpoint", false, read_flat_address },
};

struct peer_format {
	const struct json_member *members;
	size_t members_count;
	const char *list; /* name of the list in the file */
	bool is_toml;	  /* names are compared without regard to case there */
};

static const struct peer_format hcl_format = { hcl_members, ARRAY_SIZE(hcl_members), "peers",
					       false };
static const struct peer_format json_format = { json_members, ARRAY_SIZE(json_members), NULL,
						false };
static const struct peer_format toml_format = { toml_members, ARRAY_SIZE(toml_members), "Peers",
						true };

static void rename_member(struct json_object *object, const char *name)
{
	struct json_object *moved = NULL;
	const char *found = NULL;

	if (json_object_object_get_ex(object, name, NULL))
		return;
	json_object_object_foreach(object, other, value)
	{
		if (found || strcasecmp(other, name) != 0)
			continue;
		found = other;
		moved = value;
	}
	if (!found)
		return;
	(void)json_object_object_add(object, name, json_object_get(moved));
	json_object_object_del(object, found);
}

/* Go's TOML reader takes "publickey" for PublicKey. */
static void rename_members(const struct json_cursor *object, const struct peer_format *format)
{
	if (!format->is_toml || !json_object_is_type(object->value, json_type_object))
		return;
	for (size_t i = 0; i < format->members_count; i++)
		rename_member(object->value, format->members[i].name);
}

static bool is_member(const char *name, const struct peer_format *format)
{
	for (size_t i = 0; i < format->members_count; i++)
		if (!strcmp(format->members[i].name, name))
			return true;
	return false;
}

/* RAIT keeps what it does not know as remarks. */
static void take_other_members(const struct json_cursor *peer, const struct peer_format *format,
			       struct peer_reader *reader)
{
	struct json_object *others = json_object_new_object();
	struct json_cursor cursor = *peer;

	json_object_object_foreach(peer->value, name, value)
	{
		if (!is_member(name, format))
			(void)json_object_object_add(others, name, json_object_get(value));
	}
	cursor.value = others;
	import_add_remarks(reader->import, &cursor, reader->node);
	json_object_put(others);
}

static int finish_peer(const struct json_cursor *peer, struct peer_reader *reader,
		       struct error *error)
{
	struct registry_node *node = &reader->node->node;

	if (reader->is_flat && node->endpoints_count)
		return json_cursor_fail(peer, error, ERROR_VALUE,
					"send_port or address stand beside endpoint blocks");
	if (reader->is_flat && !reader->flat.send_port)
		return json_cursor_fail(peer, error, ERROR_MISSING, "missing member \"send_port\"");
	if (reader->is_flat)
		peer_add_endpoint(node, &reader->flat);
	if (!node->endpoints_count)
		return json_cursor_fail(peer, error, ERROR_MISSING, "no endpoint");
	if (!node->id.organization[0] && !reader->import->options->organization)
		return error_set(error, -EINVAL, ERROR_USAGE, NULL,
				 "peers have no organization; say with --org which one they "
				 "become");
	if (!node->id.organization[0]) {
		strcpy(node->id.organization, reader->import->options->organization);
		reader->import->used_option_organization = true;
	}
	return 0;
}

/* A peer that cannot be used is left out, as RAIT skips it. */
static int read_peer(const struct json_cursor *peer, const struct peer_format *format,
		     struct import *import, struct error *error)
{
	struct peer_reader reader = { .import = import };
	struct error reason = { 0 };
	int result;

	reader.node = import_add_node(import, peer, error);
	if (!reader.node)
		return -EFBIG;
	reader.node->is_peer = true;
	rename_members(peer, format);
	result = json_read_object(peer, format->members, format->members_count, true, &reader,
				  &reason);
	if (result == 0)
		take_other_members(peer, format, &reader);
	if (result == 0)
		result = finish_peer(peer, &reader, &reason);
	if (result == 0) {
		import_take_prefix(import, reader.node);
		return 0;
	}
	if (reason.code == ERROR_USAGE) {
		*error = reason;
		return result;
	}
	report_left_out(import->report, "peer", &reason);
	import_drop_last_node(import);
	return 0;
}

static int read_list(const struct json_cursor *list, const struct peer_format *format,
		     struct import *import, struct error *error)
{
	size_t count;
	int result = json_expect_array(list, REGISTRY_NODES_MAX, &count, error);

	for (size_t i = 0; result == 0 && i < count; i++) {
		struct json_cursor item = json_cursor_item(list, i);

		result = read_peer(&item, format, import, error);
	}
	return result;
}

struct list_reader {
	struct import *import;
	const struct peer_format *format;
};

static int read_list_member(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct list_reader *reader = target;

	return read_list(cursor, reader->format, reader->import, error);
}

/*
 * A file with a list of peers, or with the members of one peer: RAIT 1.0 to 1.3 has a directory of
 * such, and `rait pub` of version 3 writes one.
 */
static int read_file(const struct json_cursor *root, const struct peer_format *format,
		     struct import *import, struct error *error)
{
	const struct json_member members[] = { { format->list, true, read_list_member } };
	struct list_reader reader = { import, format };
	const char *key = format->is_toml ? "PrivateKey" : "private_key";
	struct json_cursor member;

	rename_members(root, format);
	if (format->is_toml) {
		rename_member(root->value, format->list);
		rename_member(root->value, key);
	}
	if (json_cursor_member(root, key, &member) == 0)
		return json_cursor_fail_name(&member, error, ERROR_UNSUPPORTED,
					     "this is the rait.conf of one node, with its private "
					     "key; give the file with its peers");
	if (json_cursor_member(root, format->members[0].name, &member) == 0)
		return read_peer(root, format, import, error);
	return json_read_object(root, members, ARRAY_SIZE(members), false, &reader, error);
}

int import_read_hcl(struct import *import, const struct json_cursor *root, struct error *error)
{
	return read_file(root, &hcl_format, import, error);
}

int import_read_toml(struct import *import, const struct json_cursor *root, struct error *error)
{
	return read_file(root, &toml_format, import, error);
}

int import_read_json_peers(struct import *import, const struct json_cursor *root,
			   struct error *error)
{
	return read_list(root, &json_format, import, error);
}
