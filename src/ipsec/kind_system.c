// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Of what is in the operator's charon only that is touched which is ours: connections, IKE_SAs
 * and PPKs by their names, and private keys that the record names.
 */
#include "ipsec/parts.h"

#include "base/memory.h"
#include "ipsec/fitness.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS_MAX 4096

static pid_t pid(const struct ipsec *ipsec)
{
	return system_charon_pid(ipsec->system);
}

static const char *socket_path(const struct ipsec *ipsec)
{
	return system_charon_record(ipsec->system)->socket;
}

static const char *log_path(const struct ipsec *ipsec)
{
	(void)ipsec;
	return "";
}

static bool has_remains(const struct ipsec *ipsec)
{
	return socket_path(ipsec)[0];
}

static bool is_as(const struct ipsec *ipsec, const struct ike_daemon *daemon)
{
	const struct system_record *record = system_charon_record(ipsec->system);

	return daemon->kind == IKE_DAEMON_SYSTEM && !strcmp(record->socket, daemon->socket) &&
	       record->settings.port == daemon->port &&
	       record->settings.is_userspace == daemon->is_userspace;
}

static int start(struct ipsec *ipsec, const struct ike_daemon *daemon, struct error *error)
{
	const struct charon_settings settings = ipsec_settings_of(daemon);

	return system_charon_attach(ipsec->system, daemon->socket, &settings, error);
}

static void forget_keys(struct ipsec *ipsec)
{
	free(TAKE(ipsec->key_ids));
	ipsec->key_ids_count = 0;
}

static bool knows_key(const struct ipsec *ipsec, const char *id)
{
	for (size_t i = 0; i < ipsec->key_ids_count; i++)
		if (!strcmp(ipsec->key_ids[i], id))
			return true;
	return false;
}

static void read_keys(struct ipsec *ipsec, const struct vici_section *reply)
{
	struct vici_section rest;
	struct vici_value item;

	forget_keys(ipsec);
	if (!vici_find_list(reply, "keys", &rest))
		return;
	while (ipsec->key_ids_count < KEYS_MAX && vici_next_item(&rest, &item))
		if (item.size == ASK_KEY_ID_SIZE - 1)
			(void)snprintf(*ARRAY_APPEND(ipsec->key_ids, ipsec->key_ids_count),
				       ASK_KEY_ID_SIZE, "%.*s", (int)item.size,
				       (const char *)item.bytes);
}

/*
 * A key of ours that is not there any more was taken away: `swanctl --load-creds` does so with all
 * that it does not know, and with --clear takes the peers' keys, too, which connections brought.
 */
static void see_own_key(struct ipsec *ipsec)
{
	char id[ASK_KEY_ID_SIZE];
	bool is_there = knows_key(ipsec, ask_key_id(ipsec->daemon.public_key, id));

	if (ipsec->has_key && !memcmp(ipsec->key, ipsec->daemon.public_key, KEY_SIZE)) {
		if (is_there)
			return;
		ipsec->has_key = false;
		ipsec_load_anew(ipsec);
		ipsec_introduce(ipsec);
	} else if (!ipsec->has_key && is_there) {
		memcpy(ipsec->key, ipsec->daemon.public_key, KEY_SIZE);
		ipsec->has_key = true;
		ipsec_finish_start(ipsec, 0, NULL);
	} else if (!ipsec->has_key) {
		ipsec_introduce(ipsec);
	}
}

static void on_keys(void *userdata, uint64_t id, int result, const struct vici_section *reply,
		    const struct error *error)
{
	struct ipsec *ipsec = userdata;

	(void)id, (void)error;
	if (result < 0)
		return;
	read_keys(ipsec, reply);
	ipsec->knows_keys = true;
	if (ipsec->has_daemon)
		see_own_key(ipsec);
}

static void ask_for_keys(struct ipsec *ipsec)
{
	const struct ask_answer answer = { on_keys, ipsec, 0 };

	(void)ask_keys(ipsec->client, answer);
}

static void on_stats(void *userdata, uint64_t id, int result, const struct vici_section *reply,
		     const struct error *error)
{
	struct ipsec *ipsec = userdata;
	char fault[sizeof(ipsec->verdict)];

	(void)id, (void)error;
	if (result < 0)
		return;
	if (fitness_fault(reply, &system_charon_record(ipsec->system)->settings, fault,
			  sizeof(fault))[0])
		ipsec_condemn(ipsec, "%s", fault);
}

/* First what is there: a key that the operator has loaded himself is not ours to be taken away. */
static void introduce(struct ipsec *ipsec)
{
	const struct ask_answer stats = { on_stats, ipsec, 0 };

	if (ipsec->knows_keys) {
		(void)ipsec_load_key(ipsec, &ipsec->daemon, 0, NULL);
		return;
	}
	(void)ask_stats(ipsec->client, stats);
	ask_for_keys(ipsec);
}

static int claim_key(struct ipsec *ipsec, const uint8_t public_key[KEY_SIZE], struct error *error)
{
	char id[ASK_KEY_ID_SIZE];

	if (knows_key(ipsec, ask_key_id(public_key, id)))
		return 0;
	return system_charon_claim_key(ipsec->system, id, error);
}

/* All of ours, but @kept. */
static void unload_keys(struct ipsec *ipsec, const char *kept)
{
	const struct system_record record = *system_charon_record(ipsec->system);

	for (size_t i = 0; i < record.keys_count; i++) {
		if (kept && !strcmp(record.keys[i], kept))
			continue;
		(void)ask_unload_key(ipsec->client, record.keys[i], (struct ask_answer) { 0 });
		/* What is to be forgotten as a whole stays on record until it is known to be gone.
		 */
		if (kept)
			system_charon_disclaim_key(ipsec->system, record.keys[i]);
	}
}

static void keep_key(struct ipsec *ipsec)
{
	char id[ASK_KEY_ID_SIZE];

	unload_keys(ipsec, ask_key_id(ipsec->key, id));
}

/* `swanctl --load-conns` takes away all that it does not know. */
static void audit(struct ipsec *ipsec)
{
	ipsec_ask_names(ipsec);
	ipsec_ask_ppks(ipsec);
	if (ipsec->knows_keys)
		ask_for_keys(ipsec);
}

static void give_up(struct ipsec *ipsec)
{
	system_charon_detach(ipsec->system);
	ipsec_ended(ipsec, "the operator's charon is of no use");
}

/* The last answer: all that was asked before it is done. */
static void on_cleared(void *userdata, uint64_t id, int result, const struct vici_section *reply,
		       const struct error *error)
{
	struct ipsec *ipsec = userdata;
	struct error own = { 0 };

	(void)id, (void)reply, (void)error;
	if (result == -ECANCELED)
		return;
	if (result < 0) {
		(void)error_set(&own, -EAGAIN, ERROR_APPLY, IKE_DAEMON_NAME,
				"did not let everything of this node be taken away");
		ipsec_stopped(ipsec, -EAGAIN, &own);
		return;
	}
	ipsec_forget(ipsec);
	result = system_charon_forget(ipsec->system, &own);
	ipsec_stopped(ipsec, result, &own);
}

static void end_sas(void *userdata, uint64_t id, const struct vici_section *part)
{
	struct ipsec *ipsec = userdata;
	struct vici_section rest = *part, section;
	char connection[VICI_NAME_MAX + 1];
	struct ike_name name;

	(void)id;
	while (vici_next_section(&rest, connection, &section)) {
		CLEANUP(ike_sa_done) struct ike_sa sa = { 0 };

		if (ike_name_parse(connection, &name) &&
		    ike_sa_read(connection, &section, &sa) == 0)
			(void)ask_terminate(ipsec->client, sa.unique_id, true);
	}
}

static void on_sas_listed(void *userdata, uint64_t id, int result, const struct vici_section *reply,
			  const struct error *error)
{
	struct ipsec *ipsec = userdata;
	const struct ask_answer answer = { on_cleared, ipsec, 0 };

	if (result == 0) {
		unload_keys(ipsec, NULL);
		ipsec_unload_ppks(ipsec);
		result = ask_connections(ipsec->client, answer);
	}
	if (result < 0)
		on_cleared(ipsec, id, result, reply, error);
}

/* Connections first, so that no peer makes another SA meanwhile. */
static void on_names_listed(void *userdata, uint64_t id, int result,
			    const struct vici_section *reply, const struct error *error)
{
	struct ipsec *ipsec = userdata;
	const struct ask_answer answer = { on_sas_listed, ipsec, 0 };

	if (result == 0) {
		ipsec_unload_all(ipsec, reply);
		result = ask_sas(ipsec->client, end_sas, answer);
	}
	if (result < 0)
		on_cleared(ipsec, id, result, reply, error);
}

static int stop(struct ipsec *ipsec, struct error *error)
{
	const struct ask_answer answer = { on_names_listed, ipsec, 0 };

	if (ipsec_pid(ipsec) == 0) {
		ipsec_forget(ipsec);
		return system_charon_forget(ipsec->system, error);
	}
	if (ask_connections(ipsec->client, answer) < 0)
		return error_set(error, -EAGAIN, ERROR_APPLY, IKE_DAEMON_NAME,
				 "has something of this node, and cannot be asked: %s",
				 ipsec_silence(ipsec));
	return -EINPROGRESS;
}

const struct ipsec_kind ipsec_system = {
	.kind = IKE_DAEMON_SYSTEM,
	.pid = pid,
	.socket = socket_path,
	.log = log_path,
	.has_remains = has_remains,
	.is_as = is_as,
	.start = start,
	.stop = stop,
	.introduce = introduce,
	.claim_key = claim_key,
	.keep_key = keep_key,
	.audit = audit,
	.fate_of_mute = "cannot be used, and should be restarted",
	.give_up = give_up,
};

static void on_ended(void *userdata, const char *reason)
{
	ipsec_ended(userdata, reason);
}

void ipsec_open_system(struct ipsec *ipsec, const struct ipsec_options *options)
{
	const struct system_charon_options system = {
		.loop = options->loop,
		.runtime_directory = options->runtime_dir,
		.userdata = ipsec,
		.ended = on_ended,
	};

	ipsec->system = system_charon_new(&system);
}
