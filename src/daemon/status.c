// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/status.h"

#include "daemon/status_ipsec.h"
#include "daemon/status_json.h"
#include "daemon/status_registry.h"
#include "daemon/status_tunnels.h"
#include "ipsec/status.h"
#include "registry/identity.h"
#include "registry/owners.h"
#include "version.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define USEC_PER_SEC 1000000ull

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
	struct reconciler *reconciler = node_machine(node)->reconciler;
	const struct problem *problems;
	char secrets[SECRETS_PROBLEM_SIZE];
	struct ipsec_daemon_status ike;
	struct babel_status babel;

	babel_status(node_machine(node)->babel, &babel);
	ipsec_daemon_status(node_machine(node)->ipsec, &ike);
	if (node_registry(node)->problem.code != ERROR_NONE ||
	    node_source(node)->problem.code != ERROR_NONE ||
	    node_registry(node)->expiry == EXPIRY_OVER ||
	    reconciler_problems(reconciler, &problems) || reconciler_conflict(reconciler, 0) ||
	    auditing_has_problems(node_auditing(node)) || babel.problem[0] || ike.trouble[0] ||
	    node_secrets_problem(node, secrets))
		return "degraded";
	return reconciler_settled(reconciler) ? "ok" : "converging";
}

static void put_neighbours(struct json_object *status, const struct babel_status *babel,
			   const struct tunnels *tunnels)
{
	struct json_object *array = status_put_array(status, "neighbours");

	for (size_t i = 0; i < babel->neighbours_count; i++) {
		const struct babel_neighbour *neighbour = &babel->neighbours[i];
		struct json_object *object = status_append_object(array);
		char address[IP_ADDRESS_TEXT_SIZE];
		char reach[5];

		(void)snprintf(reach, sizeof(reach), "%04x", neighbour->reach);
		status_put_text(object, "interface", neighbour->link);
		status_put_peer(object, tunnels, neighbour->link);
		status_put_text(object, "address", ip_address_format(&neighbour->address, address));
		status_put_text(object, "reach", reach);
		status_put_number(object, "rxcost", neighbour->rxcost);
		status_put_number(object, "txcost", neighbour->txcost);
		status_put_number(object, "cost", neighbour->cost);
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
	struct json_object *array = status_put_array(status, "routes");
	CLEANUP(owners_done) struct owners owners = { 0 };

	owners_make(registry, &owners);
	for (size_t i = 0; i < babel->routes_count; i++) {
		const struct babel_route *route = &babel->routes[i];
		struct json_object *object = status_append_object(array);
		char text[IP_PREFIX_TEXT_SIZE];
		const struct registry_node *owner =
			owners_find(&owners, &route->prefix, route->router_id);
		char id[NODE_ID_TEXT_SIZE];

		status_put_text(object, "prefix", ip_prefix_format(&route->prefix, text));
		status_put_text(object, "node", owner ? node_id_format(&owner->id, id) : "");
		json_object_object_add(object, "installed",
				       json_object_new_boolean(route->installed));
		json_object_object_add(object, "refused",
				       json_object_new_boolean(!route->installed &&
							       auditing_refuses(auditing, route)));
		status_put_number(object, "metric", route->metric);
		status_put_text(object, "via", ip_address_format(&route->via, text));
		status_put_text(object, "interface", route->link);
		status_put_peer(object, tunnels, route->link);
	}
}

static void put_counters(struct json_object *status, struct node *node)
{
	struct json_object *array = status_put_array(status, "counters");

	for (enum space space = SPACE_UNDERLAY; space <= SPACE_OVERLAY; space++) {
		CLEANUP(firewall_counters_done) struct firewall_counters counters = { 0 };

		if (firewall_counters(node_machine(node)->firewall, space, &counters, NULL) < 0)
			continue; /* why is among the problems */
		for (size_t i = 0; i < counters.count; i++) {
			struct json_object *object = status_append_object(array);

			status_put_text(object, "space", space_name(space));
			status_put_text(object, "name", counters.items[i].name);
			status_put_number(object, "packets", (int64_t)counters.items[i].packets);
			status_put_number(object, "bytes", (int64_t)counters.items[i].bytes);
		}
	}
}

/* The object is the one that reconciler problems name. */
static void put_babel_problem(struct json_object *array, const struct babel_status *babel)
{
	struct json_object *object;

	if (!babel->problem[0])
		return;
	object = status_append_object(array);
	status_put_text(object, "object", "speaker babel");
	status_put_text(object, "text", babel->problem);
}

/* Unless the reconciler has one of it, which says more. */
static void put_ike_problem(struct json_object *array, struct node *node)
{
	static const char key[] = "ike-daemon " IKE_DAEMON_NAME;
	struct ipsec_daemon_status daemon;
	const struct problem *problems;
	size_t count = reconciler_problems(node_machine(node)->reconciler, &problems);
	struct json_object *object;

	ipsec_daemon_status(node_machine(node)->ipsec, &daemon);
	if (!daemon.trouble[0])
		return;
	for (size_t i = 0; i < count; i++)
		if (!strcmp(problems[i].object, key))
			return;
	object = status_append_object(array);
	status_put_text(object, "object", key);
	status_put_text(object, "text", daemon.trouble);
}

static void put_secrets_problem(struct json_object *array, const struct node *node)
{
	char text[SECRETS_PROBLEM_SIZE];
	struct json_object *object;

	if (!node_secrets_problem(node, text))
		return;
	object = status_append_object(array);
	status_put_text(object, "object", "psk");
	status_put_text(object, "text", text);
}

/* What a kernel lacks is missing to many objects, and is told of once, with the first of them. */
static bool is_first_of(const struct problem *problems, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (!strcmp(problems[i].text, problems[index].text))
			return false;
	return true;
}

static unsigned count_others(const struct problem *problems, size_t count, size_t index)
{
	unsigned others = 0;

	for (size_t i = index + 1; i < count; i++)
		others += !strcmp(problems[i].text, problems[index].text);
	return others;
}

static void put_problem_object(struct json_object *object, const char *key, unsigned others)
{
	char text[OBJECT_KEY_TEXT_SIZE + 32];

	(void)snprintf(text, sizeof(text), others ? "%s and %u more" : "%s", key, others);
	status_put_text(object, "object", text);
}

static void put_problems(struct json_object *status, struct node *node,
			 const struct babel_status *babel)
{
	struct json_object *array = status_put_array(status, "problems");
	const struct problem *problems;
	size_t count = reconciler_problems(node_machine(node)->reconciler, &problems);
	uint64_t now = now_usec();

	status_put_registry_problems(node_registry(node), array);
	status_put_source_problem(node, array);
	for (size_t i = 0; i < count; i++) {
		struct json_object *object;
		uint64_t retry = problems[i].retry_at_usec;

		if (!is_first_of(problems, i))
			continue;
		object = status_append_object(array);
		put_problem_object(object, problems[i].object, count_others(problems, count, i));
		status_put_text(object, "text", problems[i].text);
		status_put_number(object, "attempts", problems[i].attempts);
		status_put_number(object, "retry_in_sec",
				  retry > now ? (int64_t)((retry - now) / USEC_PER_SEC) : 0);
	}
	put_babel_problem(array, babel);
	put_ike_problem(array, node);
	put_secrets_problem(array, node);
}

static void put_conflicts(struct json_object *status, struct node *node)
{
	struct json_object *array = status_put_array(status, "conflicts");
	const char *key;

	for (size_t i = 0; (key = reconciler_conflict(node_machine(node)->reconciler, i)); i++)
		json_object_array_add(array, json_object_new_string(key));
}

static void put_repairs(struct json_object *status, struct node *node)
{
	struct json_object *array = status_put_array(status, "repairs");
	const struct repair *repairs;
	size_t count = reconciler_repairs(node_machine(node)->reconciler, &repairs);

	for (size_t i = 0; i < count; i++) {
		struct json_object *object = status_append_object(array);

		status_put_number(object, "age_sec", seconds_since(repairs[i].at_usec));
		status_put_text(object, "text", repairs[i].text);
	}
}

static void put_stats(struct json_object *status, struct node *node)
{
	const struct reconciler_stats *stats = reconciler_stats(node_machine(node)->reconciler);
	struct json_object *object = json_object_new_object();

	json_object_object_add(status, "stats", object);
	status_put_number(object, "observations", (int64_t)stats->observations);
	status_put_number(object, "operations", (int64_t)stats->operations);
	status_put_number(object, "kernel_writes", (int64_t)machine_writes(node_machine(node)));
	status_put_number(object, "repairs", (int64_t)stats->repairs);
	status_put_number(object, "failures", (int64_t)stats->failures);
}

struct json_object *status_problems(struct node *node)
{
	struct json_object *holder = json_object_new_object();
	struct json_object *array;
	struct babel_status babel;
	const char *key;

	babel_status(node_machine(node)->babel, &babel);
	put_problems(holder, node, &babel);
	array = json_object_object_get(holder, "problems");
	for (size_t i = 0; (key = reconciler_conflict(node_machine(node)->reconciler, i)); i++) {
		struct json_object *object = status_append_object(array);

		status_put_text(object, "object", key);
		status_put_text(object, "text", MACHINE_CONFLICT_TEXT);
	}
	(void)json_object_get(array);
	json_object_put(holder);
	return array;
}

static void append_warnings(struct json_object *array, const struct warnings *warnings)
{
	for (size_t i = 0; i < warnings->count; i++) {
		struct json_object *object = status_append_object(array);

		status_put_text(object, "code", warnings->items[i].code);
		status_put_text(object, "message", warnings->items[i].text);
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

	status_put_text(status, "version", ARONET_VERSION);
	status_put_text(status, "commit", ARONET_COMMIT);
	status_put_number(status, "pid", getpid());
	status_put_text(status, "node", node_id_format(&node_config(node)->self, name));
	status_put_text(status, "mode", node_config(node)->mode == OVERLAY_VRF ? "vrf" : "netns");
	status_put_text(status, "state", state_name(node));
	status_put_number(status, "uptime_sec", seconds_since(started_usec));
}

struct json_object *status_make(struct node *node, const char *config_path, uint64_t started_usec)
{
	struct json_object *status = json_object_new_object();
	CLEANUP(tunnels_done) struct tunnels tunnels = { 0 };
	const struct registry *registry = node_followed_registry(node);
	struct babel_status babel;

	tunnels_make(node_config(node), registry, node_facts(node), &tunnels);
	babel_status(node_machine(node)->babel, &babel);
	put_header(status, node, started_usec);
	status_put_text(status, "config", config_path);
	status_put_registry(node_registry(node), status);
	status_put_source(node, status);
	status_put_text(status, "wireguard",
			node_uses_kernel_wireguard(node) ? "kernel" : "wireguard-go");
	status_put_text(status, "babel", babel.version);
	status_put_tunnels(status, node, &tunnels, &babel);
	status_put_ike(status, node_machine(node)->ipsec, &tunnels);
	put_neighbours(status, &babel, &tunnels);
	put_routes(status, &babel, registry, &tunnels, node_auditing(node));
	put_counters(status, node);
	put_problems(status, node, &babel);
	auditing_put_problems(node_auditing(node), json_object_object_get(status, "problems"));
	auditing_put_status(node_auditing(node), status);
	put_conflicts(status, node);
	put_repairs(status, node);
	status_put_unreachable(status, node, &tunnels);
	put_warnings(status, node);
	put_stats(status, node);
	return status;
}

static void put_helpers(struct json_object *info, struct node *node)
{
	struct json_object *array = status_put_array(info, "helpers");
	CLEANUP(tunnels_done) struct tunnels tunnels = { 0 };
	struct ipsec_daemon_status ike;
	struct json_object *object;
	struct babel_status babel;

	tunnels_make(node_config(node), node_followed_registry(node), node_facts(node), &tunnels);
	babel_status(node_machine(node)->babel, &babel);
	if (babel.pid) {
		object = status_append_object(array);
		status_put_text(object, "program", speaker_program_name(babel.program));
		status_put_number(object, "pid", babel.pid);
	}
	ipsec_daemon_status(node_machine(node)->ipsec, &ike);
	if (ike.pid) {
		object = status_append_object(array);
		status_put_text(object, "program", "charon");
		status_put_number(object, "pid", ike.pid);
		status_put_text(object, "socket", ike.socket);
	}
	for (size_t i = 0; i < tunnels.count; i++) {
		pid_t pid = wireguard_tunnels_pid(node_machine(node)->wireguard,
						  tunnels.items[i].ifname);

		if (!pid)
			continue;
		object = status_append_object(array);
		status_put_text(object, "program", "wireguard-go");
		status_put_number(object, "pid", pid);
		status_put_text(object, "interface", tunnels.items[i].ifname);
	}
}

struct json_object *status_info(struct node *node, const char *config_path)
{
	const struct config *config = node_config(node);
	struct json_object *info = json_object_new_object();
	char path[256];

	status_put_text(info, "version", ARONET_VERSION);
	status_put_text(info, "commit", ARONET_COMMIT);
	status_put_number(info, "pid", getpid());
	status_put_text(info, "config", config_path);
	status_put_text(info, "runtime_dir", config->runtime_dir);
	status_put_text(info, "state_dir", config->state_dir);
	(void)snprintf(path, sizeof(path), "%s/control", config->runtime_dir);
	status_put_text(info, "control", path);
	status_put_text(info, "mode", config->mode == OVERLAY_VRF ? "vrf" : "netns");
	if (config->mode == OVERLAY_NETNS)
		status_put_text(info, "netns", config->netns_name);
	status_put_text(info, "link", config->ifname);
	put_helpers(info, node);
	return info;
}
