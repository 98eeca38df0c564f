/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "ipsec/ask.h"
#include "ipsec/charon.h"
#include "ipsec/ipsec.h"
#include "ipsec/session.h"
#include "ipsec/system_charon.h"
#include "netlink/xfrm.h"

/*
 * Inside of the back end: what it knows, and its parts.
 *
 *	ipsec.c		what is observed, and who carries out what
 *	process.c	charon as a process, the connection to it, and its key
 *	kind_private.c	what of that is so of a charon of our own,
 *	kind_system.c	and of one that the operator runs
 *	connections.c	what it is told of peers
 *	ppks.c		the keys from the secret of the mesh that it knows
 *	inner.c		the addresses that SAs in userspace are for
 *	sas.c		what it tells of SAs, and what follows from that: dialling and reaping
 */
struct ipsec {
	uv_loop_t *loop;
	struct spaces *spaces;
	struct backend_events events;
	struct charon *charon;
	struct system_charon *system;
	const struct ipsec_kind *kind; /* of the one in use, or to be cleared away, or the last */
	struct vici_client *client;
	char client_path[IKE_SOCKET_SIZE];
	char version[32];
	char verdict[ERROR_TEXT_SIZE - 16]; /* why it is being killed; "": it is not */
	unsigned deadline_ms;		    /* as in the options */
	uint64_t mute_since_usec; /* charon runs and cannot be asked; 0: it can, or does not run */

	/* As it is intended. */
	bool is_followed; /* ipsec_set_intended() was called */
	bool has_daemon;
	struct ike_daemon daemon;
	struct sessions sessions;
	char ppk_id[IKE_PPK_ID_SIZE]; /* the PPK that is offered; "": none */
	char ppk_name[PPK_NAME_SIZE]; /* the same to charon */

	/* Operations in progress. */
	bool is_starting, is_stopping;
	uint64_t start_id, stop_id;
	bool has_lost_charon; /* it has ended by itself, and no other one was started since */
	struct loading *loadings;
	size_t loadings_count;

	/* What charon knows. */
	bool has_key; /* the private key of @key */
	uint8_t key[KEY_SIZE];
	bool knows_keys; /* of IKE_DAEMON_SYSTEM: key_ids */
	char (*key_ids)[ASK_KEY_ID_SIZE];
	size_t key_ids_count;
	bool knows_names;
	char (*names)[IKE_NAME_SIZE]; /* of connections of ours; sorted, so those of a link together
				       */
	size_t names_count;
	bool knows_ppks;
	char (*ppks)[PPK_NAME_SIZE];
	size_t ppks_count;
	uint64_t ppk_writes;
	struct sa_list list;
	uint64_t listed_usec;

	/* The list that comes in, and when the next one is asked for. */
	struct sa_list incoming;
	bool is_listing;
	uint64_t list_due_usec;
	uint64_t audit_due_usec;

	/*
	 * SAs in the kernel: at first all that were there when charon was asked for its own
	 * (are_suspects), then those that a former one has left.
	 */
	bool are_suspects;
	struct xfrm_state *leftovers;
	size_t leftovers_count;

	uv_timer_t timer;
	uint64_t dial_after_usec;
	uint64_t writes;
};

/* Those on the TUN device of a charon that does ESP by itself. */
struct inner_addresses {
	struct ip_address *items;
	size_t count;
};

/* Of load-conn, until it is answered. */
struct loading {
	uint64_t id;
	char name[IKE_NAME_SIZE];
};

/* What differs by whose charon it is. */
struct ipsec_kind {
	enum ike_daemon_kind kind;
	pid_t (*pid)(const struct ipsec *ipsec); /* 0: none runs that is of use */
	const char *(*socket)(const struct ipsec *ipsec);
	const char *(*log)(const struct ipsec *ipsec); /* "": the operator knows */
	/* One has not been left in peace, and there is something to be cleared away. */
	bool (*has_remains)(const struct ipsec *ipsec);
	/* What cannot be changed in it is as @daemon says. */
	bool (*is_as)(const struct ipsec *ipsec, const struct ike_daemon *daemon);
	/* 0: ipsec_begin() may be called; -EINPROGRESS: ipsec_started() will be; or -errno. */
	int (*start)(struct ipsec *ipsec, const struct ike_daemon *daemon, struct error *error);
	/* 0: nothing of us is there any more; -EINPROGRESS: ipsec_stopped() will be called. */
	int (*stop)(struct ipsec *ipsec, struct error *error);
	/* The connection is up, and it has not got the key that is intended: see to that. */
	void (*introduce)(struct ipsec *ipsec);
	/* To be called before ... */
	int (*claim_key)(struct ipsec *ipsec, const uint8_t public_key[KEY_SIZE],
			 struct error *error);
	/* ... and after a key was loaded. */
	void (*keep_key)(struct ipsec *ipsec);
	/* Beside each list of SAs, ask what else may have changed behind our back. */
	void (*audit)(struct ipsec *ipsec);
	/* What becomes of one that says nothing any more, for behind its name. */
	const char *fate_of_mute;
	/* There is nothing to be done with it. ipsec_ended() follows, maybe at once. */
	void (*give_up)(struct ipsec *ipsec);
};
extern const struct ipsec_kind ipsec_private, ipsec_system;

uint64_t ipsec_now(void);
uint32_t ipsec_random(void);

/* kind_private.c, kind_system.c */
int ipsec_open_private(struct ipsec *ipsec, const struct ipsec_options *options,
		       struct error *error);
void ipsec_open_system(struct ipsec *ipsec, const struct ipsec_options *options);

/* process.c */
int ipsec_open_charon(struct ipsec *ipsec, const struct ipsec_options *options,
		      struct error *error);
int ipsec_start(struct ipsec *ipsec, const struct ike_daemon *daemon, uint64_t id,
		struct error *error);
int ipsec_stop(struct ipsec *ipsec, uint64_t id, struct error *error);
pid_t ipsec_pid(const struct ipsec *ipsec);
/* What charon has to be like for it. */
struct charon_settings ipsec_settings_of(const struct ike_daemon *daemon);
/* One runs: connect. */
int ipsec_begin(struct ipsec *ipsec, struct error *error);
void ipsec_started(struct ipsec *ipsec, int result, const struct error *error);
void ipsec_stopped(struct ipsec *ipsec, int result, const struct error *error);
void ipsec_ended(struct ipsec *ipsec, const char *reason);
/* Its start is over, if one was under way. */
void ipsec_finish_start(struct ipsec *ipsec, int result, const struct error *error);
/*
 * There is nothing to be done with this charon. The text says why, for behind its name, and is that
 * of the problem if its start is not over yet.
 */
void ipsec_condemn(struct ipsec *ipsec, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* There is no connection to any charon, and what was known of it does not count. */
void ipsec_forget(struct ipsec *ipsec);
/* @id: of the operation; 0: there is none but the start. */
int ipsec_load_key(struct ipsec *ipsec, const struct ike_daemon *daemon, uint64_t id,
		   struct error *error);
int ipsec_give_key(struct ipsec *ipsec, const struct ike_daemon *daemon, uint64_t id,
		   struct error *error);
/* Give it the key that is intended if it has none of us. */
void ipsec_introduce(struct ipsec *ipsec);
/* Why charon cannot be asked now. */
const char *ipsec_silence(const struct ipsec *ipsec);
/* SIGKILL for one that cannot be asked; when to look again. */
uint64_t ipsec_end_mute(struct ipsec *ipsec, uint64_t now_usec);

/* connections.c */
int ipsec_load(struct ipsec *ipsec, const struct ike_connection *connection, uint64_t id,
	       struct error *error);
int ipsec_unload(struct ipsec *ipsec, const char *link, uint64_t id, struct error *error);
/* Ask for what charon knows. */
void ipsec_ask_names(struct ipsec *ipsec);
/* Take them from charon. Their SAs stay. @reply: to get-conns, from which they become known. */
void ipsec_unload_all(struct ipsec *ipsec, const struct vici_section *reply);
/* Nothing that was told to charon counts. */
void ipsec_load_anew(struct ipsec *ipsec);
void ipsec_forget_names(struct ipsec *ipsec);
/* Tell the sessions which of them charon knows. */
void ipsec_mark_loaded(struct ipsec *ipsec);

/* ppks.c */
int ipsec_load_ppk(struct ipsec *ipsec, const struct ike_ppk *ppk, uint64_t id,
		   struct error *error);
int ipsec_unload_ppk(struct ipsec *ipsec, const char *ppk_id, uint64_t id, struct error *error);
/* Ask for what charon knows. */
void ipsec_ask_ppks(struct ipsec *ipsec);
/* It is another charon, or may be. */
void ipsec_forget_ppks(struct ipsec *ipsec);
/* Take all that are known away. */
void ipsec_unload_ppks(struct ipsec *ipsec);
/* One whose key is another than the intended one has none that is told. */
void ipsec_observe_ppks(const struct ipsec *ipsec, const struct state *intended,
			struct state *operational);
/* The one that @intended has offered. */
void ipsec_follow_ppks(struct ipsec *ipsec, const struct state *intended);
/* A dial would name a PPK that charon was not given yet, and end in an SA without. */
bool ipsec_awaits_ppk(const struct ipsec *ipsec, const struct ike_connection *connection);
/* What to name while a connection is dialled; NULL: none. */
const char *ipsec_ppk_to_offer(const struct ipsec *ipsec, const struct ike_connection *connection);

/* inner.c; without ESP in userspace there are none, and nothing is done */
void ipsec_list_inner_addresses(const struct ipsec *ipsec, struct inner_addresses *ret);
void inner_addresses_done(struct inner_addresses *addresses);
CLEANUP_DEFINE_IN_PLACE(struct inner_addresses, inner_addresses_done);
int ipsec_add_inner_address(struct ipsec *ipsec, const struct ike_connection *connection,
			    struct error *error);
/* Take away those of no session. */
void ipsec_sweep_inner_addresses(struct ipsec *ipsec);
/* The SAs of a charon that has ended are no more, and the peers do not know. */
void ipsec_dial_after_loss(struct ipsec *ipsec);

/* sas.c */
void ipsec_open_timer(struct ipsec *ipsec);
void ipsec_close_timer(struct ipsec *ipsec); /* frees @ipsec when it is closed */
/* Something has changed: a new list, soon. */
void ipsec_want_list(struct ipsec *ipsec);
void ipsec_forget_sas(struct ipsec *ipsec);
/* To be called before charon is asked for its SAs for the first time. */
void ipsec_suspect_leftovers(struct ipsec *ipsec);
void ipsec_event(struct ipsec *ipsec, const char *name, const struct vici_section *message);
