// SPDX-License-Identifier: GPL-2.0-or-later
/* A charon of our own is started, told all, and ended. */
#include "ipsec/parts.h"

#include "process/child.h"

#include <signal.h>

static pid_t pid(const struct ipsec *ipsec)
{
	return charon_pid(ipsec->charon);
}

static const char *socket_path(const struct ipsec *ipsec)
{
	return charon_socket(ipsec->charon);
}

static const char *log_path(const struct ipsec *ipsec)
{
	return charon_log(ipsec->charon);
}

/* One that has not ended in peace, and is not running; its port may be held. */
static bool has_remains(const struct ipsec *ipsec)
{
	return charon_has_remains(ipsec->charon);
}

static bool is_as(const struct ipsec *ipsec, const struct ike_daemon *daemon)
{
	const struct charon_settings settings = ipsec_settings_of(daemon);

	return daemon->kind == IKE_DAEMON_PRIVATE && charon_runs_with(ipsec->charon, &settings);
}

static int start(struct ipsec *ipsec, const struct ike_daemon *daemon, struct error *error)
{
	const struct charon_settings settings = ipsec_settings_of(daemon);

	return charon_start(ipsec->charon, &settings, error);
}

static int stop(struct ipsec *ipsec, struct error *error)
{
	ipsec_forget(ipsec);
	return charon_stop(ipsec->charon, error);
}

static void introduce(struct ipsec *ipsec)
{
	(void)ipsec_load_key(ipsec, &ipsec->daemon, 0, NULL);
}

/* Its keys end with it, and nobody else tells it anything. */
static int claim_key(struct ipsec *ipsec, const uint8_t public_key[KEY_SIZE], struct error *error)
{
	(void)ipsec, (void)public_key, (void)error;
	return 0;
}

static void do_nothing(struct ipsec *ipsec)
{
	(void)ipsec;
}

static void give_up(struct ipsec *ipsec)
{
	(void)child_signal(charon_pid(ipsec->charon), SIGKILL);
}

const struct ipsec_kind ipsec_private = {
	.kind = IKE_DAEMON_PRIVATE,
	.pid = pid,
	.socket = socket_path,
	.log = log_path,
	.has_remains = has_remains,
	.is_as = is_as,
	.start = start,
	.stop = stop,
	.introduce = introduce,
	.claim_key = claim_key,
	.keep_key = do_nothing,
	.audit = do_nothing,
	.fate_of_mute = "had to be killed",
	.give_up = give_up,
};

static void on_started(void *userdata, int result, const struct error *error)
{
	ipsec_started(userdata, result, error);
}

static void on_stopped(void *userdata, int result, const struct error *error)
{
	ipsec_stopped(userdata, result, error);
}

static void on_ended(void *userdata, const char *reason)
{
	ipsec_ended(userdata, reason);
}

int ipsec_open_private(struct ipsec *ipsec, const struct ipsec_options *options,
		       struct error *error)
{
	const struct charon_options charon = {
		.loop = options->loop,
		.runtime_directory = options->runtime_dir,
		.callbacks = { ipsec, on_started, on_stopped, on_ended },
	};

	return charon_new(&charon, &ipsec->charon, error);
}
