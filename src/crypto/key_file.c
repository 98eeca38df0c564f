// SPDX-License-Identifier: GPL-2.0-or-later
#include "crypto/crypto.h"

#include "base/cleanup.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>

/* SYS_UID_MAX of login.defs(5). */
#define SYSTEM_UID_MAX 999

static const char *kind_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFIFO:
		return "a FIFO";
	case S_IFDIR:
		return "a directory";
	case S_IFSOCK:
		return "a socket";
	case S_IFLNK:
		return "a symlink";
	}
	return "a device";
}

/*
 * The directory first, by descriptor, so that what was checked is where the file is opened.
 */
static int open_directory_of(const char *path, struct error *error)
{
	CLEANUP(free) char *copy = memory_strdup(path);
	const char *directory = dirname(copy);
	CLEANUP(close) int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0)
		return error_set(error, -errno, ERROR_KEYFILE, path,
				 "cannot open its directory: %m");
	if (status.st_mode & S_IWOTH)
		return error_set(error, -EPERM, ERROR_KEYFILE, path,
				 "is inside a world-writable directory");
	return take_fd(&fd);
}

static int open_key_file(const char *path, struct error *error)
{
	CLEANUP(free) char *copy = memory_strdup(path);
	CLEANUP(close) int directory_fd = open_directory_of(path, error);
	int fd;

	if (directory_fd < 0)
		return directory_fd;
	/* O_NONBLOCK: a FIFO without a writer must not hold up the start. */
	fd = openat(directory_fd, basename(copy),
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	if (errno == ELOOP)
		return error_set(error, -ELOOP, ERROR_KEYFILE, path,
				 "is a symlink; name the file itself");
	if (errno == ENXIO)
		return error_set(error, -ENXIO, ERROR_KEYFILE, path, "is not a regular file");
	return error_set(error, -errno, ERROR_KEYFILE, path, "cannot open: %m");
}

/*
 * Root also takes the key of a system user, for whom it runs commands: the daemon of
 * aronet-vrf.service is one.
 */
static bool may_own(uid_t uid)
{
	return uid == 0 || uid == geteuid() || (geteuid() == 0 && uid <= SYSTEM_UID_MAX);
}

static int check_status(const char *path, const struct stat *status, struct error *error)
{
	unsigned mode = status->st_mode & 07777;

	if (!S_ISREG(status->st_mode))
		return error_set(error, -EINVAL, ERROR_KEYFILE, path, "is %s, not a regular file",
				 kind_of(status->st_mode));
	if (!may_own(status->st_uid))
		return error_set(error, -EPERM, ERROR_KEYFILE, path,
				 "owner is uid %u, expected root or %s; chown it", status->st_uid,
				 geteuid() == 0 ? "a system user" : "the user of this process");
	if (mode & 066)
		return error_set(error, -EPERM, ERROR_KEYFILE, path,
				 "mode %04o lets others %s it; chmod 600", mode,
				 mode & 044 ? "read" : "write");
	if (status->st_size > CRYPTO_KEY_FILE_MAX)
		return error_set(error, -EFBIG, ERROR_KEYFILE, path,
				 "is %jd bytes; a key file has at most %d",
				 (intmax_t)status->st_size, CRYPTO_KEY_FILE_MAX);
	return 0;
}

/* Not by file_read_fd(), which leaves copies of the key in freed memory while its buffer grows. */
static int read_text(int fd, const char *path, char *buffer, size_t size, struct error *error)
{
	size_t used = 0;

	for (;;) {
		ssize_t length = read(fd, buffer + used, size - 1 - used);

		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return error_set(error, -errno, ERROR_KEYFILE, path, "cannot read: %m");
		if (length == 0)
			break;
		used += (size_t)length;
		if (used == size - 1)
			return error_set(error, -EFBIG, ERROR_KEYFILE, path,
					 "a key file has at most %d bytes", CRYPTO_KEY_FILE_MAX);
	}
	if (memchr(buffer, '\0', used))
		return error_set(error, -EINVAL, ERROR_KEYFILE, path, "holds a zero byte, no text");
	return 0;
}

int crypto_key_file_read(const char *path, char **ret, struct error *error)
{
	const size_t size = CRYPTO_KEY_FILE_MAX + 2;
	CLEANUP(close) int fd = open_key_file(path, error);
	struct stat status;
	char *buffer;
	int result;

	if (fd < 0)
		return fd;
	if (fstat(fd, &status) < 0)
		return error_set(error, -errno, ERROR_KEYFILE, path, "cannot stat: %m");
	result = check_status(path, &status, error);
	if (result < 0)
		return result;
	buffer = memory_zalloc(size, 1);
	result = read_text(fd, path, buffer, size, error);
	if (result < 0) {
		crypto_wipe(buffer, size);
		free(buffer);
		return result;
	}
	*ret = buffer;
	return 0;
}
