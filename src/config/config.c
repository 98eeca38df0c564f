// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/config.h"

#include "base/file.h"
#include "base/memory.h"
#include "config/reader.h"
#include "crypto/crypto.h"
#include "registry/name.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static int read_organization(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct config_reader *reader = target;

	return name_read(cursor, "organization", reader->config->self.organization, error);
}

static int read_common_name(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct config_reader *reader = target;

	return name_read(cursor, "common_name", reader->config->self.common_name, error);
}

/* Order matters, see struct config_reader. */
static const struct json_member config_members[] = {
	{ "organization", true, read_organization },
	{ "common_name", true, read_common_name },
	{ "daemon", true, config_read_daemon },
	{ "endpoints", true, config_read_endpoints },
	{ "private_key", false, config_read_private_key },
	{ "wireguard", false, config_read_wireguard },
	{ "ipsec", false, config_read_ipsec },
	{ "babel", false, config_read_babel },
	{ "registry", false, config_read_registry },
	{ "policy", false, config_read_policy },
	{ "psk", false, config_read_psk },
	{ "psk_secrets", false, config_read_psk_secrets },
	{ "ppk_required", false, config_read_ppk_required },
};

const char *config_member_name(const char *object, size_t index, bool *ret_required)
{
	const struct config_table tables[] = {
		{ "", config_members, ARRAY_SIZE(config_members) },
		config_daemon_table,
		config_endpoint_table,
		config_wireguard_table,
		config_ipsec_table,
		config_babel_table,
		config_registry_table,
		config_policy_table,
	};

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		if (strcmp(tables[i].object, object) != 0 || index >= tables[i].members_count)
			continue;
		*ret_required = tables[i].members[index].required;
		return tables[i].members[index].name;
	}
	return NULL;
}

/*
 * What is asked for, whatever keys there are. An endpoint that names nothing has WireGuard; without
 * a key for it IPsec, as in original aronet.
 */
static bool wants_ipsec(const struct config *config, const struct endpoint *endpoint)
{
	if (endpoint->transports)
		return endpoint->transports & TRANSPORT_IPSEC;
	return !config->has_wireguard;
}

static bool wants_wireguard(const struct config *config)
{
	for (unsigned i = 0; i < config->endpoints_count; i++)
		if (config->endpoints[i].transports & TRANSPORT_WIREGUARD)
			return true;
	return false;
}

/* IKE needs a key, and has one port for all endpoints: charon opens no more. */
static int check_ipsec_endpoint(const struct json_cursor *endpoints, const struct config *config,
				unsigned index, const struct endpoint *first, struct error *error)
{
	const struct endpoint *endpoint = &config->endpoints[index];
	struct json_cursor item = json_cursor_item(endpoints, index), place;

	if (!config->has_identity) {
		(void)json_cursor_member(&item, "transports", &place);
		return json_cursor_fail(&place, error, ERROR_MISSING,
					"IPsec needs an Ed25519 key; make one with \"aronet keygen "
					"node\" and name its file in /private_key");
	}
	if (endpoint->port == first->port)
		return 0;
	(void)json_cursor_member(&item, "port", &place);
	return json_cursor_fail(
		&place, error, ERROR_VALUE,
		"%u, but IKE has one port for all endpoints, and /endpoints/%td has "
		"%u; make them equal",
		endpoint->port, first - config->endpoints, first->port);
}

static int check_ipsec(const struct json_cursor *root, const struct config *config,
		       struct error *error)
{
	const struct endpoint *first = NULL;
	struct json_cursor endpoints;
	int result = 0;

	(void)json_cursor_member(root, "endpoints", &endpoints);
	for (unsigned i = 0; i < config->endpoints_count && result == 0; i++) {
		if (!wants_ipsec(config, &config->endpoints[i]))
			continue;
		first = first ? first : &config->endpoints[i];
		result = check_ipsec_endpoint(&endpoints, config, i, first, error);
	}
	return result;
}

static int check_keys(const struct json_cursor *root, struct config_reader *reader,
		      struct error *error)
{
	struct config *config = reader->config;

	if (!reader->has_wireguard_key && config->has_identity && wants_wireguard(config)) {
		struct json_cursor key;

		(void)json_cursor_member(root, "private_key", &key);
		return json_cursor_fail(&key, error, ERROR_MISSING,
					"this Ed25519 key holds no WireGuard key; make one with "
					"\"aronet keygen wireguard\" and name its file in "
					"/wireguard/private_key, or leave \"wireguard\" out of "
					"\"transports\"");
	}
	if (!reader->has_wireguard_key && !config->has_identity)
		return json_cursor_fail(root, error, ERROR_MISSING,
					"no private key; make one with \"aronet keygen node\" and "
					"name its file in \"private_key\", or with \"aronet keygen "
					"wireguard\" and name it in /wireguard/private_key");
	config->has_wireguard = reader->has_wireguard_key;
	/* As the kernel and wireguard-go keep it: what is read back has to be the same. */
	if (config->has_wireguard) {
		crypto_x25519_clamp(config->wireguard_private);
		crypto_x25519_public(config->wireguard_private, config->wireguard_public);
	}
	if (config->has_identity)
		crypto_ed25519_public(config->identity_seed, config->identity_public);
	return check_ipsec(root, config, error);
}

static struct config *config_new(void)
{
	struct config *config = NEW(struct config);

	strcpy(config->ifname, CONFIG_IFNAME_DEFAULT);
	strcpy(config->netns_name, CONFIG_NETNS_NAME_DEFAULT);
	config->runtime_dir = memory_strdup(CONFIG_RUNTIME_DIR_DEFAULT);
	config->state_dir = memory_strdup(CONFIG_STATE_DIR_DEFAULT);
	config->registry.interval_sec = CONFIG_INTERVAL_DEFAULT_SEC;
	config->registry.expiry_grace_sec = CONFIG_EXPIRY_GRACE_DEFAULT_SEC;
	return config;
}

static int parse(const char *text, size_t size, const char *name, mode_t mode,
		 struct warnings *warnings, struct config **ret, struct error *error)
{
	CLEANUP(json_document_free) struct json_document *document = NULL;
	CLEANUP(config_free) struct config *config = config_new();
	struct config_reader reader = {
		.config = config,
		.warnings = warnings,
		.name = name,
		.mode = mode,
	};
	struct json_cursor root;
	int result;

	result = json_document_parse(text, size, JSON_WITH_COMMENTS, name, &document, error);
	if (result < 0)
		return result;
	root = json_document_root(document);
	result = json_read_object(&root, config_members, ARRAY_SIZE(config_members), false, &reader,
				  error);
	if (result == 0)
		result = check_keys(&root, &reader, error);
	if (result == 0)
		result = config_check_psk(&root, config, error);
	if (result == 0)
		*ret = TAKE(config);
	return result;
}

int config_parse(const char *text, size_t size, const char *name, struct warnings *warnings,
		 struct config **ret, struct error *error)
{
	return parse(text, size, name, 0, warnings, ret, error);
}

static int check_file(const char *path, const struct stat *status, struct error *error)
{
	if (!S_ISREG(status->st_mode))
		return error_set(error, -EINVAL, ERROR_FILE, path, "is not a regular file");
	if (status->st_mode & S_IWOTH)
		return error_set(error, -EPERM, ERROR_FILE, path,
				 "mode %04o lets others write it; chmod 600",
				 status->st_mode & 07777u);
	return 0;
}

int config_read_file(const char *path, size_t limit_bytes, char **ret, size_t *ret_size,
		     mode_t *ret_mode, struct error *error)
{
	/* O_NONBLOCK: a FIFO without a writer must not hold up the start. */
	CLEANUP(close) int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat status;
	int result;

	if (fd < 0 || fstat(fd, &status) < 0)
		return error_set(error, -errno, ERROR_FILE, path, "cannot open: %m");
	result = check_file(path, &status, error);
	if (result == 0)
		result = file_read_fd(fd, path, limit_bytes, ret, ret_size, error);
	if (result == 0 && ret_mode)
		*ret_mode = status.st_mode;
	return result;
}

int config_load(const char *path, struct warnings *warnings, struct config **ret,
		struct error *error)
{
	CLEANUP(free) char *text = NULL;
	size_t size;
	mode_t mode;
	int result = config_read_file(path, CONFIG_SIZE_MAX, &text, &size, &mode, error);

	if (result < 0)
		return result;
	result = parse(text, size, path, mode, warnings, ret, error);
	crypto_wipe(text, size);
	return result;
}
