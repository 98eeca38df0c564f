// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange/format.h"

#include "base/cleanup.h"

#include <stdbool.h>
#include <string.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_name_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-';
}

/* The start of the next line, or the end. */
static size_t next_line(const char *text, size_t size, size_t at)
{
	const char *newline = memchr(text + at, '\n', size - at);

	return newline ? (size_t)(newline - text) + 1 : size;
}

/* Behind a comment of any of the formats; *ret_hcl is set by those that only HCL has. */
static size_t skip_comment(const char *text, size_t size, size_t at, bool *ret_hcl)
{
	const char *end;

	if (text[at] == '#')
		return next_line(text, size, at);
	*ret_hcl = true;
	if (text[at + 1] == '/')
		return next_line(text, size, at);
	end = memmem(text + at + 2, size - at - 2, "*/", 2);
	return end ? (size_t)(end - text) + 2 : size;
}

static bool at_comment(const char *text, size_t size, size_t at)
{
	return text[at] == '#' ||
	       (text[at] == '/' && at + 1 < size && (text[at + 1] == '/' || text[at + 1] == '*'));
}

static size_t skip_space(const char *text, size_t size, size_t at)
{
	while (at < size && is_space(text[at]))
		at++;
	return at;
}

/* The names that a file of RAIT 3 may begin with; `endpoint` alone is a block there. */
static const char *const hcl_names[] = {
	"peers", "public_key", "private_key", "name", "remarks", "address_family", "send_port",
};

/* The text begins with a name at @at. */
static enum exchange_format detect_by_name(const char *text, size_t size, size_t at)
{
	size_t start = at, length;

	while (at < size && is_name_character(text[at]))
		at++;
	length = at - start;
	while (at < size && (text[at] == ' ' || text[at] == '\t'))
		at++;
	if (at < size && (text[at] == '{' || text[at] == '"'))
		return FORMAT_HCL;
	if (!length || at >= size || text[at] != '=')
		return FORMAT_UNKNOWN;
	for (size_t i = 0; i < ARRAY_SIZE(hcl_names); i++)
		if (strlen(hcl_names[i]) == length && !memcmp(hcl_names[i], text + start, length))
			return FORMAT_HCL;
	return FORMAT_TOML;
}

enum exchange_format exchange_format_detect(const char *text, size_t size)
{
	size_t at = skip_space(text, size, 0);
	bool is_hcl = false;

	while (at < size && at_comment(text, size, at))
		at = skip_space(text, size, skip_comment(text, size, at, &is_hcl));
	if (at >= size)
		return is_hcl ? FORMAT_HCL : FORMAT_UNKNOWN;
	if (is_hcl)
		return FORMAT_HCL;
	if (text[at] == '{')
		return FORMAT_JSON_OBJECT;
	if (text[at] != '[')
		return detect_by_name(text, size, at);
	at = skip_space(text, size, at + 1);
	if (at < size && (text[at] == '{' || text[at] == ']'))
		return FORMAT_JSON_ARRAY;
	return FORMAT_TOML;
}
