// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/backends.h"

#include "netlink/link.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define LOOPBACK "lo"
#define NETNS_LABEL "netns"
#define NETNS_PATH_SIZE (sizeof(NETNS_DIRECTORY) + 1 + NAME_SIZE)

static void format_path(const char *name, char path[NETNS_PATH_SIZE])
{
	(void)snprintf(path, NETNS_PATH_SIZE, NETNS_DIRECTORY "/%s", name);
}

static bool namespace_claims(void *userdata, const struct object *object)
{
	(void)userdata;
	return object->kind == OBJECT_NETNS;
}

/* Is another namespace, or none, bound at the name now than the one that we hold open? */
static bool overlay_is_stale(struct spaces *spaces)
{
	CLEANUP(close) int fd = spaces_open_netns(spaces_netns_name(spaces));
	int held = spaces_fd(spaces, SPACE_OVERLAY);
	struct stat now, then;

	if (held < 0)
		return false;
	if (fd < 0 || fstat(fd, &now) < 0 || fstat(held, &then) < 0)
		return true;
	return now.st_dev != then.st_dev || now.st_ino != then.st_ino;
}

static bool carries_our_mark(const char *instance, const char *alias)
{
	char expected[LINK_ALIAS_SIZE];

	return !strcmp(alias, link_alias_format(instance, NETNS_LABEL, "", expected));
}

static int namespace_observe(void *userdata, const struct state *intended,
			     struct state *operational, struct error *error)
{
	struct spaces *spaces = userdata;
	struct object object = { .kind = OBJECT_NETNS, .netns.space = SPACE_OVERLAY };
	char alias[LINK_ALIAS_SIZE];
	int result;

	spaces_begin_observation(spaces);
	if (!spaces_netns_name(spaces))
		return 0;
	if (overlay_is_stale(spaces))
		spaces_forget_overlay(spaces);
	result = spaces_fd(spaces, SPACE_OVERLAY);
	if (result == -ENOENT)
		return 0;
	if (result >= 0)
		result = link_alias_read(spaces, SPACE_OVERLAY, LOOPBACK, alias, error);
	else
		(void)error_set(error, result, ERROR_APPLY, spaces_netns_name(spaces),
				"cannot open the network namespace: %s", strerror(-result));
	if (result < 0)
		return result;
	(void)snprintf(object.netns.name, sizeof(object.netns.name), "%s",
		       spaces_netns_name(spaces));
	object.foreign = !carries_our_mark(spaces_instance(spaces), alias);
	if (!object.foreign || state_find(intended, &object))
		(void)state_add(operational, &object);
	return 0;
}

static void namespace_observed(void *userdata)
{
	spaces_end_observation(userdata);
}

/* The name is part of the daemon's own configuration: a namespace cannot be renamed. */
static bool namespace_can_update(void *userdata, const struct object *from, const struct object *to)
{
	(void)userdata, (void)from, (void)to;
	return false;
}

/*
 * As iproute2 does: NETNS_DIRECTORY has to be a shared mount point, so that namespaces which are
 * bound there become visible in, and can be removed from, all mount namespaces.
 */
static int prepare_directory(struct error *error)
{
	if (mkdir(NETNS_DIRECTORY, 0755) < 0 && errno != EEXIST)
		return error_set(error, -errno, ERROR_APPLY, NETNS_DIRECTORY,
				 "cannot make this directory: %m");
	if (mount("", NETNS_DIRECTORY, "none", MS_SHARED | MS_REC, NULL) == 0)
		return 0;
	/* EINVAL: not a mount point yet. */
	if (errno != EINVAL ||
	    mount(NETNS_DIRECTORY, NETNS_DIRECTORY, "none", MS_BIND | MS_REC, NULL) < 0 ||
	    mount("", NETNS_DIRECTORY, "none", MS_SHARED | MS_REC, NULL) < 0)
		return error_set(error, -errno, ERROR_APPLY, NETNS_DIRECTORY,
				 "cannot make this directory a shared mount point: %m");
	return 0;
}

/* The mark has to be there before anybody can see the namespace, or a crash would orphan it. */
static int mark_and_bind(struct spaces *spaces, const char *path, struct error *error)
{
	CLEANUP(netlink_free) struct netlink *netlink = NULL;
	char alias[LINK_ALIAS_SIZE];
	int result = netlink_open(NETLINK_ROUTE, &netlink, error);

	link_alias_format(spaces_instance(spaces), NETNS_LABEL, "", alias);
	if (result == 0)
		result = link_set(netlink, LOOPBACK, &(struct link_settings) { .alias = alias },
				  error);
	if (result == 0)
		result = link_set_up(netlink, LOOPBACK, true, error);
	if (result == 0 && mount("/proc/thread-self/ns/net", path, "none", MS_BIND, NULL) < 0)
		result = error_set(error, -errno, ERROR_APPLY, path,
				   "cannot bind the network namespace here: %m");
	return result;
}

static int create_namespace(struct spaces *spaces, const char *name, struct error *error)
{
	CLEANUP(close) int fd = -1;
	char path[NETNS_PATH_SIZE];
	int result = prepare_directory(error);

	if (result < 0)
		return result;
	format_path(name, path);
	/* Without O_EXCL: an empty file may be left from a crash between here and the mount. */
	fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0);
	if (fd < 0)
		return error_set(error, -errno, ERROR_APPLY, path, "cannot make this file: %m");
	result = spaces_enter_new(spaces);
	if (result < 0) {
		(void)error_set(error, result, ERROR_APPLY, path,
				"cannot make a network namespace: %s", strerror(-result));
	} else {
		result = mark_and_bind(spaces, path, error);
		spaces_leave(spaces);
	}
	if (result < 0)
		(void)unlink(path);
	spaces_forget_overlay(spaces);
	return result;
}

static int delete_namespace(struct spaces *spaces, const char *name, struct error *error)
{
	char path[NETNS_PATH_SIZE];

	format_path(name, path);
	/* EINVAL: nothing is mounted here. */
	if (umount2(path, MNT_DETACH) < 0 && errno != EINVAL && errno != ENOENT)
		return error_set(error, -errno, ERROR_APPLY, path, "cannot unmount: %m");
	if (unlink(path) < 0 && errno != ENOENT)
		return error_set(error, -errno, ERROR_APPLY, path, "cannot remove: %m");
	/* The last references are ours: the kernel takes the links with the namespace. */
	spaces_forget_overlay(spaces);
	return 0;
}

static int namespace_apply(void *userdata, const struct operation *operation,
			   const struct state *intended, uint64_t id, struct error *error)
{
	struct spaces *spaces = userdata;
	const struct netns *netns = &operation_object(operation)->netns;

	(void)intended, (void)id;
	if (operation->type == OPERATION_DELETE)
		return delete_namespace(spaces, netns->name, error);
	if (spaces_fd(spaces, SPACE_OVERLAY) >= 0 && !overlay_is_stale(spaces))
		return 0;
	return create_namespace(spaces, netns->name, error);
}

void namespace_backend(struct spaces *spaces, struct backend *ret)
{
	*ret = (struct backend) {
		.name = "netns",
		.userdata = spaces,
		.claims = namespace_claims,
		.observe = namespace_observe,
		.observed = namespace_observed,
		.can_update = namespace_can_update,
		.apply = namespace_apply,
	};
}
