// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/envelope.h"

#include "base/memory.h"
#include "crypto/base64.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const payload_types[] = {
	[DOCUMENT_MESH] = "application/vnd.aronet.mesh.v1+json",
	[DOCUMENT_MANIFEST] = "application/vnd.aronet.manifest.v1+json",
	[DOCUMENT_ORG] = "application/vnd.aronet.org.v1+json",
	[DOCUMENT_REQUEST] = "application/vnd.aronet.request.v1+json",
};

#define PAE_HEAD_SIZE 128 /* "DSSEv1 37 TYPE 8388608 " */

const char *document_payload_type(enum document_type type)
{
	return payload_types[type];
}

void envelope_done(struct envelope *envelope)
{
	free(envelope->payload);
	free(envelope->signatures);
	*envelope = (struct envelope) { 0 };
}

struct envelope_reader {
	struct envelope *envelope;
	const char *what;
	struct signature *signature; /* the one being read */
};

static int read_payload_type(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct envelope_reader *reader = target;
	char quoted[JSON_QUOTE_SIZE];
	const char *text;
	int result = json_read_string(cursor, &text, error);

	if (result < 0)
		return result;
	for (size_t i = 0; i < ARRAY_SIZE(payload_types); i++) {
		if (strcmp(payload_types[i], text) != 0)
			continue;
		reader->envelope->type = (enum document_type)i;
		return 0;
	}
	return json_cursor_fail(cursor, error, ERROR_ENVELOPE, "%s: payloadType %s is not known",
				reader->what, json_quote(text, quoted));
}

static int read_payload(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct envelope_reader *reader = target;
	struct envelope *envelope = reader->envelope;
	const char *text;
	size_t length;
	int result = json_read_payload(cursor, &text, &length, error);

	if (result < 0)
		return result;
	if (length / 4 * 3 > DOCUMENT_SIZE_MAX + 2)
		return json_cursor_fail(cursor, error, ERROR_TOO_BIG,
					"%s: document is %zu bytes; limit %u", reader->what,
					length / 4 * 3, DOCUMENT_SIZE_MAX);
	envelope->payload = memory_zalloc(length / 4 * 3 + 1, 1);
	if (base64_decode_public(text, length, envelope->payload, &envelope->payload_size) < 0)
		return json_cursor_fail(cursor, error, ERROR_ENVELOPE,
					"%s: payload is not canonical base64 (no white space, full "
					"padding)",
					reader->what);
	if (envelope->payload_size > DOCUMENT_SIZE_MAX)
		return json_cursor_fail(cursor, error, ERROR_TOO_BIG,
					"%s: document is %zu bytes; limit %u", reader->what,
					envelope->payload_size, DOCUMENT_SIZE_MAX);
	/* The decoder may have used a byte or two more than there are. */
	envelope->payload[envelope->payload_size] = '\0';
	crypto_sha256(envelope->payload, envelope->payload_size, envelope->digest);
	return 0;
}

static int read_keyid(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct envelope_reader *reader = target;
	char quoted[JSON_QUOTE_SIZE];
	const char *text;
	int result = json_read_string(cursor, &text, error);

	if (result < 0)
		return result;
	if (strlen(text) != CRYPTO_KEYID_SIZE - 1 ||
	    strspn(text, "0123456789abcdef") != CRYPTO_KEYID_SIZE - 1)
		return json_cursor_fail(cursor, error, ERROR_ENVELOPE,
					"%s: keyid %s is not 32 lower-case hex digits",
					reader->what, json_quote(text, quoted));
	strcpy(reader->signature->keyid, text);
	return 0;
}

static int read_signature_bytes(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct envelope_reader *reader = target;
	size_t index = cursor->parent->index;
	uint8_t bytes[CRYPTO_SIGNATURE_SIZE / 2 * 3];
	const char *text;
	size_t length, size;
	int result = json_read_string(cursor, &text, error);

	if (result < 0)
		return result;
	length = (size_t)json_object_get_string_len(cursor->value);
	if (length / 4 * 3 > sizeof(bytes))
		return json_cursor_fail(cursor, error, ERROR_ENVELOPE,
					"%s: signature %zu has %zu characters, not 88",
					reader->what, index, length);
	if (base64_decode_public(text, length, bytes, &size) < 0)
		return json_cursor_fail(cursor, error, ERROR_ENVELOPE,
					"%s: signature %zu is not canonical base64", reader->what,
					index);
	if (size != CRYPTO_SIGNATURE_SIZE)
		return json_cursor_fail(cursor, error, ERROR_ENVELOPE,
					"%s: signature %zu is %zu bytes, not %d", reader->what,
					index, size, CRYPTO_SIGNATURE_SIZE);
	memcpy(reader->signature->bytes, bytes, size);
	return 0;
}

static const struct json_member signature_members[] = {
	{ "keyid", true, read_keyid },
	{ "sig", true, read_signature_bytes },
};

static int read_signatures(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct envelope_reader *reader = target;
	struct envelope *envelope = reader->envelope;
	size_t count;
	int result = json_expect_array(cursor, ENVELOPE_SIGNATURES_MAX, &count, error);

	if (result < 0 || count == 0)
		return result;
	envelope->signatures = NEW_ARRAY(struct signature, count);
	for (size_t i = 0; result == 0 && i < count; i++) {
		struct json_cursor item = json_cursor_item(cursor, i);

		reader->signature = &envelope->signatures[envelope->signatures_count++];
		result = json_read_object(&item, signature_members, ARRAY_SIZE(signature_members),
					  false, reader, error);
	}
	return result;
}

static const struct json_member envelope_members[] = {
	{ "payloadType", true, read_payload_type },
	{ "payload", true, read_payload },
	{ "signatures", true, read_signatures },
};

static const struct json_member detached_members[] = {
	{ "payloadType", true, read_payload_type },
	{ "signatures", true, read_signatures },
};

int envelope_read(const struct json_cursor *cursor, const char *what, struct envelope *envelope,
		  struct error *error)
{
	struct envelope_reader reader = { .envelope = envelope, .what = what };

	return json_read_object(cursor, envelope_members, ARRAY_SIZE(envelope_members), false,
				&reader, error);
}

int envelope_parse_detached(const char *text, size_t size, const char *name, const void *payload,
			    size_t payload_size, struct envelope *envelope, struct error *error)
{
	struct envelope_reader reader = { .envelope = envelope, .what = "envelope" };
	CLEANUP(json_document_free) struct json_document *document = NULL;
	struct json_cursor root;
	int result;

	if (payload_size > DOCUMENT_SIZE_MAX)
		return error_set(error, -EFBIG, ERROR_TOO_BIG, name,
				 "the document beside it is %zu bytes; limit %u", payload_size,
				 DOCUMENT_SIZE_MAX);
	result = json_document_parse(text, size, JSON_STRICT, name, &document, error);
	if (result < 0)
		return result;
	envelope_make(DOCUMENT_MESH, payload, payload_size, envelope);
	root = json_document_root(document);
	result = json_read_object(&root, detached_members, ARRAY_SIZE(detached_members), false,
				  &reader, error);
	if (result < 0)
		envelope_done(envelope);
	return result;
}

void envelope_make(enum document_type type, const void *payload, size_t size, struct envelope *ret)
{
	*ret = (struct envelope) {
		.type = type,
		.payload = memory_zalloc(size + 1, 1),
		.payload_size = size,
	};
	if (size)
		memcpy(ret->payload, payload, size);
	crypto_sha256(ret->payload, size, ret->digest);
}

int envelope_sign(struct envelope *envelope, const struct crypto_signing_key *key)
{
	CLEANUP(free) char *pae = NULL;
	struct signature signature = { 0 };
	struct signature *place = NULL;
	size_t size;

	(void)crypto_keyid(key->public_key, signature.keyid);
	for (unsigned i = 0; i < envelope->signatures_count; i++)
		if (!strcmp(envelope->signatures[i].keyid, signature.keyid))
			place = &envelope->signatures[i];
	if (!place && envelope->signatures_count == ENVELOPE_SIGNATURES_MAX)
		return -E2BIG;
	pae = envelope_pae(document_payload_type(envelope->type), envelope->payload,
			   envelope->payload_size, &size);
	crypto_ed25519_sign(key->seed, pae, size, signature.bytes);
	if (!place) {
		envelope->signatures =
			memory_grow(envelope->signatures, envelope->signatures_count + 1,
				    sizeof(*envelope->signatures));
		place = &envelope->signatures[envelope->signatures_count++];
	}
	*place = signature;
	return 0;
}

/* What stands before the body. Returns its length. */
static size_t format_pae_head(const char *payload_type, size_t size, char ret[PAE_HEAD_SIZE])
{
	int length = snprintf(ret, PAE_HEAD_SIZE, "DSSEv1 %zu %s %zu ", strlen(payload_type),
			      payload_type, size);

	return length < 0 || length >= PAE_HEAD_SIZE ? 0 : (size_t)length;
}

char *envelope_pae(const char *payload_type, const void *body, size_t size, size_t *ret_size)
{
	char head[PAE_HEAD_SIZE];
	size_t length = format_pae_head(payload_type, size, head);
	char *pae = memory_zalloc(length + size + 1, 1);

	memcpy(pae, head, length);
	if (size)
		memcpy(pae + length, body, size);
	*ret_size = length + size;
	return pae;
}

void envelope_pae_digest(const struct envelope *envelope, uint8_t ret[KEY_SIZE])
{
	struct crypto_hash *hash = crypto_hash_new();
	char head[PAE_HEAD_SIZE];

	crypto_hash_add(hash, head,
			format_pae_head(document_payload_type(envelope->type),
					envelope->payload_size, head));
	crypto_hash_add(hash, envelope->payload, envelope->payload_size);
	crypto_hash_finish(hash, ret);
}

static void format_signatures(const struct envelope *envelope, struct strbuf *ret)
{
	char text[BASE64_TEXT_SIZE(CRYPTO_SIGNATURE_SIZE)];

	strbuf_puts(ret, "\"signatures\": [");
	for (unsigned i = 0; i < envelope->signatures_count; i++) {
		base64_encode(envelope->signatures[i].bytes, CRYPTO_SIGNATURE_SIZE, text);
		strbuf_printf(ret, "%s{\"keyid\": \"%s\", \"sig\": \"%s\"}", i ? ",\n  " : "\n  ",
			      envelope->signatures[i].keyid, text);
	}
	strbuf_puts(ret, "]");
}

void envelope_format(const struct envelope *envelope, bool with_payload, struct strbuf *ret)
{
	CLEANUP(free) char *text = NULL;

	strbuf_printf(ret, "{\"payloadType\": \"%s\",\n ", document_payload_type(envelope->type));
	if (with_payload) {
		text = memory_zalloc(BASE64_TEXT_SIZE(envelope->payload_size), 1);
		base64_encode(envelope->payload, envelope->payload_size, text);
		strbuf_puts(ret, "\"payload\": \"");
		strbuf_puts(ret, text);
		strbuf_puts(ret, "\",\n ");
	}
	format_signatures(envelope, ret);
	strbuf_puts(ret, "}\n");
}
