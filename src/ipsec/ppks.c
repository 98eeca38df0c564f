// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/parts.h"

#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Three days of two secrets, and what a former daemon has left. */
#define PPKS_MAX 64

void ipsec_forget_ppks(struct ipsec *ipsec)
{
	free(TAKE(ipsec->ppks));
	ipsec->ppks_count = 0;
	ipsec->knows_ppks = false;
}

static bool is_known(const struct ipsec *ipsec, const char *name)
{
	for (size_t i = 0; i < ipsec->ppks_count; i++)
		if (!strcmp(ipsec->ppks[i], name))
			return true;
	return false;
}

static void add(struct ipsec *ipsec, const char *name)
{
	if (!is_known(ipsec, name))
		(void)snprintf(*ARRAY_APPEND(ipsec->ppks, ipsec->ppks_count), PPK_NAME_SIZE, "%s",
			       name);
}

/* Before the digest; all of it if there is none. */
static size_t id_length(const char *name)
{
	return strcspn(name, (const char[]) { PPK_NAME_DIGEST, '\0' });
}

static bool has_id(const char *name, const char *id)
{
	size_t length = id_length(name);

	return length == strlen(id) && !memcmp(name, id, length);
}

static bool is_ours(const struct vici_value *item)
{
	size_t length = strlen(IKE_PPK_ID_PREFIX);

	return item->size < PPK_NAME_SIZE && item->size > length &&
	       !memcmp(item->bytes, IKE_PPK_ID_PREFIX, length) &&
	       !memchr(item->bytes, '\0', item->size);
}

/* Takes the names of a list of charon's. */
static void take(struct ipsec *ipsec, const struct vici_section *reply)
{
	struct vici_section rest;
	struct vici_value item;

	if (!vici_find_list(reply, "keys", &rest))
		return;
	while (ipsec->ppks_count < PPKS_MAX && vici_next_item(&rest, &item)) {
		char name[PPK_NAME_SIZE];

		if (!is_ours(&item))
			continue;
		(void)snprintf(name, sizeof(name), "%.*s", (int)item.size,
			       (const char *)item.bytes);
		if (id_length(name) < IKE_PPK_ID_SIZE)
			add(ipsec, name);
	}
}

static void on_ppks(void *userdata, uint64_t id, int result, const struct vici_section *reply,
		    const struct error *error)
{
	struct ipsec *ipsec = userdata;
	CLEANUP(free) char(*before)[PPK_NAME_SIZE] = NULL;
	size_t before_count = ipsec->ppks_count;
	bool is_news = !ipsec->knows_ppks;

	(void)error;
	if (result < 0)
		return;
	/* What was given or taken away since then is not in it. */
	if (id != ipsec->ppk_writes) {
		ipsec_ask_ppks(ipsec);
		return;
	}
	before = TAKE(ipsec->ppks);
	ipsec->ppks_count = 0;
	take(ipsec, reply);
	ipsec->knows_ppks = true;
	is_news = is_news || ipsec->ppks_count != before_count;
	for (size_t i = 0; i < before_count; i++)
		is_news = is_news || !is_known(ipsec, before[i]);
	if (is_news)
		ipsec->events.dirty(ipsec->events.userdata, "charon answers");
}

void ipsec_ask_ppks(struct ipsec *ipsec)
{
	const struct ask_answer answer = { on_ppks, ipsec, ipsec->ppk_writes };

	(void)ask_ppks(ipsec->client, answer);
}

void ipsec_unload_ppks(struct ipsec *ipsec)
{
	for (size_t i = 0; i < ipsec->ppks_count; i++)
		(void)ask_unload_ppk(ipsec->client, ipsec->ppks[i], (struct ask_answer) { 0 },
				     NULL);
	ipsec->writes += ipsec->ppks_count;
	ipsec->ppk_writes += ipsec->ppks_count;
	ipsec_forget_ppks(ipsec);
}

static void on_changed(void *userdata, uint64_t id, int result, const struct vici_section *reply,
		       const struct error *error)
{
	struct ipsec *ipsec = userdata;

	(void)reply;
	if (result == -ECANCELED)
		return;
	/* It is as it was, whatever that is. */
	if (result < 0)
		ipsec_ask_ppks(ipsec);
	ipsec_want_list(ipsec); /* somebody may have waited for it, to dial */
	ipsec->events.done(ipsec->events.userdata, id, result, error);
}

/*
 * Takes away what charon has by this id, but for the name @spared (NULL: none); mostly that is one,
 * and the first is answered to @answer. Returns how many, or a negative error.
 */
static int unload(struct ipsec *ipsec, const char *ppk_id, const char *spared,
		  struct ask_answer answer, struct error *error)
{
	int count = 0;

	for (size_t i = ipsec->ppks_count; i-- > 0;) {
		const char *name = ipsec->ppks[i];
		int result;

		if (!has_id(name, ppk_id) || (spared && !strcmp(name, spared)))
			continue;
		result = ask_unload_ppk(ipsec->client, name, answer, error);
		if (result < 0)
			return result;
		answer = (struct ask_answer) { 0 };
		ipsec->writes++;
		ipsec->ppk_writes++;
		ipsec->ppks_count--;
		memmove(ipsec->ppks[i], ipsec->ppks[ipsec->ppks_count], PPK_NAME_SIZE);
		count++;
	}
	return count;
}

/* That it is offered, or not any more, is nothing to charon. */
int ipsec_load_ppk(struct ipsec *ipsec, const struct ike_ppk *ppk, uint64_t id, struct error *error)
{
	const struct ask_answer answer = { on_changed, ipsec, id };
	char name[PPK_NAME_SIZE];
	int result;

	(void)ask_ppk_name(ppk, name);
	result = unload(ipsec, ppk->id, name, (struct ask_answer) { 0 }, error);
	if (result < 0)
		return result;
	if (is_known(ipsec, name))
		return 0;
	result = ask_load_ppk(ipsec->client, ppk, answer, error);
	if (result < 0)
		return result;
	ipsec->writes++;
	ipsec->ppk_writes++;
	add(ipsec, name); /* what is asked next is carried out after it */
	return -EINPROGRESS;
}

int ipsec_unload_ppk(struct ipsec *ipsec, const char *ppk_id, uint64_t id, struct error *error)
{
	const struct ask_answer answer = { on_changed, ipsec, id };
	int result;

	if (ipsec_pid(ipsec) == 0)
		return 0;
	result = unload(ipsec, ppk_id, NULL, answer, error);
	return result > 0 ? -EINPROGRESS : result;
}

static size_t count_of(const struct ipsec *ipsec, const char *ppk_id)
{
	size_t count = 0;

	for (size_t i = 0; i < ipsec->ppks_count; i++)
		count += has_id(ipsec->ppks[i], ppk_id);
	return count;
}

static void observe(const struct ipsec *ipsec, const char *name, const struct state *intended,
		    struct state *operational)
{
	struct object object = { .kind = OBJECT_IKE_PPK };
	const struct object *wanted;
	char wanted_name[PPK_NAME_SIZE];

	memcpy(object.ike_ppk.id, name, id_length(name));
	wanted = state_find(intended, &object);
	if (wanted && !strcmp(ask_ppk_name(&wanted->ike_ppk, wanted_name), name) &&
	    count_of(ipsec, wanted->ike_ppk.id) == 1)
		object = *wanted;
	(void)state_add(operational, &object);
	explicit_bzero(&object, sizeof(object));
}

void ipsec_observe_ppks(const struct ipsec *ipsec, const struct state *intended,
			struct state *operational)
{
	if (!ipsec->knows_ppks)
		STATE_FOR_EACH(intended, OBJECT_IKE_PPK, object)
	(void)state_add(operational, object);
	for (size_t i = 0; ipsec->knows_ppks && i < ipsec->ppks_count; i++)
		observe(ipsec, ipsec->ppks[i], intended, operational);
}

void ipsec_follow_ppks(struct ipsec *ipsec, const struct state *intended)
{
	ipsec->ppk_id[0] = '\0';
	STATE_FOR_EACH(intended, OBJECT_IKE_PPK, object)
	if (object->ike_ppk.is_offered) {
		memcpy(ipsec->ppk_id, object->ike_ppk.id, sizeof(ipsec->ppk_id));
		(void)ask_ppk_name(&object->ike_ppk, ipsec->ppk_name);
	}
}

const char *ipsec_ppk_to_offer(const struct ipsec *ipsec, const struct ike_connection *connection)
{
	return connection->ppk != IKE_PPK_NONE && ipsec->ppk_id[0] ? ipsec->ppk_id : NULL;
}

bool ipsec_awaits_ppk(const struct ipsec *ipsec, const struct ike_connection *connection)
{
	return ipsec_ppk_to_offer(ipsec, connection) && !is_known(ipsec, ipsec->ppk_name);
}
