// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/registry.h"

#include "registry/check.h"
#include "registry/legacy.h"

#include <errno.h>
#include <string.h>

/* The first byte after white space, or 0. */
static char first_byte(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (!text[i] || !strchr(" \t\r\n", text[i]))
			return text[i];
	return '\0';
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

static int load_legacy(const char *text, size_t size, const char *name,
		       const struct registry_options *options, struct warnings *warnings,
		       struct registry **ret, struct error *error)
{
	CLEANUP(registry_free) struct registry *registry = NULL;
	int result;

	if (!options->allow_unsigned_config || !options->allow_unsigned_flag)
		return error_set(error, -EPERM, ERROR_UNSIGNED, NULL,
				 "%s is an unsigned aronet registry; refused. To accept it set "
				 "\"registry\": {\"allow_unsigned\": true} in config.json and pass "
				 "--allow-unsigned",
				 name);
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
	*ret = TAKE(registry);
	return 0;
}

int registry_load(const char *text, size_t size, const char *name,
		  const struct registry_options *options, struct warnings *warnings,
		  struct registry **ret, struct error *error)
{
	switch (first_byte(text, size)) {
	case '[':
		return load_legacy(text, size, name, options, warnings, ret, error);
	case '{':
		return error_set(error, -EOPNOTSUPP, ERROR_VALUE, name,
				 "signed bundles are not supported by this version yet");
	default:
		return refuse_other(text, size, name, error);
	}
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
	    a->prefixes_count != b->prefixes_count)
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
