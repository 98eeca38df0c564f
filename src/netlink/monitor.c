// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/monitor.h"

#include "base/memory.h"
#include "netlink/monitor_event.h"
#include "netlink/transport.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/stat.h>

/* Datagrams read per turn of the loop, so that a storm does not starve everything else. */
#define DATAGRAMS_PER_TURN 64
/* 1000 route events fit well; overruns are noticed anyway. */
#define RECEIVE_QUEUE_BYTES (8 << 20)
#define GROUPS_MAX 7

static const struct subscription {
	int protocol;
	int groups[GROUPS_MAX]; /* terminated by 0 */
} subscriptions[] = {
	{ NETLINK_ROUTE,
	  { RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE,
	    RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE } },
	{ NETLINK_NETFILTER, { NFNLGRP_NFTABLES } },
};

/* One multicast socket. Freed in its close callback. */
struct watch {
	uv_poll_t poll;
	struct monitor *monitor;
	int protocol;
	int fd;
};

struct name_watch {
	uv_fs_event_t event;
	struct monitor *monitor;
};

struct monitor {
	uv_loop_t *loop;
	struct spaces *spaces;
	backend_dirty_fn *dirty;
	void *userdata;
	struct watch *underlay[ARRAY_SIZE(subscriptions)];
	struct watch *overlay[ARRAY_SIZE(subscriptions)];
	struct name_watch *name_watch;
	/* Which namespace the overlay's sockets are in. */
	dev_t overlay_device;
	ino_t overlay_inode;
	uint8_t datagram[NETLINK_BUFFER_SIZE];
};

static void watch_closed(uv_handle_t *handle)
{
	struct watch *watch = handle->data;

	(void)close(watch->fd);
	free(watch);
}

static void watch_close(struct watch *watch)
{
	if (watch)
		uv_close((uv_handle_t *)&watch->poll, watch_closed);
}

/* Returns 1 when there is nothing left to read. */
static int read_event(struct monitor *monitor, const struct watch *watch, const char **reason)
{
	struct sockaddr_nl sender = { 0 };
	socklen_t size = sizeof(sender);
	ssize_t length = recvfrom(watch->fd, monitor->datagram, sizeof(monitor->datagram),
				  MSG_DONTWAIT, (struct sockaddr *)&sender, &size);
	const char *found;

	if (length < 0 && errno == ENOBUFS)
		*reason = "events were lost";
	if (length < 0)
		return errno != ENOBUFS && errno != EINTR;
	if (sender.nl_pid != 0)
		return 0;
	found = monitor_event_reason(watch->protocol, monitor->datagram, (size_t)length);
	if (found && !*reason)
		*reason = found;
	return 0;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	const struct watch *watch = poll->data;
	struct monitor *monitor = watch->monitor;
	const char *reason = NULL;

	(void)status, (void)events;
	for (unsigned i = 0; i < DATAGRAMS_PER_TURN; i++)
		if (read_event(monitor, watch, &reason))
			break;
	if (reason)
		monitor->dirty(monitor->userdata, reason);
}

static int open_multicast(const struct subscription *subscription)
{
	CLEANUP(close)
	int fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, subscription->protocol);
	const struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	const int queue = RECEIVE_QUEUE_BYTES;

	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &queue, sizeof(queue));
	for (unsigned i = 0; i < GROUPS_MAX && subscription->groups[i]; i++)
		if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &subscription->groups[i],
			       sizeof(subscription->groups[i])) < 0)
			return -errno;
	return take_fd(&fd);
}

static int watch_new(struct monitor *monitor, const struct subscription *subscription,
		     struct watch **ret)
{
	int fd = open_multicast(subscription);
	struct watch *watch;
	int result;

	if (fd < 0)
		return fd;
	watch = NEW(struct watch);
	watch->monitor = monitor;
	watch->protocol = subscription->protocol;
	watch->fd = fd;
	watch->poll.data = watch;
	result = uv_poll_init(monitor->loop, &watch->poll, fd);
	if (result < 0) {
		(void)close(fd);
		free(watch);
		return result;
	}
	*ret = watch;
	return uv_poll_start(&watch->poll, UV_READABLE, on_readable);
}

static int watch_space(struct monitor *monitor, enum space space, struct watch **watches,
		       struct error *error)
{
	int result = spaces_enter(monitor->spaces, space);

	for (size_t i = 0; result == 0 && i < ARRAY_SIZE(subscriptions); i++) {
		result = watch_new(monitor, &subscriptions[i], &watches[i]);
		/* A kernel without nftables: nothing to watch there. */
		if (subscriptions[i].protocol == NETLINK_NETFILTER && result == -EPROTONOSUPPORT)
			result = 0;
	}
	spaces_leave(monitor->spaces);
	if (result < 0)
		return error_set(error, result, ERROR_APPLY, NULL,
				 "cannot watch the %s for changes: %s", space_name(space),
				 strerror(-result));
	return 0;
}

static void forget_overlay(struct monitor *monitor)
{
	for (size_t i = 0; i < ARRAY_SIZE(monitor->overlay); i++)
		watch_close(TAKE(monitor->overlay[i]));
	monitor->overlay_inode = 0;
	monitor->overlay_device = 0;
}

int monitor_follow_overlay(struct monitor *monitor, struct error *error)
{
	CLEANUP(close) int fd = -1;
	struct stat status;
	int result;

	if (!spaces_netns_name(monitor->spaces))
		return 0;
	fd = spaces_open_netns(spaces_netns_name(monitor->spaces));
	if (fd >= 0 && fstat(fd, &status) == 0 && status.st_ino == monitor->overlay_inode &&
	    status.st_dev == monitor->overlay_device)
		return 0;
	forget_overlay(monitor);
	spaces_forget_overlay(monitor->spaces);
	if (fd < 0)
		return 0;
	result = watch_space(monitor, SPACE_OVERLAY, monitor->overlay, error);
	if (result < 0) {
		forget_overlay(monitor);
		return result;
	}
	monitor->overlay_inode = status.st_ino;
	monitor->overlay_device = status.st_dev;
	return 0;
}

static void on_name_change(uv_fs_event_t *event, const char *filename, int events, int status)
{
	struct name_watch *watch = event->data;
	struct monitor *monitor = watch->monitor;

	(void)events;
	if (status == 0 && filename && strcmp(filename, spaces_netns_name(monitor->spaces)))
		return;
	/* An error comes again, and is reported, when the namespace is observed. */
	(void)monitor_follow_overlay(monitor, NULL);
	monitor->dirty(monitor->userdata, "network namespace");
}

static void name_watch_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static int watch_name(struct monitor *monitor, struct error *error)
{
	struct name_watch *watch;
	int result;

	if (!spaces_netns_name(monitor->spaces))
		return 0;
	result = mkdir(NETNS_DIRECTORY, 0755) < 0 && errno != EEXIST ? -errno : 0;
	watch = monitor->name_watch = NEW(struct name_watch);
	watch->monitor = monitor;
	watch->event.data = watch;
	(void)uv_fs_event_init(monitor->loop, &watch->event);
	if (result == 0)
		result = uv_fs_event_start(&watch->event, on_name_change, NETNS_DIRECTORY, 0);
	if (result < 0)
		return error_set(error, result, ERROR_APPLY, NETNS_DIRECTORY,
				 "cannot watch for changes: %s", strerror(-result));
	return 0;
}

int monitor_new(uv_loop_t *loop, struct spaces *spaces, backend_dirty_fn *dirty, void *userdata,
		struct monitor **ret, struct error *error)
{
	CLEANUP(monitor_free) struct monitor *monitor = NEW(struct monitor);
	int result;

	monitor->loop = loop;
	monitor->spaces = spaces;
	monitor->dirty = dirty;
	monitor->userdata = userdata;
	result = watch_space(monitor, SPACE_UNDERLAY, monitor->underlay, error);
	if (result == 0)
		result = watch_name(monitor, error);
	if (result == 0)
		result = monitor_follow_overlay(monitor, error);
	if (result == 0)
		*ret = TAKE(monitor);
	return result;
}

void monitor_free(struct monitor *monitor)
{
	if (!monitor)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(monitor->underlay); i++)
		watch_close(TAKE(monitor->underlay[i]));
	forget_overlay(monitor);
	if (monitor->name_watch)
		uv_close((uv_handle_t *)&monitor->name_watch->event, name_watch_closed);
	free(monitor);
}
