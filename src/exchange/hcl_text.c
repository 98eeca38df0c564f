// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange/hcl_value.h"

#include "base/cleanup.h"

#include <string.h>

/*
 * One character of a template, which is what HCL's strings are: "$${" and "%%{" are "${" and "%{",
 * which themselves would begin an expression.
 */
static int append_template(struct syntax *s, struct strbuf *ret)
{
	if (syntax_starts_with(s, "${") || syntax_starts_with(s, "%{"))
		return syntax_fail(s, s->at, ERROR_SYNTAX,
				   "template expression; only plain text can be read");
	if (syntax_starts_with(s, "$${") || syntax_starts_with(s, "%%{")) {
		syntax_append_character(s, ret);
		s->at++;
	}
	syntax_append_character(s, ret);
	return 0;
}

int hcl_read_string(struct syntax *s, struct strbuf *ret)
{
	size_t start = s->at++;
	int result;

	while (syntax_peek(s) != '"') {
		if (s->at >= s->size || syntax_at_newline(s))
			return syntax_fail(s, start, ERROR_SYNTAX,
					   "string without an end on its line");
		if (syntax_peek(s) == '\\')
			result = syntax_append_escape(s, "nrt\"\\", "\n\r\t\"\\", ret);
		else
			result = append_template(s, ret);
		if (result == 0)
			result = syntax_check_length(s, start, ret);
		if (result < 0)
			return result;
	}
	s->at++;
	return 0;
}

/* The position is at the start of a line: does it hold nothing but @marker? */
static bool at_marker(const struct syntax *s, const char *marker)
{
	struct syntax ahead = *s;

	while (syntax_peek(&ahead) == ' ' || syntax_peek(&ahead) == '\t')
		ahead.at++;
	if (!syntax_starts_with(&ahead, marker))
		return false;
	ahead.at += strlen(marker);
	return ahead.at >= ahead.size || syntax_at_newline(&ahead);
}

/* How many spaces all lines with text up to the marker begin with, for "<<-". */
static size_t common_indent(const struct syntax *s, const char *marker)
{
	struct syntax ahead = *s;
	size_t indent = SIZE_MAX;

	while (ahead.at < ahead.size && !at_marker(&ahead, marker)) {
		size_t start = ahead.at;

		while (syntax_peek(&ahead) == ' ')
			ahead.at++;
		if (!syntax_at_newline(&ahead) && ahead.at - start < indent)
			indent = ahead.at - start;
		syntax_skip_line(&ahead);
		if (ahead.at < ahead.size)
			syntax_skip_newline(&ahead);
	}
	return indent == SIZE_MAX ? 0 : indent;
}

static int append_heredoc_line(struct syntax *s, size_t indent, struct strbuf *ret)
{
	int result = 0;

	for (; indent && syntax_peek(s) == ' '; indent--)
		s->at++;
	while (result == 0 && s->at < s->size && !syntax_at_newline(s))
		result = append_template(s, ret);
	if (result == 0 && s->at < s->size) {
		syntax_skip_newline(s);
		strbuf_puts(ret, "\n");
	}
	return result;
}

/* "<<MARKER" or "<<-MARKER", lines, and a line with the marker; what is behind it stays. */
static int read_heredoc(struct syntax *s, struct strbuf *ret)
{
	CLEANUP(strbuf_done) struct strbuf marker = { 0 };
	bool indented = syntax_starts_with(s, "<<-");
	size_t start = s->at, indent;
	int result;

	s->at += indented ? 3 : 2;
	result = hcl_read_name(s, &marker);
	if (result < 0)
		return result;
	if (!syntax_at_newline(s))
		return syntax_fail_unexpected(s, "the end of the line");
	syntax_skip_newline(s);
	indent = indented ? common_indent(s, strbuf_text(&marker)) : 0;
	while (!at_marker(s, strbuf_text(&marker))) {
		if (s->at >= s->size)
			return syntax_fail(s, start, ERROR_SYNTAX, "no line with %s ends this text",
					   strbuf_text(&marker));
		result = append_heredoc_line(s, indent, ret);
		if (result == 0)
			result = syntax_check_length(s, start, ret);
		if (result < 0)
			return result;
	}
	while (syntax_peek(s) == ' ' || syntax_peek(s) == '\t')
		s->at++;
	s->at += marker.length;
	return 0;
}

int hcl_read_text(struct syntax *s, struct json_object **ret)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	int result = syntax_peek(s) == '"' ? hcl_read_string(s, &text) : read_heredoc(s, &text);

	if (result == 0)
		*ret = json_object_new_string_len(strbuf_text(&text), (int)text.length);
	return result;
}
