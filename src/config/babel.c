// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/reader.h"

#include <string.h>

static int read_backend(const struct json_cursor *cursor, void *target, struct error *error)
{
	static const struct {
		const char *name;
		enum babel_backend backend;
	} backends[] = {
		{ "auto", BABEL_AUTO },
		{ "babeld", BABEL_BABELD },
		{ "bird", BABEL_BIRD },
	};
	struct config_reader *reader = target;
	char quoted[JSON_QUOTE_SIZE];
	const char *text;
	int result = json_read_string(cursor, &text, error);

	if (result < 0)
		return result;
	for (size_t i = 0; i < ARRAY_SIZE(backends); i++) {
		if (strcmp(backends[i].name, text) != 0)
			continue;
		reader->config->babel_backend = backends[i].backend;
		return 0;
	}
	return json_cursor_fail(cursor, error, ERROR_VALUE,
				"expected \"auto\", \"babeld\" or \"bird\", found %s",
				json_quote(text, quoted));
}

static const struct json_member babel_members[] = {
	{ "backend", false, read_backend },
};

const struct config_table config_babel_table = {
	"babel",
	babel_members,
	ARRAY_SIZE(babel_members),
};

int config_read_babel(const struct json_cursor *cursor, void *target, struct error *error)
{
	return json_read_object(cursor, babel_members, ARRAY_SIZE(babel_members), false, target,
				error);
}
