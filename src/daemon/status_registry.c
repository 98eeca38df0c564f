// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/status_registry.h"

#include "base/build.h"
#include "base/hex.h"
#include "base/timestamp.h"
#include "daemon/status_json.h"
#include "registry/freshness.h"

#include <stdio.h>
#include <time.h>

#define USEC_PER_SEC 1000000ull

static void put_time(struct json_object *object, const char *name, int64_t seconds)
{
	char text[TIMESTAMP_TEXT_SIZE];

	status_put_text(object, name, timestamp_format(seconds, text));
}

static void put_origin(struct json_object *object, const struct node_registry *registry)
{
	static const char *const expiry[] = {
		[EXPIRY_FRESH] = "fresh",
		[EXPIRY_STALE] = "stale",
		[EXPIRY_OVER] = "over",
	};
	const struct registry_origin *origin = &registry->registry->origin;
	char id[2 * sizeof(origin->mesh_id) + 1];

	status_put_text(object, "mesh", origin->mesh_name);
	status_put_text(object, "mesh_id",
			hex_format(origin->mesh_id, sizeof(origin->mesh_id), id));
	status_put_number(object, "mesh_version", (int64_t)origin->mesh_version);
	status_put_number(object, "manifest", (int64_t)origin->manifest_version);
	put_time(object, "issued", origin->issued);
	put_time(object, "expires", origin->expires);
	status_put_text(object, "expires_first", origin->expires_first);
	status_put_number(object, "expires_in_sec",
			  origin->expires -
				  freshness_now(time(NULL), origin->last_seen, build_date()));
	status_put_text(object, "expiry", expiry[registry->expiry]);
}

void status_put_registry(const struct node_registry *registry, struct json_object *status)
{
	struct json_object *object = json_object_new_object();
	char digest[2 * KEY_SIZE + 1];

	json_object_object_add(status, "registry", object);
	if (!registry->registry) {
		status_put_text(object, "state", "none");
		return;
	}
	status_put_text(object, "state", registry->registry->is_signed ? "signed" : "unsigned");
	status_put_number(object, "nodes", (int64_t)registry->registry->nodes_count);
	status_put_text(object, "sha256", hex_format(registry->digest, KEY_SIZE, digest));
	status_put_number(object, "loaded_sec_ago",
			  (int64_t)((uv_hrtime() / 1000 - registry->accepted_usec) / USEC_PER_SEC));
	if (registry->registry->is_signed)
		put_origin(object, registry);
}

void status_put_source(struct node *node, struct json_object *status)
{
	const char *name = node_config(node)->registry.source;
	const struct node_source *source = node_source(node);
	struct json_object *object, *age = NULL;

	if (!name)
		return;
	object = json_object_new_object();
	json_object_object_add(status, "source", object);
	status_put_text(object, "source", name);
	if (source->succeeded_usec)
		age = json_object_new_int64(
			(int64_t)((uv_hrtime() / 1000 - source->succeeded_usec) / USEC_PER_SEC));
	json_object_object_add(object, "success_sec_ago", age);
}

static void put_problem(struct json_object *problems, enum error_code code, const char *text)
{
	struct json_object *object = status_append_object(problems);

	status_put_text(object, "object", error_code_name(code));
	status_put_text(object, "text", text);
}

void status_put_registry_problems(const struct node_registry *registry,
				  struct json_object *problems)
{
	char line[ERROR_LINE_SIZE], since[TIMESTAMP_TEXT_SIZE];

	if (registry->problem.code != ERROR_NONE) {
		put_problem(problems, registry->problem.code,
			    error_format(&registry->problem, line, sizeof(line)));
	}
	if (registry->expiry == EXPIRY_OVER) {
		const struct registry_origin *origin = &registry->registry->origin;

		(void)snprintf(line, sizeof(line),
			       "%s expired %s, the tunnels are down (on_expiry); load a newer "
			       "registry",
			       origin->expires_first, timestamp_format(origin->expires, since));
		put_problem(problems, ERROR_EXPIRED, line);
	}
}

void status_put_source_problem(struct node *node, struct json_object *problems)
{
	const struct node_source *source = node_source(node);
	const char *name = node_config(node)->registry.source;
	char line[ERROR_LINE_SIZE], text[2 * ERROR_LINE_SIZE], age[48] = "never worked";

	if (source->problem.code == ERROR_NONE)
		return;
	if (source->succeeded_usec)
		(void)snprintf(age, sizeof(age), "last worked %llu s ago",
			       (unsigned long long)((uv_hrtime() / 1000 - source->succeeded_usec) /
						    USEC_PER_SEC));
	(void)snprintf(text, sizeof(text), "source %.500s (%s): %s", name ? name : "", age,
		       error_format(&source->problem, line, sizeof(line)));
	put_problem(problems, source->problem.code, text);
}
