// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/error.h"

#include "base/printable.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	enum exit_code exit;
} error_codes[] = {
	[ERROR_NONE] = { "E_NONE", EXIT_DONE },
	[ERROR_APPLY] = { "E_APPLY", EXIT_APPLY },
	[ERROR_BUSY] = { "E_BUSY", EXIT_DAEMON },
	[ERROR_CTL_DOWN] = { "E_CTL_DOWN", EXIT_DAEMON },
	[ERROR_CTL_FD] = { "E_CTL_FD", EXIT_DAEMON },
	[ERROR_CTL_PERM] = { "E_CTL_PERM", EXIT_PERMISSION },
	[ERROR_DEPTH] = { "E_DEPTH", EXIT_REGISTRY },
	[ERROR_DUP_KEY] = { "E_DUP_KEY", EXIT_REGISTRY },
	[ERROR_ENVELOPE] = { "E_ENVELOPE", EXIT_REGISTRY },
	[ERROR_EQUIVOCATION] = { "E_EQUIVOCATION", EXIT_REGISTRY },
	[ERROR_EXPIRED] = { "E_EXPIRED", EXIT_REGISTRY },
	[ERROR_FETCH] = { "E_FETCH", EXIT_REGISTRY },
	[ERROR_FILE] = { "E_FILE", EXIT_REGISTRY },
	[ERROR_FUTURE] = { "E_FUTURE", EXIT_REGISTRY },
	[ERROR_GRANT] = { "E_GRANT", EXIT_POLICY },
	[ERROR_HASH] = { "E_HASH", EXIT_REGISTRY },
	[ERROR_KEYFILE] = { "E_KEYFILE", EXIT_CONFIG },
	[ERROR_KEY_DUP] = { "E_KEY_DUP", EXIT_REGISTRY },
	[ERROR_KEY_FORMAT] = { "E_KEY_FORMAT", EXIT_REGISTRY },
	[ERROR_KEY_REUSED] = { "E_KEY_REUSED", EXIT_REGISTRY },
	[ERROR_KEY_REVOKED] = { "E_KEY_REVOKED", EXIT_REGISTRY },
	[ERROR_KEY_ROLE] = { "E_KEY_ROLE", EXIT_CONFIG },
	[ERROR_KEY_WEAK] = { "E_KEY_WEAK", EXIT_REGISTRY },
	[ERROR_LOCAL_POLICY] = { "E_LOCAL_POLICY", EXIT_POLICY },
	[ERROR_MESH] = { "E_MESH", EXIT_REGISTRY },
	[ERROR_MESH_CHAIN] = { "E_MESH_CHAIN", EXIT_REGISTRY },
	[ERROR_MESH_PIN] = { "E_MESH_PIN", EXIT_REGISTRY },
	[ERROR_MISSING] = { "E_MISSING", EXIT_REGISTRY },
	[ERROR_NAME] = { "E_NAME", EXIT_REGISTRY },
	[ERROR_NUMBER] = { "E_NUMBER", EXIT_REGISTRY },
	[ERROR_OMITTED] = { "E_OMITTED", EXIT_REGISTRY },
	[ERROR_OVERLAP] = { "E_OVERLAP", EXIT_POLICY },
	[ERROR_ROLLBACK] = { "E_ROLLBACK", EXIT_REGISTRY },
	[ERROR_RUNNING] = { "E_RUNNING", EXIT_CONFIG },
	[ERROR_SELF] = { "E_SELF", EXIT_DONE },
	[ERROR_SIG_THRESHOLD] = { "E_SIG_THRESHOLD", EXIT_REGISTRY },
	[ERROR_STATE_CORRUPT] = { "E_STATE_CORRUPT", EXIT_STATE },
	[ERROR_STATE_WRITE] = { "E_STATE_WRITE", EXIT_STATE },
	[ERROR_SYNTAX] = { "E_SYNTAX", EXIT_REGISTRY },
	[ERROR_THRESHOLD_RANGE] = { "E_THRESHOLD_RANGE", EXIT_REGISTRY },
	[ERROR_TOO_BIG] = { "E_TOO_BIG", EXIT_REGISTRY },
	[ERROR_TYPE] = { "E_TYPE", EXIT_REGISTRY },
	[ERROR_UNKNOWN_MEMBER] = { "E_UNKNOWN_MEMBER", EXIT_REGISTRY },
	[ERROR_UNSIGNED] = { "E_UNSIGNED", EXIT_REGISTRY },
	[ERROR_UNSIGNED_DOWNGRADE] = { "E_UNSIGNED_DOWNGRADE", EXIT_REGISTRY },
	[ERROR_UNSUPPORTED] = { "E_UNSUPPORTED", EXIT_APPLY },
	[ERROR_USAGE] = { "E_USAGE", EXIT_USAGE },
	[ERROR_UTF8] = { "E_UTF8", EXIT_REGISTRY },
	[ERROR_VALUE] = { "E_VALUE", EXIT_REGISTRY },
};

int error_set(struct error *error, int result, enum error_code code, const char *place,
	      const char *format, ...)
{
	va_list arguments;

	if (!error)
		return result;
	error->code = code;
	(void)snprintf(error->place, sizeof(error->place), "%s", place ? place : "");
	va_start(arguments, format);
	(void)vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
	printable_make(error->place);
	printable_make(error->text);
	return result;
}

void error_prefix_place(struct error *error, const char *prefix)
{
	char old[ERROR_PLACE_SIZE];

	memcpy(old, error->place, sizeof(old));
	(void)snprintf(error->place, sizeof(error->place), "%.90s%s%.90s", prefix,
		       old[0] ? ": " : "", old);
	printable_make(error->place);
}

const char *error_code_name(enum error_code code)
{
	return error_codes[code].name;
}

enum error_code error_code_from_name(const char *name)
{
	for (size_t i = 0; i < sizeof(error_codes) / sizeof(error_codes[0]); i++)
		if (!strcmp(error_codes[i].name, name))
			return (enum error_code)i;
	return ERROR_NONE;
}

enum exit_code error_exit_code(enum error_code code)
{
	return error_codes[code].exit;
}

const char *error_format(const struct error *error, char *buffer, size_t size)
{
	(void)snprintf(buffer, size, "%s%s%s", error->place, error->place[0] ? ": " : "",
		       error->text);
	return buffer;
}
