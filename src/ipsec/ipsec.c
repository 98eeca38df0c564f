// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/parts.h"

#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool claims(void *userdata, const struct object *object)
{
	(void)userdata;
	return object->kind == OBJECT_IKE_DAEMON || object->kind == OBJECT_IKE_PPK ||
	       object->kind == OBJECT_IKE_CONNECTION;
}

static const struct ike_daemon *find_daemon(const struct state *intended)
{
	const struct object like = { .kind = OBJECT_IKE_DAEMON,
				     .ike_daemon.name = IKE_DAEMON_NAME };
	const struct object *object = state_find(intended, &like);

	return object ? &object->ike_daemon : NULL;
}

static const struct object *find_connection(const struct state *intended, const char *link)
{
	struct object like = { .kind = OBJECT_IKE_CONNECTION };

	(void)snprintf(like.ike_connection.link, sizeof(like.ike_connection.link), "%s", link);
	return state_find(intended, &like);
}

/*
 * As it is intended, as far as that is known: of the key what this process has given it, or will
 * give it as soon as it can.
 */
static void observe_daemon(const struct ipsec *ipsec, const struct ike_daemon *wanted,
			   struct state *operational)
{
	struct object object = { .kind = OBJECT_IKE_DAEMON,
				 .ike_daemon = { .name = IKE_DAEMON_NAME,
						 .kind = ipsec->kind->kind } };

	if (ipsec->kind->kind == IKE_DAEMON_SYSTEM)
		(void)snprintf(object.ike_daemon.socket, sizeof(object.ike_daemon.socket), "%s",
			       ipsec->kind->socket(ipsec));
	if (wanted) {
		if (ipsec->kind->is_as(ipsec, wanted)) {
			object.ike_daemon.port = wanted->port;
			object.ike_daemon.is_userspace = wanted->is_userspace;
		}
		if (!ipsec->has_key || !memcmp(ipsec->key, wanted->public_key, KEY_SIZE)) {
			memcpy(object.ike_daemon.public_key, wanted->public_key, KEY_SIZE);
			memcpy(object.ike_daemon.private_key, wanted->private_key, KEY_SIZE);
		}
	}
	(void)state_add(operational, &object);
	explicit_bzero(&object, sizeof(object));
}

/* Is @name what charon calls @wanted? */
static bool is_name_of(const struct ipsec *ipsec, const char *name, const struct object *wanted)
{
	const struct session *session =
		sessions_find(&ipsec->sessions, wanted->ike_connection.link);
	char text[IKE_NAME_SIZE];
	struct ike_name made;

	if (session && session_is_of(session, wanted))
		return !strcmp(session->text, name);
	ike_name_make(&wanted->ike_connection, &ipsec->sessions.offer, &made);
	return !strcmp(ike_name_format(&made, text), name);
}

static bool is_of_link(const struct ipsec *ipsec, size_t index, const char *link)
{
	struct ike_name name;

	return ike_name_parse(ipsec->names[index], &name) && !strcmp(name.link, link);
}

/* Of two with the same link, which stand side by side, neither is right: one has to go. */
static bool is_alone(const struct ipsec *ipsec, size_t index, const char *link)
{
	return !(index > 0 && is_of_link(ipsec, index - 1, link)) &&
	       !(index + 1 < ipsec->names_count && is_of_link(ipsec, index + 1, link));
}

/* Its inner address may have been taken from charon's device. */
static bool has_address(const struct inner_addresses *present, const struct object *wanted)
{
	const struct ip_address *address = &wanted->ike_connection.inner_address;

	for (size_t i = 0; i < present->count; i++)
		if (!ip_address_compare(&present->items[i], address))
			return true;
	return !ip_address_present(address);
}

static void observe_connection(const struct ipsec *ipsec, size_t index,
			       const struct inner_addresses *present, const struct state *intended,
			       struct state *operational)
{
	struct object object = { .kind = OBJECT_IKE_CONNECTION };
	const struct object *wanted;
	struct ike_name name;

	if (!ike_name_parse(ipsec->names[index], &name))
		return;
	memcpy(object.ike_connection.link, name.link, sizeof(object.ike_connection.link));
	wanted = find_connection(intended, name.link);
	if (wanted && is_name_of(ipsec, ipsec->names[index], wanted) &&
	    is_alone(ipsec, index, name.link) && has_address(present, wanted))
		object = *wanted;
	(void)state_add(operational, &object);
}

/* Until charon has told what it knows, it counts as what it should: it was left so. */
static void observe_unknown(const struct state *intended, struct state *operational)
{
	STATE_FOR_EACH(intended, OBJECT_IKE_CONNECTION, object)
	(void)state_add(operational, object);
}

/* Is what is left of a charon that does not run in the way of @wanted, or of nothing? */
static bool has_to_be_cleared_away(const struct ipsec *ipsec, const struct ike_daemon *wanted)
{
	const struct ipsec_kind *kind = ipsec->kind;
	bool is_same =
		wanted && wanted->kind == kind->kind &&
		(kind->kind == IKE_DAEMON_PRIVATE || !strcmp(wanted->socket, kind->socket(ipsec)));

	return !is_same && kind->has_remains(ipsec);
}

/*
 * A dead charon that is wanted is started again as if there was none. One that is not has left
 * files and SAs: it is reported, so that it is deleted.
 */
static int observe(void *userdata, const struct state *intended, struct state *operational,
		   struct error *error)
{
	CLEANUP(inner_addresses_done) struct inner_addresses present = { 0 };
	const struct ipsec *ipsec = userdata;

	(void)error;
	if (ipsec_pid(ipsec) == 0) {
		if (has_to_be_cleared_away(ipsec, find_daemon(intended)))
			observe_daemon(ipsec, NULL, operational);
		return 0;
	}
	ipsec_list_inner_addresses(ipsec, &present);
	observe_daemon(ipsec, find_daemon(intended), operational);
	ipsec_observe_ppks(ipsec, intended, operational);
	if (!ipsec->knows_names)
		observe_unknown(intended, operational);
	for (size_t i = 0; i < ipsec->names_count; i++)
		observe_connection(ipsec, i, &present, intended, operational);
	return 0;
}

/* charon does not take another port while it runs, nor another ESP; and is not another one. */
static bool can_update(void *userdata, const struct object *from, const struct object *to)
{
	(void)userdata;
	return from->kind != OBJECT_IKE_DAEMON ||
	       (from->ike_daemon.kind == to->ike_daemon.kind &&
		!strcmp(from->ike_daemon.socket, to->ike_daemon.socket) &&
		from->ike_daemon.port == to->ike_daemon.port &&
		from->ike_daemon.is_userspace == to->ike_daemon.is_userspace);
}

static int apply_daemon(struct ipsec *ipsec, const struct operation *operation, uint64_t id,
			struct error *error)
{
	switch (operation->type) {
	case OPERATION_CREATE:
		return ipsec_start(ipsec, &operation->to->ike_daemon, id, error);
	case OPERATION_UPDATE:
		return ipsec_give_key(ipsec, &operation->to->ike_daemon, id, error);
	case OPERATION_DELETE:
		return ipsec_stop(ipsec, id, error);
	}
	return -EINVAL;
}

static int apply_ppk(struct ipsec *ipsec, const struct operation *operation, uint64_t id,
		     struct error *error)
{
	switch (operation->type) {
	case OPERATION_CREATE:
	case OPERATION_UPDATE:
		return ipsec_load_ppk(ipsec, &operation->to->ike_ppk, id, error);
	case OPERATION_DELETE:
		return ipsec_unload_ppk(ipsec, operation->from->ike_ppk.id, id, error);
	}
	return -EINVAL;
}

static int apply_connection(struct ipsec *ipsec, const struct operation *operation, uint64_t id,
			    struct error *error)
{
	switch (operation->type) {
	case OPERATION_CREATE:
	case OPERATION_UPDATE:
		return ipsec_load(ipsec, &operation->to->ike_connection, id, error);
	case OPERATION_DELETE:
		return ipsec_unload(ipsec, operation->from->ike_connection.link, id, error);
	}
	return -EINVAL;
}

static int apply(void *userdata, const struct operation *operation, const struct state *intended,
		 uint64_t id, struct error *error)
{
	enum object_kind kind = operation_object(operation)->kind;
	struct ipsec *ipsec = userdata;

	(void)intended;
	if (kind == OBJECT_IKE_DAEMON)
		return apply_daemon(ipsec, operation, id, error);
	return kind == OBJECT_IKE_PPK ? apply_ppk(ipsec, operation, id, error)
				      : apply_connection(ipsec, operation, id, error);
}

struct backend ipsec_backend(struct ipsec *ipsec)
{
	return (struct backend) {
		.name = "ipsec",
		.userdata = ipsec,
		.claims = claims,
		.observe = observe,
		.can_update = can_update,
		.apply = apply,
	};
}

void ipsec_set_intended(struct ipsec *ipsec, const struct state *intended)
{
	const struct ike_daemon *daemon = find_daemon(intended);

	ipsec->is_followed = true;
	ipsec->has_daemon = daemon != NULL;
	explicit_bzero(&ipsec->daemon, sizeof(ipsec->daemon)); /* no key that is not needed */
	if (daemon)
		ipsec->daemon = *daemon;
	ipsec_follow_ppks(ipsec, intended);
	sessions_follow(&ipsec->sessions, intended, ipsec_now(), ipsec_random());
	ipsec_mark_loaded(ipsec);
	ipsec_introduce(ipsec);
	ipsec_want_list(ipsec);
}

uint64_t ipsec_writes(const struct ipsec *ipsec)
{
	return ipsec->writes;
}

int ipsec_new(const struct ipsec_options *options, struct ipsec **ret, struct error *error)
{
	CLEANUP(ipsec_free) struct ipsec *ipsec = NEW(struct ipsec);
	int result;

	ipsec->loop = options->loop;
	ipsec->spaces = options->spaces;
	ipsec->events = options->events;
	ipsec_open_timer(ipsec);
	result = ipsec_open_charon(ipsec, options, error);
	if (result < 0)
		return result;
	*ret = TAKE(ipsec);
	return 0;
}
