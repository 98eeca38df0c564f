// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/mesh_edit.h"

#include "base/hex.h"
#include "base/number.h"
#include "base/timestamp.h"
#include "crypto/crypto.h"
#include "source/json_edit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ANNOUNCED_LENGTH_IPV6 64 /* one link (RFC 4291 section 2.5.4) */
#define ANNOUNCED_LENGTH_IPV4 24

static const char *const role_names[] = {
	[MESH_ROLE_MESH] = "mesh",
	[MESH_ROLE_MANIFEST] = "manifest",
};

/* {"id", "public_key", "holder"} */
static struct json_object *key_to_json(const struct named_key *key, bool with_holder)
{
	struct json_object *object = json_object_new_object();
	char keyid[CRYPTO_KEYID_SIZE], pem[CRYPTO_ED25519_PEM_SIZE];

	json_set_text(object, "id", crypto_keyid(key->public_key, keyid));
	if (with_holder && key->holder)
		json_set_text(object, "holder", key->holder);
	json_set_text(object, "public_key", crypto_ed25519_public_to_pem(key->public_key, pem));
	return object;
}

static struct json_object *keys_to_json(const struct key_list *keys)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < keys->count; i++)
		json_object_array_add(array, key_to_json(&keys->items[i], false));
	return array;
}

static struct json_object *role_to_json(const struct key_list *keys, unsigned threshold)
{
	struct json_object *role = json_object_new_object(), *ids = json_object_new_array();
	char keyid[CRYPTO_KEYID_SIZE];

	for (size_t i = 0; i < keys->count; i++)
		json_object_array_add(ids, json_object_new_string(
						   crypto_keyid(keys->items[i].public_key, keyid)));
	json_set(role, "keys", ids);
	json_set_number(role, "threshold", threshold);
	return role;
}

/* Adds those that are not in the list of keys yet. */
static void add_keys(struct json_object *mesh, const struct key_list *keys)
{
	struct json_object *array = json_array(mesh, "keys");
	char keyid[CRYPTO_KEYID_SIZE];

	for (size_t i = 0; i < keys->count; i++)
		if (json_find(array, "id", crypto_keyid(keys->items[i].public_key, keyid), false) <
		    0)
			json_object_array_add(array, key_to_json(&keys->items[i], true));
}

/* Members in the order in which they are read best. */
struct json_object *mesh_edit_new(const struct mesh_plan *plan)
{
	const struct key_list *manifest_keys =
		plan->manifest_keys.count ? &plan->manifest_keys : &plan->keys;
	struct json_object *mesh = json_object_new_object();
	struct json_object *roles = json_object_new_object();

	json_set_text(mesh, "type", "aronet.mesh");
	json_set_number(mesh, "spec", DOCUMENT_SPEC);
	json_set_hex(mesh, "mesh_id", plan->mesh_id, MESH_ID_SIZE);
	json_set_text(mesh, "name", plan->name);
	json_set_number(mesh, "version", 1);
	json_set(mesh, "prev", NULL);
	json_set_text(mesh, "issued", "");
	json_set_text(mesh, "expires", "");
	add_keys(mesh, &plan->keys);
	add_keys(mesh, manifest_keys);
	json_set(mesh, "roles", roles);
	json_set(roles, "mesh", role_to_json(&plan->keys, plan->threshold));
	json_set(roles, "manifest", role_to_json(manifest_keys, plan->manifest_threshold));
	if (plan->manifest_max_days)
		json_set_number(mesh, "manifest_max_days", plan->manifest_max_days);
	json_set(mesh, "pool", json_object_new_array());
	for (size_t i = 0; i < plan->pool_count; i++)
		json_object_array_add(json_array(mesh, "pool"),
				      json_object_new_string(plan->pool[i]));
	json_set(mesh, "organizations", json_object_new_array());
	json_set(mesh, "revoked", json_object_new_array());
	return mesh;
}

static void add_grant(struct json_object *organization, const struct grant *grant)
{
	struct json_object *object = json_object_new_object();

	json_set_prefix(object, "prefix", &grant->prefix);
	json_set_number(object, "max_length", grant->max_length);
	if (grant->shared)
		json_set(object, "shared", json_object_new_boolean(true));
	json_object_array_add(json_array(organization, "grants"), object);
}

int mesh_edit_add_member(struct json_object *mesh, const struct member_plan *plan,
			 struct error *error)
{
	struct json_object *organizations = json_array(mesh, "organizations"), *organization;

	if (json_find(organizations, "organization", plan->name, true) >= 0)
		return error_set(error, -EEXIST, ERROR_NAME, NULL,
				 "\"%.63s\" is a member already; change it with member grant, "
				 "ungrant or set",
				 plan->name);
	organization = json_object_new_object();
	json_set_text(organization, "organization", plan->name);
	json_set_text(organization, "state", "active");
	json_set(organization, "transit", json_object_new_boolean(!plan->has_no_transit));
	if (plan->max_nodes)
		json_set_number(organization, "max_nodes", plan->max_nodes);
	json_set_number(organization, "threshold", plan->threshold);
	json_set(organization, "keys", keys_to_json(&plan->keys));
	(void)json_array(organization, "grants");
	for (size_t i = 0; i < plan->grants_count; i++)
		add_grant(organization, &plan->grants[i]);
	json_object_array_add(organizations, organization);
	return 0;
}

int grant_parse(const char *text, bool shared, struct grant *ret, struct error *error)
{
	struct grant grant = { .shared = shared };
	char prefix[IP_PREFIX_TEXT_SIZE + 8];
	const char *dash = strchr(text, '-');
	uint64_t length;
	unsigned usual;

	(void)snprintf(prefix, sizeof(prefix), "%.*s",
		       (int)(dash ? (size_t)(dash - text) : strlen(text)), text);
	if (ip_prefix_parse(prefix, &grant.prefix) < 0)
		return error_set(error, -EINVAL, ERROR_USAGE, NULL,
				 "grant \"%.60s\": expected ADDRESS/LENGTH or "
				 "ADDRESS/LENGTH-LONGEST, such as fd66:1::/48-64",
				 text);
	usual = grant.prefix.address.family == AF_INET ? ANNOUNCED_LENGTH_IPV4
						       : ANNOUNCED_LENGTH_IPV6;
	length = grant.prefix.length > usual ? grant.prefix.length : usual;
	if (dash && (number_parse(dash + 1, (uint64_t)ip_address_bits(&grant.prefix.address),
				  &length) < 0 ||
		     length < grant.prefix.length))
		return error_set(error, -EINVAL, ERROR_USAGE, NULL,
				 "grant \"%.60s\": expected %u to %u behind \"-\"", text,
				 grant.prefix.length,
				 (unsigned)ip_address_bits(&grant.prefix.address));
	grant.max_length = (uint8_t)length;
	*ret = grant;
	return 0;
}

static int find_member(struct json_object *mesh, const char *name, struct json_object **ret,
		       struct error *error)
{
	struct json_object *organizations = json_array(mesh, "organizations");
	int index = json_find(organizations, "organization", name, false);

	if (index < 0)
		return error_set(error, -ENOENT, ERROR_NAME, NULL,
				 "organization \"%.63s\" is no member of this mesh", name);
	*ret = json_object_array_get_idx(organizations, (size_t)index);
	return 0;
}

int mesh_edit_add_grants(struct json_object *mesh, const char *name, const struct grant *grants,
			 size_t count, struct error *error)
{
	struct json_object *organization;
	int result = find_member(mesh, name, &organization, error);

	for (size_t i = 0; result == 0 && i < count; i++)
		add_grant(organization, &grants[i]);
	return result;
}

int mesh_edit_remove_grant(struct json_object *mesh, const char *name,
			   const struct ip_prefix *prefix, struct error *error)
{
	struct json_object *organization, *grants;
	char text[IP_PREFIX_TEXT_SIZE];
	struct ip_prefix listed;
	int result = find_member(mesh, name, &organization, error);

	if (result < 0)
		return result;
	grants = json_array(organization, "grants");
	for (size_t i = 0; i < json_object_array_length(grants); i++) {
		struct json_object *grant = json_object_array_get_idx(grants, i);

		if (ip_prefix_parse(json_text(grant, "prefix"), &listed) == 0 &&
		    ip_prefix_compare(&listed, prefix) == 0) {
			(void)json_object_array_del_idx(grants, i, 1);
			return 0;
		}
	}
	return error_set(error, -ENOENT, ERROR_GRANT, NULL, "\"%s\" has no grant %s", name,
			 ip_prefix_format(prefix, text));
}

int mesh_edit_set_member(struct json_object *mesh, const char *name, const char *member,
			 struct json_object *value, struct error *error)
{
	struct json_object *organization;
	int result = find_member(mesh, name, &organization, error);

	if (result == 0)
		json_set(organization, member, value);
	else
		json_object_put(value);
	return result;
}

/* What was there before, lowered to @count, unless something else is wanted. */
static unsigned choose_threshold(struct json_object *object, unsigned wanted, size_t count)
{
	int64_t before = json_object_get_int64(json_object_object_get(object, "threshold"));

	if (wanted)
		return wanted;
	return before >= 1 && (size_t)before <= count ? (unsigned)before : (unsigned)count;
}

int mesh_edit_set_keys(struct json_object *mesh, const char *name, const struct key_list *keys,
		       unsigned threshold, struct error *error)
{
	struct json_object *organization;
	int result = find_member(mesh, name, &organization, error);

	if (result < 0)
		return result;
	json_set(organization, "keys", keys_to_json(keys));
	json_set_number(organization, "threshold",
			choose_threshold(organization, threshold, keys->count));
	return 0;
}

int mesh_edit_remove_key(struct json_object *mesh, const char *name, const uint8_t key[KEY_SIZE],
			 struct error *error)
{
	struct json_object *organization, *keys;
	char keyid[CRYPTO_KEYID_SIZE];
	int index, result = find_member(mesh, name, &organization, error);

	if (result < 0)
		return result;
	keys = json_array(organization, "keys");
	index = json_find(keys, "id", crypto_keyid(key, keyid), false);
	if (index < 0)
		return 0;
	if (json_object_array_length(keys) == 1)
		return error_set(error, -EPERM, ERROR_KEY_ROLE, NULL,
				 "key %.8s... is the only one of \"%s\"; give it another one with "
				 "member set first, or suspend it",
				 keyid, name);
	(void)json_object_array_del_idx(keys, (size_t)index, 1);
	json_set_number(organization, "threshold",
			choose_threshold(organization, 0, json_object_array_length(keys)));
	return 0;
}

int mesh_edit_remove_member(struct json_object *mesh, const char *name, struct error *error)
{
	struct json_object *organization, *organizations = json_array(mesh, "organizations");
	int result = find_member(mesh, name, &organization, error);

	if (result == 0)
		(void)json_object_array_del_idx(
			organizations,
			(size_t)json_find(organizations, "organization", name, false), 1);
	return result;
}

static bool is_in_a_role(struct json_object *roles, const char *keyid)
{
	for (size_t i = 0; i < ARRAY_SIZE(role_names); i++) {
		struct json_object *ids =
			json_array(json_object_object_get(roles, role_names[i]), "keys");

		for (size_t j = 0; j < json_object_array_length(ids); j++)
			if (!strcmp(json_object_get_string(json_object_array_get_idx(ids, j)),
				    keyid))
				return true;
	}
	return false;
}

void mesh_edit_set_role(struct json_object *mesh, enum mesh_role role, const struct key_list *keys,
			unsigned threshold)
{
	struct json_object *roles = json_object_object_get(mesh, "roles");
	struct json_object *array = json_array(mesh, "keys");

	threshold = choose_threshold(json_object_object_get(roles, role_names[role]), threshold,
				     keys->count);
	add_keys(mesh, keys);
	json_set(roles, role_names[role], role_to_json(keys, threshold));
	for (size_t i = json_object_array_length(array); i-- > 0;)
		if (!is_in_a_role(roles, json_text(json_object_array_get_idx(array, i), "id")))
			(void)json_object_array_del_idx(array, i, 1);
}

void mesh_edit_revoke(struct json_object *mesh, enum revocation_kind kind,
		      const uint8_t key[KEY_SIZE], int64_t at, const char *reason)
{
	static const char *const kinds[] = {
		[REVOCATION_ORG_KEY] = "org-key",
		[REVOCATION_NODE_KEY] = "node-key",
		[REVOCATION_WIREGUARD_KEY] = "wireguard-key",
	};
	struct json_object *revoked = json_array(mesh, "revoked"), *object;
	char base64[CRYPTO_KEY_BASE64_SIZE], hex[2 * KEY_SIZE + 1];
	const char *text = kind == REVOCATION_WIREGUARD_KEY ? crypto_key_to_base64(key, base64)
							    : hex_format(key, KEY_SIZE, hex);
	int listed = json_find(revoked, "key", text, false);

	if (listed >= 0 &&
	    !strcmp(json_text(json_object_array_get_idx(revoked, (size_t)listed), "kind"),
		    kinds[kind]))
		return;
	object = json_object_new_object();
	json_set_text(object, "kind", kinds[kind]);
	json_set_text(object, "key", text);
	json_set_time(object, "at", at);
	if (reason)
		json_set_text(object, "reason", reason);
	json_object_array_add(revoked, object);
}

int mesh_edit_add_secret(struct json_object *mesh, const uint8_t id[SECRET_ID_SIZE], int64_t from,
			 struct error *error)
{
	struct json_object *secrets = json_array(mesh, "psk_secrets"), *secret;
	size_t count = json_object_array_length(secrets);
	char text[2 * SECRET_ID_SIZE + 1];

	if (json_find(secrets, "id", hex_format(id, SECRET_ID_SIZE, text), false) >= 0)
		return error_set(error, -EEXIST, ERROR_VALUE, NULL,
				 "the mesh has the secret %s already", text);
	if (count >= MESH_SECRETS_MAX)
		return error_set(error, -EEXIST, ERROR_VALUE, NULL,
				 "the mesh has two secrets; remove the older one first, when the "
				 "next one is in use");
	if (count == 0 && from)
		return error_set(error, -EINVAL, ERROR_VALUE, NULL,
				 "the first secret is used from the beginning; leave out --from");
	if (count > 0 && !from)
		return error_set(error, -EINVAL, ERROR_VALUE, NULL,
				 "the mesh has a secret; say when this one takes its place: "
				 "--from TIME, such as 2026-11-21T00:00:00Z");
	secret = json_object_new_object();
	json_set_hex(secret, "id", id, SECRET_ID_SIZE);
	if (from)
		json_set_time(secret, "from", from);
	json_object_array_add(secrets, secret);
	return 0;
}

int mesh_edit_remove_secret(struct json_object *mesh, const uint8_t id[SECRET_ID_SIZE], int64_t now,
			    struct error *error)
{
	struct json_object *secrets = json_array(mesh, "psk_secrets"), *next;
	char text[2 * SECRET_ID_SIZE + 1];
	int index = json_find(secrets, "id", hex_format(id, SECRET_ID_SIZE, text), false);
	int64_t from;

	if (index < 0)
		return error_set(error, -ENOENT, ERROR_VALUE, NULL, "the mesh has no secret %s",
				 text);
	if (index == 0 && json_object_array_length(secrets) > 1) {
		next = json_object_array_get_idx(secrets, 1);
		if (timestamp_parse(json_text(next, "from"), &from) < 0 || from > now)
			return error_set(error, -EBUSY, ERROR_VALUE, NULL,
					 "the secret %s is in use until %s; remove it then", text,
					 json_text(next, "from"));
		json_object_object_del(next, "from");
	}
	(void)json_object_array_del_idx(secrets, (size_t)index, 1);
	if (json_object_array_length(secrets) == 0)
		json_object_object_del(mesh, "psk_secrets");
	return 0;
}
