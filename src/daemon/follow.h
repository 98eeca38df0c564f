/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "daemon/load.h"
#include "daemon/node.h"

/*
 * Follows the source of the configuration (registry specification, section 11): a file, looked at
 * when it changes and once in an interval, or a URL, fetched by aronet-fetch once in an interval.
 * What is new there goes the way of every load. What fails or is refused changes nothing; it is
 * told to the log when the reason is another one, and to the node as long as it lasts.
 */
#define FOLLOW_SETTLE_MS 200	  /* so long nothing must happen to the file */
#define FOLLOW_SETTLE_MAX_MS 1000 /* unless something happens all the time since then */

struct follow;

/* To be closed before @loads. */
struct follow *follow_new(uv_loop_t *loop, struct node *node, struct loads *loads);
void follow_close(struct follow *follow); /* freed from the loop; NULL is fine */

/* The configuration may be another one: at start and after each reload. */
void follow_configure(struct follow *follow);
