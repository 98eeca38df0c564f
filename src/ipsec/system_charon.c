// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/system_charon.h"

#include "base/file.h"
#include "base/memory.h"
#include "ipsec/charon_find.h"
#include "ipsec/charon_port.h"
#include "process/child.h"
#include "process/port.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct system_charon {
	uv_loop_t *loop;
	void *userdata;
	void (*ended)(void *userdata, const char *reason);
	char path[PATH_MAX]; /* of the record */
	struct system_record record;
	pid_t pid;
	struct child_watch *watch;
};

static void on_ended(void *userdata, pid_t pid)
{
	struct system_charon *system = userdata;
	char reason[64];

	system_charon_detach(system);
	(void)snprintf(reason, sizeof(reason), "the operator's charon (process %d) ended",
		       (int)pid);
	system->ended(system->userdata, reason); /* may free us */
}

static int set_absent(const char *socket, int result, struct error *error)
{
	if (result == -ENOENT || result == -ECONNREFUSED)
		return error_set(error, -EAGAIN, ERROR_APPLY, socket,
				 "no charon answers here; start it (\"systemctl start "
				 "strongswan\"), or set /ipsec/charon to \"private\"");
	if (result == -EACCES)
		return error_set(error, result, ERROR_APPLY, socket,
				 "aronet may not talk to this charon; it has to run as root or in "
				 "the group that charon.group in strongswan.conf names");
	return error_set(error, result == 0 ? -EAGAIN : result, ERROR_APPLY, socket,
			 "cannot see who listens here: %s",
			 result == 0 ? "a process of another PID namespace" : strerror(-result));
}

static int check_port(uint16_t port, pid_t pid, struct error *error)
{
	char holder[128];

	if (charon_port_is_of(port, pid))
		return 0;
	port_describe_holder(port, holder, sizeof(holder));
	return error_set(error, -EADDRINUSE, ERROR_APPLY, IKE_DAEMON_NAME,
			 "process %d does not have UDP port %u of the endpoints%s%s; set "
			 "port_nat_t = %u in strongswan.conf and restart it, or change \"port\" of "
			 "the endpoints",
			 (int)pid, port, holder[0] ? ", which is taken by " : "", holder, port);
}

static int watch(struct system_charon *system, const char *socket, struct error *error)
{
	pid_t pid = charon_listener(socket);
	int result;

	if (pid <= 0)
		return set_absent(socket, (int)pid, error);
	if (charon_is_elsewhere(pid))
		return error_set(error, -ENETUNREACH, ERROR_APPLY, socket,
				 "process %d, which listens here, lives in another network "
				 "namespace than aronet, so that its tunnels would end there",
				 (int)pid);
	result = child_watch_new(system->loop, pid, on_ended, system, &system->watch, error);
	if (result == -ESRCH)
		return set_absent(socket, -ENOENT, error);
	if (result == 0)
		system->pid = pid;
	return result;
}

static int write_record(struct system_charon *system, struct error *error)
{
	char *slash = strrchr(system->path, '/');
	int result;

	*slash = '\0';
	result = file_make_directory(system->path, 0700, error);
	*slash = '/';
	return result < 0 ? result : system_record_write(system->path, &system->record, error);
}

int system_charon_attach(struct system_charon *system, const char *socket,
			 const struct charon_settings *settings, struct error *error)
{
	int result;

	system_charon_detach(system);
	result = watch(system, socket, error);
	if (result == 0)
		result = check_port(settings->port, system->pid, error);
	if (result == 0) {
		if (system->record.pid != system->pid)
			system->record = (struct system_record) { 0 };
		(void)snprintf(system->record.socket, sizeof(system->record.socket), "%s", socket);
		system->record.settings = *settings;
		system->record.pid = system->pid;
		result = write_record(system, error);
	}
	if (result < 0)
		system_charon_detach(system);
	return result;
}

struct system_charon *system_charon_new(const struct system_charon_options *options)
{
	struct system_charon *system = NEW(struct system_charon);

	system->loop = options->loop;
	system->userdata = options->userdata;
	system->ended = options->ended;
	(void)snprintf(system->path, sizeof(system->path), "%s/private/charon.system",
		       options->runtime_directory);
	system_record_read(system->path, &system->record);
	if (system->record.socket[0] && watch(system, system->record.socket, NULL) == 0 &&
	    system->record.pid != system->pid)
		system_charon_detach(system); /* to be looked at as a new one */
	return system;
}

void system_charon_free(struct system_charon *system)
{
	if (!system)
		return;
	child_watch_free(TAKE(system->watch));
	free(system);
}

pid_t system_charon_pid(const struct system_charon *system)
{
	return system->pid;
}

const struct system_record *system_charon_record(const struct system_charon *system)
{
	return &system->record;
}

void system_charon_detach(struct system_charon *system)
{
	child_watch_free(TAKE(system->watch));
	system->pid = 0;
}

int system_charon_forget(struct system_charon *system, struct error *error)
{
	system_charon_detach(system);
	system->record = (struct system_record) { 0 };
	return system_record_write(system->path, &system->record, error);
}

int system_charon_claim_key(struct system_charon *system, const char *id, struct error *error)
{
	if (!system_record_add_key(&system->record, id))
		return error_set(error, -ENOSPC, ERROR_APPLY, IKE_DAEMON_NAME,
				 "too many private keys of this node are in it; restart it");
	return write_record(system, error);
}

void system_charon_disclaim_key(struct system_charon *system, const char *id)
{
	system_record_remove_key(&system->record, id);
	(void)write_record(system, NULL);
}
