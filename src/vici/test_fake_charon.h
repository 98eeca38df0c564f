/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "vici/packet.h"

#include <uv.h>

/*
 * For tests: a VICI socket on which somebody answers who does what charons do when they fail. In
 * the loop of the client under test. What a charon that works says is tested with a real one.
 */
enum fake_charon_behaviour {
	/* knows "version", "refuse", "list", "list-sas", "echo", and may know "get-algorithms";
	 * no event "alert" */
	CHARON_HONEST,
	CHARON_SILENT,	   /* takes connections and reads; says nothing to anything */
	CHARON_MUTE_LATER, /* confirms events, and says nothing to commands */
	CHARON_CUTTING,	   /* the connection ends in the middle of the first answer to a command */
	CHARON_BABBLING,   /* answers a command by bytes that mean nothing */
	CHARON_OVERSIZED,  /* or by a segment of a gigabyte */
	CHARON_UNASKED,	   /* or twice */
	CHARON_OLD,	   /* knows no events */
	CHARON_DRIPPING,   /* honest, a byte in each turn of the loop */
	CHARON_GARRULOUS,  /* says nothing to commands, but sends an event every 20 ms */
};

struct fake_charon {
	uv_loop_t *loop;
	char directory[64];
	char path[96];
	enum fake_charon_behaviour behaviour;
	uv_pipe_t listener;
	uv_pipe_t peer; /* one at a time is enough */
	bool has_peer, is_gone;
	bool is_next_waiting; /* a connection that came while there was a peer */
	uint8_t input[2 * VICI_PACKET_MAX];
	size_t input_size;
	uint8_t *due; /* to be said byte by byte */
	size_t due_size, due_said;
	uv_idle_t drip;
	uv_timer_t chatter;
	unsigned connections, commands;
	/* What an honest one says to "list-sas": a message for each event; the test's. */
	const struct vici_writer *sas;
	size_t sas_count;
	bool refuses; /* "list-sas" */
	/* A key exchange that it names beside CURVE_25519; NULL: it does not know the command. */
	const char *exchange;
};

void fake_charon_init(struct fake_charon *charon, uv_loop_t *loop,
		      enum fake_charon_behaviour behaviour);
void fake_charon_done(struct fake_charon *charon);

/* It ends, and its socket stays behind, as that of a real one does. And it comes back. */
void fake_charon_crash(struct fake_charon *charon);
void fake_charon_restart(struct fake_charon *charon);

/* An event with one value: k = @value. */
void fake_charon_tell(struct fake_charon *charon, const char *event, const char *value);
