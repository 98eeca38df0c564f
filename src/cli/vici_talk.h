/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "vici/client.h"

/*
 * Talking to a charon once, for a command: each function runs @loop until it is done, and gives up
 * at the first thing that goes wrong, where the daemon would try again.
 *
 * Errors: -ECONNRESET with E_CTL_DOWN if charon cannot be reached, hangs up, or does not answer in
 * time, -ENAMETOOLONG with the same if no socket can have that path; -EREMOTEIO and -ENOTSUP if it
 * refuses (vici/client.h), -E2BIG if it says too much, with E_APPLY or E_UNSUPPORTED.
 */
struct vici_place {
	uv_loop_t *loop;
	const char *path;     /* of the socket */
	unsigned deadline_ms; /* 0: VICI_DEADLINE_MS */
};

struct vici_sa {
	char name[VICI_NAME_MAX + 1]; /* of the connection */
	uint64_t unique_id;
	uint8_t *bytes; /* what its section contains */
	size_t size;
};

struct vici_sas {
	struct vici_sa *items;
	size_t count;
};

void vici_sas_done(struct vici_sas *sas);
CLEANUP_DEFINE_IN_PLACE(struct vici_sas, vici_sas_done);

/* All IKE_SAs, by name and number. */
int vici_list_sas(const struct vici_place *place, struct vici_sas *ret, struct error *error);

/* False ends it. */
typedef bool vici_log_fn(void *userdata, const struct vici_section *message);

/* Tell @log of each event "log" until it has enough, which is 0, or charon hangs up. */
int vici_follow_log(const struct vici_place *place, vici_log_fn *log, void *userdata,
		    struct error *error);
