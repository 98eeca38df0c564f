/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "intend/tunnel.h"
#include "ipsec/status.h"

#include <json-c/json.h>

/* What status tells of IPsec. */

/* Why @tunnel does not work, in words; NULL if it does. They may be in @buffer. */
#define STATUS_IPSEC_STATE_SIZE 256
const char *status_ipsec_state(const struct tunnel *tunnel, const struct ipsec_tunnel_status *live,
			       char buffer[STATUS_IPSEC_STATE_SIZE]);

/* The member "ike": the IKE daemon and an entry for each tunnel's SAs; null without IPsec. */
void status_put_ike(struct json_object *status, const struct ipsec *ipsec,
		    const struct tunnels *tunnels);
