// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/auditing.h"

#include "base/log.h"
#include "base/memory.h"
#include "daemon/status_json.h"
#include "registry/identity.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#define USEC_PER_SEC 1000000u

struct auditing {
	struct audit *audit;
	struct listener *listener;
	int deafness; /* why it does not listen: -errno; 0: it does, or there is nothing to hear */
};

static uint64_t now_usec(void)
{
	return uv_hrtime() / 1000;
}

static int64_t seconds_since(uint64_t usec)
{
	return (int64_t)((now_usec() - usec) / USEC_PER_SEC);
}

/* Findings are about nodes that the registry has, or had until now. */
static const char *node_name(const struct auditing *auditing, const struct audit_finding *finding)
{
	const char *name = audit_name(auditing->audit, finding->router_id);

	return name ? name : "unknown";
}

static void tell(void *userdata, enum audit_event event, const struct audit_finding *finding)
{
	const struct auditing *auditing = userdata;
	const char *name = node_name(auditing, finding);
	char text[AUDIT_TEXT_SIZE];

	audit_format(auditing->audit, finding, text);
	switch (event) {
	case AUDIT_BEGAN:
	case AUDIT_LASTS:
		log_warning("event=refused node=\"%s\" interface=%s kind=%s count=%llu "
			    "text=\"%s %s\"",
			    name, finding->link, audit_kind_name(finding->kind),
			    (unsigned long long)finding->count, name, text);
		break;
	case AUDIT_ENDED:
		log_notice("event=refused-ended node=\"%s\" kind=%s count=%llu", name,
			   audit_kind_name(finding->kind), (unsigned long long)finding->count);
		break;
	}
}

struct auditing *auditing_new(uv_loop_t *loop, struct spaces *spaces)
{
	struct auditing *auditing = NEW(struct auditing);
	uint64_t seed = now_usec();

	(void)!getrandom(&seed, sizeof(seed), GRND_NONBLOCK);
	auditing->audit = audit_new(seed, tell, auditing);
	auditing->listener = listener_new(loop, spaces, auditing->audit);
	return auditing;
}

void auditing_free(struct auditing *auditing)
{
	if (!auditing)
		return;
	listener_free(auditing->listener);
	audit_free(auditing->audit);
	free(auditing);
}

static struct audit_name *names_of(const struct registry *registry, size_t *ret_count)
{
	size_t count = registry ? registry->nodes_count : 0;
	struct audit_name *names = NEW_ARRAY(struct audit_name, count);

	for (size_t i = 0; i < count; i++) {
		registry_node_router_id(&registry->nodes[i], names[i].router_id);
		node_id_format(&registry->nodes[i].id, names[i].name);
	}
	*ret_count = count;
	return names;
}

void auditing_set_intended(struct auditing *auditing, const struct registry *registry,
			   const struct state *intended)
{
	CLEANUP(babel_policy_done) struct babel_policy policy = { 0 };
	CLEANUP(free) struct audit_name *names = NULL;
	uint8_t own_id[BABEL_ROUTER_ID_SIZE] = { 0 };
	size_t count;

	STATE_FOR_EACH(intended, OBJECT_SPEAKER, object)
	{
		/* The back end says so if it cannot be parsed. */
		(void)babel_policy_parse(object->speaker.body, &policy, NULL);
		memcpy(own_id, object->speaker.router_id, sizeof(own_id));
	}
	names = names_of(registry, &count);
	audit_set_policy(auditing->audit, &policy, own_id, names, count, now_usec());
}

static const char *hint_of_deafness(int deafness)
{
	switch (-deafness) {
	case EAFNOSUPPORT:
		return "; add AF_PACKET to the unit's RestrictAddressFamilies";
	case EPERM:
		return "; add CAP_NET_RAW to the unit's capabilities";
	default:
		return "";
	}
}

bool auditing_follow_overlay(struct auditing *auditing)
{
	int before = auditing->deafness;

	auditing->deafness = listener_follow(auditing->listener);
	return auditing->deafness != before;
}

void auditing_warn(const struct auditing *auditing, struct warnings *warnings)
{
	if (auditing->deafness < 0)
		warnings_add(
			warnings, "W09",
			"cannot listen to what neighbours announce: %s; it is refused as ever, "
			"but who announces what it may not stays unknown%s",
			strerror(-auditing->deafness), hint_of_deafness(auditing->deafness));
}

bool auditing_refuses(const struct auditing *auditing, const struct babel_route *route)
{
	return audit_refuses(auditing->audit, route->link, &route->prefix);
}

bool auditing_has_problems(const struct auditing *auditing)
{
	const struct audit_finding *finding;

	for (size_t i = 0; (finding = audit_finding(auditing->audit, i)); i++)
		if (finding->is_problem)
			return true;
	return false;
}

void auditing_put_problems(const struct auditing *auditing, struct json_object *problems)
{
	const struct audit_finding *finding;

	for (size_t i = 0; (finding = audit_finding(auditing->audit, i)); i++) {
		struct json_object *object;
		char text[AUDIT_TEXT_SIZE];

		if (!finding->is_problem)
			continue;
		object = status_append_object(problems);
		status_put_text(object, "object", node_name(auditing, finding));
		status_put_text(object, "text", audit_format(auditing->audit, finding, text));
		status_put_number(object, "count", (int64_t)finding->count);
		status_put_number(object, "last_sec_ago", seconds_since(finding->last_usec));
	}
}

static struct json_object *samples_of(const struct audit_finding *finding)
{
	struct json_object *array = json_object_new_array();
	char text[IP_PREFIX_TEXT_SIZE];

	for (unsigned i = 0; i < finding->samples_count; i++)
		json_object_array_add(array, json_object_new_string(ip_prefix_format(
						     &finding->samples[i].prefix, text)));
	return array;
}

static struct json_object *finding_of(const struct auditing *auditing,
				      const struct audit_finding *finding)
{
	struct json_object *object = json_object_new_object();
	char text[AUDIT_TEXT_SIZE];

	status_put_text(object, "node", node_name(auditing, finding));
	status_put_text(object, "interface", finding->link);
	status_put_text(object, "kind", audit_kind_name(finding->kind));
	status_put_text(object, "text", audit_format(auditing->audit, finding, text));
	status_put_number(object, "count", (int64_t)finding->count);
	status_put_number(object, "prefixes", (int64_t)audit_prefixes(auditing->audit, finding));
	json_object_object_add(object, "last", samples_of(finding));
	status_put_number(object, "first_sec_ago", seconds_since(finding->first_usec));
	status_put_number(object, "last_sec_ago", seconds_since(finding->last_usec));
	json_object_object_add(object, "problem", json_object_new_boolean(finding->is_problem));
	return object;
}

void auditing_put_status(const struct auditing *auditing, struct json_object *status)
{
	struct json_object *object = json_object_new_object();
	struct json_object *findings = json_object_new_array();
	const struct audit_finding *finding;
	struct listener_stats stats;

	listener_stats(auditing->listener, &stats);
	json_object_object_add(status, "audit", object);
	json_object_object_add(object, "listening", json_object_new_boolean(stats.is_listening));
	status_put_number(object, "packets", (int64_t)stats.packets);
	status_put_number(object, "missed", (int64_t)stats.missed);
	json_object_object_add(object, "findings", findings);
	for (size_t i = 0; (finding = audit_finding(auditing->audit, i)); i++)
		json_object_array_add(findings, finding_of(auditing, finding));
}
