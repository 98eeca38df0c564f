// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/config.h"
#include "config/reader.h"

#include "base/memory.h"

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

static int read_charon(const struct json_cursor *cursor, void *target, struct error *error)
{
	static const char *const kinds[] = {
		[IKE_DAEMON_PRIVATE] = "private",
		[IKE_DAEMON_SYSTEM] = "system",
	};
	struct config_reader *reader = target;
	size_t kind;
	int result = json_read_choice(cursor, kinds, ARRAY_SIZE(kinds), &kind, error);

	if (result < 0)
		return result;
	reader->config->ike_daemon_kind = (enum ike_daemon_kind)kind;
	if (reader->config->ike_daemon_kind == IKE_DAEMON_SYSTEM)
		reader->config->vici_socket = memory_strdup(CONFIG_VICI_SOCKET_DEFAULT);
	return 0;
}

static int read_vici_socket(const struct json_cursor *cursor, void *target, struct error *error)
{
	struct config_reader *reader = target;

	if (reader->config->ike_daemon_kind != IKE_DAEMON_SYSTEM)
		return json_cursor_fail_name(
			cursor, error, ERROR_VALUE,
			"aronet's own charon has its socket; set \"charon\" to \"system\" to use "
			"one that you run yourself, or leave this out");
	return config_read_absolute_path(cursor, IKE_SOCKET_SIZE - 1,
					 "names of sockets are no longer",
					 &reader->config->vici_socket, error);
}

/* The socket after whose it is. */
static const struct json_member ipsec_members[] = {
	{ "backend", false, read_backend },
	{ "charon", false, read_charon },
	{ "vici_socket", false, read_vici_socket },
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
