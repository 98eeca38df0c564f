// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/config.h"
#include "config/reader.h"

#include "base/hex.h"
#include "base/memory.h"
#include "base/number.h"
#include "crypto/crypto.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MESH_TYPE "aronet.mesh" /* registry specification, section 3.1 */

static int read_allow_unsigned(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct config_reader *reader = target;

	return json_read_boolean(cursor, &reader->config->registry.allow_unsigned, error);
}

/* Both members may be there, but there is one pin. */
static int set_pin(const struct json_cursor *cursor, struct registry_policy *policy,
		   const uint8_t digest[KEY_SIZE], struct error *error)
{
	char text[2 * KEY_SIZE + 1];

	if (policy->has_pin && memcmp(policy->mesh_sha256, digest, KEY_SIZE) != 0)
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"\"mesh\" is a file with sha256 %.16s..., which is another "
					"one; keep one of the two members",
					hex_format(policy->mesh_sha256, KEY_SIZE, text));
	memcpy(policy->mesh_sha256, digest, KEY_SIZE);
	policy->has_pin = true;
	return 0;
}

/* A bundle or a signature file in its place would be a pin that nothing ever matches. */
static int check_mesh(const char *text, size_t size, const char *path, struct error *error)
{
	CLEANUP(json_document_free) struct json_document *document = NULL;
	struct json_cursor root, type;
	int result = json_document_parse(text, size, JSON_STRICT, path, &document, error);

	if (result < 0)
		return result;
	root = json_document_root(document);
	if (json_cursor_member(&root, "type", &type) == 0 &&
	    !strcmp(json_cursor_type(&type), "string") &&
	    !strcmp(json_object_get_string(type.value), MESH_TYPE))
		return 0;
	return error_set(error, -EINVAL, ERROR_VALUE, path,
			 "is not a mesh document, \"type\": \"" MESH_TYPE
			 "\"; \"aronet registry trust\" writes one");
}

static int read_mesh(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct config_reader *reader = target;
	CLEANUP(free) char *path = NULL;
	CLEANUP(free) char *text = NULL;
	char line[ERROR_LINE_SIZE];
	uint8_t digest[KEY_SIZE];
	const char *member;
	struct error cause;
	size_t size;
	int result = json_read_string(cursor, &member, error);

	if (result < 0)
		return result;
	path = config_resolve_path(reader, member);
	result = config_read_file(path, CONFIG_MESH_SIZE_MAX, &text, &size, NULL, &cause);
	if (result == 0)
		result = check_mesh(text, size, path, &cause);
	if (result < 0)
		return json_cursor_fail(cursor, error, cause.code, "%.400s",
					error_format(&cause, line, sizeof(line)));
	crypto_sha256(text, size, digest);
	return set_pin(cursor, &reader->config->registry, digest, error);
}

static int read_mesh_sha256(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct config_reader *reader = target;
	char quoted[JSON_QUOTE_SIZE];
	uint8_t digest[KEY_SIZE];
	const char *text;
	int result = json_read_string(cursor, &text, error);

	if (result < 0)
		return result;
	if (hex_parse(text, digest, KEY_SIZE) < 0)
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"expected 64 lower-case hex digits, the sha256 of a mesh "
					"document, found %s",
					json_quote(text, quoted));
	return set_pin(cursor, &reader->config->registry, digest, error);
}

static bool is_printable(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

/* What is wrong with a source; NULL if nothing is. */
static const char *source_fault(const char *text)
{
	if (strlen(text) > CONFIG_SOURCE_MAX)
		return "longer than 2048 characters";
	if (!is_printable(text))
		return "only printable ASCII without spaces";
	if (!strncmp(text, "file:", strlen("file:")))
		return text[strlen("file:")] == '/' ? NULL : "the path must be absolute";
	if (!strncmp(text, "http:", strlen("http:")))
		return "use https: anybody on the way could withhold updates unnoticed";
	if (strncmp(text, "https://", strlen("https://")) != 0)
		return "expected \"file:/PATH\" or \"https://HOST/PATH\"";
	return strcspn(text + strlen("https://"), "/?#") ? NULL : "the host is missing";
}

/* https://USER:PASSWORD@HOST would be shown by status and logs, and here. */
static bool has_user(const char *text)
{
	const char *host = strstr(text, "://");

	return host && memchr(host + 3, '@', strcspn(host + 3, "/?#"));
}

static int read_source(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct config_reader *reader = target;
	char quoted[JSON_QUOTE_SIZE];
	const char *text, *fault;
	int result = json_read_string(cursor, &text, error);

	if (result < 0)
		return result;
	if (has_user(text))
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"a user name or password must not stand in the URL: it "
					"would show up in status and logs");
	fault = source_fault(text);
	if (fault)
		return json_cursor_fail(cursor, error, ERROR_VALUE, "%s: %s",
					json_quote(text, quoted), fault);
	reader->config->registry.source = memory_strdup(text);
	return 0;
}

static int read_on_expiry(const struct json_cursor *cursor, void *target, struct error *error)
{
	static const char *const actions[] = { "keep", "down" };
	struct config_reader *reader = target;
	size_t action;
	int result = json_read_choice(cursor, actions, ARRAY_SIZE(actions), &action, error);

	if (result == 0)
		reader->config->registry.on_expiry_down = action == 1;
	return result;
}

/* "90s", "30m", "24h", "7d". 0 or -EINVAL. */
static int parse_duration(const char *text, uint32_t maximum_sec, uint32_t *ret_sec)
{
	static const struct {
		char letter;
		uint32_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	size_t length = strspn(text, "0123456789");
	char digits[12];
	uint64_t number;

	if (length >= sizeof(digits) || !text[length] || text[length + 1])
		return -EINVAL;
	(void)snprintf(digits, sizeof(digits), "%.*s", (int)length, text);
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (units[i].letter != text[length])
			continue;
		if (number_parse(digits, maximum_sec / units[i].seconds, &number) < 0)
			return -EINVAL;
		*ret_sec = (uint32_t)number * units[i].seconds;
		return 0;
	}
	return -EINVAL;
}

static int read_interval(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct config_reader *reader = target;
	char quoted[JSON_QUOTE_SIZE];
	const char *text;
	uint32_t seconds;
	int result = json_read_string(cursor, &text, error);

	if (result < 0)
		return result;
	if (parse_duration(text, CONFIG_INTERVAL_MAX_SEC, &seconds) < 0 || seconds == 0)
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"expected a time from 1 second to 1 day such as \"90s\", "
					"\"5m\" or \"1h\", found %s",
					json_quote(text, quoted));
	reader->config->registry.interval_sec = seconds;
	return 0;
}

/* Read when it is needed: certificates are renewed without a reload. */
static int read_ca_file(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct config_reader *reader = target;
	const char *text;
	int result = json_read_string(cursor, &text, error);

	if (result < 0)
		return result;
	if (!text[0])
		return json_cursor_fail(
			cursor, error, ERROR_VALUE,
			"expected the path of a file of CA certificates, found \"\"");
	reader->config->registry.ca_file = config_resolve_path(reader, text);
	return 0;
}

static int read_expiry_grace(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct config_reader *reader = target;
	char quoted[JSON_QUOTE_SIZE];
	const char *text;
	int result = json_read_string(cursor, &text, error);

	if (result < 0)
		return result;
	if (parse_duration(text, CONFIG_EXPIRY_GRACE_MAX_SEC,
			   &reader->config->registry.expiry_grace_sec) < 0)
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"expected a time of up to 366 days such as \"90m\", "
					"\"24h\" or \"7d\", found %s",
					json_quote(text, quoted));
	return 0;
}

/* The file of the pin is read before its digest, see set_pin(). */
static const struct json_member registry_members[] = {
	{ "mesh", false, read_mesh },		{ "mesh_sha256", false, read_mesh_sha256 },
	{ "source", false, read_source },	{ "allow_unsigned", false, read_allow_unsigned },
	{ "interval", false, read_interval },	{ "ca_file", false, read_ca_file },
	{ "on_expiry", false, read_on_expiry }, { "expiry_grace", false, read_expiry_grace },
};

const struct config_table config_registry_table = {
	"registry",
	registry_members,
	ARRAY_SIZE(registry_members),
};

int config_read_registry(const struct json_cursor *cursor, void *target, struct error *error)
{
	return json_read_object(cursor, registry_members, ARRAY_SIZE(registry_members), false,
				target, error);
}
