// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/config.h"
#include "config/reader.h"

#include "base/memory.h"

#include <string.h>

#define TABLE_DEFAULT 253 /* linux/rtnetlink.h: RT_TABLE_DEFAULT */
#define TABLE_MAIN 254
#define TABLE_LOCAL 255

/* ASCII letters, digits and @others; not isalnum(), which depends on the locale. */
static bool has_only(const char *text, const char *others)
{
	for (const char *c = text; *c; c++) {
		char letter = (char)(*c | 0x20);

		if (!(letter >= 'a' && letter <= 'z') && !(*c >= '0' && *c <= '9') &&
		    !strchr(others, *c))
			return false;
	}
	return true;
}

static bool is_length(const char *text, size_t maximum)
{
	size_t length = strnlen(text, maximum + 1);

	return length > 0 && length <= maximum;
}

static const char *const mode_names[] = {
	[OVERLAY_VRF] = "vrf",
	[OVERLAY_NETNS] = "netns",
};

static int set_mode(const struct json_cursor *cursor, struct config_reader *reader,
		    enum overlay_mode mode, struct error *error)
{
	if (reader->has_mode && reader->config->mode != mode)
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"contradicts \"mode\": \"%s\"; keep one of the two members",
					mode_names[reader->config->mode]);
	reader->config->mode = mode;
	reader->has_mode = true;
	return 0;
}

static int read_mode(const struct json_cursor *cursor, void *target, struct error *error)
{
	size_t mode;
	int result = json_read_choice(cursor, mode_names, ARRAY_SIZE(mode_names), &mode, error);

	return result < 0 ? result : set_mode(cursor, target, (enum overlay_mode)mode, error);
}

static int read_use_netns(const struct json_cursor *cursor, void *target, struct error *error)
{
	bool use_netns;
	int result = json_read_boolean(cursor, &use_netns, error);

	if (result < 0)
		return result;
	return set_mode(cursor, target, use_netns ? OVERLAY_NETNS : OVERLAY_VRF, error);
}

/* What dev_valid_name() of the kernel accepts, less what a generated text could misread. */
static int read_ifname(const struct json_cursor *cursor, void *target, struct error *error)
{
	static const char *const taken[] = { ".", "..", "lo", "all", "default" };
	struct config_reader *reader = target;
	char quoted[JSON_QUOTE_SIZE];
	const char *text;
	int result = json_read_string(cursor, &text, error);

	if (result < 0)
		return result;
	if (!is_length(text, IFNAME_SIZE - 1) || !has_only(text, "_.-"))
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"%s is not an interface name: 1-15 letters, digits, "
					"\"_\", \".\", \"-\"",
					json_quote(text, quoted));
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++)
		if (!strcmp(taken[i], text))
			return json_cursor_fail(cursor, error, ERROR_VALUE,
						"interface name \"%s\" has a meaning of its own; "
						"choose another",
						text);
	strcpy(reader->config->ifname, text);
	return 0;
}

static int read_netns_name(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct config_reader *reader = target;
	char quoted[JSON_QUOTE_SIZE];
	const char *text;
	int result = json_read_string(cursor, &text, error);

	if (result < 0)
		return result;
	if (!is_length(text, NAME_SIZE - 1) || !has_only(text, "_.-") || text[0] == '.')
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"%s is not a namespace name: 1-63 letters, digits, \"_\", "
					"\".\", \"-\", not beginning with \".\"",
					json_quote(text, quoted));
	strcpy(reader->config->netns_name, text);
	return 0;
}

static int read_route_table(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct config_reader *reader = target;
	int64_t table;
	int result = json_read_integer(cursor, 1, UINT32_MAX, &table, error);

	if (result < 0)
		return result;
	if (reader->config->mode == OVERLAY_NETNS && table != TABLE_MAIN)
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"netns mode uses table 254, the main table of the "
					"namespace; remove this member");
	if (reader->config->mode == OVERLAY_VRF && table >= TABLE_DEFAULT && table <= TABLE_LOCAL)
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"table %u is one of the host's own (253 default, 254 main, "
					"255 local); choose another, such as 128",
					(unsigned)table);
	reader->config->route_table = (uint32_t)table;
	return 0;
}

static bool has_odd_component(const char *path)
{
	for (const char *c = path; *c; c++) {
		size_t length = strcspn(c + 1, "/");

		if (*c == '/' && length && length <= 2 && strspn(c + 1, ".") == length)
			return true;
	}
	return false;
}

int config_read_absolute_path(const struct json_cursor *cursor, size_t maximum, const char *why,
			      char **ret, struct error *error)
{
	char quoted[JSON_QUOTE_SIZE];
	const char *text;
	int result = json_read_string(cursor, &text, error);

	if (result < 0)
		return result;
	if (text[0] != '/')
		return json_cursor_fail(cursor, error, ERROR_VALUE, "%s is not an absolute path",
					json_quote(text, quoted));
	if (strlen(text) > maximum)
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"path of %zu bytes; at most %zu, because %s", strlen(text),
					maximum, why);
	if (!has_only(text, "/_.-+@:,=") || has_odd_component(text))
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"%s: only letters, digits and \"/_.-+@:,=\", and neither "
					"\".\" nor \"..\" as a component",
					json_quote(text, quoted));
	free(*ret);
	*ret = memory_strdup(text);
	return 0;
}

static int read_directory(const struct json_cursor *cursor, size_t maximum, char **ret,
			  struct error *error)
{
	return config_read_absolute_path(cursor, maximum,
					 "names of sockets and files are added to it", ret, error);
}

static int read_runtime_dir(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct config_reader *reader = target;

	return read_directory(cursor, CONFIG_RUNTIME_DIR_MAX, &reader->config->runtime_dir, error);
}

static int read_state_dir(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct config_reader *reader = target;

	return read_directory(cursor, CONFIG_STATE_DIR_MAX, &reader->config->state_dir, error);
}

static int read_control_group(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct config_reader *reader = target;
	char quoted[JSON_QUOTE_SIZE];
	const char *text;
	int result;

	if (!strcmp(json_cursor_type(cursor), "null"))
		return 0;
	result = json_read_string(cursor, &text, error);
	if (result < 0)
		return result;
	if (!is_length(text, CONFIG_GROUP_MAX) || !has_only(text, "_.-") || text[0] == '-')
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"%s is not the name of a group: 1-32 letters, digits, "
					"\"_\", \".\", \"-\"",
					json_quote(text, quoted));
	reader->config->control_group = memory_strdup(text);
	return 0;
}

/* Order matters, see struct config_reader. */
static const struct json_member daemon_members[] = {
	{ "network", true, config_read_network },
	{ "prefixs", false, config_read_prefixes },
	{ "extra_network", false, config_read_prefixes },
	{ "extra_ip", false, config_read_extra_ip },
	{ "mode", false, read_mode },
	{ "use_netns", false, read_use_netns },
	{ "ifname", false, read_ifname },
	{ "netns_name", false, read_netns_name },
	{ "route_table", false, read_route_table },
	{ "runtime_dir", false, read_runtime_dir },
	{ "state_dir", false, read_state_dir },
	{ "control_group", false, read_control_group },
};

const struct config_table config_daemon_table = {
	"daemon",
	daemon_members,
	ARRAY_SIZE(daemon_members),
};

int config_read_daemon(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct config_reader *reader = target;
	struct config *config = reader->config;
	int result = json_read_object(cursor, daemon_members, ARRAY_SIZE(daemon_members), false,
				      reader, error);

	if (result < 0)
		return result;
	/* The result does not depend on the order in the file. */
	if (config->prefixes_count)
		qsort(config->prefixes, config->prefixes_count, sizeof(config->prefixes[0]),
		      ip_prefix_compare_qsort);
	if (!config->route_table)
		config->route_table =
			config->mode == OVERLAY_NETNS ? TABLE_MAIN : CONFIG_ROUTE_TABLE_DEFAULT;
	return 0;
}
