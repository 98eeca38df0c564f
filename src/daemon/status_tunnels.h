/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "daemon/node.h"
#include "intend/tunnel.h"

#include <json-c/json.h>

/* What status tells of tunnels, whatever their transport is. */

/* "peer": who is on the other end of an interface; "" for none of ours. */
void status_put_peer(struct json_object *object, const struct tunnels *tunnels, const char *ifname);

/* "tunnels": where each leads, what it has carried and, in a word, whether it works. */
void status_put_tunnels(struct json_object *status, struct node *node,
			const struct tunnels *tunnels, const struct babel_status *babel);

/* "unreachable": nodes without a tunnel and why. */
void status_put_unreachable(struct json_object *status, struct node *node,
			    const struct tunnels *tunnels);
