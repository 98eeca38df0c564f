/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * What a person is told. Functions that can fail for a reason outside the program return 0 or
 * -errno and, where a person will read it, fill a struct error: a stable code, the place
 * ("config.json:14:5", "/1/nodes/0/endpoints/2/port") and a text that says what was found, what
 * was expected and what to do next. Set once by who knows the cause; callers pass it on.
 */
enum error_code {
	ERROR_NONE,
	ERROR_APPLY,
	ERROR_BUSY,
	ERROR_CTL_DOWN,
	ERROR_CTL_FD,
	ERROR_CTL_PERM,
	ERROR_DEPTH,
	ERROR_DUP_KEY,
	ERROR_ENVELOPE,
	ERROR_EQUIVOCATION,
	ERROR_EXPIRED,
	ERROR_FETCH,
	ERROR_FILE,
	ERROR_FUTURE,
	ERROR_GRANT,
	ERROR_HASH,
	ERROR_KEYFILE,
	ERROR_KEY_DUP,
	ERROR_KEY_FORMAT,
	ERROR_KEY_REUSED,
	ERROR_KEY_REVOKED,
	ERROR_KEY_ROLE,
	ERROR_KEY_WEAK,
	ERROR_LOCAL_POLICY,
	ERROR_MESH,
	ERROR_MESH_CHAIN,
	ERROR_MESH_PIN,
	ERROR_MISSING,
	ERROR_NAME,
	ERROR_NUMBER,
	ERROR_OMITTED,
	ERROR_OVERLAP,
	ERROR_ROLLBACK,
	ERROR_RUNNING,
	ERROR_SELF,
	ERROR_SIG_THRESHOLD,
	ERROR_STATE_CORRUPT,
	ERROR_STATE_WRITE,
	ERROR_SYNTAX,
	ERROR_THRESHOLD_RANGE,
	ERROR_TOO_BIG,
	ERROR_TYPE,
	ERROR_UNKNOWN_MEMBER,
	ERROR_UNSIGNED,
	ERROR_UNSIGNED_DOWNGRADE,
	ERROR_UNSUPPORTED,
	ERROR_USAGE,
	ERROR_UTF8,
	ERROR_VALUE,
};

/* Exit codes of every command; stable, documented in README.md and aronet(8). */
enum exit_code {
	EXIT_DONE = 0,
	EXIT_DIFFERENT = 1, /* status: something is not as intended; diff: not the same */
	EXIT_USAGE = 2,
	EXIT_CONFIG = 3,   /* config.json or a key file */
	EXIT_REGISTRY = 4, /* the registry was refused */
	EXIT_POLICY = 5,   /* the registry was refused by a grant, an overlap or local policy */
	EXIT_DAEMON = 6,   /* no daemon, or the control socket failed */
	EXIT_PERMISSION = 7,
	EXIT_STATE = 8, /* the state directory */
	EXIT_APPLY = 9, /* accepted, but the kernel or a helper refused a part */
};

#define ERROR_PLACE_SIZE 192
#define ERROR_TEXT_SIZE 512

struct error {
	enum error_code code;
	char place[ERROR_PLACE_SIZE]; /* may be empty */
	char text[ERROR_TEXT_SIZE];
};

/*
 * Fill @error (may be NULL) and return @result, so that `return error_set(...)` reads well. @place
 * may be NULL. Texts that are too long are cut at the end; what a terminal would act upon is shown
 * as question marks, so callers may quote what they were given.
 */
int error_set(struct error *error, int result, enum error_code code, const char *place,
	      const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Puts "@prefix: " before the place, or makes it the place if there was none. */
void error_prefix_place(struct error *error, const char *prefix);

/* "E_TYPE"; stable, for scripts. */
const char *error_code_name(enum error_code code);

/* The code with that name, or ERROR_NONE. */
enum error_code error_code_from_name(const char *name);

/* Exit code of a refused *registry* or of a daemon error; a refused config is EXIT_CONFIG. */
enum exit_code error_exit_code(enum error_code code);

/* "place: text", cut to @size. Returns @buffer. */
const char *error_format(const struct error *error, char *buffer, size_t size);
#define ERROR_LINE_SIZE (ERROR_PLACE_SIZE + ERROR_TEXT_SIZE + 4)
