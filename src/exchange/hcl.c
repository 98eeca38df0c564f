// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange/hcl.h"

#include "exchange/hcl_value.h"

#include "base/cleanup.h"

#include <errno.h>

CLEANUP_DEFINE(struct json_object *, json_object_put);

static int read_body(struct syntax *s, unsigned depth, struct json_object *body);

/* Attributes and blocks end with their line. */
static int expect_line_end(struct syntax *s)
{
	int result = hcl_skip_space(s, false);

	if (result < 0)
		return result;
	if (syntax_peek(s) == '#' || syntax_starts_with(s, "//"))
		syntax_skip_line(s);
	if (s->at < s->size && !syntax_at_newline(s))
		return syntax_fail_unexpected(s, "the end of the line");
	return 0;
}

static int read_attribute(struct syntax *s, unsigned depth, const char *name, size_t name_offset,
			  struct json_object *body)
{
	CLEANUP(json_object_put) struct json_object *value = NULL;
	int result;

	s->at++;
	result = hcl_skip_space(s, false);
	if (result == 0)
		result = hcl_read_value(s, depth, name_offset, &value);
	if (result < 0 || !value)
		return result;
	return syntax_add_member(s, body, name, name_offset, &value);
}

/* `type { name = value }`: one attribute and no newline. */
static int read_one_line(struct syntax *s, unsigned depth, struct json_object *block)
{
	CLEANUP(strbuf_done) struct strbuf name = { 0 };
	size_t start = s->at;
	int result;

	if (syntax_peek(s) != '}') {
		result = hcl_read_name(s, &name);
		if (result == 0)
			result = hcl_skip_space(s, false);
		if (result == 0 && syntax_peek(s) != '=')
			result = syntax_fail_unexpected(s, "\"=\"");
		if (result == 0)
			result = read_attribute(s, depth, strbuf_text(&name), start, block);
		if (result == 0)
			result = hcl_skip_space(s, false);
		if (result < 0)
			return result;
	}
	if (syntax_peek(s) != '}')
		return syntax_fail_unexpected(
			s, "\"}\" (a block on one line has at most one attribute)");
	s->at++;
	return 0;
}

/*
 * The array of the blocks of one type, made for the first of them. An attribute that is a list of
 * objects would mean the same.
 */
static int find_blocks(struct syntax *s, const char *type, size_t offset, struct json_object *body,
		       struct json_object **ret)
{
	CLEANUP(json_object_put) struct json_object *made = NULL;
	int result;

	if (json_object_object_get_ex(body, type, ret)) {
		if (json_object_is_type(*ret, json_type_array) &&
		    json_object_is_type(json_object_array_get_idx(*ret, 0), json_type_object))
			return 0;
		return syntax_fail(s, offset, ERROR_DUP_KEY,
				   "\"%.40s\" is an attribute before and a block here", type);
	}
	made = *ret = json_object_new_array();
	result = syntax_place(s, made, offset, offset);
	if (result == 0)
		result = syntax_add_member(s, body, type, offset, &made);
	return result;
}

/* The position is on the brace behind the type. A block stands where its type does. */
static int read_block(struct syntax *s, unsigned depth, const char *type, size_t offset,
		      struct json_object *body)
{
	struct json_object *blocks = NULL, *block;
	int result = syntax_check_depth(s, offset, depth + 1);

	if (result == 0)
		result = find_blocks(s, type, offset, body, &blocks);
	if (result < 0)
		return result;
	block = json_object_new_object();
	(void)json_object_array_add(blocks, block);
	result = syntax_place(s, block, offset, offset);
	s->at++;
	if (result == 0)
		result = hcl_skip_space(s, false);
	if (result < 0)
		return result;
	if (syntax_at_newline(s) || syntax_peek(s) == '#' || syntax_starts_with(s, "//"))
		return read_body(s, depth + 2, block);
	return read_one_line(s, depth + 2, block);
}

/* An attribute or a block. */
static int read_item(struct syntax *s, unsigned depth, struct json_object *body)
{
	CLEANUP(strbuf_done) struct strbuf name = { 0 };
	size_t start = s->at;
	int result = hcl_read_name(s, &name);

	if (result == 0)
		result = hcl_skip_space(s, false);
	if (result < 0)
		return result;
	if (syntax_peek(s) == '"' || hcl_is_name_start(syntax_peek(s)))
		return syntax_fail(s, s->at, ERROR_SYNTAX,
				   "a block with a label; none has one here");
	if (syntax_peek(s) == '{')
		result = read_block(s, depth, strbuf_text(&name), start, body);
	else if (syntax_peek(s) == '=' && !syntax_starts_with(s, "=="))
		result = read_attribute(s, depth, strbuf_text(&name), start, body);
	else
		return syntax_fail_unexpected(s, "\"=\" or \"{\"");
	return result < 0 ? result : expect_line_end(s);
}

/* Up to the closing brace of a block, or to the end of the text; @depth lists and objects around.
 */
static int read_body(struct syntax *s, unsigned depth, struct json_object *body)
{
	bool is_file = depth == 1;
	int result = hcl_skip_space(s, true);

	while (result == 0 && s->at < s->size && (is_file || syntax_peek(s) != '}')) {
		result = read_item(s, depth, body);
		if (result == 0)
			result = hcl_skip_space(s, true);
	}
	if (result < 0 || is_file)
		return result;
	if (s->at >= s->size)
		return syntax_fail_unexpected(s, "\"}\"");
	s->at++;
	return 0;
}

int hcl_parse(const char *text, size_t size, const char *name, struct json_document **ret,
	      struct error *error)
{
	CLEANUP(json_object_put) struct json_object *root = json_object_new_object();
	struct syntax s = { .text = text, .size = size, .name = name, .error = error };
	int result = syntax_check(&s);

	if (result == 0)
		result = syntax_place(&s, root, 0, 0);
	if (result == 0)
		result = read_body(&s, 1, root);
	if (result == 0)
		*ret = json_document_adopt(text, size, name, TAKE(root));
	return result;
}
