// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/status_ipsec.h"

#include "daemon/status_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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
	status_put_text_or_null(object, name, text);
}

/* Of @seconds that were left when the list of SAs was made. */
static int64_t seconds_left(uint64_t seconds, uint64_t list_age_s)
{
	return seconds > list_age_s ? (int64_t)(seconds - list_age_s) : 0;
}

static void put_child(struct json_object *object, const struct child_sa *child, uint64_t older_s)
{
	char spi[9];

	put_algorithm(object, "esp", child->encryption, child->encryption_bits);
	status_put_number(object, "child_age_sec", (int64_t)(child->age_s + older_s));
	status_put_number(object, "child_rekey_sec", seconds_left(child->rekey_s, older_s));
	(void)snprintf(spi, sizeof(spi), "%08" PRIx32, child->spi_in);
	status_put_text_or_null(object, "spi_in", spi);
	(void)snprintf(spi, sizeof(spi), "%08" PRIx32, child->spi_out);
	status_put_text_or_null(object, "spi_out", spi);
}

static void put_sa(struct json_object *object, const struct ipsec_tunnel_status *live)
{
	const struct ike_sa *sa = live->sa;
	char endpoint[IP_ENDPOINT_TEXT_SIZE];

	status_put_text_or_null(object, "state", sa->state);
	json_object_object_add(object, "initiator", json_object_new_boolean(sa->is_initiator));
	status_put_text_or_null(object, "local", ip_endpoint_format(&sa->local, endpoint));
	status_put_text_or_null(object, "remote", ip_endpoint_format(&sa->remote, endpoint));
	status_put_text_or_null(object, "identity", sa->remote_identity);
	put_algorithm(object, "encryption", sa->encryption, sa->encryption_bits);
	status_put_text_or_null(object, "prf", sa->prf);
	status_put_text_or_null(object, "group", sa->group);
	status_put_text_or_null(object, "additional_exchange", sa->additional_exchange);
	json_object_object_add(object, "nat", json_object_new_boolean(sa->is_local_behind_nat));
	status_put_number(object, "age_sec", (int64_t)(sa->age_s + live->list_age_s));
	status_put_number(object, "rekey_sec", seconds_left(sa->rekey_s, live->list_age_s));
	if (live->child)
		put_child(object, live->child, live->list_age_s);
}

static void put_tunnel(struct json_object *array, const struct ipsec *ipsec,
		       const struct tunnel *tunnel)
{
	struct json_object *object = status_append_object(array);
	struct ipsec_tunnel_status live;
	char name[NODE_ID_TEXT_SIZE];

	status_put_text_or_null(object, "interface", tunnel->ifname);
	status_put_text_or_null(object, "peer", node_id_format(&tunnel->peer->id, name));
	if (!ipsec_tunnel_status(ipsec, tunnel->ifname, &live))
		return;
	status_put_number(object, "sas", (int64_t)live.sas_count);
	if (live.sa)
		put_sa(object, &live);
	status_put_text_or_null(object, "trouble", live.trouble);
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
	json_object_object_add(status, "ike", object);
	status_put_text_or_null(object, "version", daemon.version);
	json_object_object_add(object, "ml_kem", json_object_new_boolean(daemon.has_mlkem));
	status_put_text(object, "charon", daemon.kind == IKE_DAEMON_SYSTEM ? "system" : "private");
	status_put_number(object, "pid", daemon.pid);
	status_put_text_or_null(object, "socket", daemon.socket);
	status_put_text_or_null(object, "log", daemon.log);
	status_put_text_or_null(object, "trouble", daemon.trouble);
	array = status_put_array(object, "tunnels");
	for (size_t i = 0; i < tunnels->count; i++)
		if (tunnels->items[i].transport == TRANSPORT_IPSEC)
			put_tunnel(array, ipsec, &tunnels->items[i]);
}
