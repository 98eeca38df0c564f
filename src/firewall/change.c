// SPDX-License-Identifier: GPL-2.0-or-later
#include "firewall/change.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* A part of a body; not terminated. */
struct slice {
	const char *start;
	size_t length;
};

struct slices {
	struct slice *items;
	size_t count;
};

enum kind {
	KIND_COUNTER,
	KIND_SET,
	KIND_CHAIN
};

static const char *const kind_names[] = {
	[KIND_COUNTER] = "counter",
	[KIND_SET] = "set",
	[KIND_CHAIN] = "chain",
};

struct block {
	enum kind kind;
	struct slice name;
	struct slice text;     /* all of it, with the last newline */
	struct slice head;     /* of a set: what stands before its elements */
	struct slice elements; /* of a set: what stands between the braces */
};

struct blocks {
	struct block *items;
	size_t count;
};

static void slices_done(struct slices *slices)
{
	free(slices->items);
}
CLEANUP_DEFINE_IN_PLACE(struct slices, slices_done);

static void blocks_done(struct blocks *blocks)
{
	free(blocks->items);
}
CLEANUP_DEFINE_IN_PLACE(struct blocks, blocks_done);

void firewall_change_done(struct firewall_change *change)
{
	strbuf_done(&change->sets);
	strbuf_done(&change->rules);
	strbuf_done(&change->rest);
}

static int slice_compare(const void *a, const void *b)
{
	const struct slice *left = a, *right = b;
	size_t length = left->length < right->length ? left->length : right->length;
	int order = length ? memcmp(left->start, right->start, length) : 0;

	if (order)
		return order;
	return (left->length > right->length) - (left->length < right->length);
}

static bool slice_equal(struct slice a, struct slice b)
{
	return slice_compare(&a, &b) == 0;
}

static bool starts_with(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

/* Finds @end in @text; what stands before it is *ret. */
static const char *cut(const char *text, const char *end, struct slice *ret)
{
	const char *found = strstr(text, end);

	if (!found)
		return NULL;
	*ret = (struct slice) { text, (size_t)(found - text) };
	return found + strlen(end);
}

static void split_set(struct block *set)
{
	static const char begin[] = "\t\telements = { ", end[] = " }\n\t}\n";
	const char *found = memmem(set->text.start, set->text.length, begin, strlen(begin));

	set->head = (struct slice) { set->text.start, set->text.length - strlen("\t}\n") };
	if (!found)
		return;
	set->head.length = (size_t)(found - set->text.start);
	(void)cut(found + strlen(begin), end, &set->elements);
}

/* The block at *text, which is moved behind it. */
static bool read_block(const char **text, struct block *ret)
{
	const char *next = *text;

	if (*next++ != '\t')
		return false;
	for (ret->kind = KIND_COUNTER; ret->kind <= KIND_CHAIN; ret->kind++)
		if (starts_with(next, kind_names[ret->kind]))
			break;
	if (ret->kind > KIND_CHAIN)
		return false;
	next += strlen(kind_names[ret->kind]);
	if (*next++ != ' ')
		return false;
	next = cut(next, " {\n", &ret->name);
	if (!next || memchr(ret->name.start, '\n', ret->name.length))
		return false;
	next = cut(next - 1, "\n\t}\n", &ret->text);
	if (!next)
		return false;
	ret->text = (struct slice) { *text, (size_t)(next - *text) };
	if (ret->kind == KIND_SET)
		split_set(ret);
	*text = next;
	return true;
}

static bool read_blocks(const char *text, struct blocks *ret)
{
	for (text += strspn(text, "\n"); *text; text += strspn(text, "\n")) {
		struct block block = { 0 };

		if (!read_block(&text, &block))
			return false;
		*ARRAY_APPEND(ret->items, ret->count) = block;
	}
	return true;
}

static const struct block *find(const struct blocks *blocks, const struct block *like)
{
	for (size_t i = 0; i < blocks->count; i++)
		if (blocks->items[i].kind == like->kind &&
		    slice_equal(blocks->items[i].name, like->name))
			return &blocks->items[i];
	return NULL;
}

static void read_elements(const struct block *set, struct slices *ret)
{
	const char *next = set->elements.start, *end;

	if (!next)
		return;
	end = next + set->elements.length;
	while (next < end) {
		const char *comma = memchr(next, ',', (size_t)(end - next));
		const char *stop = comma ? comma : end;

		next += strspn(next, "\n\t ");
		*ARRAY_APPEND(ret->items, ret->count) =
			(struct slice) { next, (size_t)(stop - next) };
		next = stop + 1;
	}
	if (ret->count)
		qsort(ret->items, ret->count, sizeof(*ret->items), slice_compare);
}

/* "add element inet aronet known4 { 10.0.0.0/8, 11.0.0.0/8 }": those of @some not in @others. */
static void format_elements(const char *verb, const char *table, const struct block *set,
			    const struct slices *some, const struct slices *others,
			    struct strbuf *ret)
{
	size_t count = 0, other = 0;

	for (size_t i = 0; i < some->count; i++) {
		int order = -1;

		while (other < others->count &&
		       (order = slice_compare(&others->items[other], &some->items[i])) < 0)
			other++;
		if (other < others->count && order == 0)
			continue;
		if (!count++)
			strbuf_printf(ret, "%s element inet %s %.*s { ", verb, table,
				      (int)set->name.length, set->name.start);
		else
			strbuf_puts(ret, ", ");
		strbuf_append(ret, some->items[i].start, some->items[i].length);
	}
	strbuf_puts(ret, count ? " }\n" : "");
}

/* First what goes: a prefix that comes may be part of it. */
static void change_elements(const char *table, const struct block *from, const struct block *to,
			    struct strbuf *ret)
{
	CLEANUP(slices_done) struct slices before = { 0 }, after = { 0 };

	if (slice_equal(from->elements, to->elements))
		return;
	read_elements(from, &before);
	read_elements(to, &after);
	format_elements("delete", table, to, &before, &after, ret);
	format_elements("add", table, to, &after, &before, ret);
}

static void format_command(const char *verb, const char *table, const struct block *block,
			   struct strbuf *ret)
{
	strbuf_printf(ret, "%s %s inet %s %.*s\n", verb, kind_names[block->kind], table,
		      (int)block->name.length, block->name.start);
}

static void format_block(const char *table, const struct block *block, struct strbuf *ret)
{
	strbuf_printf(ret, "table inet %s {\n%.*s}\n", table, (int)block->text.length,
		      block->text.start);
}

/* The lines of a chain that are no rules: its hook and its comment. */
static bool is_declaration(const char *line)
{
	return starts_with(line, "\t\ttype ") || starts_with(line, "\t\tcomment ");
}

static struct slice declaration_of(const struct block *chain)
{
	const char *start = memchr(chain->text.start, '\n', chain->text.length);
	const char *end = ++start;

	while (is_declaration(end))
		end = strchr(end, '\n') + 1;
	return (struct slice) { start, (size_t)(end - start) };
}

/* Can @from become @to where it is? */
static bool is_changeable(const struct block *from, const struct block *to)
{
	switch (to->kind) {
	case KIND_COUNTER:
		return slice_equal(from->text, to->text);
	case KIND_SET:
		return slice_equal(from->head, to->head);
	case KIND_CHAIN:
		return slice_equal(declaration_of(from), declaration_of(to));
	}
	return false;
}

/*
 * The declarations of a chain that stays are said again with its rules, which changes nothing.
 * Chains are flushed first of all, so that they may name each other in any order.
 */
static void change_chains(const char *table, const struct blocks *from, const struct blocks *to,
			  struct strbuf *ret)
{
	CLEANUP(strbuf_done) struct strbuf rules = { 0 }, gone = { 0 };

	for (size_t i = 0; i < from->count; i++) {
		const struct block *before = &from->items[i], *after = find(to, before);

		if (before->kind != KIND_CHAIN || (after && slice_equal(before->text, after->text)))
			continue;
		format_command("flush", table, before, ret);
		if (!after)
			format_command("delete", table, before, &gone);
	}
	for (size_t i = 0; i < to->count; i++) {
		const struct block *after = &to->items[i], *before = find(from, after);

		if (after->kind == KIND_CHAIN &&
		    (!before || !slice_equal(before->text, after->text)))
			strbuf_append(&rules, after->text.start, after->text.length);
	}
	if (rules.length)
		strbuf_printf(ret, "table inet %s {\n%s}\n", table, strbuf_text(&rules));
	strbuf_puts(ret, strbuf_text(&gone));
}

static void change_rest(const char *table, const struct blocks *from, const struct blocks *to,
			struct strbuf *ret)
{
	for (size_t i = 0; i < from->count; i++)
		if (from->items[i].kind != KIND_CHAIN && !find(to, &from->items[i]))
			format_command("delete", table, &from->items[i], ret);
}

bool firewall_format_change(const char *table, const char *from, const char *to,
			    struct firewall_change *ret)
{
	CLEANUP(blocks_done) struct blocks before = { 0 }, after = { 0 };

	if (!read_blocks(from, &before) || !read_blocks(to, &after))
		return false;
	for (size_t i = 0; i < after.count; i++) {
		const struct block *block = &after.items[i], *old = find(&before, block);

		if (old && !is_changeable(old, block))
			return false;
		if (block->kind == KIND_CHAIN)
			continue;
		if (!old)
			format_block(table, block, &ret->sets);
		else if (block->kind == KIND_SET)
			change_elements(table, old, block, &ret->sets);
	}
	change_chains(table, &before, &after, &ret->rules);
	change_rest(table, &before, &after, &ret->rest);
	return true;
}
