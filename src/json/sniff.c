// SPDX-License-Identifier: GPL-2.0-or-later
#include "json/sniff.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *magic;
	size_t size;
	const char *kind;
} kinds[] = {
	{ "\xef\xbb\xbf", 3, "byte order mark; save the file as UTF-8 without it" },
	{ "\xff\xfe", 2, "UTF-16 text with a byte order mark; save the file as UTF-8" },
	{ "\xfe\xff", 2, "UTF-16 text with a byte order mark; save the file as UTF-8" },
	{ "\x1f\x8b", 2, "gzip data; unpack it first" },
	{ "\x28\xb5\x2f\xfd", 4, "zstd data; unpack it first" },
	{ "\xfd\x37zXZ", 5, "xz data; unpack it first" },
	{ "\x7f\x45LF", 4, "an ELF program" },
	{ "-----BEGIN ", 11, "a PEM file" },
	{ "<<<<<<<", 7, "git conflict marker" },
};

static const char *const html_starts[] = { "<!doctype", "<html", "<head", "<body" };

static bool is_bracket_and_zero(char bracket, char zero)
{
	return (bracket == '{' || bracket == '[') && zero == '\0';
}

const char *sniff_wrong_kind(const char *text, size_t size)
{
	size_t start = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (size >= kinds[i].size && !memcmp(text, kinds[i].magic, kinds[i].size))
			return kinds[i].kind;
	if (size >= 2 &&
	    (is_bracket_and_zero(text[0], text[1]) || is_bracket_and_zero(text[1], text[0])))
		return "UTF-16 text; save the file as UTF-8";
	while (start < size && memchr(" \t\r\n", text[start], 4))
		start++;
	if (start == size)
		return "empty file";
	for (size_t i = 0; i < sizeof(html_starts) / sizeof(html_starts[0]); i++) {
		size_t length = strlen(html_starts[i]);

		if (size - start >= length && !strncasecmp(text + start, html_starts[i], length))
			return "HTML page";
	}
	return NULL;
}
