// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/exchange_files.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/strbuf.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

void exchange_files_done(struct exchange_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		free((char *)(uintptr_t)files->items[i].text);
		free((char *)(uintptr_t)files->items[i].name);
	}
	free(files->items);
}

static int read_file(const char *path, struct exchange_files *files, struct error *error)
{
	const char *name = !strcmp(path, "-") ? "standard input" : path;
	char *text;
	size_t size;
	int result;

	if (files->count >= EXCHANGE_FILES_MAX)
		return error_set(error, -EFBIG, ERROR_TOO_BIG, path, "more than %d files",
				 EXCHANGE_FILES_MAX);
	result = file_read(path, EXCHANGE_TEXT_MAX, &text, &size, error);
	if (result < 0)
		return result;
	*ARRAY_APPEND(files->items, files->count) = (struct exchange_text) {
		.text = text,
		.size = size,
		.name = memory_strdup(name),
	};
	return 0;
}

static int is_peer_file(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return entry->d_name[0] != '.' && length > strlen(".conf") &&
	       !strcmp(entry->d_name + length - strlen(".conf"), ".conf");
}

static int read_folder(const char *path, struct exchange_files *files, struct error *error)
{
	struct dirent **entries = NULL;
	int count = scandir(path, &entries, is_peer_file, alphasort);
	int result = 0;

	if (count < 0)
		return error_set(error, -errno, ERROR_FILE, path, "%s", strerror(errno));
	if (count == 0)
		result = error_set(error, -ENOENT, ERROR_FILE, path,
				   "no *.conf in this folder, one for each peer");
	for (int i = 0; i < count; i++) {
		CLEANUP(strbuf_done) struct strbuf file = { 0 };

		strbuf_printf(&file, "%s/%s", path, entries[i]->d_name);
		if (result == 0)
			result = read_file(strbuf_text(&file), files, error);
		free(entries[i]);
	}
	free(entries);
	return result;
}

int exchange_files_read(const struct cli_list *operands, struct exchange_files *ret,
			struct error *error)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < operands->count; i++) {
		const char *path = operands->items[i];
		struct stat status;
		bool is_folder = stat(path, &status) == 0 && S_ISDIR(status.st_mode);

		result = is_folder ? read_folder(path, ret, error) : read_file(path, ret, error);
	}
	return result;
}

void exchange_print_report(const struct report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		const struct report_line *line = &report->lines[i];

		(void)fprintf(stderr, "aronet: note: %s%s%s\n", line->place ? line->place : "",
			      line->place ? ": " : "", line->text);
	}
	if (report->more)
		(void)fprintf(stderr, "aronet: note: %zu more like these\n", report->more);
}

unsigned exchange_max_nodes(const struct exchange_organization *organization)
{
	size_t wanted = organization->nodes_count + MESH_NODES_DEFAULT;

	if (organization->nodes_count <= MESH_NODES_DEFAULT)
		return 0;
	return wanted < REGISTRY_NODES_MAX ? (unsigned)wanted : REGISTRY_NODES_MAX;
}

static void print_nodes(struct json_object *nodes)
{
	for (size_t i = 0; i < json_object_array_length(nodes); i++) {
		struct json_object *node = json_object_array_get_idx(nodes, i);
		struct json_object *remarks = json_object_object_get(node, "remarks");

		(void)printf("  %-24s %s\n",
			     json_object_get_string(json_object_object_get(node, "common_name")),
			     json_object_get_string(json_object_object_get(remarks, "network")));
	}
}

void exchange_print_plan(const struct exchange_result *result)
{
	for (size_t i = 0; i < result->count; i++) {
		const struct exchange_organization *organization = &result->organizations[i];
		unsigned max_nodes = exchange_max_nodes(organization);
		char text[IP_PREFIX_TEXT_SIZE];

		(void)printf("organization \"%s\", %zu node%s:\n", organization->name,
			     organization->nodes_count, organization->nodes_count == 1 ? "" : "s");
		print_nodes(json_object_object_get(organization->body, "nodes"));
		(void)printf("  aronet registry member add \"%s\" --key FILE.pub",
			     organization->name);
		for (size_t j = 0; j < organization->grants_count; j++)
			(void)printf(" --grant %s-%u",
				     ip_prefix_format(&organization->grants[j].prefix, text),
				     organization->grants[j].max_length);
		if (max_nodes)
			(void)printf(" --max-nodes %u", max_nodes);
		(void)puts("");
	}
}
