// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/reader.h"

static int read_backend(const struct json_cursor *cursor, void *target, struct error *error)
{
	static const char *const backends[] = {
		[IPSEC_KERNEL] = "kernel",
		[IPSEC_USERSPACE] = "userspace",
	};
	struct config_reader *reader = target;
	size_t backend;
	int result = json_read_choice(cursor, backends, ARRAY_SIZE(backends), &backend, error);

	if (result == 0)
		reader->config->ipsec_backend = (enum ipsec_backend)backend;
	return result;
}

static const struct json_member ipsec_members[] = {
	{ "backend", false, read_backend },
};

const struct config_table config_ipsec_table = {
	"ipsec",
	ipsec_members,
	ARRAY_SIZE(ipsec_members),
};

int config_read_ipsec(const struct json_cursor *cursor, void *target, struct error *error)
{
	return json_read_object(cursor, ipsec_members, ARRAY_SIZE(ipsec_members), false, target,
				error);
}
