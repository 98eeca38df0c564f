// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/parts.h"

#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More than any registry has; charon's reply has a limit of its own. */
#define NAMES_MAX 65536

void ipsec_forget_names(struct ipsec *ipsec)
{
	free(TAKE(ipsec->names));
	ipsec->names_count = 0;
	ipsec->knows_names = false;
	for (size_t i = 0; i < ipsec->sessions.count; i++)
		ipsec->sessions.items[i].is_loaded = false;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void sort_names(struct ipsec *ipsec)
{
	if (ipsec->names_count)
		qsort(ipsec->names, ipsec->names_count, sizeof(*ipsec->names), compare_names);
}

static bool knows(const struct ipsec *ipsec, const char *name)
{
	return ipsec->names_count && bsearch(name, ipsec->names, ipsec->names_count,
					     sizeof(*ipsec->names), compare_names);
}

static void add_name(struct ipsec *ipsec, const char *name)
{
	if (knows(ipsec, name))
		return;
	(void)snprintf(*ARRAY_APPEND(ipsec->names, ipsec->names_count), IKE_NAME_SIZE, "%s", name);
	sort_names(ipsec);
}

/* What was dialled by a connection that is not there any more leads nowhere. */
static void begin_anew(struct session *session)
{
	session->is_loaded = false;
	if (session->dial.state != DIAL_UP)
		dial_reset(&session->dial, ipsec_now(), ipsec_random());
}

static void mark_loaded(const struct ipsec *ipsec, struct session *session)
{
	bool is_loaded = knows(ipsec, session->text);

	if (session->is_loaded && !is_loaded)
		begin_anew(session);
	session->is_loaded = is_loaded;
}

void ipsec_mark_loaded(struct ipsec *ipsec)
{
	for (size_t i = 0; i < ipsec->sessions.count; i++)
		mark_loaded(ipsec, &ipsec->sessions.items[i]);
}

/* Of connections of ours, sorted. */
static void read_names(const struct vici_section *reply, char (**ret)[IKE_NAME_SIZE],
		       size_t *ret_count)
{
	struct vici_section rest;
	struct vici_value item;
	struct ike_name parsed;

	if (!vici_find_list(reply, "conns", &rest))
		return;
	while (*ret_count < NAMES_MAX && vici_next_item(&rest, &item)) {
		char name[IKE_NAME_SIZE];

		if (item.size >= sizeof(name))
			continue; /* a stranger's */
		memcpy(name, item.bytes, item.size);
		name[item.size] = '\0';
		if (ike_name_parse(name, &parsed))
			(void)snprintf(*ARRAY_APPEND(*ret, *ret_count), IKE_NAME_SIZE, "%s", name);
	}
	if (*ret_count)
		qsort(*ret, *ret_count, sizeof(**ret), compare_names);
}

static bool are_known(const struct ipsec *ipsec, char (*names)[IKE_NAME_SIZE], size_t count)
{
	if (!ipsec->knows_names || count != ipsec->names_count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], ipsec->names[i]) != 0)
			return false;
	return true;
}

static void on_names(void *userdata, uint64_t id, int result, const struct vici_section *reply,
		     const struct error *error)
{
	struct ipsec *ipsec = userdata;
	char(*names)[IKE_NAME_SIZE] = NULL;
	size_t count = 0;
	bool was_known;

	(void)id, (void)error;
	if (result < 0)
		return;
	read_names(reply, &names, &count);
	was_known = are_known(ipsec, names, count);
	free(ipsec->names);
	ipsec->names = names;
	ipsec->names_count = count;
	ipsec->knows_names = true;
	ipsec_mark_loaded(ipsec);
	if (was_known)
		return;
	ipsec_want_list(ipsec);
	ipsec->events.dirty(ipsec->events.userdata, "charon answers");
}

void ipsec_unload_all(struct ipsec *ipsec, const struct vici_section *reply)
{
	CLEANUP(free) char(*names)[IKE_NAME_SIZE] = NULL;
	size_t count = 0;

	read_names(reply, &names, &count);
	for (size_t i = 0; i < count; i++)
		(void)ask_unload_connection(ipsec->client, names[i], (struct ask_answer) { 0 },
					    NULL);
	ipsec->writes += count;
	ipsec_forget_names(ipsec);
	ipsec->knows_names = true;
}

void ipsec_load_anew(struct ipsec *ipsec)
{
	ipsec_forget_names(ipsec);
	ipsec->knows_names = true;
	for (size_t i = 0; i < ipsec->sessions.count; i++)
		begin_anew(&ipsec->sessions.items[i]);
	ipsec->events.dirty(ipsec->events.userdata, "somebody has taken keys from charon");
}

void ipsec_ask_names(struct ipsec *ipsec)
{
	const struct ask_answer answer = { on_names, ipsec, 0 };

	(void)ask_connections(ipsec->client, answer);
}

/* All names of @link but @kept are taken from charon. Their SAs stay. */
static void unload_others(struct ipsec *ipsec, const char *link, const char *kept)
{
	size_t count = 0;

	for (size_t i = 0; i < ipsec->names_count; i++) {
		struct ike_name name;

		if (ike_name_parse(ipsec->names[i], &name) && !strcmp(name.link, link) &&
		    (!kept || strcmp(ipsec->names[i], kept) != 0)) {
			ipsec->writes++;
			(void)ask_unload_connection(ipsec->client, ipsec->names[i],
						    (struct ask_answer) { 0 }, NULL);
			continue;
		}
		if (count != i)
			memcpy(ipsec->names[count], ipsec->names[i], sizeof(ipsec->names[i]));
		count++;
	}
	ipsec->names_count = count;
}

static bool take_loading(struct ipsec *ipsec, uint64_t id, char ret[IKE_NAME_SIZE])
{
	for (size_t i = 0; i < ipsec->loadings_count; i++) {
		if (ipsec->loadings[i].id != id)
			continue;
		memcpy(ret, ipsec->loadings[i].name, IKE_NAME_SIZE);
		ipsec->loadings[i] = ipsec->loadings[--ipsec->loadings_count];
		return true;
	}
	return false;
}

static void on_loaded(void *userdata, uint64_t id, int result, const struct vici_section *reply,
		      const struct error *error)
{
	struct ipsec *ipsec = userdata;
	char name[IKE_NAME_SIZE];
	struct ike_name parsed;

	(void)reply;
	if (result == -ECANCELED || !take_loading(ipsec, id, name))
		return;
	if (result == 0 && ike_name_parse(name, &parsed)) {
		add_name(ipsec, name);
		unload_others(ipsec, parsed.link, name);
		ipsec_mark_loaded(ipsec);
		ipsec_want_list(ipsec);
	}
	ipsec->events.done(ipsec->events.userdata, id, result, error);
}

int ipsec_load(struct ipsec *ipsec, const struct ike_connection *connection, uint64_t id,
	       struct error *error)
{
	const struct ask_answer answer = { on_loaded, ipsec, id };
	struct ike_name name;
	struct loading *loading;
	int result = ipsec_add_inner_address(ipsec, connection, error);

	if (result == 0)
		result = ask_load_connection(ipsec->client, connection, &ipsec->sessions.offer,
					     NULL, answer, error);
	if (result < 0)
		return result;
	ipsec->writes++;
	loading = ARRAY_APPEND(ipsec->loadings, ipsec->loadings_count);
	loading->id = id;
	ike_name_make(connection, &ipsec->sessions.offer, &name);
	ike_name_format(&name, loading->name);
	return -EINPROGRESS;
}

static void on_unloaded(void *userdata, uint64_t id, int result, const struct vici_section *reply,
			const struct error *error)
{
	struct ipsec *ipsec = userdata;

	(void)reply, (void)error;
	if (result == -ECANCELED)
		return;
	ipsec_sweep_inner_addresses(ipsec);
	ipsec_want_list(ipsec);
	/* No SA, and no charon any more, are as good. */
	ipsec->events.done(ipsec->events.userdata, id, 0, NULL);
}

/* First the connection, so that the peer's next try finds nothing, then its SAs. */
int ipsec_unload(struct ipsec *ipsec, const char *link, uint64_t id, struct error *error)
{
	const struct ask_answer answer = { on_unloaded, ipsec, id };

	if (ipsec_pid(ipsec) == 0)
		return 0;
	if (!vici_client_is_up(ipsec->client))
		return error_set(error, -EAGAIN, ERROR_APPLY, link, "charon cannot be asked: %s",
				 ipsec_silence(ipsec));
	unload_others(ipsec, link, NULL);
	for (size_t i = 0; i < ipsec->list.count; i++) {
		struct ike_name name;

		if (ike_name_parse(ipsec->list.items[i].connection, &name) &&
		    !strcmp(name.link, link))
			(void)ask_terminate(ipsec->client, ipsec->list.items[i].unique_id, false);
	}
	/* Carried out in order: this one's answer is the last. */
	return ask_connections(ipsec->client, answer) < 0 ? -EAGAIN : -EINPROGRESS;
}
