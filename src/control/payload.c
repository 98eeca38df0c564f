// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/payload.h"

#include "base/cleanup.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define PAYLOAD_SEALS (F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK)

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

static int payload_open(void)
{
	int fd = memfd_create("aronet-payload", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	return fd < 0 ? -errno : fd;
}

static int payload_seal(int fd)
{
	return fcntl(fd, F_ADD_SEALS, PAYLOAD_SEALS | F_SEAL_SEAL) < 0 ? -errno : 0;
}

int control_payload_make(const void *bytes, size_t size, int *ret_fd)
{
	CLEANUP(close) int fd = payload_open();
	int result;

	if (fd < 0)
		return fd;
	result = write_all(fd, bytes, size);
	if (result == 0)
		result = payload_seal(fd);
	if (result == 0)
		*ret_fd = take_fd(&fd);
	return result;
}

/* Number of bytes copied, or -errno. */
static ssize_t copy_chunk(int source_fd, int fd, const char *name, struct error *error)
{
	char chunk[16384];
	ssize_t length;
	int result;

	do
		length = read(source_fd, chunk, sizeof(chunk));
	while (length < 0 && errno == EINTR);
	if (length < 0)
		return error_set(error, -errno, ERROR_FILE, name, "cannot read: %m");
	result = write_all(fd, chunk, (size_t)length);
	if (result < 0)
		return error_set(error, result, ERROR_FILE, name, "cannot copy: %s",
				 strerror(-result));
	return length;
}

int control_payload_copy(int source_fd, const char *name, int *ret_fd, struct error *error)
{
	CLEANUP(close) int fd = payload_open();
	size_t size = 0;
	ssize_t length;
	int result;

	if (fd < 0)
		return error_set(error, fd, ERROR_FILE, name, "memfd_create: %s", strerror(-fd));
	while ((length = copy_chunk(source_fd, fd, name, error)) > 0) {
		size += (size_t)length;
		if (size > CONTROL_PAYLOAD_MAX)
			return error_set(error, -EFBIG, ERROR_TOO_BIG, name,
					 "larger than the limit of %zu bytes", CONTROL_PAYLOAD_MAX);
	}
	if (length < 0)
		return (int)length;
	if (size == 0)
		return error_set(error, -EINVAL, ERROR_SYNTAX, name, "empty file");
	result = payload_seal(fd);
	if (result < 0)
		return error_set(error, result, ERROR_FILE, name, "cannot seal: %s",
				 strerror(-result));
	*ret_fd = take_fd(&fd);
	return 0;
}

int control_payload_check(int fd, const char *name, size_t *ret_size, struct error *error)
{
	int seals = fcntl(fd, F_GET_SEALS);
	int flags = fcntl(fd, F_GETFL);
	struct stat status;

	/* Plain files, pipes and sockets answer F_GET_SEALS with EINVAL, O_PATH with EBADF. */
	if (seals < 0)
		return error_set(error, -EINVAL, ERROR_CTL_FD, NULL,
				 "%s: expected one sealed memfd, found another kind of descriptor",
				 name);
	if ((seals & PAYLOAD_SEALS) != PAYLOAD_SEALS)
		return error_set(error, -EINVAL, ERROR_CTL_FD, NULL,
				 "%s: expected one sealed memfd, found one without the seals "
				 "WRITE, GROW and SHRINK",
				 name);
	if (flags < 0 || (flags & O_ACCMODE) == O_WRONLY)
		return error_set(error, -EINVAL, ERROR_CTL_FD, NULL,
				 "%s: expected one sealed memfd, found one that cannot be read",
				 name);
	if (fstat(fd, &status) < 0)
		return error_set(error, -errno, ERROR_CTL_FD, NULL, "%s: cannot stat: %m", name);
	if (status.st_size == 0)
		return error_set(error, -EINVAL, ERROR_CTL_FD, NULL,
				 "%s: the sealed memfd is empty", name);
	if ((uint64_t)status.st_size > CONTROL_PAYLOAD_MAX)
		return error_set(error, -EFBIG, ERROR_TOO_BIG, NULL,
				 "%s: payload is %lld bytes; limit %zu", name,
				 (long long)status.st_size, CONTROL_PAYLOAD_MAX);
	*ret_size = (size_t)status.st_size;
	return 0;
}

int control_payload_read(int fd, const char *name, char **ret, size_t *ret_size,
			 struct error *error)
{
	CLEANUP(free) char *bytes = NULL;
	size_t size, done = 0;
	int result;

	result = control_payload_check(fd, name, &size, error);
	if (result < 0)
		return result;
	bytes = NEW_ARRAY(char, size + 1);
	while (done < size) {
		ssize_t length = pread(fd, bytes + done, size - done, (off_t)done);

		if (length < 0 && errno == EINTR)
			continue;
		if (length <= 0)
			return error_set(error, length < 0 ? -errno : -EIO, ERROR_CTL_FD, NULL,
					 "%s: cannot read the memfd: %m", name);
		done += (size_t)length;
	}
	*ret = TAKE(bytes);
	*ret_size = size;
	return 0;
}
