// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/parts.h"

#include "base/memory.h"
#include "crypto/crypto.h"

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

static struct known_ppk *find_among(struct known_ppk *ppks, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(ppks[i].id, id))
			return &ppks[i];
	return NULL;
}

static struct known_ppk *find(const struct ipsec *ipsec, const char *id)
{
	return find_among(ipsec->ppks, ipsec->ppks_count, id);
}

/* Has this process given the key itself? */
static bool is_known(const struct known_ppk *known, const struct ike_ppk *ppk)
{
	uint8_t digest[CRYPTO_KEY_SIZE];

	crypto_sha256(ppk->key, sizeof(ppk->key), digest);
	return known && known->is_given && !memcmp(known->digest, digest, sizeof(digest));
}

static struct known_ppk *add(struct ipsec *ipsec, const char *id)
{
	struct known_ppk *known = find(ipsec, id);

	if (known)
		return known;
	known = ARRAY_APPEND(ipsec->ppks, ipsec->ppks_count);
	(void)snprintf(known->id, sizeof(known->id), "%s", id);
	return known;
}

static void drop(struct ipsec *ipsec, const char *id)
{
	struct known_ppk *known = find(ipsec, id);

	if (known)
		*known = ipsec->ppks[--ipsec->ppks_count];
}

static bool is_ours(const struct vici_value *item)
{
	size_t length = strlen(IKE_PPK_ID_PREFIX);

	return item->size < IKE_PPK_ID_SIZE && item->size > length &&
	       !memcmp(item->bytes, IKE_PPK_ID_PREFIX, length) &&
	       !memchr(item->bytes, '\0', item->size);
}

static void on_ppks(void *userdata, uint64_t id, int result, const struct vici_section *reply,
		    const struct error *error)
{
	struct ipsec *ipsec = userdata;
	CLEANUP(free) struct known_ppk *before = NULL;
	size_t before_count = ipsec->ppks_count, kept = 0;
	bool was_known = ipsec->knows_ppks;
	struct vici_section rest;
	struct vici_value item;

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
	if (vici_find_list(reply, "keys", &rest))
		while (ipsec->ppks_count < PPKS_MAX && vici_next_item(&rest, &item)) {
			char text[IKE_PPK_ID_SIZE];
			const struct known_ppk *given;
			struct known_ppk *known;

			if (!is_ours(&item))
				continue;
			(void)snprintf(text, sizeof(text), "%.*s", (int)item.size,
				       (const char *)item.bytes);
			known = add(ipsec, text);
			given = find_among(before, before_count, text);
			if (given)
				*known = *given;
			kept += known->is_given;
		}
	ipsec->knows_ppks = true;
	if (!was_known || kept != before_count || kept != ipsec->ppks_count)
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
		(void)ask_unload_ppk(ipsec->client, ipsec->ppks[i].id, (struct ask_answer) { 0 },
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

int ipsec_load_ppk(struct ipsec *ipsec, const struct ike_ppk *ppk, uint64_t id, struct error *error)
{
	const struct ask_answer answer = { on_changed, ipsec, id };
	struct known_ppk *known = find(ipsec, ppk->id);
	int result;

	/* That it is offered, or not any more, is nothing to charon. */
	if (is_known(known, ppk))
		return 0;
	result = ask_load_ppk(ipsec->client, ppk, answer, error);
	if (result < 0)
		return result;
	ipsec->writes++;
	ipsec->ppk_writes++;
	known = add(ipsec, ppk->id);
	known->is_given = true; /* what is asked next is carried out after it */
	crypto_sha256(ppk->key, sizeof(ppk->key), known->digest);
	return -EINPROGRESS;
}

int ipsec_unload_ppk(struct ipsec *ipsec, const char *ppk_id, uint64_t id, struct error *error)
{
	const struct ask_answer answer = { on_changed, ipsec, id };
	int result;

	if (ipsec_pid(ipsec) == 0)
		return 0;
	result = ask_unload_ppk(ipsec->client, ppk_id, answer, error);
	if (result < 0)
		return result;
	ipsec->writes++;
	ipsec->ppk_writes++;
	drop(ipsec, ppk_id);
	return -EINPROGRESS;
}

static void observe(const struct known_ppk *known, const struct state *intended,
		    struct state *operational)
{
	struct object object = { .kind = OBJECT_IKE_PPK };
	const struct object *wanted;

	memcpy(object.ike_ppk.id, known->id, sizeof(object.ike_ppk.id));
	wanted = state_find(intended, &object);
	if (wanted && is_known(known, &wanted->ike_ppk))
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
		observe(&ipsec->ppks[i], intended, operational);
}

void ipsec_follow_ppks(struct ipsec *ipsec, const struct state *intended)
{
	ipsec->ppk_id[0] = '\0';
	STATE_FOR_EACH(intended, OBJECT_IKE_PPK, object)
	if (object->ike_ppk.is_offered)
		memcpy(ipsec->ppk_id, object->ike_ppk.id, sizeof(ipsec->ppk_id));
}

const char *ipsec_ppk_to_offer(const struct ipsec *ipsec, const struct ike_connection *connection)
{
	return connection->ppk != IKE_PPK_NONE && ipsec->ppk_id[0] ? ipsec->ppk_id : NULL;
}

bool ipsec_awaits_ppk(const struct ipsec *ipsec, const struct ike_connection *connection)
{
	const char *id = ipsec_ppk_to_offer(ipsec, connection);
	const struct known_ppk *known = id ? find(ipsec, id) : NULL;

	return id && !(known && known->is_given);
}
