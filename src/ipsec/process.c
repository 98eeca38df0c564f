// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/parts.h"

#include "ipsec/status.h"
#include "netlink/link_info.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The oldest that is tested, and the first whose list-sas tells all that is asked for. */
#define VERSION_MAJOR 5
#define VERSION_MINOR 9

/* What tells that SAs have changed, what a dial has come to, and the stream of a list. */
static const struct vici_event_name event_names[] = {
	{ "ike-updown", false },  { "child-updown", false }, { "ike-rekey", false },
	{ "child-rekey", false }, { "ike-update", true },    { "log", false },
	{ "list-sa", false },	  { NULL, false },
};

void ipsec_finish_start(struct ipsec *ipsec, int result, const struct error *error)
{
	if (!ipsec->is_starting)
		return;
	ipsec->is_starting = false;
	ipsec->events.done(ipsec->events.userdata, ipsec->start_id, result, error);
}

pid_t ipsec_pid(const struct ipsec *ipsec)
{
	return ipsec->kind->pid(ipsec);
}

void ipsec_forget(struct ipsec *ipsec)
{
	vici_client_stop(ipsec->client);
	ipsec->has_key = false;
	ipsec->knows_keys = false;
	ipsec->mute_since_usec = 0;
	ipsec->version[0] = '\0';
	ipsec_forget_names(ipsec);
	ipsec_forget_ppks(ipsec);
	ipsec_forget_sas(ipsec);
}

void ipsec_started(struct ipsec *ipsec, int result, const struct error *error)
{
	struct error own = { 0 };

	if (result == 0) {
		result = ipsec_begin(ipsec, &own);
		error = &own;
	}
	if (result < 0)
		ipsec_finish_start(ipsec, result, error);
}

/* What it has made in the kernel for our interfaces, and what killed ones have left there. */
static void clear_kernel(struct ipsec *ipsec)
{
	const struct link_infos *infos;

	if (spaces_links(ipsec->spaces, SPACE_OVERLAY, &infos, NULL) < 0)
		return;
	for (size_t i = 0; i < infos->count; i++) {
		const struct link_info *info = &infos->items[i];

		if (!info->if_id || !link_info_is_ours(info, spaces_instance(ipsec->spaces)))
			continue;
		(void)xfrm_states_delete(ipsec->spaces, info->if_id, NULL);
		(void)xfrm_policies_delete(ipsec->spaces, info->if_id, NULL);
	}
}

static int take_over(struct ipsec *ipsec, struct error *error);

/* And if there is something of us in another charon, too, that is next. */
static void finish_stop(struct ipsec *ipsec)
{
	clear_kernel(ipsec);
	(void)take_over(ipsec, NULL);
}

void ipsec_stopped(struct ipsec *ipsec, int result, const struct error *error)
{
	if (!ipsec->is_stopping)
		return;
	ipsec->is_stopping = false;
	if (result == 0)
		finish_stop(ipsec);
	ipsec->events.done(ipsec->events.userdata, ipsec->stop_id, result, error);
}

void ipsec_condemn(struct ipsec *ipsec, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(ipsec->verdict, sizeof(ipsec->verdict), format, arguments);
	va_end(arguments);
	ipsec->kind->give_up(ipsec);
}

void ipsec_ended(struct ipsec *ipsec, const char *reason)
{
	struct error error = { 0 };
	char text[ERROR_TEXT_SIZE];

	ipsec_forget(ipsec);
	ipsec->has_lost_charon = true;
	(void)error_set(&error, -ECHILD, ERROR_APPLY, IKE_DAEMON_NAME, "%s",
			ipsec->verdict[0] ? ipsec->verdict : reason);
	(void)snprintf(text, sizeof(text), "charon: %s", ipsec->verdict);
	if (ipsec->verdict[0])
		reason = text;
	ipsec->verdict[0] = '\0';
	if (ipsec->is_starting)
		ipsec_finish_start(ipsec, -ECHILD, &error);
	else
		ipsec->events.dirty(ipsec->events.userdata, reason);
}

/* What cannot be read is not held against it. */
static bool is_too_old(const char *version)
{
	unsigned major, minor;

	return sscanf(version, "%u.%u", &major, &minor) == 2 &&
	       (major < VERSION_MAJOR || (major == VERSION_MAJOR && minor < VERSION_MINOR));
}

static void on_version(void *userdata, uint64_t id, int result, const struct vici_section *reply,
		       const struct error *error)
{
	struct ipsec *ipsec = userdata;

	(void)id, (void)error;
	if (result < 0)
		return;
	(void)vici_find_text(reply, "version", ipsec->version, sizeof(ipsec->version));
	if (is_too_old(ipsec->version))
		ipsec_condemn(
			ipsec,
			"strongSwan %s is too old; install the packages charon-systemd, "
			"strongswan-swanctl and libstrongswan-standard-plugins of 5.9 or later",
			ipsec->version);
}

/* It comes before the names of connections, and before the answer to any load-conn. */
static void on_algorithms(void *userdata, uint64_t id, int result, const struct vici_section *reply,
			  const struct error *error)
{
	struct ipsec *ipsec = userdata;
	struct ike_offer offer;

	(void)id, (void)error;
	if (result == -ECONNRESET || result == -ECANCELED)
		return;
	offer = ike_offer_of(reply);
	sessions_set_offer(&ipsec->sessions, &offer);
}

static void on_key(void *userdata, uint64_t id, int result, const struct vici_section *reply,
		   const struct error *error)
{
	struct ipsec *ipsec = userdata;

	(void)reply;
	ipsec->has_key = result == 0;
	if (result == 0)
		ipsec->kind->keep_key(ipsec);
	/* It gets the key on the next connection, or is ending, which tells why. */
	if (ipsec->is_starting && (result == -ECONNRESET || ipsec->verdict[0]))
		return;
	if (ipsec->is_starting && id == 0)
		ipsec_finish_start(ipsec, result, error);
	else if (id && result != -ECANCELED)
		ipsec->events.done(ipsec->events.userdata, id, result, error);
	else if (result < 0 && result != -ECANCELED && result != -ECONNRESET)
		ipsec->events.dirty(ipsec->events.userdata, error->text);
}

int ipsec_load_key(struct ipsec *ipsec, const struct ike_daemon *daemon, uint64_t id,
		   struct error *error)
{
	const struct ask_answer answer = { on_key, ipsec, id };
	int result = ipsec->kind->claim_key(ipsec, daemon->public_key, error);

	if (result == 0)
		result = ask_load_key(ipsec->client, daemon->private_key, daemon->public_key,
				      answer, error);
	if (result < 0)
		return result;
	memcpy(ipsec->key, daemon->public_key, KEY_SIZE);
	ipsec->has_key = true; /* what is asked next is carried out after it */
	return 0;
}

void ipsec_introduce(struct ipsec *ipsec)
{
	if (ipsec->has_daemon && !ipsec->has_key && vici_client_is_up(ipsec->client))
		ipsec->kind->introduce(ipsec);
}

const char *ipsec_silence(const struct ipsec *ipsec)
{
	const char *trouble = vici_client_trouble(ipsec->client);

	return trouble[0] ? trouble : "it has not answered yet";
}

int ipsec_give_key(struct ipsec *ipsec, const struct ike_daemon *daemon, uint64_t id,
		   struct error *error)
{
	int result = ipsec_load_key(ipsec, daemon, id, error);

	return result < 0 ? result : -EINPROGRESS;
}

static void on_up(void *userdata)
{
	struct ipsec *ipsec = userdata;
	const struct ask_answer version = { on_version, ipsec, 0 };
	const struct ask_answer algorithms = { on_algorithms, ipsec, 0 };

	ipsec->mute_since_usec = 0;
	ipsec->has_key = false;
	ipsec->knows_keys = false;
	(void)ask_version(ipsec->client, version);
	(void)ask_algorithms(ipsec->client, algorithms);
	ipsec_suspect_leftovers(ipsec);
	ipsec_introduce(ipsec);
	ipsec_forget_ppks(ipsec);
	ipsec_ask_ppks(ipsec);
	ipsec_ask_names(ipsec);
	ipsec_want_list(ipsec);
}

static void on_down(void *userdata, const struct error *error)
{
	struct ipsec *ipsec = userdata;

	(void)error; /* status asks the client */
	if (ipsec->mute_since_usec == 0 && ipsec_pid(ipsec) > 0)
		ipsec->mute_since_usec = ipsec_now();
	ipsec_want_list(ipsec);
}

static void on_event(void *userdata, const char *name, const struct vici_section *message)
{
	ipsec_event(userdata, name, message);
}

uint64_t ipsec_end_mute(struct ipsec *ipsec, uint64_t now_usec)
{
	uint64_t due = ipsec->mute_since_usec + IPSEC_MUTE_MS * UINT64_C(1000);
	const char *trouble;

	if (ipsec->mute_since_usec == 0 || ipsec_pid(ipsec) == 0)
		return UINT64_MAX;
	if (now_usec < due)
		return due;
	ipsec->mute_since_usec = now_usec;
	trouble = vici_client_trouble(ipsec->client);
	ipsec_condemn(ipsec, "%s: for %d s, it %s", ipsec->kind->fate_of_mute, IPSEC_MUTE_MS / 1000,
		      trouble[0] ? trouble : "did not answer");
	return UINT64_MAX;
}

static int connect_client(struct ipsec *ipsec, const char *path, struct error *error)
{
	const struct vici_client_callbacks callbacks = { ipsec, on_up, on_down, on_event };
	const struct vici_client_options options = {
		.loop = ipsec->loop,
		.path = path,
		.events = event_names,
		.deadline_ms = ipsec->deadline_ms,
	};
	struct vici_client *client;
	int result;

	if (ipsec->client && !strcmp(ipsec->client_path, path))
		return 0;
	result = vici_client_new(&options, &callbacks, &client, error);
	if (result < 0)
		return result;
	vici_client_free(ipsec->client);
	ipsec->client = client;
	(void)snprintf(ipsec->client_path, sizeof(ipsec->client_path), "%s", path);
	return 0;
}

int ipsec_begin(struct ipsec *ipsec, struct error *error)
{
	int result = connect_client(ipsec, ipsec->kind->socket(ipsec), error);

	if (result < 0)
		return result;
	ipsec_dial_after_loss(ipsec);
	ipsec->mute_since_usec = ipsec_now();
	vici_client_start(ipsec->client);
	ipsec_want_list(ipsec);
	return 0;
}

struct charon_settings ipsec_settings_of(const struct ike_daemon *daemon)
{
	return (struct charon_settings) { .port = daemon->port,
					  .is_userspace = daemon->is_userspace };
}

/* The one that an earlier daemon has used; ours before the operator's, if it is in between. */
static int take_over(struct ipsec *ipsec, struct error *error)
{
	static const struct ipsec_kind *const kinds[] = {
		[IKE_DAEMON_PRIVATE] = &ipsec_private,
		[IKE_DAEMON_SYSTEM] = &ipsec_system,
	};

	ipsec->kind = kinds[IKE_DAEMON_PRIVATE];
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (kinds[i]->pid(ipsec) == 0 && !kinds[i]->has_remains(ipsec))
			continue;
		ipsec->kind = kinds[i];
		break;
	}
	return ipsec_pid(ipsec) ? ipsec_begin(ipsec, error)
				: connect_client(ipsec, ipsec->kind->socket(ipsec), error);
}

int ipsec_open_charon(struct ipsec *ipsec, const struct ipsec_options *options, struct error *error)
{
	int result = ipsec_open_private(ipsec, options, error);

	ipsec->deadline_ms = options->deadline_ms;
	if (result < 0)
		return result;
	ipsec_open_system(ipsec, options);
	return take_over(ipsec, error);
}

int ipsec_start(struct ipsec *ipsec, const struct ike_daemon *daemon, uint64_t id,
		struct error *error)
{
	int result;

	ipsec->kind = daemon->kind == IKE_DAEMON_SYSTEM ? &ipsec_system : &ipsec_private;
	result = ipsec->kind->start(ipsec, daemon, error);
	if (result == 0)
		result = ipsec_begin(ipsec, error);
	if (result < 0 && result != -EINPROGRESS)
		return result;
	ipsec->is_starting = true;
	ipsec->start_id = id;
	/* It may differ from what is followed, while that is about to change. */
	ipsec->has_daemon = true;
	ipsec->daemon = *daemon;
	return -EINPROGRESS;
}

int ipsec_stop(struct ipsec *ipsec, uint64_t id, struct error *error)
{
	int result = ipsec->kind->stop(ipsec, error);

	if (result == 0)
		finish_stop(ipsec);
	if (result != -EINPROGRESS)
		return result;
	ipsec->is_stopping = true;
	ipsec->stop_id = id;
	return result;
}

void ipsec_free(struct ipsec *ipsec)
{
	if (!ipsec)
		return;
	ipsec->is_starting = false;
	ipsec->is_stopping = false;
	vici_client_free(TAKE(ipsec->client));
	charon_free(TAKE(ipsec->charon));
	system_charon_free(TAKE(ipsec->system));
	ipsec_close_timer(ipsec);
}

void ipsec_daemon_status(const struct ipsec *ipsec, struct ipsec_daemon_status *ret)
{
	*ret = (struct ipsec_daemon_status) {
		.kind = ipsec->kind->kind,
		.pid = ipsec_pid(ipsec),
		.socket = ipsec->kind->socket(ipsec),
		.log = ipsec->kind->log(ipsec),
		.version = ipsec->version,
		.has_mlkem = ipsec->sessions.offer.has_mlkem,
		.trouble = "",
	};
	if (!ret->pid)
		return;
	if (!vici_client_is_up(ipsec->client))
		ret->trouble = vici_client_trouble(ipsec->client);
	else if (ipsec->has_daemon && !ipsec->has_key)
		ret->trouble = "has not taken our private key; see its log";
}
