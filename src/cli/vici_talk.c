// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/vici_talk.h"

#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAS_MAX 100000 /* of a full mesh there are 2 * 10000, while all are made again */
#define LOOK_MS 20     /* at whether connecting has failed: the client does not tell, and retries */

struct talk {
	struct vici_client *client;
	uv_timer_t timer;
	bool is_over;
	int result;
	struct error *error;
	bool is_list; /* of SAs; else the log */
	struct vici_sas sas;
	vici_log_fn *log;
	void *userdata;
};

void vici_sas_done(struct vici_sas *sas)
{
	for (size_t i = 0; i < sas->count; i++)
		free(sas->items[i].bytes);
	free(sas->items);
	*sas = (struct vici_sas) { 0 };
}

static void finish(struct talk *talk, int result, const struct error *error)
{
	if (talk->is_over)
		return;
	talk->is_over = true;
	talk->result = result;
	if (result < 0 && talk->error)
		*talk->error = *error;
}

/* There is no connection, or none any more. */
static void lose(struct talk *talk, const char *why)
{
	struct error error;

	finish(talk, error_set(&error, -ECONNRESET, ERROR_CTL_DOWN, "charon", "%s", why), &error);
}

static void keep_sa(struct talk *talk, const char *name, const struct vici_section *section)
{
	struct vici_sa *sa = ARRAY_APPEND(talk->sas.items, talk->sas.count);

	(void)snprintf(sa->name, sizeof(sa->name), "%s", name);
	(void)vici_find_number(section, "uniqueid", 10, UINT64_MAX, &sa->unique_id);
	sa->size = section->size;
	sa->bytes = section->size ? memory_dup(section->bytes, section->size) : NULL;
}

static void on_sa(void *userdata, uint64_t id, const struct vici_section *part)
{
	struct talk *talk = userdata;
	struct vici_section rest = *part, section;
	char name[VICI_NAME_MAX + 1];
	struct error error;

	(void)id;
	while (!talk->is_over && vici_next_section(&rest, name, &section)) {
		if (talk->sas.count < SAS_MAX)
			keep_sa(talk, name, &section);
		else
			finish(talk,
			       error_set(&error, -E2BIG, ERROR_APPLY, "charon",
					 "has more than %d IKE_SAs", SAS_MAX),
			       &error);
	}
}

static void on_listed(void *userdata, uint64_t id, int result, const struct vici_section *reply,
		      const struct error *error)
{
	(void)id, (void)reply;
	if (result == -ECONNRESET)
		lose(userdata, error->text);
	else
		finish(userdata, result, error);
}

static void on_up(void *userdata)
{
	struct talk *talk = userdata;
	const struct vici_call call = {
		.command = "list-sas",
		.stream = "list-sa",
		.part = on_sa,
		.done = on_listed,
		.userdata = talk,
	};
	struct error error;
	int result;

	if (!talk->is_list)
		return;
	result = vici_client_call(talk->client, &call, &error);
	if (result < 0)
		finish(talk, result, &error);
}

static void on_down(void *userdata, const struct error *error)
{
	lose(userdata, error->text);
}

static void on_event(void *userdata, const char *name, const struct vici_section *message)
{
	struct talk *talk = userdata;

	if (!talk->is_over && talk->log && !strcmp(name, "log") &&
	    !talk->log(talk->userdata, message))
		finish(talk, 0, NULL);
}

static void on_look(uv_timer_t *timer)
{
	struct talk *talk = timer->data;

	if (vici_client_trouble(talk->client)[0])
		lose(talk, vici_client_trouble(talk->client));
}

static int run(const struct vici_place *place, const struct vici_event_name *events,
	       struct talk *talk)
{
	const struct vici_client_options options = {
		.loop = place->loop,
		.path = place->path,
		.events = events,
		.deadline_ms = place->deadline_ms,
	};
	const struct vici_client_callbacks callbacks = { talk, on_up, on_down, on_event };
	int result = vici_client_new(&options, &callbacks, &talk->client, talk->error);

	if (result < 0) {
		if (talk->error)
			talk->error->code = ERROR_CTL_DOWN;
		return result;
	}
	(void)uv_timer_init(place->loop, &talk->timer);
	talk->timer.data = talk;
	(void)uv_timer_start(&talk->timer, on_look, LOOK_MS, LOOK_MS);
	vici_client_start(talk->client);
	while (!talk->is_over)
		(void)uv_run(place->loop, UV_RUN_ONCE);
	vici_client_free(TAKE(talk->client));
	uv_close((uv_handle_t *)&talk->timer, NULL);
	(void)uv_run(place->loop, UV_RUN_NOWAIT); /* closes both */
	return talk->result;
}

static int compare_sas(const void *a, const void *b)
{
	const struct vici_sa *left = a, *right = b;
	int order = strcmp(left->name, right->name);

	if (order)
		return order;
	return (left->unique_id > right->unique_id) - (left->unique_id < right->unique_id);
}

int vici_list_sas(const struct vici_place *place, struct vici_sas *ret, struct error *error)
{
	static const struct vici_event_name events[] = { { "list-sa", false }, { NULL, false } };
	struct talk talk = { .error = error, .is_list = true };
	int result = run(place, events, &talk);

	if (result < 0) {
		vici_sas_done(&talk.sas);
		return result;
	}
	if (talk.sas.count)
		qsort(talk.sas.items, talk.sas.count, sizeof(*talk.sas.items), compare_sas);
	*ret = talk.sas;
	return 0;
}

int vici_follow_log(const struct vici_place *place, vici_log_fn *log, void *userdata,
		    struct error *error)
{
	static const struct vici_event_name events[] = { { "log", false }, { NULL, false } };
	struct talk talk = { .error = error, .log = log, .userdata = userdata };

	return run(place, events, &talk);
}
