/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "base/warning.h"
#include "core/model.h"
#include "json/json.h"

#include <sys/types.h>

/*
 * What is known while the members are read. Rows of a table are read in order, so that a row finds
 * what it depends on already there: prefixes before addresses in them, daemon before endpoints.
 */
struct config_reader {
	struct config *config;
	struct warnings *warnings;
	const char *name; /* of the file */
	mode_t mode;	  /* of the file; 0 if the text is not from a file */
	bool has_mode;	  /* "mode" or "use_netns" */
	bool has_wireguard_key;
	/* Prefixes before this one are from the list of the other name. */
	size_t prefixes_start;
};

struct config_table {
	const char *object;
	const struct json_member *members;
	size_t members_count;
};
extern const struct config_table config_daemon_table;
extern const struct config_table config_endpoint_table;
extern const struct config_table config_wireguard_table;
extern const struct config_table config_ipsec_table;
extern const struct config_table config_babel_table;
extern const struct config_table config_registry_table;
extern const struct config_table config_policy_table;

/* Rows of the tables; @target is the struct config_reader. */
int config_read_daemon(const struct json_cursor *cursor, void *target, struct error *error);
int config_read_network(const struct json_cursor *cursor, void *target, struct error *error);
int config_read_prefixes(const struct json_cursor *cursor, void *target, struct error *error);
int config_read_extra_ip(const struct json_cursor *cursor, void *target, struct error *error);
int config_read_endpoints(const struct json_cursor *cursor, void *target, struct error *error);
int config_read_private_key(const struct json_cursor *cursor, void *target, struct error *error);
int config_read_wireguard(const struct json_cursor *cursor, void *target, struct error *error);
int config_read_ipsec(const struct json_cursor *cursor, void *target, struct error *error);
int config_read_babel(const struct json_cursor *cursor, void *target, struct error *error);
int config_read_registry(const struct json_cursor *cursor, void *target, struct error *error);
int config_read_policy(const struct json_cursor *cursor, void *target, struct error *error);
int config_read_psk(const struct json_cursor *cursor, void *target, struct error *error);
int config_read_psk_secrets(const struct json_cursor *cursor, void *target, struct error *error);
int config_read_ppk_required(const struct json_cursor *cursor, void *target, struct error *error);

/* Of the three together, when all have been read. @root: the whole document. */
int config_check_psk(const struct json_cursor *root, const struct config *config,
		     struct error *error);

/*
 * The file of a key, as crypto_key_file_read(). @key_kind says what could stand here inline.
 * *ret_name is what messages call the file; both results are the caller's, who wipes *ret.
 */
int config_read_key_file(const struct json_cursor *cursor, const struct config_reader *reader,
			 const char *key_kind, const char *path, char **ret_name, char **ret,
			 struct error *error);

/* Wipes and frees it. */
void config_wipe_text(char *text);
CLEANUP_DEFINE(char *, config_wipe_text);

/*
 * A prefix; host bits are masked with W02, as the original aronet does: its example has fd66::1/64.
 */
int config_read_prefix(const struct json_cursor *cursor, struct config_reader *reader,
		       struct ip_prefix *ret, struct error *error);

/*
 * An absolute path of at most @maximum bytes that may stand in a message and in a generated
 * configuration file. @why: of the limit. *@ret is replaced.
 */
int config_read_absolute_path(const struct json_cursor *cursor, size_t maximum, const char *why,
			      char **ret, struct error *error);

/* Relative to the configuration's directory, not to where the daemon was started. malloc()ed. */
char *config_resolve_path(const struct config_reader *reader, const char *path);

/*
 * All of a regular file of at most @limit_bytes that others cannot write. Does not block on a FIFO.
 * E_FILE, E_TOO_BIG. @ret_mode may be NULL.
 */
int config_read_file(const char *path, size_t limit_bytes, char **ret, size_t *ret_size,
		     mode_t *ret_mode, struct error *error);

/* The member of @config's own networks that contains @address, or NULL. */
const struct ip_prefix *config_own_prefix_of(const struct config *config,
					     const struct ip_address *address);
