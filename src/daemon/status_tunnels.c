// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/status_tunnels.h"

#include "daemon/status_ipsec.h"
#include "daemon/status_json.h"
#include "registry/identity.h"
#include "wireguard/status.h"

#include <stdio.h>
#include <string.h>

#define SESSION_DEAD_SEC 180

void status_put_peer(struct json_object *object, const struct tunnels *tunnels, const char *ifname)
{
	const struct tunnel *tunnel = tunnels_find(tunnels, ifname);
	char name[NODE_ID_TEXT_SIZE] = "";

	if (tunnel)
		node_id_format(&tunnel->peer->id, name);
	status_put_text(object, "peer", name);
}

static bool has_neighbour(const struct babel_status *babel, const char *ifname)
{
	for (size_t i = 0; i < babel->neighbours_count; i++)
		if (!strcmp(babel->neighbours[i].link, ifname) && babel->neighbours[i].reach)
			return true;
	return false;
}

/* A session outlives the path by minutes; Babel's hellos tell within seconds. */
static const char *hellos_state(const struct tunnel *tunnel, const struct babel_status *babel)
{
	if (!has_neighbour(babel, tunnel->ifname))
		return "no hellos";
	return tunnel->is_leaving ? "leaving" : "up";
}

static const char *wireguard_state(const struct tunnel *tunnel,
				   const struct wireguard_tunnel_status *live,
				   const struct babel_status *babel)
{
	if (live && live->handshake_age_sec >= 0 && live->handshake_age_sec <= SESSION_DEAD_SEC)
		return hellos_state(tunnel, babel);
	if (endpoint_dials_out_only(tunnel->remote))
		return "waiting for peer";
	return "no handshake";
}

/* What the members of a tunnel are taken from. */
struct tunnel_facts {
	struct ip_endpoint endpoint;
	int64_t handshake_age_sec; /* -1: none */
	uint64_t rx_bytes, tx_bytes;
	const char *state;
	bool has_preshared_key; /* of WireGuard, or a PPK of IKE */
};

static struct tunnel_facts wireguard_facts(const struct tunnel *tunnel,
					   const struct wireguard_tunnel_status *live,
					   const struct babel_status *babel)
{
	struct tunnel_facts facts = { .handshake_age_sec = -1 };

	if (live) {
		facts.endpoint = live->endpoint;
		facts.handshake_age_sec = live->handshake_age_sec;
		facts.rx_bytes = live->rx_bytes;
		facts.tx_bytes = live->tx_bytes;
		facts.has_preshared_key = live->has_preshared_key;
	}
	facts.state = wireguard_state(tunnel, live, babel);
	return facts;
}

/* The age of a CHILD_SA says the same as that of WireGuard's handshake: since when keys are used.
 */
static struct tunnel_facts ipsec_facts(struct node *node, const struct tunnel *tunnel,
				       const struct babel_status *babel,
				       char state[STATUS_IPSEC_STATE_SIZE])
{
	struct tunnel_facts facts = { .handshake_age_sec = -1 };
	struct ipsec_tunnel_status live;
	bool is_known = ipsec_tunnel_status(node_machine(node)->ipsec, tunnel->ifname, &live);

	facts.state = status_ipsec_state(tunnel, is_known ? &live : NULL, state);
	if (!facts.state)
		facts.state = hellos_state(tunnel, babel);
	if (is_known && live.sa) {
		facts.endpoint = live.sa->remote;
		facts.has_preshared_key = live.sa->has_ppk;
	}
	if (is_known && live.child) {
		facts.handshake_age_sec = (int64_t)(live.child->age_s + live.list_age_s);
		facts.rx_bytes = live.child->bytes_in;
		facts.tx_bytes = live.child->bytes_out;
	}
	return facts;
}

static void put_tunnel(struct json_object *array, const struct tunnels *tunnels,
		       const struct tunnel *tunnel, const struct tunnel_facts *facts)
{
	struct json_object *object = status_append_object(array);
	char endpoint[IP_ENDPOINT_TEXT_SIZE];

	status_put_text(object, "interface", tunnel->ifname);
	status_put_text(object, "transport",
			tunnel->transport == TRANSPORT_IPSEC ? "ipsec" : "wireguard");
	status_put_peer(object, tunnels, tunnel->ifname);
	status_put_text(object, "label", tunnel->label);
	status_put_text_or_null(object, "endpoint", ip_endpoint_format(&facts->endpoint, endpoint));
	status_put_text_or_null(object, "configured",
				ip_endpoint_format(&tunnel->endpoint, endpoint));
	json_object_object_add(object, "handshake_age_sec",
			       facts->handshake_age_sec >= 0
				       ? json_object_new_int64(facts->handshake_age_sec)
				       : NULL);
	status_put_number(object, "rx_bytes", (int64_t)facts->rx_bytes);
	status_put_number(object, "tx_bytes", (int64_t)facts->tx_bytes);
	json_object_object_add(object, "preshared_key",
			       json_object_new_boolean(facts->has_preshared_key));
	status_put_text(object, "state", facts->state);
}

static const struct wireguard_tunnel_status *find_live(const struct wireguard_tunnel_status *live,
						       size_t count, const char *ifname)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(live[i].interface, ifname))
			return &live[i];
	return NULL;
}

void status_put_tunnels(struct json_object *status, struct node *node,
			const struct tunnels *tunnels, const struct babel_status *babel)
{
	struct json_object *array = status_put_array(status, "tunnels");
	CLEANUP(free) struct wireguard_tunnel_status *live = NULL;
	char state[STATUS_IPSEC_STATE_SIZE];
	size_t count = 0;

	if (wireguard_status(node_machine(node)->wireguard, &live, &count, NULL) < 0)
		count = 0; /* why is among the problems */
	for (size_t i = 0; i < tunnels->count; i++) {
		const struct tunnel *tunnel = &tunnels->items[i];
		struct tunnel_facts facts =
			tunnel->transport == TRANSPORT_IPSEC
				? ipsec_facts(node, tunnel, babel, state)
				: wireguard_facts(tunnel, find_live(live, count, tunnel->ifname),
						  babel);

		put_tunnel(array, tunnels, tunnel, &facts);
	}
}

void status_put_unreachable(struct json_object *status, struct node *node,
			    const struct tunnels *tunnels)
{
	struct json_object *array = status_put_array(status, "unreachable");
	const char *name;
	size_t place = 0;

	for (size_t i = 0; i < tunnels->without_count; i++) {
		const struct untunnelled *without = &tunnels->without[i];
		struct json_object *object = status_append_object(array);
		char text[NODE_ID_TEXT_SIZE];
		char reason[128];

		(void)snprintf(reason, sizeof(reason), "%s; %s", without->reason,
			       without->is_cut_off ? "no nodes that carry transit join the two"
						   : "its traffic goes through others");
		status_put_text(object, "node", node_id_format(&without->peer->id, text));
		status_put_text(object, "reason", reason);
		json_object_object_add(object, "cut_off",
				       json_object_new_boolean(without->is_cut_off));
	}
	while ((name = names_next_unresolved(node_names(node), &place))) {
		struct json_object *object = status_append_object(array);

		status_put_text(object, "node", name);
		status_put_text(object, "reason", "endpoint name does not resolve (W03)");
	}
	for (size_t i = 0; i < tunnels->count; i++) {
		const struct tunnel *tunnel = &tunnels->items[i];
		struct json_object *object;

		if (!tunnel->leads_inside)
			continue;
		object = status_append_object(array);
		status_put_text(object, "node", tunnel->remote->name);
		status_put_text(
			object, "reason",
			"endpoint name leads into the overlay; it is not used, correct the name");
	}
}
