/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "json/json.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Names of organizations and nodes: [A-Za-z0-9]([A-Za-z0-9 ._-]{0,61}[A-Za-z0-9])?
 *
 * They end up in certificate names and in the configuration text of other programs. This small
 * alphabet shuts out injection in all of them at once.
 */
#define NAME_LENGTH_MAX 63

/* Copies the name into @ret (NAME_SIZE bytes), or E_NAME. @what: "organization", "common_name". */
int name_read(const struct json_cursor *cursor, const char *what, char *ret, struct error *error);

/* Does it have this form? */
bool name_is_valid(const char *name);

/* A DNS host name (RFC 1123 section 2.1) that no resolver takes for a number: "10.1" is refused. */
bool host_name_is_valid(const char *text);

/* A name and where it was found. */
struct named {
	const char *name;
	size_t index;
};

/*
 * Two names that are equal ignoring case. Sorts @names. *ret_first and *ret_second are indexes as
 * found, the lower one first.
 */
bool name_find_duplicate(struct named *names, size_t count, size_t *ret_first, size_t *ret_second);
