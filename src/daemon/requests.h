/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "control/server.h"
#include "daemon/load.h"
#include "daemon/node.h"

/*
 * Answers what comes over the control socket. A load or a down is answered when the machine has
 * followed, or when its time is over; meanwhile the server holds other changes back.
 */
struct requests;

struct requests_hooks {
	void *userdata;
	int (*reload)(void *userdata, struct error *error);
	/* Begin to remove all; requests_taken_down() says when it is done. */
	void (*take_down)(void *userdata, bool forget);
};

/* Takes @loads. */
struct requests *requests_new(uv_loop_t *loop, struct node *node, struct loads *loads,
			      const char *config_path, const struct requests_hooks *hooks);

/*
 * Answers what is still open with E_CTL_DOWN; a load that is in a thread as soon as it comes back.
 * The memory is freed from the loop. NULL is fine.
 */
void requests_close(struct requests *requests);

/* A control_handler_fn; @userdata is the struct requests. */
void requests_handle(void *userdata, struct control_request *request);

/* The reconciler has done all that it can do now. */
void requests_settled(struct requests *requests);

/* The machine is clean; the daemon stops. NULL is fine. */
void requests_taken_down(struct requests *requests);
