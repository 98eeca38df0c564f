// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/dial.h"

#include <string.h>

/* A quarter more or less. */
static uint64_t with_jitter(uint64_t usec, uint32_t random)
{
	return usec - usec / 4 + usec / 2 * (random % 1024) / 1023;
}

static void enter(struct dial *dial, enum dial_state state, uint64_t now_usec, uint64_t due_usec)
{
	dial->state = state;
	dial->since_usec = now_usec;
	dial->due_usec = due_usec;
}

/* 1, 2, 4 .. 60 s by the number of failures. */
static uint64_t pause_usec(unsigned failures)
{
	uint64_t usec = DIAL_BACKOFF_MIN_USEC;

	for (; failures > 1 && usec < DIAL_BACKOFF_MAX_USEC; failures--)
		usec *= 2;
	return usec < DIAL_BACKOFF_MAX_USEC ? usec : DIAL_BACKOFF_MAX_USEC;
}

/* Nothing carries, and nothing is under way. */
static void wait_for_turn(struct dial *dial, uint64_t now_usec, uint32_t random)
{
	uint64_t pause = 0;

	switch (dial->role) {
	case DIAL_NEVER:
		enter(dial, DIAL_IDLE, now_usec, UINT64_MAX);
		return;
	case DIAL_FIRST:
		if (dial->failures > 0)
			pause = with_jitter(pause_usec(dial->failures), random);
		break;
	case DIAL_BACKUP:
		pause = with_jitter(DIAL_BACKUP_DEADLINES * DIAL_DEADLINE_USEC, random);
		break;
	}
	enter(dial, DIAL_BACKOFF, now_usec, now_usec + pause);
}

void dial_init(struct dial *dial, enum dial_role role, uint64_t now_usec, uint32_t random)
{
	*dial = (struct dial) { .role = role };
	wait_for_turn(dial, now_usec, random);
}

void dial_set_role(struct dial *dial, enum dial_role role, uint64_t now_usec, uint32_t random)
{
	if (dial->role == role)
		return;
	dial->role = role;
	dial->failures = 0;
	if (dial->state == DIAL_IDLE || dial->state == DIAL_BACKOFF)
		wait_for_turn(dial, now_usec, random);
}

static bool was_stable(const struct dial *dial, uint64_t now_usec)
{
	return now_usec - dial->since_usec >= DIAL_STABLE_USEC;
}

void dial_see(struct dial *dial, bool carries, uint64_t now_usec, uint32_t random)
{
	if (carries == (dial->state == DIAL_UP))
		return;
	if (carries) {
		enter(dial, DIAL_UP, now_usec, UINT64_MAX);
	} else {
		/* What falls over again and again is not dialled again and again. */
		dial->failures = was_stable(dial, now_usec) ? 0 : dial->failures + 1;
		wait_for_turn(dial, now_usec, random);
	}
}

void dial_refused(struct dial *dial, uint64_t now_usec, uint32_t random)
{
	if (dial->state != DIAL_DIALING)
		return;
	dial->failures++;
	wait_for_turn(dial, now_usec, random);
}

void dial_reset(struct dial *dial, uint64_t now_usec, uint32_t random)
{
	dial->failures = 0;
	wait_for_turn(dial, now_usec, random);
}

enum dial_action dial_tick(struct dial *dial, uint64_t now_usec, uint32_t random)
{
	if (now_usec < dial->due_usec)
		return DIAL_DO_NOTHING;
	switch (dial->state) {
	case DIAL_IDLE:
	case DIAL_UP:
		return DIAL_DO_NOTHING;
	case DIAL_BACKOFF:
		enter(dial, DIAL_DIALING, now_usec, now_usec + DIAL_DEADLINE_USEC);
		return DIAL_DO_INITIATE;
	case DIAL_DIALING:
		dial_refused(dial, now_usec, random);
		return DIAL_DO_GIVE_UP;
	}
	return DIAL_DO_NOTHING;
}

enum dial_role dial_role_of(const uint8_t *own, unsigned own_size, const uint8_t *peer,
			    unsigned peer_size, bool knows_peer, bool peer_knows_us)
{
	unsigned common = own_size < peer_size ? own_size : peer_size;
	int order = memcmp(own, peer, common);

	if (!knows_peer)
		return DIAL_NEVER;
	if (!peer_knows_us)
		return DIAL_FIRST;
	if (order == 0)
		order = own_size < peer_size ? -1 : 1;
	return order < 0 ? DIAL_FIRST : DIAL_BACKUP;
}
