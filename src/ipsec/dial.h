/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * When to dial a peer. Pure: times are given, and what is to be done is told.
 *
 * charon is told to try each dial once and to do nothing by itself (keyingtries=1, every
 * *_action=none): by itself it does not come back from a refusal, and two that dial again at will
 * make two tunnels. A dial that ends in silence raises no event in charon, so it has a deadline
 * here.
 *
 *	IDLE      not ours to dial, or there is no address to dial
 *	DIALING   charon tries; a CHILD_SA, a refusal or the deadline ends it
 *	UP        at least one CHILD_SA carries traffic, whoever has dialled
 *	BACKOFF   waits to dial again
 */
enum dial_state {
	DIAL_IDLE,
	DIAL_DIALING,
	DIAL_UP,
	DIAL_BACKOFF,
};

enum dial_role {
	DIAL_NEVER,  /* the peer's address is not known: it dials */
	DIAL_FIRST,  /* this end dials */
	DIAL_BACKUP, /* the other end does; this one if that does not come about */
};

/*
 * How long charon tries: it sends each message again four times, with pauses that begin
 * with retransmit_timeout and grow by retransmit_base. As in the configuration that aronet gives
 * it: 2 s and 1.5, which makes 26.4 s.
 */
#define DIAL_DEADLINE_USEC (30 * UINT64_C(1000000))
/* The backup waits that often that long. */
#define DIAL_BACKUP_DEADLINES 3
#define DIAL_BACKOFF_MIN_USEC (1 * UINT64_C(1000000))
#define DIAL_BACKOFF_MAX_USEC (60 * UINT64_C(1000000))
/* Who has been up that long begins anew with the shortest pause. */
#define DIAL_STABLE_USEC (60 * UINT64_C(1000000))

struct dial {
	enum dial_state state;
	enum dial_role role;
	unsigned failures;   /* in a row */
	uint64_t since_usec; /* of the state */
	uint64_t due_usec;   /* when dial_tick() has something to do; UINT64_MAX: never */
};

enum dial_action {
	DIAL_DO_NOTHING,
	DIAL_DO_INITIATE,
	/* What it has begun leads nowhere: end an IKE_SA without CHILD_SA, if there is one. */
	DIAL_DO_GIVE_UP,
};

/* @random: any number, for the jitter of the first pause; so that a mesh does not dial in step. */
void dial_init(struct dial *dial, enum dial_role role, uint64_t now_usec, uint32_t random);

/* Another role: the registry or an address has changed. The same one: nothing happens. */
void dial_set_role(struct dial *dial, enum dial_role role, uint64_t now_usec, uint32_t random);

/* What is known now: does any CHILD_SA of this connection carry traffic? */
void dial_see(struct dial *dial, bool carries, uint64_t now_usec, uint32_t random);

/* charon or the peer has refused what was being dialled. */
void dial_refused(struct dial *dial, uint64_t now_usec, uint32_t random);

/*
 * There is no charon, or it is another one: nothing is dialled any more, and the next dial may come
 * at once.
 */
void dial_reset(struct dial *dial, uint64_t now_usec, uint32_t random);

/* To be called when @due_usec has come; what to do. */
enum dial_action dial_tick(struct dial *dial, uint64_t now_usec, uint32_t random);

/*
 * Whose turn it is. @own and @peer: the identities in DER. The lower one dials if it knows an
 * address, else whoever does.
 */
enum dial_role dial_role_of(const uint8_t *own, unsigned own_size, const uint8_t *peer,
			    unsigned peer_size, bool knows_peer, bool peer_knows_us);
