// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/socket.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "control/protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>

#define LISTEN_BACKLOG 32
#define GROUPS_MAX 65536 /* NGROUPS_MAX of Linux */

static int make_private_directory(const char *path, struct error *error)
{
	struct stat status;
	int result = file_make_directory(path, 0700, error);

	if (result < 0)
		return result;
	if (lstat(path, &status) < 0)
		return error_set(error, -errno, ERROR_STATE_WRITE, path, "cannot stat: %m");
	if (!S_ISDIR(status.st_mode) || (status.st_uid != geteuid() && status.st_uid != 0))
		return error_set(error, -EPERM, ERROR_STATE_WRITE, path,
				 "must be a directory of root or of the daemon's user; remove it");
	if ((status.st_mode & 077) && chmod(path, 0700) < 0)
		return error_set(error, -errno, ERROR_STATE_WRITE, path, "cannot chmod 0700: %m");
	return 0;
}

/* The holder's pid, for the message only. */
static int already_running(int fd, struct error *error)
{
	char text[16] = "";
	ssize_t length = pread(fd, text, sizeof(text) - 1, 0);
	uint64_t pid;

	text[length > 0 ? length : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	if (number_parse(text, INT_MAX, &pid) < 0)
		return error_set(error, -EBUSY, ERROR_RUNNING, NULL, "already running");
	return error_set(error, -EBUSY, ERROR_RUNNING, NULL, "already running (pid %d)", (int)pid);
}

/* Does @path still name the file that is locked, or has its last holder removed it meanwhile? */
static bool is_in_place(int fd, const char *path)
{
	struct stat held, named;

	return fstat(fd, &held) == 0 && lstat(path, &named) == 0 && held.st_dev == named.st_dev &&
	       held.st_ino == named.st_ino;
}

int control_lock(const char *runtime_dir, int *ret_fd, struct error *error)
{
	CLEANUP(close) int fd = -1;
	char path[PATH_MAX], pid[16];
	int length, result;

	result = file_make_directory(runtime_dir, 0755, error);
	if (result < 0)
		return result;
	(void)snprintf(path, sizeof(path), "%s/private", runtime_dir);
	result = make_private_directory(path, error);
	if (result < 0)
		return result;
	(void)snprintf(path, sizeof(path), "%s/private/lock", runtime_dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return error_set(error, -errno, ERROR_STATE_WRITE, path, "cannot open: %m");
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK)
			return already_running(fd, error);
		return error_set(error, -errno, ERROR_STATE_WRITE, path, "cannot lock: %m");
	}
	if (!is_in_place(fd, path))
		return error_set(error, -EBUSY, ERROR_RUNNING, NULL,
				 "another aronet was just ending; start again");
	length = snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
	if (ftruncate(fd, 0) < 0 || pwrite(fd, pid, (size_t)length, 0) != length)
		return error_set(error, -errno, ERROR_STATE_WRITE, path, "cannot write: %m");
	*ret_fd = take_fd(&fd);
	return 0;
}

/* What stands at @path may only be nothing or a socket that a crashed daemon left. */
static int check_place(const char *path, struct error *error)
{
	struct stat status;

	if (lstat(path, &status) < 0) {
		if (errno == ENOENT)
			return 0;
		return error_set(error, -errno, ERROR_STATE_WRITE, path, "cannot stat: %m");
	}
	if (S_ISSOCK(status.st_mode))
		return 0;
	return error_set(error, -EEXIST, ERROR_STATE_WRITE, path,
			 "is %s where the control socket belongs; remove it",
			 S_ISLNK(status.st_mode)   ? "a symbolic link"
			 : S_ISDIR(status.st_mode) ? "a directory"
						   : "a file");
}

/* Bind at @path, with the final owner and mode before anybody can connect. */
static int bind_private(const char *path, gid_t group, struct control_listener *ret)
{
	CLEANUP(close) int fd = -1;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct stat status;

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (unlink(path) < 0 && errno != ENOENT)
		return -errno;
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	if (group != CONTROL_NO_GROUP && lchown(path, (uid_t)-1, group) < 0)
		return -errno;
	if (chmod(path, group == CONTROL_NO_GROUP ? 0600 : 0660) < 0)
		return -errno;
	if (listen(fd, LISTEN_BACKLOG) < 0 || lstat(path, &status) < 0)
		return -errno;
	*ret = (struct control_listener) { take_fd(&fd), status.st_dev, status.st_ino };
	return 0;
}

int control_listener_open(const char *runtime_dir, gid_t group, struct control_listener *ret,
			  struct error *error)
{
	char path[CONTROL_PATH_SIZE], private_path[CONTROL_PATH_SIZE];
	struct control_listener listener;
	int result;

	/*
	 * Made in the private directory and renamed: a rename is atomic and does not follow a link
	 * that appears in the meantime.
	 */
	if (snprintf(private_path, sizeof(private_path), "%s/private/" CONTROL_SOCKET_NAME,
		     runtime_dir) >= (int)sizeof(private_path))
		return error_set(error, -ENAMETOOLONG, ERROR_VALUE, runtime_dir,
				 "path of the control socket is longer than %zu bytes (sun_path)",
				 sizeof(private_path) - 1);
	(void)snprintf(path, sizeof(path), "%.*s/" CONTROL_SOCKET_NAME,
		       (int)strnlen(runtime_dir, CONTROL_PATH_SIZE - 16), runtime_dir);
	result = check_place(path, error);
	if (result < 0)
		return result;
	result = bind_private(private_path, group, &listener);
	if (result == -EPERM && group != CONTROL_NO_GROUP)
		return error_set(error, result, ERROR_CTL_PERM, private_path,
				 "may not give the control socket to the group of "
				 "daemon.control_group (gid %u); under systemd add it to "
				 "SupplementaryGroups= of the unit",
				 (unsigned)group);
	if (result < 0)
		return error_set(error, result, ERROR_STATE_WRITE, private_path,
				 "cannot make the control socket: %s", strerror(-result));
	if (rename(private_path, path) < 0) {
		result = -errno;
		(void)close(listener.fd);
		(void)unlink(private_path);
		return error_set(error, result, ERROR_STATE_WRITE, path,
				 "cannot put the control socket in place: %s", strerror(-result));
	}
	*ret = listener;
	return 0;
}

bool control_listener_in_place(const struct control_listener *listener, const char *runtime_dir)
{
	char path[PATH_MAX];
	struct stat status;

	(void)snprintf(path, sizeof(path), "%s/" CONTROL_SOCKET_NAME, runtime_dir);
	return lstat(path, &status) == 0 && status.st_dev == listener->device &&
	       status.st_ino == listener->inode;
}

void control_listener_close(struct control_listener *listener, const char *runtime_dir)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/" CONTROL_SOCKET_NAME, runtime_dir);
	if (control_listener_in_place(listener, runtime_dir))
		(void)unlink(path);
	(void)close(listener->fd);
	listener->fd = -1;
}

int control_group_find(const char *name, gid_t *ret, struct error *error)
{
	const struct group *group;

	if (!name) {
		*ret = CONTROL_NO_GROUP;
		return 0;
	}
	errno = 0;
	group = getgrnam(name);
	if (!group)
		return error_set(error, errno ? -errno : -ENOENT, ERROR_VALUE, NULL,
				 "control group \"%s\" does not exist; make it with "
				 "groupadd --system %s",
				 name, name);
	*ret = group->gr_gid;
	return 0;
}

int control_peer_get(int socket, struct control_peer *ret)
{
	struct ucred credentials;
	socklen_t size = sizeof(credentials);

	if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0)
		return -errno;
	*ret = (struct control_peer) { credentials.uid, credentials.gid, credentials.pid };
	return 0;
}

static bool peer_has_supplementary_group(int socket, gid_t group)
{
	CLEANUP(free) gid_t *groups = NULL;
	socklen_t size = 0;

	/* The first call tells the size: ERANGE, or 0 for a peer without groups. */
	if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, NULL, &size) == 0 || errno != ERANGE)
		return false;
	if (size > GROUPS_MAX * sizeof(gid_t))
		return false;
	groups = memory_zalloc(1, size);
	if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups, &size) < 0)
		return false;
	for (size_t i = 0; i < size / sizeof(gid_t); i++)
		if (groups[i] == group)
			return true;
	return false;
}

bool control_peer_is_admin(int socket, const struct control_peer *peer, gid_t group)
{
	if (peer->uid == 0)
		return true;
	if (group == CONTROL_NO_GROUP)
		return false;
	return peer->gid == group || peer_has_supplementary_group(socket, group);
}
