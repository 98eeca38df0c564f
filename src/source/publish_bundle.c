// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/publish_parts.h"

#include "base/memory.h"

#include <string.h>

static int parse_version(const struct envelope *envelope, struct mesh_document **ret,
			 struct error *error)
{
	return mesh_document_parse(envelope->payload, envelope->payload_size, "mesh", ret, error);
}

static bool is_same(const struct envelope *one, const struct envelope *other)
{
	return !memcmp(one->digest, other->digest, KEY_SIZE);
}

int publish_choose_meshes(const struct source *source, const struct envelope *newest, bool *ret,
			  struct error *error)
{
	CLEANUP(mesh_document_free) struct mesh_document *before = NULL;
	size_t size = newest->payload_size;

	for (size_t i = 0; i < source->meshes_count; i++) {
		const struct envelope *envelope = &source->meshes[i].envelope;
		struct mesh_document *mesh = NULL;
		int result = parse_version(envelope, &mesh, error);

		if (result < 0)
			return result;
		ret[i] = !before || !keyset_equal(&before->mesh_role, &mesh->mesh_role);
		size += ret[i] && !is_same(envelope, newest) ? envelope->payload_size : 0;
		mesh_document_free(before);
		before = mesh;
	}
	for (size_t i = source->meshes_count; i-- > 0;) {
		if (ret[i] || is_same(&source->meshes[i].envelope, newest))
			continue;
		size += source->meshes[i].envelope.payload_size;
		if (size > PUBLISH_MESHES_SIZE)
			break;
		ret[i] = true;
	}
	return 0;
}

static void append(struct bundle *bundle, const struct envelope *envelope)
{
	envelope_copy(envelope, ARRAY_APPEND(bundle->envelopes, bundle->count));
}

static int make_bundle(const struct publisher *publisher, struct bundle *bundle,
		       struct error *error)
{
	const struct source *source = publisher->source;
	const struct publication *publication = publisher->publication;
	CLEANUP(free) bool *chosen = NEW_ARRAY(bool, source->meshes_count + 1);
	int result = publish_choose_meshes(source, &publication->mesh.envelope, chosen, error);

	if (result < 0)
		return result;
	for (size_t i = 0; i < source->meshes_count; i++)
		if (chosen[i] && source->meshes[i].number < publication->mesh.version)
			append(bundle, &source->meshes[i].envelope);
	append(bundle, &publication->mesh.envelope);
	bundle->meshes_count = bundle->count;
	append(bundle, &publication->manifest.envelope);
	for (size_t i = 0; i < publication->orgs_count; i++)
		append(bundle, &publication->orgs[i].envelope);
	return 0;
}

int publish_bundle(struct publisher *publisher, struct error *error)
{
	struct publication *publication = publisher->publication;
	CLEANUP(bundle_free) struct bundle *bundle = NEW(struct bundle);
	CLEANUP(bundle_free) struct bundle *read = NULL;
	CLEANUP(trust_free) struct trust *trust = base_trust(publisher->base);
	struct verify_options options = {
		.trust = trust,
		.clock = publisher->options->now,
		.build_date = publisher->options->build_date,
		.allow_empty = publisher->options->allow_empty,
	};
	int result = make_bundle(publisher, bundle, error);

	if (result < 0)
		return result;
	bundle_format(bundle, &publication->bundle);
	options.mesh_sha256 = bundle->envelopes[0].digest;
	result = bundle_parse(publication->bundle.bytes, publication->bundle.length, "the bundle",
			      &read, error);
	if (result == 0)
		result = registry_verify(read, &options, &publication->warnings,
					 &publication->verified, error);
	return result;
}
