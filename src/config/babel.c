// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/reader.h"

static int read_backend(const struct json_cursor *cursor, void *target, struct error *error)
{
	static const char *const backends[] = {
		[BABEL_AUTO] = "auto",
		[BABEL_BABELD] = "babeld",
		[BABEL_BIRD] = "bird",
	};
	struct config_reader *reader = target;
	size_t backend;
	int result = json_read_choice(cursor, backends, ARRAY_SIZE(backends), &backend, error);

	if (result == 0)
		reader->config->babel_backend = (enum babel_backend)backend;
	return result;
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
