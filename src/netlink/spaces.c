// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/spaces.h"

#include "base/log.h"
#include "base/memory.h"
#include "netlink/link_info.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>

#define SPACES 2
#define NETNS_PATH_SIZE (sizeof(NETNS_DIRECTORY) + 1 + NAME_SIZE)

struct sockets {
	int fd; /* of the namespace, or -1 */
	struct netlink *rtnetlink;
	struct netlink *generic;
	struct link_infos links;
	bool has_links; /* of this observation */
};

struct spaces {
	char *instance;
	char *netns_name; /* NULL in VRF mode */
	uint32_t overlay_table;
	struct sockets sockets[SPACES];
	struct netlink *xfrm; /* of the underlay */
	bool is_observing;
	bool away; /* between spaces_enter() and spaces_leave(), elsewhere */
};

static void forget_links(struct sockets *sockets)
{
	link_infos_done(&sockets->links);
	sockets->has_links = false;
}

static void close_sockets(struct sockets *sockets)
{
	forget_links(sockets);
	netlink_free(TAKE(sockets->rtnetlink));
	netlink_free(TAKE(sockets->generic));
	if (sockets->fd >= 0)
		(void)close(take_fd(&sockets->fd));
}

static int spaces_make(const char *instance, const char *netns_name, uint32_t overlay_table,
		       struct spaces **ret, struct error *error)
{
	CLEANUP(spaces_free) struct spaces *spaces = NEW(struct spaces);

	spaces->sockets[SPACE_UNDERLAY].fd = -1;
	spaces->sockets[SPACE_OVERLAY].fd = -1;
	spaces->instance = memory_strdup(instance);
	spaces->overlay_table = overlay_table;
	if (netns_name)
		spaces->netns_name = memory_strdup(netns_name);
	/* Of this thread: /proc/self is the main thread's, wherever we are. */
	spaces->sockets[SPACE_UNDERLAY].fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (spaces->sockets[SPACE_UNDERLAY].fd < 0)
		return error_set(error, -errno, ERROR_FILE, "/proc/thread-self/ns/net",
				 "cannot open the network namespace of the underlay: %m");
	*ret = TAKE(spaces);
	return 0;
}

int spaces_new(const char *instance, const char *netns_name, struct spaces **ret,
	       struct error *error)
{
	return spaces_make(instance, netns_name, ROUTE_TABLE_MAIN, ret, error);
}

int spaces_new_vrf(const char *instance, uint32_t table, struct spaces **ret, struct error *error)
{
	return spaces_make(instance, NULL, table, ret, error);
}

void spaces_free(struct spaces *spaces)
{
	if (!spaces)
		return;
	close_sockets(&spaces->sockets[SPACE_OVERLAY]);
	close_sockets(&spaces->sockets[SPACE_UNDERLAY]);
	netlink_free(spaces->xfrm);
	free(spaces->instance);
	free(spaces->netns_name);
	free(spaces);
}

const char *spaces_instance(const struct spaces *spaces)
{
	return spaces->instance;
}

const char *spaces_netns_name(const struct spaces *spaces)
{
	return spaces->netns_name;
}

uint32_t spaces_overlay_table(const struct spaces *spaces)
{
	return spaces->overlay_table;
}

/* In VRF mode the overlay is in the namespace of the underlay. */
static struct sockets *sockets_of(struct spaces *spaces, enum space space)
{
	return &spaces->sockets[spaces->netns_name ? space : SPACE_UNDERLAY];
}

int spaces_open_netns(const char *name)
{
	CLEANUP(close) int fd = -1;
	char path[NETNS_PATH_SIZE];
	struct statfs status;

	(void)snprintf(path, sizeof(path), NETNS_DIRECTORY "/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	if (fstatfs(fd, &status) < 0)
		return -errno;
	/* The empty file on which a namespace was to be bound, or was. */
	if (status.f_type != NSFS_MAGIC)
		return -ENOENT;
	return take_fd(&fd);
}

int spaces_fd(struct spaces *spaces, enum space space)
{
	struct sockets *sockets = sockets_of(spaces, space);
	int fd;

	if (sockets->fd >= 0)
		return sockets->fd;
	fd = spaces_open_netns(spaces->netns_name);
	if (fd >= 0)
		sockets->fd = fd;
	return fd;
}

int spaces_enter(struct spaces *spaces, enum space space)
{
	int fd = spaces_fd(spaces, space);

	assert(!spaces->away);
	if (fd < 0)
		return fd;
	if (fd == spaces->sockets[SPACE_UNDERLAY].fd)
		return 0;
	if (setns(fd, CLONE_NEWNET) < 0)
		return -errno;
	spaces->away = true;
	return 0;
}

int spaces_enter_new(struct spaces *spaces)
{
	assert(!spaces->away);
	if (unshare(CLONE_NEWNET) < 0)
		return -errno;
	spaces->away = true;
	return 0;
}

void spaces_leave(struct spaces *spaces)
{
	if (!spaces->away)
		return;
	if (setns(spaces->sockets[SPACE_UNDERLAY].fd, CLONE_NEWNET) < 0) {
		log_error("cannot return to the network namespace of the underlay: %m");
		abort();
	}
	spaces->away = false;
}

static int open_socket(struct spaces *spaces, enum space space, int protocol, struct netlink **ret,
		       struct error *error)
{
	int result = spaces_enter(spaces, space);

	if (result < 0)
		return error_set(error, result, ERROR_APPLY, NULL,
				 "cannot enter network namespace %s: %s", spaces->netns_name,
				 strerror(-result));
	result = netlink_open(protocol, ret, error);
	spaces_leave(spaces);
	return result;
}

int spaces_rtnetlink(struct spaces *spaces, enum space space, struct netlink **ret,
		     struct error *error)
{
	struct sockets *sockets = sockets_of(spaces, space);

	if (!sockets->rtnetlink) {
		int result = open_socket(spaces, space, NETLINK_ROUTE, &sockets->rtnetlink, error);

		if (result < 0)
			return result;
	}
	*ret = sockets->rtnetlink;
	return 0;
}

int spaces_generic(struct spaces *spaces, enum space space, struct netlink **ret,
		   struct error *error)
{
	struct sockets *sockets = sockets_of(spaces, space);

	if (!sockets->generic) {
		int result = open_socket(spaces, space, NETLINK_GENERIC, &sockets->generic, error);

		if (result < 0)
			return result;
	}
	*ret = sockets->generic;
	return 0;
}

int spaces_xfrm(struct spaces *spaces, struct netlink **ret, struct error *error)
{
	if (!spaces->xfrm) {
		int result =
			open_socket(spaces, SPACE_UNDERLAY, NETLINK_XFRM, &spaces->xfrm, error);

		if (result < 0)
			return result;
	}
	*ret = spaces->xfrm;
	return 0;
}

int spaces_links(struct spaces *spaces, enum space space, const struct link_infos **ret,
		 struct error *error)
{
	struct sockets *sockets = sockets_of(spaces, space);
	struct netlink *netlink;
	int result = 0;

	if (!sockets->has_links) {
		forget_links(sockets);
		result = spaces_rtnetlink(spaces, space, &netlink, error);
		if (result == 0)
			result = link_infos_load(netlink, &sockets->links, error);
	}
	if (result < 0)
		return result;
	sockets->has_links = spaces->is_observing;
	*ret = &sockets->links;
	return 0;
}

void spaces_begin_observation(struct spaces *spaces)
{
	spaces_end_observation(spaces);
	spaces->is_observing = true;
}

void spaces_end_observation(struct spaces *spaces)
{
	spaces->is_observing = false;
	for (size_t i = 0; i < SPACES; i++)
		forget_links(&spaces->sockets[i]);
}

void spaces_forget_overlay(struct spaces *spaces)
{
	assert(!spaces->away);
	if (spaces->netns_name)
		close_sockets(&spaces->sockets[SPACE_OVERLAY]);
}
