// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/file.h"

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/strbuf.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int file_read_fd(int fd, const char *name, size_t limit_bytes, char **ret, size_t *ret_size,
		 struct error *error)
{
	CLEANUP(strbuf_done) struct strbuf content = { 0 };
	char chunk[16384];

	for (;;) {
		ssize_t length = read(fd, chunk, sizeof(chunk));

		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return error_set(error, -errno, ERROR_FILE, name, "cannot read: %m");
		if (length == 0)
			break;
		if (content.length + (size_t)length > limit_bytes)
			return error_set(error, -EFBIG, ERROR_TOO_BIG, name,
					 "larger than the limit of %zu bytes", limit_bytes);
		strbuf_append(&content, chunk, (size_t)length);
	}
	*ret_size = content.length;
	*ret = strbuf_take(&content);
	return 0;
}

int file_read(const char *path, size_t limit_bytes, char **ret, size_t *ret_size,
	      struct error *error)
{
	CLEANUP(close) int fd = -1;
	struct stat status;

	if (!strcmp(path, "-"))
		return file_read_fd(STDIN_FILENO, "standard input", limit_bytes, ret, ret_size,
				    error);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return error_set(error, -errno, ERROR_FILE, path, "cannot open: %m");
	if (fstat(fd, &status) < 0)
		return error_set(error, -errno, ERROR_FILE, path, "cannot stat: %m");
	if (S_ISDIR(status.st_mode))
		return error_set(error, -EISDIR, ERROR_FILE, path, "is a directory, not a file");
	/* A FIFO may never end, a device may do anything. */
	if (!S_ISREG(status.st_mode))
		return error_set(error, -EINVAL, ERROR_FILE, path,
				 "is not a regular file; pipe it into standard input (-) instead");
	return file_read_fd(fd, path, limit_bytes, ret, ret_size, error);
}

static int write_all(int fd, const char *bytes, size_t size)
{
	while (size) {
		ssize_t length = write(fd, bytes, size);

		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return -errno;
		bytes += length;
		size -= (size_t)length;
	}
	return 0;
}

static int write_temporary(const char *temporary, const void *bytes, size_t size, mode_t mode)
{
	CLEANUP(close) int fd = -1;
	int result;

	/* What an earlier crash left may have another mode or owner. */
	if (unlink(temporary) < 0 && errno != ENOENT)
		return -errno;
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return -errno;
	result = write_all(fd, bytes, size);
	if (result < 0)
		return result;
	return fsync(fd) < 0 ? -errno : 0;
}

static int sync_directory_of(const char *path)
{
	CLEANUP(free) char *copy = memory_strdup(path);
	CLEANUP(close) int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return -errno;
	return 0;
}

static int temporary_path(const char *path, char ret[PATH_MAX], struct error *error)
{
	if (snprintf(ret, PATH_MAX, "%s.new", path) >= PATH_MAX)
		return error_set(error, -ENAMETOOLONG, ERROR_STATE_WRITE, path, "path too long");
	return 0;
}

static int fail_write(const char *path, int result, struct error *error)
{
	file_unstage(path);
	return error_set(error, result, ERROR_STATE_WRITE, path, "cannot write: %s",
			 strerror(-result));
}

int file_stage(const char *path, const void *bytes, size_t size, mode_t mode, struct error *error)
{
	char temporary[PATH_MAX];
	int result = temporary_path(path, temporary, error);

	if (result < 0)
		return result;
	result = write_temporary(temporary, bytes, size, mode);
	return result < 0 ? fail_write(path, result, error) : 0;
}

int file_publish(const char *path, struct error *error)
{
	char temporary[PATH_MAX];
	int result = temporary_path(path, temporary, error);

	if (result < 0)
		return result;
	if (rename(temporary, path) < 0)
		result = -errno;
	if (result == 0)
		result = sync_directory_of(path);
	return result < 0 ? fail_write(path, result, error) : 0;
}

void file_unstage(const char *path)
{
	char temporary[PATH_MAX];

	if (temporary_path(path, temporary, NULL) == 0)
		(void)unlink(temporary);
}

int file_replace(const char *path, const void *bytes, size_t size, mode_t mode, struct error *error)
{
	int result = file_stage(path, bytes, size, mode, error);

	return result < 0 ? result : file_publish(path, error);
}

/* File systems without O_TMPFILE (NFS, vfat) show the file before it is complete. */
static int create_in_sight(const char *path, const void *bytes, size_t size, mode_t mode)
{
	CLEANUP(close) int fd = -1;
	int result;

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return -errno;
	result = write_all(fd, bytes, size);
	if (result == 0 && fsync(fd) < 0)
		result = -errno;
	if (result < 0)
		(void)unlink(path);
	return result;
}

/* Without a name until it is complete. */
static int create_unseen(const char *path, const void *bytes, size_t size, mode_t mode)
{
	CLEANUP(free) char *copy = memory_strdup(path);
	CLEANUP(close) int fd = open(dirname(copy), O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
	char itself[64];
	int result;

	if (fd < 0)
		return -errno;
	result = write_all(fd, bytes, size);
	if (result == 0 && fsync(fd) < 0)
		result = -errno;
	if (result < 0)
		return result;
	(void)snprintf(itself, sizeof(itself), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, itself, AT_FDCWD, path, AT_SYMLINK_FOLLOW) < 0 ? -errno : 0;
}

int file_create(const char *path, const void *bytes, size_t size, mode_t mode, struct error *error)
{
	int result = create_unseen(path, bytes, size, mode);

	if (result == -EOPNOTSUPP || result == -EISDIR)
		result = create_in_sight(path, bytes, size, mode);
	if (result == 0)
		result = sync_directory_of(path);
	if (result == -EEXIST)
		return error_set(error, result, ERROR_FILE, path, "exists already");
	if (result < 0)
		return error_set(error, result, ERROR_FILE, path, "cannot make this file: %s",
				 strerror(-result));
	return 0;
}

int file_make_directory(const char *path, mode_t mode, struct error *error)
{
	CLEANUP(free) char *copy = memory_strdup(path);
	struct stat status;

	/* Without the root, which has no name before its slash. */
	for (char *slash = strchr(copy + (copy[0] == '/'), '/');; slash = strchr(slash + 1, '/')) {
		if (slash)
			*slash = '\0';
		if (mkdir(copy, mode) < 0 && errno != EEXIST)
			return error_set(error, -errno, ERROR_STATE_WRITE, copy,
					 "cannot make this directory: %m");
		if (!slash)
			break;
		*slash = '/';
	}
	if (stat(path, &status) < 0 || !S_ISDIR(status.st_mode))
		return error_set(error, -ENOTDIR, ERROR_STATE_WRITE, path, "is not a directory");
	return 0;
}

int file_delete(const char *path, struct error *error)
{
	if (unlink(path) == 0 || errno == ENOENT)
		return 0;
	return error_set(error, -errno, ERROR_FILE, path, "cannot delete: %m");
}

int file_write_value(int directory_fd, const char *path, const char *text)
{
	CLEANUP(close) int fd = openat(directory_fd, path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		return -errno;
	return 0;
}

int file_read_value(int directory_fd, const char *path, char *buffer, size_t size)
{
	CLEANUP(close) int fd = openat(directory_fd, path, O_RDONLY | O_CLOEXEC);
	ssize_t length;

	if (fd < 0)
		return -errno;
	length = read(fd, buffer, size - 1);
	if (length < 0)
		return -errno;
	while (length > 0 && (buffer[length - 1] == '\n' || buffer[length - 1] == ' '))
		length--;
	buffer[length] = '\0';
	return 0;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path) < 0 && errno != ENOENT ? -1 : 0;
}

int file_remove_tree(const char *path)
{
	int result = nftw(path, remove_entry, FILE_TREE_DEPTH, FTW_DEPTH | FTW_MOUNT | FTW_PHYS);

	return result < 0 && errno != ENOENT ? -errno : 0;
}
