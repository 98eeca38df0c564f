/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "daemon/node.h"

/*
 * Watches the expiry of the registry in force (registry/expiry.h): tells the log, and the node what
 * becomes of the tunnels. Looks at the next change, and every minute, because clocks jump and
 * machines sleep.
 */
struct expiring;

struct expiring *expiring_new(uv_loop_t *loop, struct node *node);
void expiring_close(struct expiring *expiring); /* freed from the loop; NULL is fine */

/* Look now, and from now on: at start, or when there is another registry or configuration. */
void expiring_check(struct expiring *expiring);
