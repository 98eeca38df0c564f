// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The unsigned registry. What is accepted keeps the promises that the code behind relies on, and
 * written anew (node_to_json()) it means the same.
 */
#include "crypto/crypto.h"
#include "fuzz.h"
#include "registry/node_write.h"
#include "registry/policy.h"
#include "registry/registry.h"
#include "registry_print.h"

#include <string.h>

static const struct registry_options options = {
	.allow_unsigned_config = true,
	.allow_unsigned_flag = true,
	.allow_empty = true,
};

static void json_release(struct json_object *value)
{
	(void)json_object_put(value);
}
CLEANUP_DEFINE(struct json_object *, json_release);

/* The key that the nodes of an organization share; any other if none does. */
static const uint8_t *organization_key(const struct registry_node *nodes, size_t count)
{
	/* RFC 8032 section 7.1, test 2 */
	static const uint8_t other[KEY_SIZE] = {
		0x3d, 0x40, 0x17, 0xc3, 0xe8, 0x43, 0x89, 0x5a, 0x92, 0xb7, 0x0a,
		0xa7, 0x4d, 0x1b, 0x7e, 0xbc, 0x9c, 0x98, 0x2c, 0xcf, 0x2e, 0xc4,
		0x96, 0x8c, 0xc0, 0xcd, 0x55, 0xf1, 0x2a, 0xf4, 0x66, 0x0c,
	};

	for (size_t i = 0; i < count; i++)
		if (nodes[i].identity_is_shared)
			return nodes[i].identity_key;
	return other;
}

static struct json_object *organization_to_json(const struct registry_node *nodes, size_t count)
{
	struct json_object *object = json_object_new_object(), *list = json_object_new_array();
	char pem[CRYPTO_ED25519_PEM_SIZE];

	for (size_t i = 0; i < count; i++) {
		struct json_object *node = node_to_json(&nodes[i]);

		(void)json_object_array_add(list, node);
	}
	(void)json_object_object_add(object, "public_key",
				     json_object_new_string(crypto_ed25519_public_to_pem(
					     organization_key(nodes, count), pem)));
	(void)json_object_object_add(object, "organization",
				     json_object_new_string(nodes[0].id.organization));
	(void)json_object_object_add(object, "nodes", list);
	return object;
}

static struct json_object *registry_to_json(const struct registry *registry)
{
	struct json_object *list = json_object_new_array();
	size_t first = 0;

	for (size_t i = 1; i <= registry->nodes_count; i++) {
		if (i < registry->nodes_count && !strcmp(registry->nodes[i].id.organization,
							 registry->nodes[first].id.organization))
			continue;
		(void)json_object_array_add(
			list, organization_to_json(&registry->nodes[first], i - first));
		first = i;
	}
	return list;
}

static void check_round_trip(const struct registry *registry)
{
	CLEANUP(json_release) struct json_object *list = registry_to_json(registry);
	CLEANUP(registry_free) struct registry *again = NULL;
	CLEANUP(strbuf_done) struct strbuf before = { 0 };
	CLEANUP(strbuf_done) struct strbuf after = { 0 };
	const char *text = json_object_to_json_string_ext(list, JSON_C_TO_STRING_PLAIN);
	struct error error = { 0 };

	if (registry_load(text, strlen(text), "again", &options, NULL, &again, &error) < 0)
		fuzz_fail(__FILE__, __LINE__, error.text);
	registry_print(registry, &before);
	registry_print(again, &after);
	FUZZ_CHECK(!strcmp(strbuf_text(&before), strbuf_text(&after)));
}

static void check_difference_to_itself(const struct registry *registry)
{
	unsigned added, changed, removed;

	registry_difference(registry, registry, &added, &changed, &removed);
	FUZZ_CHECK(!added && !changed && !removed);
}

static void check_locally(const struct registry *registry)
{
	static const struct config config = {
		.self = { "example", "moon" },
		.network = { { AF_INET6, { 0xfd, 0x66, 0, 1 } }, 64 },
		.has_wireguard = true,
	};
	struct ip_prefix underlay[] = { { { AF_INET, { 203, 0, 113, 5 } }, 24 } };
	struct resolved_name names[] = { { "vpn.example.org", AF_INET, underlay[0].address } };
	const struct facts facts = { .underlay_addresses = underlay,
				     .underlay_addresses_count = ARRAY_SIZE(underlay),
				     .names = names,
				     .names_count = ARRAY_SIZE(names) };
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	struct error error = { 0 };
	int result = registry_check_local(registry, &config, &facts, &warnings, &error);

	if (result < 0)
		fuzz_check_refusal(result, &error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(registry_free) struct registry *registry = NULL;
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	struct error error = { 0 };
	int result = registry_load((const char *)data, size, "registry.json", &options, &warnings,
				   &registry, &error);

	for (size_t i = 0; i < warnings.count; i++)
		FUZZ_CHECK(fuzz_is_printable(warnings.items[i].text));
	if (result < 0) {
		fuzz_check_refusal(result, &error);
		FUZZ_CHECK(!registry);
		return 0;
	}
	registry_check_promises(registry);
	check_difference_to_itself(registry);
	check_locally(registry);
	check_round_trip(registry);
	return 0;
}
