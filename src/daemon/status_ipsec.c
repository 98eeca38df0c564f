// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/status_ipsec.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void put_text(struct json_object *object, const char *name, const char *text)
{
	json_object_object_add(object, name, text[0] ? json_object_new_string(text) : NULL);
}

static void put_number(struct json_object *object, const char *name, uint64_t number)
{
	json_object_object_add(object, name, json_object_new_int64((int64_t)number));
}

const char *status_ipsec_state(const struct tunnel *tunnel, const struct ipsec_tunnel_status *live,
			       char buffer[STATUS_IPSEC_STATE_SIZE])
{
	char endpoint[IP_ENDPOINT_TEXT_SIZE];

	if (!live)
		return "no IKE daemon";
	if (live->child)
		return NULL;
	if (live->trouble[0])
		(void)snprintf(buffer, STATUS_IPSEC_STATE_SIZE, "%s, for %" PRIu64 " s",
			       live->trouble, live->state_age_s);
	else if (live->state == DIAL_DIALING)
		(void)snprintf(buffer, STATUS_IPSEC_STATE_SIZE,
			       "no answer from %s for %" PRIu64 " s",
			       ip_endpoint_format(&tunnel->endpoint, endpoint), live->state_age_s);
	else
		return "waiting for peer";
	return buffer;
}

/* "AES_GCM_16-256" */
static void put_algorithm(struct json_object *object, const char *name, const char *encryption,
			  uint32_t bits)
{
	char text[SA_ALGORITHM_SIZE + 16];

	(void)snprintf(text, sizeof(text), bits ? "%s-%" PRIu32 : "%s", encryption, bits);
	put_text(object, name, text);
}

static void put_child(struct json_object *object, const struct child_sa *child, uint64_t older_s)
{
	char spi[9];

	put_algorithm(object, "esp", child->encryption, child->encryption_bits);
	put_number(object, "child_age_sec", child->age_s + older_s);
	put_number(object, "child_rekey_sec",
		   child->rekey_s > older_s ? child->rekey_s - older_s : 0);
	(void)snprintf(spi, sizeof(spi), "%08" PRIx32, child->spi_in);
	put_text(object, "spi_in", spi);
	(void)snprintf(spi, sizeof(spi), "%08" PRIx32, child->spi_out);
	put_text(object, "spi_out", spi);
}

static void put_sa(struct json_object *object, const struct ipsec_tunnel_status *live)
{
	const struct ike_sa *sa = live->sa;
	char endpoint[IP_ENDPOINT_TEXT_SIZE];

	put_text(object, "state", sa->state);
	json_object_object_add(object, "initiator", json_object_new_boolean(sa->is_initiator));
	put_text(object, "local", ip_endpoint_format(&sa->local, endpoint));
	put_text(object, "remote", ip_endpoint_format(&sa->remote, endpoint));
	put_text(object, "identity", sa->remote_identity);
	put_algorithm(object, "encryption", sa->encryption, sa->encryption_bits);
	put_text(object, "prf", sa->prf);
	put_text(object, "group", sa->group);
	json_object_object_add(object, "nat", json_object_new_boolean(sa->is_local_behind_nat));
	put_number(object, "age_sec", sa->age_s + live->list_age_s);
	put_number(object, "rekey_sec",
		   sa->rekey_s > live->list_age_s ? sa->rekey_s - live->list_age_s : 0);
	if (live->child)
		put_child(object, live->child, live->list_age_s);
}

static void put_tunnel(struct json_object *array, const struct ipsec *ipsec,
		       const struct tunnel *tunnel)
{
	struct json_object *object = json_object_new_object();
	struct ipsec_tunnel_status live;
	char name[NODE_ID_TEXT_SIZE];

	json_object_array_add(array, object);
	put_text(object, "interface", tunnel->ifname);
	put_text(object, "peer", node_id_format(&tunnel->peer->id, name));
	if (!ipsec_tunnel_status(ipsec, tunnel->ifname, &live))
		return;
	put_number(object, "sas", live.sas_count);
	if (live.sa)
		put_sa(object, &live);
	put_text(object, "trouble", live.trouble);
}

static bool is_used(const struct tunnels *tunnels)
{
	for (size_t i = 0; i < tunnels->count; i++)
		if (tunnels->items[i].transport == TRANSPORT_IPSEC)
			return true;
	return false;
}

void status_put_ike(struct json_object *status, const struct ipsec *ipsec,
		    const struct tunnels *tunnels)
{
	struct ipsec_daemon_status daemon;
	struct json_object *object, *array;

	ipsec_daemon_status(ipsec, &daemon);
	if (daemon.pid == 0 && !is_used(tunnels)) {
		json_object_object_add(status, "ike", NULL);
		return;
	}
	object = json_object_new_object();
	array = json_object_new_array();
	json_object_object_add(status, "ike", object);
	put_text(object, "version", daemon.version);
	put_number(object, "pid", (uint64_t)daemon.pid);
	put_text(object, "socket", daemon.socket);
	put_text(object, "log", daemon.log);
	put_text(object, "trouble", daemon.trouble);
	json_object_object_add(object, "tunnels", array);
	for (size_t i = 0; i < tunnels->count; i++)
		if (tunnels->items[i].transport == TRANSPORT_IPSEC)
			put_tunnel(array, ipsec, &tunnels->items[i]);
}
