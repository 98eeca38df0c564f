// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/store.h"

#include "registry/mesh.h"
#include "registry/registry.h"

#include "base/file.h"
#include "base/memory.h"
#include "crypto/crypto.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

#define STORE_DIRECTORY_MODE 0700
#define STORE_FILE_MODE 0600

void store_state_done(struct store_state *state)
{
	trust_free(state->trust);
	*state = (struct store_state) { 0 };
}

static int store_path(const char *state_dir, const char *name, char ret[PATH_MAX],
		      struct error *error)
{
	if (snprintf(ret, PATH_MAX, "%s/%s", state_dir, name) < PATH_MAX)
		return 0;
	return error_set(error, -ENAMETOOLONG, ERROR_STATE_WRITE, NULL,
			 "the path of the state directory is too long");
}

static int read_file(const char *path, size_t limit_bytes, char **ret, size_t *ret_size,
		     struct error *error)
{
	struct error cause;
	int result = file_read(path, limit_bytes, ret, ret_size, &cause);

	if (result < 0 && result != -ENOENT)
		return error_set(error, result, ERROR_STATE_CORRUPT, path, "%.300s", cause.text);
	return result;
}

int registry_store_read(const char *state_dir, char **ret, size_t *ret_size, struct error *error)
{
	char path[PATH_MAX];
	int result = store_path(state_dir, REGISTRY_STORE_FILE, path, error);

	return result < 0 ? result : read_file(path, BUNDLE_SIZE_MAX, ret, ret_size, error);
}

static int read_trust_text(const char *state_dir, char path[PATH_MAX], char **ret, size_t *ret_size,
			   uint8_t ret_digest[KEY_SIZE], struct error *error)
{
	int result = store_path(state_dir, TRUST_FILE, path, error);

	if (result == 0)
		result = read_file(path, TRUST_SIZE_MAX, ret, ret_size, error);
	if (result == 0)
		crypto_sha256(*ret, *ret_size, ret_digest);
	return result;
}

int registry_store_read_trust(const char *state_dir, struct trust **ret,
			      uint8_t ret_digest[KEY_SIZE], struct error *error)
{
	CLEANUP(free) char *text = NULL;
	char path[PATH_MAX];
	size_t size;
	int result = read_trust_text(state_dir, path, &text, &size, ret_digest, error);

	return result < 0 ? result : trust_parse(text, size, path, ret, error);
}

int registry_store_verify(const struct store_rules *rules, const struct trust *trust,
			  const char *bytes, size_t size, struct warnings *warnings,
			  struct verified *ret, struct error *error)
{
	const struct registry_options options = {
		.allow_unsigned_config = rules->allow_unsigned_config,
		.allow_unsigned_flag = true,
		.allow_empty = true,
		.verify = {
			.trust = trust,
			.mesh_sha256 = rules->mesh_sha256,
			.clock = rules->clock,
			.build_date = rules->build_date,
			.was_accepted = true,
		},
	};
	char path[PATH_MAX];
	int result = store_path(rules->state_dir, REGISTRY_STORE_FILE, path, error);

	if (result < 0)
		return result;
	return registry_load_verified(bytes, size, path, &options, warnings, ret, error);
}

/* Without trust.json: what last-good.json still says. One that cannot be read may be signed. */
static void rebuild_state(const struct store_rules *rules, struct warnings *warnings,
			  struct store_state *state)
{
	CLEANUP(verified_done) struct verified verified = { 0 };
	CLEANUP(free) char *bytes = NULL;
	size_t size;
	int result = registry_store_read(rules->state_dir, &bytes, &size, NULL);

	state->has_signed_state = result == 0 ? registry_is_bundle(bytes, size) : result != -ENOENT;
	if (result < 0 || !state->has_signed_state ||
	    registry_store_verify(rules, NULL, bytes, size, NULL, &verified, NULL) < 0)
		return;
	state->trust = TAKE(verified.trust);
	warnings_add(warnings, "W05", "trust state rebuilt from last-good");
}

int registry_store_read_state(const struct store_rules *rules, struct warnings *warnings,
			      struct store_state *ret, struct error *error)
{
	CLEANUP(store_state_done) struct store_state state = { 0 };
	int result = registry_store_read_trust(rules->state_dir, &state.trust, state.digest, error);

	if (result < 0 && result != -ENOENT)
		return result;
	state.has_trust_file = state.has_signed_state = result == 0;
	if (result == -ENOENT)
		rebuild_state(rules, warnings, &state);
	*ret = state;
	state.trust = NULL;
	return 0;
}

/* For messages of the one kind that a person is to see here. */
static int fail_record(const char *state_dir, int result, struct error *error)
{
	return error_set(error, result, ERROR_STATE_WRITE, NULL,
			 "cannot record trust state in %s: %s; registry not applied", state_dir,
			 strerror(-result));
}

/*
 * Against registry_store_reset() by another process. The descriptor that holds the lock; -1 where
 * it cannot be had, and then writing fails, too, or nobody else is there.
 */
static int lock(const char *state_dir)
{
	int fd = open(state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && flock(fd, LOCK_EX) == 0)
		return fd;
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

static int check_unchanged(const char *state_dir, const struct store_state *before,
			   struct error *error)
{
	CLEANUP(free) char *text = NULL;
	uint8_t digest[KEY_SIZE];
	char path[PATH_MAX];
	size_t size;
	int result = read_trust_text(state_dir, path, &text, &size, digest, NULL);

	if (result == -ENOENT && !before->has_trust_file)
		return 0;
	if (result == 0 && before->has_trust_file && !memcmp(digest, before->digest, KEY_SIZE))
		return 0;
	return error_set(error, -EAGAIN, ERROR_BUSY, NULL,
			 "the trust state in %s was changed while the registry was being verified; "
			 "load it again",
			 state_dir);
}

/* Both are complete on the disk before the first of them gets its name. */
static int write_files(const char *registry_path, const char *trust_path, const char *bytes,
		       size_t size, const struct trust *trust)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	int result = file_stage(registry_path, bytes, size, STORE_FILE_MODE, NULL);

	if (result == 0 && trust) {
		trust_format(trust, &text);
		result = file_stage(trust_path, strbuf_text(&text), text.length, STORE_FILE_MODE,
				    NULL);
		if (result < 0)
			file_unstage(registry_path);
	}
	if (result == 0)
		result = file_publish(registry_path, NULL);
	if (result == 0 && trust)
		result = file_publish(trust_path, NULL);
	else if (trust)
		file_unstage(trust_path);
	return result;
}

int registry_store_record(const char *state_dir, const struct store_state *before,
			  const struct trust *trust, const char *bytes, size_t size,
			  struct error *error)
{
	char registry_path[PATH_MAX], trust_path[PATH_MAX];
	CLEANUP(close) int lock_fd = -1;
	int result = store_path(state_dir, REGISTRY_STORE_FILE, registry_path, error);

	if (result == 0)
		result = store_path(state_dir, TRUST_FILE, trust_path, error);
	if (result < 0)
		return result;
	result = file_make_directory(state_dir, STORE_DIRECTORY_MODE, NULL);
	if (result < 0)
		return fail_record(state_dir, result, error);
	lock_fd = lock(state_dir);
	result = check_unchanged(state_dir, before, error);
	if (result < 0)
		return result;
	result = write_files(registry_path, trust_path, bytes, size, trust);
	return result < 0 ? fail_record(state_dir, result, error) : 0;
}

int registry_store_write_trust(const char *state_dir, const struct trust *trust,
			       struct error *error)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	CLEANUP(close) int lock_fd = -1;
	char path[PATH_MAX];
	int result = store_path(state_dir, TRUST_FILE, path, error);

	if (result == 0)
		result = file_make_directory(state_dir, STORE_DIRECTORY_MODE, error);
	if (result < 0)
		return result;
	lock_fd = lock(state_dir);
	trust_format(trust, &text);
	return file_replace(path, strbuf_text(&text), text.length, STORE_FILE_MODE, error);
}

static int remove_file(const char *state_dir, const char *name, struct error *error)
{
	char path[PATH_MAX];
	int result = store_path(state_dir, name, path, error);

	if (result < 0)
		return result;
	if (unlink(path) < 0 && errno != ENOENT)
		return error_set(error, -errno, ERROR_STATE_WRITE, path, "cannot remove: %m");
	return 0;
}

static int reset_to_nothing(const char *state_dir, struct error *error)
{
	CLEANUP(close) int lock_fd = lock(state_dir);
	/* The other order would rebuild trust from last-good.json after a crash between the two. */
	int result = remove_file(state_dir, REGISTRY_STORE_FILE, error);

	if (result == 0)
		result = remove_file(state_dir, TRUST_FILE, error);
	if (result == 0 && lock_fd >= 0 && fsync(lock_fd) < 0)
		return error_set(error, -errno, ERROR_STATE_WRITE, state_dir, "cannot write: %m");
	return result;
}

int registry_store_reset(const char *state_dir, const void *payload, size_t size, const char *name,
			 struct error *error)
{
	CLEANUP(mesh_document_free) struct mesh_document *mesh = NULL;
	struct trust trust = { 0 };
	int result;

	if (!payload)
		return reset_to_nothing(state_dir, error);
	result = mesh_document_parse(payload, size, name, &mesh, error);
	if (result < 0)
		return result;
	memcpy(trust.mesh_id, mesh->header.mesh_id, MESH_ID_SIZE);
	trust.mesh_version = mesh->header.version;
	trust.mesh_keys = mesh->mesh_role;
	trust.last_seen = mesh->header.issued;
	crypto_sha256(payload, size, trust.mesh_digest);
	return registry_store_write_trust(state_dir, &trust, error);
}
