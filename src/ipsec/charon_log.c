// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/charon_log.h"

#include "base/cleanup.h"
#include "base/printable.h"
#include "ipsec/charon_config.h"

#include <stdio.h>
#include <string.h>

#define LINE_SIZE 512
#define SOCKET_IS_NOT_MADE "creating vici socket failed"
#define CONFIG_IS_WRONG "invalid config file"
#define CONFIG_IS_NOT_LOADED "due to invalid configuration"

/* What else is said; the first that is found in a line counts. */
static const struct {
	const char *said, *means;
} sayings[] = {
	{ "failed to create TUN device",
	  "cannot make a TUN device, which ESP by itself needs; is there a /dev/net/tun?" },
	/* Why, is not logged: that belongs to "net" (charon_config.c). */
	{ SOCKET_IS_NOT_MADE, "may not open its control socket" },
	/* Followed by the next one, which is alone if the file cannot be opened. */
	{ CONFIG_IS_WRONG, "does not understand its configuration" },
	{ CONFIG_IS_NOT_LOADED, "cannot read its configuration" },
};

/*
 * "plugin 'vici': failed to load - vici_plugin_create not found and no plugin file available", or
 * "plugin 'vici' failed to load: " and what dlopen() says.
 */
static bool explain_plugin(const char *line, char *ret, size_t size)
{
	static const char start[] = "plugin '";
	const char *name = strstr(line, start);
	const struct charon_plugin *plugin;
	size_t length;

	if (!name || !strstr(name, "failed to load"))
		return false;
	name += sizeof(start) - 1;
	length = strcspn(name, "'");
	plugin = charon_plugin_find(name, length);
	if (!plugin || plugin->need == CHARON_PLUGIN_OPTIONAL)
		return false;
	if (strstr(name, "no plugin file available"))
		(void)snprintf(ret, size, "its plugin %s is not installed; install the package %s",
			       plugin->name, plugin->package);
	else
		(void)snprintf(ret, size, "cannot load its plugin %s (package %s): \"%s\"",
			       plugin->name, plugin->package, line);
	return true;
}

static bool explain_line(const char *line, char *ret, size_t size)
{
	if (explain_plugin(line, ret, size))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(sayings); i++) {
		if (!strstr(line, sayings[i].said))
			continue;
		(void)snprintf(ret, size, "%s", sayings[i].means);
		return true;
	}
	return false;
}

bool charon_log_explain(const char *log, char *ret, size_t size)
{
	while (*log) {
		size_t length = strcspn(log, "\n");
		char line[LINE_SIZE], shown[LINE_SIZE];

		(void)snprintf(line, sizeof(line), "%.*s",
			       length < LINE_SIZE ? (int)length : LINE_SIZE - 1, log);
		printable_keep_ascii(line, shown, sizeof(shown));
		if (explain_line(shown, ret, size))
			return true;
		log += length + (log[length] == '\n');
	}
	return false;
}

bool charon_log_has_denial(const char *log)
{
	return strstr(log, "Permission denied") || strstr(log, SOCKET_IS_NOT_MADE) ||
	       (strstr(log, CONFIG_IS_NOT_LOADED) && !strstr(log, CONFIG_IS_WRONG));
}
