// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/sysctl_saved.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/strbuf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Some dozen lines; more was not written by us. */
#define SAVED_FILE_BYTES_MAX 65536

void saved_values_done(struct saved_values *values)
{
	free(TAKE(values->items));
	values->count = 0;
}

struct saved_value *saved_values_find(const struct saved_values *values, const char *sysctl_path)
{
	for (size_t i = 0; i < values->count; i++)
		if (!strcmp(values->items[i].path, sysctl_path))
			return &values->items[i];
	return NULL;
}

void saved_values_add(struct saved_values *values, const struct saved_value *value)
{
	*ARRAY_APPEND(values->items, values->count) = *value;
}

void saved_values_remove(struct saved_values *values, struct saved_value *value)
{
	*value = values->items[--values->count];
}

static bool copy_field(const char *text, char *buffer, size_t size)
{
	return text && text[0] && snprintf(buffer, size, "%s", text) < (int)size;
}

static bool parse_line(char *line, struct saved_value *ret)
{
	const char *path = strsep(&line, "\t");
	const char *set = strsep(&line, "\t");
	const char *before = strsep(&line, "\t");

	*ret = (struct saved_value) { 0 };
	return !line && copy_field(path, ret->path, sizeof(ret->path)) &&
	       copy_field(set, ret->set, sizeof(ret->set)) &&
	       copy_field(before, ret->before, sizeof(ret->before)) &&
	       !strncmp(ret->path, "net/", 4) && !strstr(ret->path, "..");
}

static int parse(char *text, const char *path, struct saved_values *values, struct error *error)
{
	unsigned number = 0;
	char *line;

	while ((line = strsep(&text, "\n"))) {
		struct saved_value value;

		number++;
		if (!line[0] && !text)
			break;
		if (!parse_line(line, &value))
			return error_set(error, -EBADMSG, ERROR_STATE_CORRUPT, path,
					 "line %u is not \"path<tab>set<tab>before\"; compare the "
					 "listed sysctls by hand, then remove the file",
					 number);
		saved_values_add(values, &value);
	}
	return 0;
}

int saved_values_read(const char *path, struct saved_values *ret, struct error *error)
{
	CLEANUP(saved_values_done) struct saved_values values = { 0 };
	CLEANUP(free) char *text = NULL;
	size_t size;
	int result = 0;

	if (access(path, F_OK) == 0 || errno != ENOENT) {
		result = file_read(path, SAVED_FILE_BYTES_MAX, &text, &size, error);
		if (result == 0)
			result = parse(text, path, &values, error);
	}
	if (result < 0)
		return result;
	*ret = values;
	values = (struct saved_values) { 0 };
	return 0;
}

int saved_values_write(const struct saved_values *values, const char *path, struct error *error)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	if (!values->count) {
		if (unlink(path) < 0 && errno != ENOENT)
			return error_set(error, -errno, ERROR_STATE_WRITE, path,
					 "cannot remove: %m");
		return 0;
	}
	for (size_t i = 0; i < values->count; i++)
		strbuf_printf(&text, "%s\t%s\t%s\n", values->items[i].path, values->items[i].set,
			      values->items[i].before);
	return file_replace(path, text.bytes, text.length, 0600, error);
}
