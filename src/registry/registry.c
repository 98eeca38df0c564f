// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/registry.h"

#include "registry/check.h"
#include "registry/legacy.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* The first byte after white space, or 0. */
static char first_byte(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (!text[i] || !strchr(" \t\r\n", text[i]))
			return text[i];
	return '\0';
}

bool registry_is_bundle(const char *text, size_t size)
{
	return first_byte(text, size) == '{';
}

/* The scanner knows best what it is that stands there: HTML, gzip data, nothing. */
static int refuse_other(const char *text, size_t size, const char *name, struct error *error)
{
	CLEANUP(json_document_free) struct json_document *document = NULL;
	int result = json_document_parse(text, size, JSON_STRICT, name, &document, error);

	if (result < 0)
		return result;
	return error_set(error, -EINVAL, ERROR_SYNTAX, name,
			 "is not a registry; expected an array \"[\" or a signed bundle \"{\"");
}

static int check_unsigned(const struct registry_options *options, const char *name,
			  struct error *error)
{
	const struct trust *trust = options->verify.trust;

	if (trust && trust->manifest.version)
		return error_set(error, -EPERM, ERROR_UNSIGNED_DOWNGRADE, NULL,
				 "refusing an unsigned registry: this node has already accepted "
				 "signed manifest %" PRIu64
				 "; run aronet registry reset-trust to go back",
				 trust->manifest.version);
	if (trust || options->has_signed_state)
		return error_set(error, -EPERM, ERROR_UNSIGNED_DOWNGRADE, NULL,
				 "refusing an unsigned registry: this node trusts signed ones; run "
				 "aronet registry reset-trust to go back");
	if (options->allow_unsigned_config && options->allow_unsigned_flag)
		return 0;
	return error_set(error, -EPERM, ERROR_UNSIGNED, NULL,
			 "%s is an unsigned aronet registry; refused. Sign it (aronet registry "
			 "import) or set \"registry\": {\"allow_unsigned\": true} and pass "
			 "--allow-unsigned",
			 name);
}

static int load_legacy(const char *text, size_t size, const char *name,
		       const struct registry_options *options, struct warnings *warnings,
		       struct verified *ret, struct error *error)
{
	CLEANUP(registry_free) struct registry *registry = NULL;
	int result = check_unsigned(options, name, error);

	if (result < 0)
		return result;
	result = registry_parse_legacy(text, size, name, options->allow_empty, warnings, &registry,
				       error);
	if (result < 0)
		return result;
	result = registry_check(registry, error);
	if (result < 0) {
		if (error)
			error_prefix_place(error, name);
		return result;
	}
	*ret = (struct verified) { .registry = TAKE(registry) };
	return 0;
}

static int load_bundle(const char *text, size_t size, const char *name,
		       const struct registry_options *options, struct warnings *warnings,
		       struct verified *ret, struct error *error)
{
	CLEANUP(bundle_free) struct bundle *bundle = NULL;
	struct verify_options verify = options->verify;
	int result = bundle_parse(text, size, name, &bundle, error);

	if (result < 0)
		return result;
	verify.allow_empty = options->allow_empty;
	return registry_verify(bundle, &verify, warnings, ret, error);
}

int registry_load_verified(const char *text, size_t size, const char *name,
			   const struct registry_options *options, struct warnings *warnings,
			   struct verified *ret, struct error *error)
{
	switch (first_byte(text, size)) {
	case '[':
		return load_legacy(text, size, name, options, warnings, ret, error);
	case '{':
		return load_bundle(text, size, name, options, warnings, ret, error);
	default:
		return refuse_other(text, size, name, error);
	}
}

int registry_load(const char *text, size_t size, const char *name,
		  const struct registry_options *options, struct warnings *warnings,
		  struct registry **ret, struct error *error)
{
	CLEANUP(verified_done) struct verified verified = { 0 };
	int result = registry_load_verified(text, size, name, options, warnings, &verified, error);

	if (result == 0)
		*ret = TAKE(verified.registry);
	return result;
}

static bool endpoints_equal(const struct endpoint *a, const struct endpoint *b)
{
	return a->serial_number == b->serial_number && a->family == b->family &&
	       ip_address_compare(&a->address, &b->address) == 0 && !strcmp(a->name, b->name) &&
	       a->port == b->port && a->send_port == b->send_port && a->transports == b->transports;
}

static bool keys_equal(const struct registry_node *a, const struct registry_node *b)
{
	return a->has_identity == b->has_identity &&
	       a->identity_is_shared == b->identity_is_shared &&
	       a->has_wireguard == b->has_wireguard &&
	       !memcmp(a->identity_key, b->identity_key, KEY_SIZE) &&
	       !memcmp(a->wireguard_key, b->wireguard_key, KEY_SIZE);
}

/* The network is the first of the prefixes. */
static bool nodes_equal(const struct registry_node *a, const struct registry_node *b)
{
	if (!keys_equal(a, b) || a->endpoints_count != b->endpoints_count ||
	    a->prefixes_count != b->prefixes_count || a->no_transit != b->no_transit)
		return false;
	for (unsigned i = 0; i < a->endpoints_count; i++)
		if (!endpoints_equal(&a->endpoints[i], &b->endpoints[i]))
			return false;
	for (size_t i = 0; i < a->prefixes_count; i++)
		if (ip_prefix_compare(&a->prefixes[i], &b->prefixes[i]) != 0)
			return false;
	if (a->anycast_count != b->anycast_count)
		return false;
	for (size_t i = 0; i < a->anycast_count; i++)
		if (ip_prefix_compare(&a->anycast[i], &b->anycast[i]) != 0)
			return false;
	return true;
}

void registry_difference(const struct registry *old, const struct registry *new, unsigned *added,
			 unsigned *changed, unsigned *removed)
{
	size_t old_count = old ? old->nodes_count : 0, new_count = new ? new->nodes_count : 0;
	size_t i = 0, j = 0;

	*added = *changed = *removed = 0;
	while (i < old_count && j < new_count) {
		int order = node_id_compare(&old->nodes[i].id, &new->nodes[j].id);

		if (order == 0)
			*changed += !nodes_equal(&old->nodes[i], &new->nodes[j]);
		else if (order < 0)
			++*removed;
		else
			++*added;
		i += order <= 0;
		j += order >= 0;
	}
	*removed += (unsigned)(old_count - i);
	*added += (unsigned)(new_count - j);
}
