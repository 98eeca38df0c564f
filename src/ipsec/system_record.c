// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/system_record.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strbuf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORD_MAX_BYTES 4096

static void read_line(const char *line, struct system_record *record)
{
	char id[ASK_KEY_ID_SIZE];
	unsigned port;
	int pid;

	if (sscanf(line, "socket %107[^\n]", record->socket) == 1)
		return;
	if (sscanf(line, "port %u", &port) == 1 && port <= UINT16_MAX)
		record->settings.port = (uint16_t)port;
	else if (!strncmp(line, "userspace\n", strlen("userspace\n")))
		record->settings.is_userspace = true;
	else if (sscanf(line, "pid %d", &pid) == 1)
		record->pid = pid;
	else if (sscanf(line, "key %40[0-9a-f]", id) == 1 && strlen(id) == ASK_KEY_ID_SIZE - 1)
		(void)system_record_add_key(record, id);
}

void system_record_read(const char *path, struct system_record *ret)
{
	CLEANUP(free) char *text = NULL;
	size_t size;

	*ret = (struct system_record) { 0 };
	if (file_read(path, RECORD_MAX_BYTES, &text, &size, NULL) < 0)
		return;
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		read_line(line, ret);
		if (!*line)
			break;
	}
}

int system_record_write(const char *path, const struct system_record *record, struct error *error)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	if (!record->socket[0])
		return file_delete(path, error);
	strbuf_printf(&text, "socket %s\nport %u\n%spid %d\n", record->socket,
		      record->settings.port, record->settings.is_userspace ? "userspace\n" : "",
		      (int)record->pid);
	for (size_t i = 0; i < record->keys_count; i++)
		strbuf_printf(&text, "key %s\n", record->keys[i]);
	return file_replace(path, text.bytes, text.length, 0600, error);
}

static size_t find_key(const struct system_record *record, const char *id)
{
	size_t i = 0;

	while (i < record->keys_count && strcmp(record->keys[i], id) != 0)
		i++;
	return i;
}

bool system_record_has_key(const struct system_record *record, const char *id)
{
	return find_key(record, id) < record->keys_count;
}

bool system_record_add_key(struct system_record *record, const char *id)
{
	if (system_record_has_key(record, id))
		return true;
	if (record->keys_count == SYSTEM_RECORD_KEYS_MAX)
		return false;
	(void)snprintf(record->keys[record->keys_count++], ASK_KEY_ID_SIZE, "%s", id);
	return true;
}

void system_record_remove_key(struct system_record *record, const char *id)
{
	size_t place = find_key(record, id);

	if (place < record->keys_count)
		memcpy(record->keys[place], record->keys[--record->keys_count], ASK_KEY_ID_SIZE);
}
