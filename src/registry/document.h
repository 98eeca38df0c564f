/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "registry/envelope.h"
#include "registry/node.h"

#include "core/model.h"
#include "json/json.h"

/*
 * What mesh, org and manifest documents have in common (registry specification, section 3), and how
 * each is read: an authentic payload goes through the strict scanner, json-c, the header below, and
 * only then the table of its own members. Places read `org "example":12:5: /nodes/3/...`.
 */
#define DOCUMENT_SPEC 1
#define DOCUMENT_VERSION_MAX 9007199254740991 /* 2^53 - 1 */
#define MESH_ID_SIZE 16
#define DAY_SEC 86400
#define DOCUMENT_DAYS_MAX 366 /* a year */

struct document_header {
	uint8_t mesh_id[MESH_ID_SIZE];
	uint64_t version; /* 0 in a request, which has none */
	int64_t issued;
	int64_t expires; /* 0 in a request */
};

/* How messages call a document: `mesh 12`, `manifest 481`, `org "example"`. */
#define DOCUMENT_NAME_SIZE (NAME_SIZE + 32)

/*
 * `type`, `spec`, `mesh_id`, `version`, `issued`, `expires` of the document at @root, before
 * anything else of it is used (step 7). E_ENVELOPE if `type` is not that of @type; E_TYPE for
 * another `spec`; E_VALUE for dates that are none or in the wrong order.
 */
int document_read_header(const struct json_cursor *root, enum document_type type,
			 struct document_header *ret, struct error *error);

/*
 * The first steps with any payload: size, scanner, json-c and header. @name is what messages call
 * the document. E_TOO_BIG, those of json_document_parse() and document_read_header(); E_EXPIRED for
 * mesh and org documents that are valid for more than a year.
 */
int document_open(const void *payload, size_t size, const char *name, enum document_type type,
		  struct json_document **ret, struct document_header *ret_header,
		  struct error *error);

/*
 * For messages only: mesh_id and version of a payload that is *not* authentic, if it can be read so
 * far. 0 or -EINVAL.
 */
int document_peek(const struct envelope *envelope, struct document_header *ret);

/*
 * Rows for the members of the header, to be put first into the table of a document, so that they
 * are known there; document_read_header() has read them.
 */
#define DOCUMENT_HEADER_MEMBERS                                                                    \
	{ "type", true, document_skip }, { "spec", true, document_skip },                          \
		{ "mesh_id", true, document_skip }, { "version", true, document_skip },            \
		{ "issued", true, document_skip },                                                 \
	{                                                                                          \
		"expires", true, document_skip                                                     \
	}
int document_skip(const struct json_cursor *cursor, void *target, struct error *error);

/* Readers of members that several documents have; each E_TYPE or E_VALUE with the place. */
int document_read_timestamp(const struct json_cursor *cursor, int64_t *ret, struct error *error);
int document_read_version(const struct json_cursor *cursor, uint64_t *ret, struct error *error);
int document_read_digest(const struct json_cursor *cursor, uint8_t ret[KEY_SIZE],
			 struct error *error);

struct keyset;
/*
 * `keys`: objects with `id` and `public_key` (and, where @holders, a free text `holder`) into the
 * keys of @ret. E_KEY_FORMAT, E_KEY_WEAK, E_KEY_DUP, E_TOO_BIG. Does not set the threshold.
 */
#define DOCUMENT_KEY_TABLES 2 /* of organizations, without holder, and of the mesh */
extern const struct member_table document_key_tables[DOCUMENT_KEY_TABLES];
int document_read_keys(const struct json_cursor *cursor, bool holders, struct keyset *ret,
		       struct error *error);

/* 32 lower-case hex digits; E_KEY_FORMAT. */
int document_read_keyid(const struct json_cursor *cursor, char ret[CRYPTO_KEYID_SIZE],
			struct error *error);

/*
 * `threshold` of @keyset, whose keys were read before. @what opens the text: `role "mesh"`.
 * E_THRESHOLD_RANGE.
 */
int document_read_threshold(const struct json_cursor *cursor, const char *what,
			    struct keyset *keyset, struct error *error);
