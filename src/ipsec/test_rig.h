/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/backend.h"
#include "ipsec/connection.h"
#include "ipsec/ipsec.h"
#include "ipsec/sa.h"
#include "vici/client.h"
#include "vici/test_real_charon.h"
#include "vici/test_wait.h"

/*
 * For tests: the whole back end of moon with a charon, and sun, a charon that the test tells of
 * moon. Each in a network namespace; the process stays in that of moon. Where the kernel has no ESP
 * their IKE_SA is without CHILD_SA, and moon dials again and again; what happens to the IKE_SA is
 * the same.
 */
#define RIG_POLL_MS 100
#define RIG_WAIT_MS 30000
#define RIG_LINK "arsun"
#define RIG_FOREIGN "theirs" /* what the operator calls his connection and its child */

/* What a charon tells to who asks it past the back end. */
struct view {
	struct vici_client *client;
	unsigned connected, answered;
	unsigned names, keys;
	char name[IKE_NAME_SIZE]; /* of the last one */
	unsigned sas;		  /* established ones */
	char sa_name[SA_NAME_SIZE];
	uint32_t sa_id;
	bool has_ppk;
	uint32_t looked_for; /* the number of an SA */
	bool is_found;
	/* Not counted above. */
	bool has_foreign;
	uint32_t foreign_sa; /* its number; 0: there is none */
};

struct rig {
	uv_loop_t loop;
	struct test_wait wait;
	int moon_fd, sun_fd;
	uint8_t moon_seed[KEY_SIZE], moon_key[KEY_SIZE], sun_seed[KEY_SIZE], sun_key[KEY_SIZE];
	struct spaces *spaces;
	struct ipsec *ipsec;
	struct backend backend;
	struct state *intended;
	uint64_t last_id;
	unsigned done, dirty;
	int result;
	char text[ERROR_TEXT_SIZE];
	struct view moon, sun;
	struct real_charon sun_charon;
	enum ike_daemon_kind kind; /* of the daemon that is intended */
	const char *socket;	   /* of IKE_DAEMON_SYSTEM */
	uint16_t port;
	struct real_charon moon_charon; /* of the operator */
	char failure[ERROR_TEXT_SIZE];	/* of the operation that has failed, or "" */
};

int rig_set_up(void **state);
/*
 * With IKE_DAEMON_SYSTEM: rig.moon_charon runs, and has nothing of us, but a private key and a
 * connection of its own, RIG_FOREIGN, with an IKE_SA.
 */
int rig_set_up_system(void **state);
int rig_tear_down(void **state);

/* The back end begins; and as a daemon that was killed, and the next one, which has heard of
 * charon.
 */
void rig_begin(struct rig *rig);
void rig_begin_anew(struct rig *rig);

/* What moon knows of sun: moon dials. */
struct ike_connection rig_connection_to_sun(const struct rig *rig);

/* What is intended: the daemon of rig.kind, and @connection if there is one. */
void rig_intend(struct rig *rig, const struct ike_connection *connection);
void rig_intend_nothing(struct rig *rig);

/* Make it so. How many operations it took. */
size_t rig_reconcile(struct rig *rig);
/* The first operation, of the IKE daemon, is under way. */
void rig_begin_to_reconcile(struct rig *rig);
/* One fails, and its error has @part in it. */
void rig_reconcile_fails(struct rig *rig, const char *part);

/* With one connection, and an IKE_SA with sun. */
void rig_bring_up(struct rig *rig);

pid_t rig_charon_of_moon(const struct rig *rig);

/* Ask a charon past the back end: for connections and SAs; until it has so many SAs. */
void rig_open_view(struct rig *rig, struct view *view, const char *socket);
void rig_look_at_moon(struct rig *rig);
void rig_look(struct rig *rig, struct view *view);
void rig_wait_for_sas(struct rig *rig, struct view *view, unsigned count);
/* Sun's charon: what it knows of moon, and a PPK more. */
void rig_tell_sun(struct rig *rig, enum ike_ppk_use ppk);
void rig_give_sun(struct rig *rig, const struct ike_ppk *ppk);
/* Tell it something, and wait until that is done. */
void rig_tell(struct rig *rig, struct view *view, const char *command,
	      const struct vici_writer *message);

/* To be returned by main(): 77 where such tests cannot run, 0 where they can. */
int rig_cannot_run(void);
