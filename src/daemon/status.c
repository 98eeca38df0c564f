// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/status.h"

#include "daemon/status_ipsec.h"
#include "daemon/status_registry.h"
#include "intend/tunnel.h"
#include "registry/identity.h"
#include "registry/owners.h"
#include "version.h"
#include "wireguard/status.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define USEC_PER_SEC 1000000ull
#define SESSION_DEAD_SEC 180

static void put_text(struct json_object *object, const char *name, const char *text)
{
	json_object_object_add(object, name, json_object_new_string(text));
}

/* null for "" */
static void put_text_or_null(struct json_object *object, const char *name, const char *text)
{
	json_object_object_add(object, name, text[0] ? json_object_new_string(text) : NULL);
}

static void put_number(struct json_object *object, const char *name, int64_t number)
{
	json_object_object_add(object, name, json_object_new_int64(number));
}

static struct json_object *put_array(struct json_object *object, const char *name)
{
	struct json_object *array = json_object_new_array();

	json_object_object_add(object, name, array);
	return array;
}

static struct json_object *append_object(struct json_object *array)
{
	struct json_object *object = json_object_new_object();

	json_object_array_add(array, object);
	return object;
}

static uint64_t now_usec(void)
{
	return uv_hrtime() / 1000;
}

static int64_t seconds_since(uint64_t usec)
{
	return (int64_t)((now_usec() - usec) / USEC_PER_SEC);
}

static const char *state_name(struct node *node)
{
	struct reconciler *reconciler = node_reconciler(node);
	const struct problem *problems;
	struct babel_status babel;

	babel_status(node_babel(node), &babel);
	if (node_registry(node)->problem.code != ERROR_NONE ||
	    node_source(node)->problem.code != ERROR_NONE ||
	    node_registry(node)->expiry == EXPIRY_OVER ||
	    reconciler_problems(reconciler, &problems) || reconciler_conflict(reconciler, 0) ||
	    auditing_has_problems(node_auditing(node)) || babel.problem[0])
		return "degraded";
	return reconciler_settled(reconciler) ? "ok" : "converging";
}

/* Who is on the other end of an interface; "" for none of ours. */
static void put_peer(struct json_object *object, const struct tunnels *tunnels, const char *ifname)
{
	const struct tunnel *tunnel = tunnels_find(tunnels, ifname);
	char name[NODE_ID_TEXT_SIZE] = "";

	if (tunnel)
		node_id_format(&tunnel->peer->id, name);
	put_text(object, "peer", name);
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
	bool is_known = ipsec_tunnel_status(node_ipsec(node), tunnel->ifname, &live);

	facts.state = status_ipsec_state(tunnel, is_known ? &live : NULL, state);
	if (!facts.state)
		facts.state = hellos_state(tunnel, babel);
	if (is_known && live.sa)
		facts.endpoint = live.sa->remote;
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
	struct json_object *object = append_object(array);
	char endpoint[IP_ENDPOINT_TEXT_SIZE];

	put_text(object, "interface", tunnel->ifname);
	put_text(object, "transport", tunnel->transport == TRANSPORT_IPSEC ? "ipsec" : "wireguard");
	put_peer(object, tunnels, tunnel->ifname);
	put_text(object, "label", tunnel->label);
	put_text_or_null(object, "endpoint", ip_endpoint_format(&facts->endpoint, endpoint));
	put_text_or_null(object, "configured", ip_endpoint_format(&tunnel->endpoint, endpoint));
	json_object_object_add(object, "handshake_age_sec",
			       facts->handshake_age_sec >= 0
				       ? json_object_new_int64(facts->handshake_age_sec)
				       : NULL);
	put_number(object, "rx_bytes", (int64_t)facts->rx_bytes);
	put_number(object, "tx_bytes", (int64_t)facts->tx_bytes);
	put_text(object, "state", facts->state);
}

static const struct wireguard_tunnel_status *find_live(const struct wireguard_tunnel_status *live,
						       size_t count, const char *ifname)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(live[i].interface, ifname))
			return &live[i];
	return NULL;
}

static void put_tunnels(struct json_object *status, struct node *node,
			const struct tunnels *tunnels, const struct babel_status *babel)
{
	struct json_object *array = put_array(status, "tunnels");
	CLEANUP(free) struct wireguard_tunnel_status *live = NULL;
	char state[STATUS_IPSEC_STATE_SIZE];
	size_t count = 0;

	if (wireguard_status(node_wireguard(node), &live, &count, NULL) < 0)
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

static void put_unreachable(struct json_object *status, struct node *node,
			    const struct tunnels *tunnels)
{
	struct json_object *array = put_array(status, "unreachable");
	const char *name;
	size_t place = 0;

	for (size_t i = 0; i < tunnels->without_count; i++) {
		const struct untunnelled *without = &tunnels->without[i];
		struct json_object *object = append_object(array);
		char text[NODE_ID_TEXT_SIZE];
		char reason[128];

		(void)snprintf(reason, sizeof(reason), "%s; %s", without->reason,
			       without->is_cut_off ? "no nodes that carry transit join the two"
						   : "its traffic goes through others");
		put_text(object, "node", node_id_format(&without->peer->id, text));
		put_text(object, "reason", reason);
		json_object_object_add(object, "cut_off",
				       json_object_new_boolean(without->is_cut_off));
	}
	while ((name = names_next_unresolved(node_names(node), &place))) {
		struct json_object *object = append_object(array);

		put_text(object, "node", name);
		put_text(object, "reason", "endpoint name does not resolve (W03)");
	}
	for (size_t i = 0; i < tunnels->count; i++) {
		const struct tunnel *tunnel = &tunnels->items[i];
		struct json_object *object;

		if (!tunnel->leads_inside)
			continue;
		object = append_object(array);
		put_text(object, "node", tunnel->remote->name);
		put_text(object, "reason",
			 "endpoint name leads into the overlay; it is not used, correct the name");
	}
}

static void put_neighbours(struct json_object *status, const struct babel_status *babel,
			   const struct tunnels *tunnels)
{
	struct json_object *array = put_array(status, "neighbours");

	for (size_t i = 0; i < babel->neighbours_count; i++) {
		const struct babel_neighbour *neighbour = &babel->neighbours[i];
		struct json_object *object = append_object(array);
		char address[IP_ADDRESS_TEXT_SIZE];
		char reach[5];

		(void)snprintf(reach, sizeof(reach), "%04x", neighbour->reach);
		put_text(object, "interface", neighbour->link);
		put_peer(object, tunnels, neighbour->link);
		put_text(object, "address", ip_address_format(&neighbour->address, address));
		put_text(object, "reach", reach);
		put_number(object, "rxcost", neighbour->rxcost);
		put_number(object, "txcost", neighbour->txcost);
		put_number(object, "cost", neighbour->cost);
		json_object_object_add(
			object, "rtt_ms",
			neighbour->has_rtt ? json_object_new_double(neighbour->rtt_usec / 1000.0)
					   : NULL);
	}
}

/* BIRD takes everything into its table and filters behind that; babeld shows none of it. */
static void put_routes(struct json_object *status, const struct babel_status *babel,
		       const struct registry *registry, const struct tunnels *tunnels,
		       const struct auditing *auditing)
{
	struct json_object *array = put_array(status, "routes");
	CLEANUP(owners_done) struct owners owners = { 0 };

	owners_make(registry, &owners);
	for (size_t i = 0; i < babel->routes_count; i++) {
		const struct babel_route *route = &babel->routes[i];
		struct json_object *object = append_object(array);
		char text[IP_PREFIX_TEXT_SIZE];
		const struct registry_node *owner =
			owners_find(&owners, &route->prefix, route->router_id);
		char id[NODE_ID_TEXT_SIZE];

		put_text(object, "prefix", ip_prefix_format(&route->prefix, text));
		put_text(object, "node", owner ? node_id_format(&owner->id, id) : "");
		json_object_object_add(object, "installed",
				       json_object_new_boolean(route->installed));
		json_object_object_add(object, "refused",
				       json_object_new_boolean(!route->installed &&
							       auditing_refuses(auditing, route)));
		put_number(object, "metric", route->metric);
		put_text(object, "via", ip_address_format(&route->via, text));
		put_text(object, "interface", route->link);
		put_peer(object, tunnels, route->link);
	}
}

static void put_counters(struct json_object *status, struct node *node)
{
	struct json_object *array = put_array(status, "counters");

	for (enum space space = SPACE_UNDERLAY; space <= SPACE_OVERLAY; space++) {
		CLEANUP(firewall_counters_done) struct firewall_counters counters = { 0 };

		if (firewall_counters(node_firewall(node), space, &counters, NULL) < 0)
			continue; /* why is among the problems */
		for (size_t i = 0; i < counters.count; i++) {
			struct json_object *object = append_object(array);

			put_text(object, "space", space_name(space));
			put_text(object, "name", counters.items[i].name);
			put_number(object, "packets", (int64_t)counters.items[i].packets);
			put_number(object, "bytes", (int64_t)counters.items[i].bytes);
		}
	}
}

/* The object is the one that reconciler problems name. */
static void put_babel_problem(struct json_object *array, const struct babel_status *babel)
{
	struct json_object *object;

	if (!babel->problem[0])
		return;
	object = append_object(array);
	put_text(object, "object", "speaker babel");
	put_text(object, "text", babel->problem);
}

static void put_problems(struct json_object *status, struct node *node,
			 const struct babel_status *babel)
{
	struct json_object *array = put_array(status, "problems");
	const struct problem *problems;
	size_t count = reconciler_problems(node_reconciler(node), &problems);
	uint64_t now = now_usec();

	status_put_registry_problems(node_registry(node), array);
	status_put_source_problem(node, array);
	for (size_t i = 0; i < count; i++) {
		struct json_object *object = append_object(array);
		uint64_t retry = problems[i].retry_at_usec;

		put_text(object, "object", problems[i].object);
		put_text(object, "text", problems[i].text);
		put_number(object, "attempts", problems[i].attempts);
		put_number(object, "retry_in_sec",
			   retry > now ? (int64_t)((retry - now) / USEC_PER_SEC) : 0);
	}
	put_babel_problem(array, babel);
}

static void put_conflicts(struct json_object *status, struct node *node)
{
	struct json_object *array = put_array(status, "conflicts");
	const char *key;

	for (size_t i = 0; (key = reconciler_conflict(node_reconciler(node), i)); i++)
		json_object_array_add(array, json_object_new_string(key));
}

static void put_repairs(struct json_object *status, struct node *node)
{
	struct json_object *array = put_array(status, "repairs");
	const struct repair *repairs;
	size_t count = reconciler_repairs(node_reconciler(node), &repairs);

	for (size_t i = 0; i < count; i++) {
		struct json_object *object = append_object(array);

		put_number(object, "age_sec", seconds_since(repairs[i].at_usec));
		put_text(object, "text", repairs[i].text);
	}
}

static void put_stats(struct json_object *status, struct node *node)
{
	const struct reconciler_stats *stats = reconciler_stats(node_reconciler(node));
	struct json_object *object = json_object_new_object();

	json_object_object_add(status, "stats", object);
	put_number(object, "observations", (int64_t)stats->observations);
	put_number(object, "operations", (int64_t)stats->operations);
	put_number(object, "kernel_writes", (int64_t)node_kernel_writes(node));
	put_number(object, "repairs", (int64_t)stats->repairs);
	put_number(object, "failures", (int64_t)stats->failures);
}

struct json_object *status_problems(struct node *node)
{
	struct json_object *holder = json_object_new_object();
	struct json_object *array;
	struct babel_status babel;
	const char *key;

	babel_status(node_babel(node), &babel);
	put_problems(holder, node, &babel);
	array = json_object_object_get(holder, "problems");
	for (size_t i = 0; (key = reconciler_conflict(node_reconciler(node), i)); i++) {
		struct json_object *object = append_object(array);

		put_text(object, "object", key);
		put_text(object, "text", NODE_CONFLICT_TEXT);
	}
	(void)json_object_get(array);
	json_object_put(holder);
	return array;
}

static void append_warnings(struct json_object *array, const struct warnings *warnings)
{
	for (size_t i = 0; i < warnings->count; i++) {
		struct json_object *object = append_object(array);

		put_text(object, "code", warnings->items[i].code);
		put_text(object, "message", warnings->items[i].text);
	}
}

struct json_object *status_warnings(const struct node_warnings *warnings)
{
	struct json_object *array = json_object_new_array();

	append_warnings(array, &warnings->documents);
	append_warnings(array, &warnings->local);
	return array;
}

static void put_warnings(struct json_object *status, struct node *node)
{
	struct json_object *array = status_warnings(node_warnings(node));

	append_warnings(array, node_host_warnings(node));
	json_object_object_add(status, "warnings", array);
}

static void put_header(struct json_object *status, struct node *node, uint64_t started_usec)
{
	char name[NODE_ID_TEXT_SIZE];

	put_text(status, "version", ARONET_VERSION);
	put_text(status, "commit", ARONET_COMMIT);
	put_number(status, "pid", getpid());
	put_text(status, "node", node_id_format(&node_config(node)->self, name));
	put_text(status, "mode", node_config(node)->mode == OVERLAY_VRF ? "vrf" : "netns");
	put_text(status, "state", state_name(node));
	put_number(status, "uptime_sec", seconds_since(started_usec));
}

struct json_object *status_make(struct node *node, const char *config_path, uint64_t started_usec)
{
	struct json_object *status = json_object_new_object();
	CLEANUP(tunnels_done) struct tunnels tunnels = { 0 };
	const struct registry *registry = node_followed_registry(node);
	struct babel_status babel;

	tunnels_make(node_config(node), registry, node_facts(node), &tunnels);
	babel_status(node_babel(node), &babel);
	put_header(status, node, started_usec);
	put_text(status, "config", config_path);
	status_put_registry(node_registry(node), status);
	status_put_source(node, status);
	put_text(status, "wireguard", node_uses_kernel_wireguard(node) ? "kernel" : "wireguard-go");
	put_text(status, "babel", babel.version);
	put_tunnels(status, node, &tunnels, &babel);
	status_put_ike(status, node_ipsec(node), &tunnels);
	put_neighbours(status, &babel, &tunnels);
	put_routes(status, &babel, registry, &tunnels, node_auditing(node));
	put_counters(status, node);
	put_problems(status, node, &babel);
	auditing_put_problems(node_auditing(node), json_object_object_get(status, "problems"));
	auditing_put_status(node_auditing(node), status);
	put_conflicts(status, node);
	put_repairs(status, node);
	put_unreachable(status, node, &tunnels);
	put_warnings(status, node);
	put_stats(status, node);
	return status;
}

static void put_helpers(struct json_object *info, struct node *node)
{
	struct json_object *array = put_array(info, "helpers");
	CLEANUP(tunnels_done) struct tunnels tunnels = { 0 };
	struct ipsec_daemon_status ike;
	struct json_object *object;
	struct babel_status babel;

	tunnels_make(node_config(node), node_followed_registry(node), node_facts(node), &tunnels);
	babel_status(node_babel(node), &babel);
	if (babel.pid) {
		object = append_object(array);
		put_text(object, "program", speaker_program_name(babel.program));
		put_number(object, "pid", babel.pid);
	}
	ipsec_daemon_status(node_ipsec(node), &ike);
	if (ike.pid) {
		object = append_object(array);
		put_text(object, "program", "charon");
		put_number(object, "pid", ike.pid);
		put_text(object, "socket", ike.socket);
	}
	for (size_t i = 0; i < tunnels.count; i++) {
		pid_t pid = wireguard_tunnels_pid(node_wireguard(node), tunnels.items[i].ifname);

		if (!pid)
			continue;
		object = append_object(array);
		put_text(object, "program", "wireguard-go");
		put_number(object, "pid", pid);
		put_text(object, "interface", tunnels.items[i].ifname);
	}
}

struct json_object *status_info(struct node *node, const char *config_path)
{
	const struct config *config = node_config(node);
	struct json_object *info = json_object_new_object();
	char path[256];

	put_text(info, "version", ARONET_VERSION);
	put_text(info, "commit", ARONET_COMMIT);
	put_number(info, "pid", getpid());
	put_text(info, "config", config_path);
	put_text(info, "runtime_dir", config->runtime_dir);
	put_text(info, "state_dir", config->state_dir);
	(void)snprintf(path, sizeof(path), "%s/control", config->runtime_dir);
	put_text(info, "control", path);
	put_text(info, "mode", config->mode == OVERLAY_VRF ? "vrf" : "netns");
	if (config->mode == OVERLAY_NETNS)
		put_text(info, "netns", config->netns_name);
	put_text(info, "link", config->ifname);
	put_helpers(info, node);
	return info;
}
