// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What stands in for libFuzzer where there is no clang: feeds files to a target, one after the
 * other. Arguments are files, and directories whose files are taken in order of their names. The
 * name of a file is printed before it is fed, so that the last line of a crash tells which one.
 */
#include "base/cleanup.h"
#include "fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define INPUT_BYTES_MAX (64 << 20)

static void file_close(FILE *file)
{
	if (file)
		(void)fclose(file);
}
CLEANUP_DEFINE(FILE *, file_close);

_Noreturn static void fail(const char *path)
{
	(void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
	exit(1);
}

/* A copy of exactly its size, for the sanitizers. */
static void replay_file(const char *path, long size)
{
	CLEANUP(file_close) FILE *file = fopen(path, "rb");
	CLEANUP(free) uint8_t *bytes = malloc((size_t)size);

	if (!file || (size && !bytes) || fread(bytes, 1, (size_t)size, file) != (size_t)size)
		fail(path);
	(void)printf("%s\n", path);
	(void)fflush(stdout);
	(void)LLVMFuzzerTestOneInput(bytes, (size_t)size);
}

static unsigned replay(const char *path);

static unsigned replay_directory(const char *path)
{
	struct dirent **entries;
	int count = scandir(path, &entries, NULL, alphasort);
	unsigned replayed = 0;

	if (count < 0)
		fail(path);
	for (int i = 0; i < count; i++) {
		CLEANUP(free) struct dirent *entry = entries[i];
		CLEANUP(free) char *below = NULL;

		if (entry->d_name[0] == '.')
			continue;
		if (asprintf(&below, "%s/%s", path, entry->d_name) < 0)
			abort();
		replayed += replay(below);
	}
	free(entries);
	return replayed;
}

static unsigned replay(const char *path)
{
	struct stat status;

	if (stat(path, &status) < 0 || status.st_size > INPUT_BYTES_MAX)
		fail(path);
	if (S_ISDIR(status.st_mode))
		return replay_directory(path);
	replay_file(path, status.st_size);
	return 1;
}

int main(int argc, char **argv)
{
	unsigned replayed = 0;

	for (int i = 1; i < argc; i++)
		replayed += replay(argv[i]);
	(void)printf("%u inputs\n", replayed);
	/* A corpus that was not found must not look like one without a finding. */
	return replayed ? 0 : 1;
}
