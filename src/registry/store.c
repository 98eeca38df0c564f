// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/store.h"

#include "registry/legacy.h"
#include "registry/registry.h"

#include "base/file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#define STORE_DIRECTORY_MODE 0700
#define STORE_FILE_MODE 0600
#define WHAT_TO_DO "running without peers; load a registry again: aronet load -r FILE"

static int store_path(const char *state_dir, char ret[PATH_MAX], struct error *error)
{
	int length = snprintf(ret, PATH_MAX, "%s/%s", state_dir, REGISTRY_STORE_FILE);

	if (length >= PATH_MAX)
		return error_set(error, -ENAMETOOLONG, ERROR_STATE_WRITE, NULL,
				 "the path of the state directory is too long");
	return 0;
}

int registry_store_write(const char *state_dir, const char *bytes, size_t size, struct error *error)
{
	char path[PATH_MAX];
	int result = store_path(state_dir, path, error);

	if (result == 0)
		result = file_make_directory(state_dir, STORE_DIRECTORY_MODE, error);
	if (result == 0)
		result = file_replace(path, bytes, size, STORE_FILE_MODE, error);
	return result;
}

int registry_store_read(const char *state_dir, char **ret, size_t *ret_size, struct error *error)
{
	struct error cause;
	char path[PATH_MAX];
	int result = store_path(state_dir, path, error);

	if (result < 0)
		return result;
	result = file_read(path, LEGACY_SIZE_MAX, ret, ret_size, &cause);
	if (result < 0 && result != -ENOENT)
		return error_set(error, result, ERROR_STATE_CORRUPT, path, "%.300s; " WHAT_TO_DO,
				 cause.text);
	return result;
}

int registry_store_load(const char *state_dir, bool allow_unsigned_config,
			struct warnings *warnings, struct registry **ret, struct error *error)
{
	const struct registry_options options = {
		.allow_unsigned_config = allow_unsigned_config,
		.allow_unsigned_flag = true,
		.allow_empty = true,
	};
	CLEANUP(free) char *bytes = NULL;
	struct error cause;
	char path[PATH_MAX];
	size_t size;
	int result = registry_store_read(state_dir, &bytes, &size, error);

	if (result < 0)
		return result;
	(void)store_path(state_dir, path, NULL);
	result = registry_load(bytes, size, path, &options, warnings, ret, &cause);
	if (result == 0)
		return 0;
	if (cause.code == ERROR_UNSIGNED) {
		if (error)
			*error = cause;
		return result;
	}
	return error_set(error, result, ERROR_STATE_CORRUPT, cause.place, "%.300s; " WHAT_TO_DO,
			 cause.text);
}
