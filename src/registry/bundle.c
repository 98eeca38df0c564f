// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/bundle.h"

#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define BUNDLE_FORMAT 1
#define ENVELOPES_MAX (BUNDLE_MESHES_MAX + 1 + BUNDLE_ORGANIZATIONS_MAX)

void bundle_free(struct bundle *bundle)
{
	if (!bundle)
		return;
	for (size_t i = 0; i < bundle->count; i++)
		envelope_done(&bundle->envelopes[i]);
	free(bundle->envelopes);
	free(bundle);
}

static int read_format(const struct json_cursor *cursor, void *target, struct error *error)
{
	int64_t format;

	(void)target;
	return json_read_integer(cursor, BUNDLE_FORMAT, BUNDLE_FORMAT, &format, error);
}

static int read_envelopes(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct bundle *bundle = target;
	size_t count;
	int result = json_expect_array(cursor, ENVELOPES_MAX, &count, error);

	if (result < 0 || count == 0)
		return result;
	bundle->envelopes = NEW_ARRAY(struct envelope, count);
	for (size_t i = 0; result == 0 && i < count; i++) {
		struct json_cursor item = json_cursor_item(cursor, i);
		char what[32];

		(void)snprintf(what, sizeof(what), "envelope %zu", i);
		result = envelope_read(&item, what, &bundle->envelopes[bundle->count++], error);
	}
	return result;
}

static const struct json_member bundle_members[] = {
	{ "aronet_bundle", true, read_format },
	{ "envelopes", true, read_envelopes },
};

/* The next type in the order, from @at on; how many envelopes have it. */
static size_t count_type(const struct bundle *bundle, size_t at, enum document_type type)
{
	size_t count = 0;

	while (at + count < bundle->count && bundle->envelopes[at + count].type == type)
		count++;
	return count;
}

static int check_order(struct bundle *bundle, const char *name, struct error *error)
{
	size_t meshes = count_type(bundle, 0, DOCUMENT_MESH);
	size_t manifests = count_type(bundle, meshes, DOCUMENT_MANIFEST);
	size_t organizations = count_type(bundle, meshes + manifests, DOCUMENT_ORG);
	size_t known = meshes + manifests + organizations;

	if (known < bundle->count)
		return error_set(error, -EINVAL, ERROR_ENVELOPE, name,
				 "envelope %zu is of type %s and out of order; expected mesh "
				 "documents, one manifest, organizations",
				 known, document_payload_type(bundle->envelopes[known].type));
	if (meshes == 0 || manifests != 1)
		return error_set(error, -EINVAL, ERROR_ENVELOPE, name,
				 "%zu mesh documents and %zu manifests; expected at least one and "
				 "exactly one",
				 meshes, manifests);
	if (meshes > BUNDLE_MESHES_MAX || organizations > BUNDLE_ORGANIZATIONS_MAX)
		return error_set(error, -EFBIG, ERROR_TOO_BIG, name,
				 "%zu mesh documents and %zu organizations; limits %d and %d",
				 meshes, organizations, BUNDLE_MESHES_MAX,
				 BUNDLE_ORGANIZATIONS_MAX);
	bundle->meshes_count = meshes;
	return 0;
}

int bundle_parse(const char *text, size_t size, const char *name, struct bundle **ret,
		 struct error *error)
{
	CLEANUP(json_document_free) struct json_document *document = NULL;
	CLEANUP(bundle_free) struct bundle *bundle = NEW(struct bundle);
	struct json_cursor root;
	int result;

	if (size > BUNDLE_SIZE_MAX)
		return error_set(error, -EFBIG, ERROR_TOO_BIG, name,
				 "bundle is %zu bytes; limit %u", size, BUNDLE_SIZE_MAX);
	result = json_document_parse(text, size, JSON_ENVELOPES, name, &document, error);
	if (result < 0)
		return result;
	root = json_document_root(document);
	result = json_read_object(&root, bundle_members, ARRAY_SIZE(bundle_members), false, bundle,
				  error);
	if (result == 0)
		result = check_order(bundle, name, error);
	if (result == 0)
		*ret = TAKE(bundle);
	return result;
}

void bundle_format(const struct bundle *bundle, struct strbuf *ret)
{
	strbuf_puts(ret, "{\"aronet_bundle\": 1, \"envelopes\": [\n");
	for (size_t i = 0; i < bundle->count; i++) {
		envelope_format(&bundle->envelopes[i], true, ret);
		if (i + 1 < bundle->count)
			strbuf_puts(ret, ",\n");
	}
	strbuf_puts(ret, "]}\n");
}
