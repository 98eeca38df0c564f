// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/request.h"

#include "registry/keyset.h"
#include "registry/name.h"
#include "registry/node_write.h"

#include "base/hex.h"
#include "base/memory.h"
#include "base/timestamp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct request_reader {
	struct join_request *request;
	char organization[NAME_SIZE];
	struct warnings *warnings;
};

void join_request_free(struct join_request *request)
{
	if (!request)
		return;
	registry_node_done(&request->node);
	json_object_put(request->node_json);
	free(request);
}

/* document_read_header() has read it; here is only whether there is one. */
static int read_mesh_id(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct request_reader *reader = target;

	(void)error;
	reader->request->has_mesh_id = cursor->value != NULL;
	return 0;
}

static int read_organization(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct request_reader *reader = target;

	return name_read(cursor, "organization", reader->organization, error);
}

/* The signature needs the key, and the key has to be one that only its owner can sign for. */
static int check_key(const struct json_cursor *cursor, const struct registry_node *node,
		     struct error *error)
{
	if (!node->has_identity)
		return json_cursor_fail(cursor, error, ERROR_MISSING,
					"missing member \"public_key\", by which the request is "
					"signed");
	if (crypto_ed25519_is_weak(node->identity_key))
		return json_cursor_fail(cursor, error, ERROR_KEY_WEAK,
					"public_key is a small-order point or not canonical; "
					"anybody can sign for it, make a new key");
	return 0;
}

static int read_node(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct request_reader *reader = target;
	struct join_request *request = reader->request;
	const struct node_context context = {
		.organization = reader->organization,
		.warnings = reader->warnings,
	};
	int result = node_read(cursor, &context, &request->node, error);

	if (result == 0)
		result = check_key(cursor, &request->node, error);
	if (result < 0)
		return result;
	/* The document wipes its strings when it is freed. */
	if (json_object_deep_copy(cursor->value, &request->node_json, NULL) < 0)
		abort(); /* out of memory */
	return 0;
}

/* The node's id has the organization in it. */
static const struct json_member request_members[] = {
	{ "type", true, document_skip },
	{ "spec", true, document_skip },
	{ "mesh_id", true, read_mesh_id },
	{ "issued", true, document_skip },
	{ "organization", true, read_organization },
	{ "node", true, read_node },
};

static const struct member_table request_table = { "request", request_members,
						   ARRAY_SIZE(request_members), false };

const struct member_table *const request_tables[REQUEST_TABLES] = { &request_table };

static int read_envelope(const char *text, size_t size, const char *name, struct envelope *envelope,
			 struct error *error)
{
	CLEANUP(json_document_free) struct json_document *document = NULL;
	struct json_cursor root;
	int result;

	if (size > JOIN_REQUEST_SIZE_MAX)
		return error_set(error, -EFBIG, ERROR_TOO_BIG, name,
				 "request is %zu bytes; limit %u", size, JOIN_REQUEST_SIZE_MAX);
	result = json_document_parse(text, size, JSON_ENVELOPES, name, &document, error);
	if (result < 0)
		return result;
	root = json_document_root(document);
	result = envelope_read(&root, "envelope", envelope, error);
	if (result == 0 && envelope->type != DOCUMENT_REQUEST)
		return error_set(error, -EINVAL, ERROR_ENVELOPE, name,
				 "payloadType is \"%s\", which is no join request; the node makes "
				 "one with: aronet request",
				 document_payload_type(envelope->type));
	return result;
}

static int read_payload(const struct envelope *envelope, const char *name,
			struct request_reader *reader, struct error *error)
{
	CLEANUP(json_document_free) struct json_document *document = NULL;
	struct join_request *request = reader->request;
	char payload_name[ERROR_PLACE_SIZE];
	struct document_header header;
	struct json_cursor root;
	int result;

	/* Lines and columns are those of what is in the envelope. */
	(void)snprintf(payload_name, sizeof(payload_name), "%.150s, payload", name);
	result = document_open(envelope->payload, envelope->payload_size, payload_name,
			       DOCUMENT_REQUEST, &document, &header, error);
	if (result < 0)
		return result;
	memcpy(request->mesh_id, header.mesh_id, MESH_ID_SIZE);
	request->issued = header.issued;
	root = json_document_root(document);
	return json_read_object(&root, request_members, ARRAY_SIZE(request_members), false, reader,
				error);
}

static int verify(const struct envelope *envelope, const struct registry_node *node,
		  const char *name, struct error *error)
{
	struct keyset keyset = { .count = 1, .threshold = 1 };
	char id[NODE_ID_TEXT_SIZE], what[NODE_ID_TEXT_SIZE + 16];
	int result;

	memcpy(keyset.keys[0], node->identity_key, KEY_SIZE);
	(void)snprintf(what, sizeof(what), "request of %s", node_id_format(&node->id, id));
	result = keyset_verify(&keyset, envelope, what, error);
	if (result < 0 && error)
		error_prefix_place(error, name);
	return result;
}

int join_request_parse(const char *text, size_t size, const char *name, struct warnings *warnings,
		       struct join_request **ret, struct error *error)
{
	CLEANUP(join_request_free) struct join_request *request = NEW(struct join_request);
	CLEANUP(envelope_done) struct envelope envelope = { 0 };
	struct request_reader reader = { .request = request, .warnings = warnings };
	int result;

	result = read_envelope(text, size, name, &envelope, error);
	if (result == 0)
		result = read_payload(&envelope, name, &reader, error);
	if (result == 0)
		result = verify(&envelope, &request->node, name, error);
	if (result < 0)
		return result;
	*ret = TAKE(request);
	return 0;
}

/* What a node says of itself; for registry_node_done(). */
static void describe(const struct config *config, struct registry_node *ret)
{
	*ret = (struct registry_node) {
		.id = config->self,
		.has_identity = true,
		.has_wireguard = config->has_wireguard,
		.endpoints = memory_dup(config->endpoints,
					config->endpoints_count * sizeof(config->endpoints[0])),
		.endpoints_count = config->endpoints_count,
		.network = config->network,
	};
	for (unsigned i = 0; i < ret->endpoints_count; i++)
		ret->endpoints[i].transports =
			config_transports(config, &config->endpoints[i], NULL);
	memcpy(ret->identity_key, config->identity_public, KEY_SIZE);
	memcpy(ret->wireguard_key, config->wireguard_public, KEY_SIZE);
	*ARRAY_APPEND(ret->prefixes, ret->prefixes_count) = config->network;
	for (size_t i = 0; i < config->prefixes_count; i++)
		*ARRAY_APPEND(ret->prefixes, ret->prefixes_count) = config->prefixes[i];
}

static void add(struct json_object *object, const char *name, struct json_object *value)
{
	(void)json_object_object_add_ex(object, name, value, JSON_C_OBJECT_ADD_KEY_IS_NEW);
}

static struct json_object *request_to_json(const struct registry_node *node, const uint8_t *mesh_id,
					   int64_t now)
{
	struct json_object *object = json_object_new_object();
	char issued[TIMESTAMP_TEXT_SIZE], id[2 * MESH_ID_SIZE + 1];

	add(object, "type", json_object_new_string("aronet.request"));
	add(object, "spec", json_object_new_int(DOCUMENT_SPEC));
	add(object, "mesh_id",
	    mesh_id ? json_object_new_string(hex_format(mesh_id, MESH_ID_SIZE, id)) : NULL);
	add(object, "issued", json_object_new_string(timestamp_format(now, issued)));
	add(object, "organization", json_object_new_string(node->id.organization));
	add(object, "node", node_to_json(node));
	return object;
}

CLEANUP_DEFINE(struct json_object *, json_object_put);

static void sign(const struct config *config, const char *payload, struct strbuf *ret)
{
	CLEANUP(envelope_done) struct envelope envelope = { 0 };
	struct crypto_signing_key key;

	memcpy(key.seed, config->identity_seed, KEY_SIZE);
	memcpy(key.public_key, config->identity_public, KEY_SIZE);
	envelope_make(DOCUMENT_REQUEST, payload, strlen(payload), &envelope);
	(void)envelope_sign(&envelope, &key); /* there is room for the first signature */
	crypto_wipe(&key, sizeof(key));
	envelope_format(&envelope, true, ret);
}

int join_request_make(const struct config *config, const uint8_t *mesh_id, int64_t now,
		      struct strbuf *ret, struct error *error)
{
	CLEANUP(json_object_put) struct json_object *object = NULL;
	CLEANUP(registry_node_done) struct registry_node node = { 0 };

	if (!config->has_identity)
		return error_set(
			error, -ENOKEY, ERROR_MISSING, NULL,
			"this node has no Ed25519 key to sign the request with; make a key "
			"with aronet keygen node, and name its file as \"private_key\"");
	describe(config, &node);
	object = request_to_json(&node, mesh_id, now);
	sign(config,
	     json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
							    JSON_C_TO_STRING_NOSLASHESCAPE),
	     ret);
	return 0;
}
