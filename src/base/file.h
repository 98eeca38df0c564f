/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Read all of the file at @path, or of standard input for "-", up to @limit_bytes. *ret is
 * malloc()ed, followed by a zero byte that is not counted, and owned by the caller.
 *
 * Does not block on a FIFO and does not follow anything special: only regular files, pipes on
 * standard input. Returns -EFBIG when there is more than @limit_bytes, else the errno of the call;
 * @error says which.
 */
int file_read(const char *path, size_t limit_bytes, char **ret, size_t *ret_size,
	      struct error *error);

/* The same from an open descriptor, from its current position; @name is for messages only. */
int file_read_fd(int fd, const char *name, size_t limit_bytes, char **ret, size_t *ret_size,
		 struct error *error);

/*
 * Replace @path by @bytes so that a crash at any time leaves either the old or the new content:
 * temporary file in the same directory, write, fsync, rename, fsync of the directory.
 */
int file_replace(const char *path, const void *bytes, size_t size, mode_t mode,
		 struct error *error);

/*
 * Make a file that is not there yet, with its content: @path is never anything else than absent or
 * complete. -EEXIST leaves what is there as it is.
 */
int file_create(const char *path, const void *bytes, size_t size, mode_t mode, struct error *error);

/*
 * The two halves of it, for files that belong together: when all are staged, no lack of space can
 * come between them any more. file_stage() writes and syncs PATH.new; file_publish() gives it its
 * name, and removes it if that fails; file_unstage() removes it.
 */
int file_stage(const char *path, const void *bytes, size_t size, mode_t mode, struct error *error);
int file_publish(const char *path, struct error *error);
void file_unstage(const char *path);

/* mkdir -p with @mode for the directories that are made. */
int file_make_directory(const char *path, mode_t mode, struct error *error);

/* unlink(2); one that is not there is no error. */
int file_delete(const char *path, struct error *error);

/* One write(2) of @text, as procfs and sysfs want it. 0 or -errno. */
int file_write_value(int directory_fd, const char *path, const char *text);

/* Reads at most @size - 1 bytes and cuts the newline at the end. 0 or -errno. */
int file_read_value(int directory_fd, const char *path, char *buffer, size_t size);

/*
 * Remove a directory of ours with the files and directories in it, at most FILE_TREE_DEPTH deep,
 * without following symbolic links or entering other file systems. What is not there is no error.
 */
#define FILE_TREE_DEPTH 4
int file_remove_tree(const char *path);
