// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/folder.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "registry/document.h"
#include "registry/name.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

#define JSON_SUFFIX ".json"

static void document_done(struct source_document *document)
{
	envelope_done(&document->envelope);
}

void source_free(struct source *source)
{
	if (!source)
		return;
	for (size_t i = 0; i < source->meshes_count; i++)
		document_done(&source->meshes[i]);
	for (size_t i = 0; i < source->organizations_count; i++)
		document_done(&source->organizations[i]);
	free(source->meshes);
	free(source->organizations);
	if (source->draft)
		document_done(source->draft);
	if (source->manifest)
		document_done(source->manifest);
	free(source->draft);
	free(source->manifest);
	free(source->directory);
	if (source->directory_fd >= 0)
		(void)close(source->directory_fd);
	free(source);
}

const char *source_path(const char *directory, const char *path, char buffer[PATH_MAX])
{
	bool is_here = !strcmp(directory, ".");

	(void)snprintf(buffer, PATH_MAX, "%s%s%s", is_here ? "" : directory, is_here ? "" : "/",
		       path);
	return buffer;
}

/* What stands in @directory/@path.sig goes with @payload; without such a file nobody has signed. */
static int read_signatures(const char *directory, struct source_document *document,
			   enum document_type type, const char *payload, size_t size,
			   struct error *error)
{
	CLEANUP(free) char *text = NULL;
	char name[SOURCE_PATH_SIZE + 8], path[PATH_MAX];
	size_t text_size;
	int result;

	(void)snprintf(name, sizeof(name), "%s.sig", document->path);
	source_path(directory, name, path);
	if (access(path, F_OK) < 0 && errno == ENOENT) {
		envelope_make(type, payload, size, &document->envelope);
		return 0;
	}
	result = file_read(path, SOURCE_SIGNATURES_MAX, &text, &text_size, error);
	if (result == 0)
		result = envelope_parse_detached(text, text_size, path, payload, size,
						 &document->envelope, error);
	if (result < 0)
		return result;
	if (document->envelope.type != type)
		return error_set(error, -EINVAL, ERROR_ENVELOPE, path,
				 "payloadType is %s; expected %s",
				 document_payload_type(document->envelope.type),
				 document_payload_type(type));
	document->has_signatures = true;
	return 0;
}

static int read_document(const char *directory, struct source_document *document,
			 enum document_type type, struct error *error)
{
	CLEANUP(free) char *text = NULL;
	char path[PATH_MAX];
	size_t size;
	int result;

	result = file_read(source_path(directory, document->path, path), DOCUMENT_SIZE_MAX, &text,
			   &size, error);
	if (result < 0)
		return result;
	return read_signatures(directory, document, type, text, size, error);
}

static int read_single(const char *directory, const char *path, enum document_type type,
		       struct source_document **ret, struct error *error)
{
	*ret = NEW(struct source_document);
	(void)snprintf((*ret)->path, sizeof((*ret)->path), "%s", path);
	return read_document(directory, *ret, type, error);
}

/* Does @name end with ".json"? The length of what is before. */
static size_t stem_length(const char *name)
{
	size_t length = strlen(name), suffix = strlen(JSON_SUFFIX);

	return length > suffix && !strcmp(name + length - suffix, JSON_SUFFIX) ? length - suffix
									       : 0;
}

/* N of "mesh.N.json", or 0. */
static uint64_t mesh_number(const char *name)
{
	size_t stem = stem_length(name);
	char number[24];
	uint64_t value;

	if (strncmp(name, "mesh.", 5) != 0 || stem <= 5 || stem - 5 >= sizeof(number))
		return 0;
	memcpy(number, name + 5, stem - 5);
	number[stem - 5] = '\0';
	return number_parse(number, DOCUMENT_VERSION_MAX, &value) == 0 ? value : 0;
}

static int add_mesh(struct source *source, const char *name, struct error *error)
{
	struct source_document *document;
	uint64_t number = mesh_number(name);

	if (!number)
		return 0;
	document = ARRAY_APPEND(source->meshes, source->meshes_count);
	document->number = number;
	(void)snprintf(document->path, sizeof(document->path), "%.90s", name);
	return read_document(source->directory, document, DOCUMENT_MESH, error);
}

static int add_organization(struct source *source, const char *name, struct error *error)
{
	struct source_document *document;
	size_t stem = stem_length(name);
	char path[PATH_MAX], relative[300];

	if (!stem || name[0] == '.')
		return 0;
	document = ARRAY_APPEND(source->organizations, source->organizations_count);
	(void)snprintf(document->name, sizeof(document->name), "%.*s", (int)stem, name);
	if (stem >= sizeof(document->name) || !name_is_valid(document->name)) {
		(void)snprintf(relative, sizeof(relative), SOURCE_ORGANIZATIONS "/%.255s", name);
		return error_set(error, -EINVAL, ERROR_NAME,
				 source_path(source->directory, relative, path),
				 "the file of an organization is called NAME.json; its name has at "
				 "most 63 letters, digits, space, \".\", \"_\", \"-\"");
	}
	(void)snprintf(document->path, sizeof(document->path), SOURCE_ORGANIZATIONS "/%.70s", name);
	return read_document(source->directory, document, DOCUMENT_ORG, error);
}

static int for_each_file(const char *directory,
			 int (*add)(struct source *source, const char *name, struct error *error),
			 struct source *source, struct error *error)
{
	DIR *stream = opendir(directory);
	struct dirent *entry;
	int result = 0;

	if (!stream)
		return error_set(error, -errno, ERROR_FILE, directory, "cannot open: %m");
	while (result == 0 && (entry = readdir(stream)))
		result = add(source, entry->d_name, error);
	(void)closedir(stream);
	return result;
}

static bool exists(const char *directory, const char *path)
{
	char buffer[PATH_MAX];

	return access(source_path(directory, path, buffer), F_OK) == 0;
}

static int compare_meshes(const void *a, const void *b)
{
	const struct source_document *left = a, *right = b;

	return left->number < right->number ? -1 : left->number > right->number;
}

static int compare_organizations(const void *a, const void *b)
{
	return strcmp(((const struct source_document *)a)->name,
		      ((const struct source_document *)b)->name);
}

static int read_all(struct source *source, struct error *error)
{
	const char *directory = source->directory;
	char path[PATH_MAX];
	int result = for_each_file(directory, add_mesh, source, error);

	if (result == 0 && exists(directory, SOURCE_DRAFT))
		result = read_single(directory, SOURCE_DRAFT, DOCUMENT_MESH, &source->draft, error);
	if (result == 0 && exists(directory, SOURCE_MANIFEST))
		result = read_single(directory, SOURCE_MANIFEST, DOCUMENT_MANIFEST,
				     &source->manifest, error);
	if (result == 0 && exists(directory, SOURCE_ORGANIZATIONS))
		result = for_each_file(source_path(directory, SOURCE_ORGANIZATIONS, path),
				       add_organization, source, error);
	if (result == 0 && !source->meshes_count && !source->draft)
		result = error_set(error, -ENOENT, ERROR_FILE, directory,
				   "holds no registry (no mesh document); make one with aronet "
				   "registry init, or name its folder with -C");
	return result;
}

static int open_directory(struct source *source, bool for_writing, struct error *error)
{
	source->directory_fd = open(source->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (source->directory_fd < 0)
		return error_set(error, -errno, ERROR_FILE, source->directory, "cannot open: %m");
	if (for_writing && flock(source->directory_fd, LOCK_EX | LOCK_NB) < 0)
		return error_set(error, -errno, ERROR_BUSY, source->directory,
				 "another command is at work in this folder");
	return 0;
}

int source_document_json(const struct source *source, const struct source_document *document,
			 struct json_object **ret, struct error *error)
{
	const struct envelope *envelope = &document->envelope;
	CLEANUP(json_document_free) struct json_document *parsed = NULL;
	struct json_object *copy = NULL;
	char path[PATH_MAX];
	int result = json_document_parse(envelope->payload, envelope->payload_size, JSON_STRICT,
					 source_path(source->directory, document->path, path),
					 &parsed, error);

	if (result < 0)
		return result;
	if (json_object_deep_copy(json_document_root(parsed).value, &copy, NULL) < 0)
		return error_set(error, -ENOMEM, ERROR_FILE, path, "cannot copy");
	*ret = copy;
	return 0;
}

/* What a signature sets; an edit keeps that of the version which it was made from. */
static int without_stamp(const struct source *source, const struct source_document *document,
			 struct json_object **ret, int64_t *ret_version)
{
	static const char *const stamped[] = { "version", "prev", "issued", "expires" };
	int result = source_document_json(source, document, ret, NULL);

	if (result < 0)
		return result;
	*ret_version = json_object_get_int64(json_object_object_get(*ret, "version"));
	for (size_t i = 0; i < ARRAY_SIZE(stamped); i++)
		json_object_object_del(*ret, stamped[i]);
	return 0;
}

/*
 * Has the draft become the newest version already? A crash came between the writing of mesh.N.json
 * and the removal of mesh.json then. One that was signed to renew that version has a later one.
 */
static bool is_leftover(const struct source *source, const struct source_document *newest)
{
	struct json_object *one = NULL, *other = NULL;
	int64_t version = 0, signed_version = 0;
	bool result;

	result = without_stamp(source, source->draft, &one, &version) == 0 &&
		 without_stamp(source, newest, &other, &signed_version) == 0 &&
		 version <= signed_version && json_object_equal(one, other);
	json_object_put(one);
	json_object_put(other);
	return result;
}

static void drop_leftover(struct source *source)
{
	const struct source_document *newest = source_newest_mesh(source);

	if (!source->draft || !newest || !is_leftover(source, newest))
		return;
	document_done(source->draft);
	free(source->draft);
	source->draft = NULL;
	source->has_leftover = true;
}

int source_read(const char *directory, bool for_writing, struct source **ret, struct error *error)
{
	CLEANUP(source_free) struct source *source = NEW(struct source);
	int result;

	source->directory = memory_strdup(directory);
	result = open_directory(source, for_writing, error);
	if (result == 0)
		result = read_all(source, error);
	if (result < 0)
		return result;
	if (source->meshes_count)
		qsort(source->meshes, source->meshes_count, sizeof(source->meshes[0]),
		      compare_meshes);
	if (source->organizations_count)
		qsort(source->organizations, source->organizations_count,
		      sizeof(source->organizations[0]), compare_organizations);
	drop_leftover(source);
	*ret = TAKE(source);
	return 0;
}

const struct source_document *source_newest_mesh(const struct source *source)
{
	return source->meshes_count ? &source->meshes[source->meshes_count - 1] : NULL;
}

const struct source_document *source_current_mesh(const struct source *source)
{
	return source->draft ? source->draft : source_newest_mesh(source);
}

static int compare_name_with_organization(const void *name, const void *organization)
{
	return strcmp(name, ((const struct source_document *)organization)->name);
}

struct source_document *source_find_organization(const struct source *source, const char *name)
{
	if (!source->organizations_count)
		return NULL;
	return bsearch(name, source->organizations, source->organizations_count,
		       sizeof(source->organizations[0]), compare_name_with_organization);
}

/* "org/north.json" or "org/north" */
static struct source_document *find_organization_file(struct source *source, const char *word)
{
	char name[NAME_SIZE + 8];
	size_t stem;

	if (strncmp(word, SOURCE_ORGANIZATIONS "/", strlen(SOURCE_ORGANIZATIONS) + 1) != 0)
		return NULL;
	(void)snprintf(name, sizeof(name), "%.70s", word + strlen(SOURCE_ORGANIZATIONS) + 1);
	stem = stem_length(name);
	if (stem)
		name[stem] = '\0';
	return source_find_organization(source, name);
}

int source_find(struct source *source, const char *word, struct source_document **ret,
		struct error *error)
{
	struct source_document *found = find_organization_file(source, word);

	if (!strcmp(word, "mesh") || !strcmp(word, SOURCE_DRAFT))
		found = source->draft	       ? source->draft
			: source->meshes_count ? &source->meshes[source->meshes_count - 1]
					       : NULL;
	else if (!strcmp(word, "manifest") || !strcmp(word, SOURCE_MANIFEST))
		found = source->manifest;
	if (!found)
		return error_set(error, -ENOENT, ERROR_USAGE, word,
				 "is no document of this registry; expected mesh, manifest or "
				 "org/NAME.json");
	*ret = found;
	return 0;
}

int source_recall(const struct source *source, const char *path, enum document_type type,
		  struct envelope *ret)
{
	CLEANUP(free) char *text = NULL;
	char copy[SOURCE_PATH_SIZE + 16], full[PATH_MAX];
	size_t size;

	(void)snprintf(copy, sizeof(copy), SOURCE_SIGNED "/%s", path);
	if (file_read(source_path(source->directory, copy, full), DOCUMENT_SIZE_MAX, &text, &size,
		      NULL) < 0)
		return -ENOENT;
	envelope_make(type, text, size, ret);
	return 0;
}
