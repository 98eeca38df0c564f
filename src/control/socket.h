/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/un.h>

/*
 * The files of the control socket:
 *
 *	<runtime_dir>		0755
 *	<runtime_dir>/control	0660 with the configured group, 0600 without one
 *	<runtime_dir>/private	0700; the lock and the helpers' sockets
 *	<runtime_dir>/private/lock
 */
#define CONTROL_NO_GROUP ((gid_t)-1)
#define CONTROL_PATH_SIZE sizeof(((struct sockaddr_un *)NULL)->sun_path)

/*
 * Make the directories and take the lock. One daemon per runtime directory: the flock(2) decides,
 * never the pid that the file holds for people. The holder alone may remove a stale socket.
 *
 * *ret_fd holds the lock until it is closed. E_RUNNING "already running (pid 812)" with -EBUSY.
 */
int control_lock(const char *runtime_dir, int *ret_fd, struct error *error);

struct control_listener {
	int fd;
	/* The file that was made, to notice when another took its place. */
	dev_t device;
	ino_t inode;
};

/*
 * Make <runtime_dir>/control. A stale socket is replaced; anything else in its place, a symbolic
 * link above all, is refused. The caller holds the lock.
 */
int control_listener_open(const char *runtime_dir, gid_t group, struct control_listener *ret,
			  struct error *error);

/* The socket file is still the one that was made. */
bool control_listener_in_place(const struct control_listener *listener, const char *runtime_dir);

/* Close it, and remove the file if it is still ours. */
void control_listener_close(struct control_listener *listener, const char *runtime_dir);

/* The id of a group of /etc/group; CONTROL_NO_GROUP for NULL. E_VALUE for an unknown name. */
int control_group_find(const char *name, gid_t *ret, struct error *error);

struct control_peer {
	uid_t uid; /* in our user namespace: root of another one is seen as its outer uid */
	gid_t gid;
	pid_t pid;
};

int control_peer_get(int socket, struct control_peer *ret);

/*
 * Root, or a member of @group when it connected. "The same uid as the daemon" is no reason: helpers
 * may run under it. SO_PEERCRED has no supplementary groups, SO_PEERGROUPS (Linux 4.13) has.
 */
bool control_peer_is_admin(int socket, const struct control_peer *peer, gid_t group);
