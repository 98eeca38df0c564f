// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireguard/tunnels.h"

#include "base/memory.h"
#include "netlink/link.h"
#include "process/port.h"
#include "wireguard/access.h"
#include "wireguard/links.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static bool claims(void *userdata, const struct object *object)
{
	(void)userdata;
	return object->kind == OBJECT_WIREGUARD ||
	       (object->kind == OBJECT_LINK && object->link.kind == LINK_WIREGUARD_TUN);
}

static const struct wireguard *find_intended(const struct state *intended, const char *link)
{
	struct object key = { .kind = OBJECT_WIREGUARD };
	const struct object *found;

	(void)snprintf(key.wireguard.link, sizeof(key.wireguard.link), "%s", link);
	found = state_find(intended, &key);
	return found ? &found->wireguard : NULL;
}

static int observe_link(struct wireguard_tunnels *wireguard, const struct wireguard_link *link,
			const struct state *intended, struct state *operational,
			struct error *error)
{
	CLEANUP(wireguard_device_done) struct wireguard_device device = { 0 };
	CLEANUP(access_close) struct access access = { .fd = -1 };
	struct object object;
	int result;

	result = access_open(wireguard, link->name, link->is_tun, &access, error);
	if (result == 0)
		result = access_get(&access, &device, error);
	/*
	 * One process that hangs must not blind us to the others. Its device is not there; to make
	 * it fails, with the reason. A link of the kernel may vanish while we read.
	 */
	if (result < 0)
		return link->is_tun || result == -ENODEV ? 0 : result;
	if (link->is_tun)
		go_adopt(wireguard->go, link->name, access.fd);
	if (wireguard_device_is_blank(&device))
		return 0;
	wireguard_device_to_object(&device, link->name, &link->recorded,
				   find_intended(intended, link->name), &object);
	(void)state_add(operational, &object);
	explicit_bzero(&object, sizeof(object));
	return 0;
}

static int observe(void *userdata, const struct state *intended, struct state *operational,
		   struct error *error)
{
	struct wireguard_tunnels *wireguard = userdata;
	CLEANUP(free) struct wireguard_link *links = NULL;
	size_t count = 0;
	int result = wireguard_links_read(wireguard->spaces, &links, &count, error);

	/* The module may have been loaded anew since, and has another number then. */
	wireguard->family = 0;
	for (size_t i = 0; result == 0 && i < count; i++)
		result = observe_link(wireguard, &links[i], intended, operational, error);
	return result;
}

/* Keys, peer and port change in place. The kernel's and wireguard-go's links are different things.
 */
static bool can_update(void *userdata, const struct object *from, const struct object *to)
{
	(void)userdata;
	return from->kind != OBJECT_LINK || from->link.kind == to->link.kind;
}

static int apply_link(struct wireguard_tunnels *wireguard, const struct operation *operation,
		      uint64_t id, struct error *error)
{
	switch (operation->type) {
	case OPERATION_CREATE:
		return go_start(wireguard->go, &operation->to->link, id, error);
	case OPERATION_UPDATE:
		return link_adopt(wireguard->spaces, &operation->to->link, error);
	case OPERATION_DELETE:
		return go_stop(wireguard->go, operation->from->link.name, id, error);
	}
	return -EINVAL;
}

static int explain_taken_port(uint16_t port, struct error *error)
{
	char holder[128];

	port_describe_holder(port, holder, sizeof(holder));
	return error_set(error, -EADDRINUSE, ERROR_APPLY, NULL,
			 "UDP port %u is taken%s%s; free it, or change the send_port of the peer",
			 port, holder[0] ? " by " : "", holder);
}

static int send_change(struct wireguard_tunnels *wireguard, const struct access *access,
		       const struct wireguard_change *change, struct error *error)
{
	int result;

	if (wireguard_change_is_empty(change))
		return 0;
	wireguard->writes++;
	result = access_set(access, change, error);
	if (result == -EADDRINUSE && change->has_listen_port)
		return explain_taken_port(change->listen_port, error);
	return result;
}

/* Read again: a device that took the change without an error may still not be as it should. */
static int check_result(const struct access *access, const struct wireguard *intended,
			struct error *error)
{
	CLEANUP(wireguard_device_done) struct wireguard_device device = { 0 };
	CLEANUP(wireguard_change_done) struct wireguard_change left = { 0 };
	int result = access_get(access, &device, error);

	if (result < 0)
		return result;
	wireguard_change_make(&device, &intended->endpoint, intended, &left);
	if (left.has_listen_port)
		return explain_taken_port(intended->listen_port, error);
	if (!wireguard_change_is_empty(&left))
		return error_set(error, -EIO, ERROR_APPLY, NULL,
				 "the change was accepted without an error and not carried out%s",
				 left.adds_peer ? ": the peer is missing (is its key our own?)"
						: "");
	return 0;
}

/*
 * After the device, never before: a crash in between sends the endpoint once more, while the other
 * order would lose it.
 */
static int record_endpoint(struct wireguard_tunnels *wireguard, struct wireguard_link *link,
			   const struct ip_endpoint *endpoint, struct error *error)
{
	if (ip_endpoint_compare(&link->recorded, endpoint) == 0)
		return 0;
	link->recorded = *endpoint;
	return wireguard_link_record(wireguard->spaces, link, false, error);
}

static const struct link *find_intended_link(const struct state *intended, const char *link)
{
	struct object key = { .kind = OBJECT_LINK, .link.space = SPACE_OVERLAY };
	const struct object *found;

	(void)snprintf(key.link.name, sizeof(key.link.name), "%s", link);
	found = state_find(intended, &key);
	return found ? &found->link : NULL;
}

/*
 * The port of a device of the kernel, which it takes when it goes up, is somebody's. It is made
 * blank again, with any port: so whoever takes it up next does not fail, and the device does, here.
 */
static int give_up_port(struct wireguard_tunnels *wireguard, const struct access *access,
			const struct wireguard *intended, struct error *error)
{
	CLEANUP(wireguard_device_done) struct wireguard_device device = { 0 };
	CLEANUP(wireguard_change_done) struct wireguard_change change = { 0 };

	if (access_get(access, &device, NULL) == 0) {
		wireguard_change_make_blank(&device, &change);
		change.has_listen_port = true;
		(void)send_change(wireguard, access, &change, NULL);
	}
	return explain_taken_port(intended->listen_port, error);
}

/* A device that has just been made (netlink/link.c). */
static int take_up(struct wireguard_tunnels *wireguard, const struct access *access,
		   const struct wireguard *intended, struct error *error)
{
	struct netlink *netlink;
	int result = spaces_rtnetlink(wireguard->spaces, SPACE_OVERLAY, &netlink, error);

	if (result == 0)
		result = link_set_up(netlink, intended->link, true, error);
	return result == -EADDRINUSE ? give_up_port(wireguard, access, intended, error) : result;
}

/*
 * A device of the kernel that was blank, or not there, when it was observed: nothing is read before
 * or after, for with hundreds of tunnels that is most of the work. Should it not be as intended,
 * the next observation sees it, and configure() finds out why.
 */
static int configure_blank(struct wireguard_tunnels *wireguard, const struct wireguard *intended,
			   const struct link *link, struct error *error)
{
	static const struct wireguard_device blank;
	CLEANUP(wireguard_change_done) struct wireguard_change change = { 0 };
	CLEANUP(access_close) struct access access = { .fd = -1 };
	struct wireguard_link made = { .recorded = intended->endpoint };
	int result = access_open(wireguard, intended->link, false, &access, error);

	if (result < 0)
		return result;
	memcpy(made.name, intended->link, sizeof(made.name));
	memcpy(made.label, link->label, sizeof(made.label));
	wireguard_change_make(&blank, &intended->endpoint, intended, &change);
	result = send_change(wireguard, &access, &change, error);
	if (result == 0)
		result = wireguard_link_record(wireguard->spaces, &made, link->up, error);
	return result == -EADDRINUSE && link->up ? give_up_port(wireguard, &access, intended, error)
						 : result;
}

static int configure(struct wireguard_tunnels *wireguard, const struct wireguard *intended,
		     bool goes_up, struct error *error)
{
	CLEANUP(wireguard_device_done) struct wireguard_device device = { 0 };
	CLEANUP(wireguard_change_done) struct wireguard_change change = { 0 };
	CLEANUP(access_close) struct access access = { .fd = -1 };
	struct wireguard_link link;
	int result = wireguard_link_read(wireguard->spaces, intended->link, &link, error);

	if (result == 0)
		result = access_open(wireguard, link.name, link.is_tun, &access, error);
	if (result == 0)
		result = access_get(&access, &device, error);
	if (result < 0)
		return result;
	wireguard_change_make(&device, &link.recorded, intended, &change);
	result = send_change(wireguard, &access, &change, error);
	if (result == 0 && !wireguard_change_is_empty(&change))
		result = check_result(&access, intended, error);
	if (result == 0)
		result = record_endpoint(wireguard, &link, &intended->endpoint, error);
	if (result == 0 && goes_up && !link.is_up && !link.is_tun)
		result = take_up(wireguard, &access, intended, error);
	return result;
}

/* The link stays, so that only what is in it is taken away. */
static int unconfigure(struct wireguard_tunnels *wireguard, const char *name, struct error *error)
{
	CLEANUP(wireguard_device_done) struct wireguard_device device = { 0 };
	CLEANUP(wireguard_change_done) struct wireguard_change change = { 0 };
	CLEANUP(access_close) struct access access = { .fd = -1 };
	static const struct ip_endpoint none;
	struct wireguard_link link;
	int result = wireguard_link_read(wireguard->spaces, name, &link, error);

	if (result == -ENODEV || result == -ENOENT)
		return 0;
	if (result == 0)
		result = access_open(wireguard, link.name, link.is_tun, &access, error);
	if (result == 0)
		result = access_get(&access, &device, error);
	if (result < 0)
		return result;
	wireguard_change_make_blank(&device, &change);
	result = send_change(wireguard, &access, &change, error);
	return result < 0 ? result : record_endpoint(wireguard, &link, &none, error);
}

static int apply(void *userdata, const struct operation *operation, const struct state *intended,
		 uint64_t id, struct error *error)
{
	struct wireguard_tunnels *wireguard = userdata;
	const struct object *object = operation_object(operation);
	const struct link *link;
	int result;

	if (object->kind == OBJECT_LINK)
		return apply_link(wireguard, operation, id, error);
	link = find_intended_link(intended, object->wireguard.link);
	if (operation->type == OPERATION_DELETE)
		result = unconfigure(wireguard, object->wireguard.link, error);
	else if (operation->type == OPERATION_CREATE && link && link->kind == LINK_WIREGUARD)
		result = configure_blank(wireguard, &object->wireguard, link, error);
	else
		result = configure(wireguard, &object->wireguard, link && link->up, error);
	if (result < 0 && error && !error->place[0])
		error_prefix_place(error, object->wireguard.link);
	return result;
}

int wireguard_tunnels_new(uv_loop_t *loop, struct spaces *spaces, const char *runtime_dir,
			  const struct backend_events *events, struct wireguard_tunnels **ret,
			  struct error *error)
{
	char log_directory[PATH_MAX];
	struct go *go = NULL;
	int result;

	if (snprintf(log_directory, sizeof(log_directory), "%s/private/log", runtime_dir) >=
	    (int)sizeof(log_directory))
		return error_set(error, -ENAMETOOLONG, ERROR_FILE, NULL,
				 "the path of the runtime directory is too long");
	result = go_new(loop, spaces, log_directory, events, &go, error);
	if (result < 0)
		return result;
	*ret = NEW(struct wireguard_tunnels);
	(*ret)->spaces = spaces;
	(*ret)->go = go;
	return 0;
}

void wireguard_tunnels_free(struct wireguard_tunnels *wireguard)
{
	if (!wireguard)
		return;
	go_free(wireguard->go);
	free(wireguard);
}

struct backend wireguard_tunnels_backend(struct wireguard_tunnels *wireguard)
{
	return (struct backend) {
		.name = "wireguard",
		.userdata = wireguard,
		.claims = claims,
		.observe = observe,
		.can_update = can_update,
		.apply = apply,
	};
}

uint64_t wireguard_tunnels_writes(const struct wireguard_tunnels *wireguard)
{
	return wireguard->writes;
}

pid_t wireguard_tunnels_pid(const struct wireguard_tunnels *wireguard, const char *link)
{
	return go_pid(wireguard->go, link);
}
