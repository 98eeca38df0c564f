// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/diff.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	char sign;
	const char *name;
} kinds[] = {
	[CHANGE_ADDED] = { '+', "added" },
	[CHANGE_CHANGED] = { '~', "changed" },
	[CHANGE_REMOVED] = { '-', "removed" },
};

void diff_done(struct diff *diff)
{
	for (size_t i = 0; i < diff->count; i++)
		free(diff->subjects[i].attributes);
	free(diff->subjects);
	*diff = (struct diff) { 0 };
}

/* The lines of one subject. */
struct section {
	const struct outline_line *lines;
	size_t count;
};

static struct section section_at(const struct outline *outline, size_t index)
{
	struct section section = { outline->lines + index, 0 };

	while (index + section.count < outline->count &&
	       section.lines[section.count].rank == section.lines[0].rank &&
	       !strcmp(section.lines[section.count].subject, section.lines[0].subject))
		section.count++;
	return section;
}

/* Order of two sections; an empty one stands behind all others. */
static int compare_sections(const struct section *left, const struct section *right)
{
	int order;

	if (!left->count || !right->count)
		return left->count ? -1 : 1;
	order = (int)left->lines[0].rank - (int)right->lines[0].rank;
	return order ? order : strcmp(left->lines[0].subject, right->lines[0].subject);
}

static void add_attribute(struct subject_change *change, const struct outline_line *old,
			  const struct outline_line *new)
{
	if (old && new && !strcmp(old->value, new->value))
		return;
	*ARRAY_APPEND(change->attributes, change->attributes_count) = (struct change) {
		.kind = !old   ? CHANGE_ADDED
			: !new ? CHANGE_REMOVED
			       : CHANGE_CHANGED,
		.old = old,
		.new = new,
	};
}

/* Merge of two sorted lists of attributes. The first line is the subject itself. */
static void compare_attributes(const struct section *old, const struct section *new,
			       struct subject_change *change)
{
	size_t i = 1, j = 1;

	while (i < old->count || j < new->count) {
		int order = i >= old->count ? 1
			    : j >= new->count
				    ? -1
				    : strcmp(old->lines[i].attribute, new->lines[j].attribute);

		add_attribute(change, order <= 0 ? &old->lines[i] : NULL,
			      order >= 0 ? &new->lines[j] : NULL);
		i += order <= 0;
		j += order >= 0;
	}
}

static void add_subject(struct diff *diff, enum change_kind kind, const struct section *old,
			const struct section *new)
{
	struct subject_change change = {
		.kind = kind,
		.subject = (kind == CHANGE_REMOVED ? old : new)->lines[0].subject,
	};

	if (kind != CHANGE_REMOVED)
		compare_attributes(old, new, &change);
	if (kind == CHANGE_CHANGED && !change.attributes_count)
		return;
	*ARRAY_APPEND(diff->subjects, diff->count) = change;
}

void diff_make(const struct outline *old, const struct outline *new, struct diff *ret)
{
	const struct section nothing = { 0 };
	struct diff diff = { 0 };
	size_t i = 0, j = 0;

	while (i < old->count || j < new->count) {
		struct section left = section_at(old, i), right = section_at(new, j);
		int order = compare_sections(&left, &right);

		if (order < 0)
			add_subject(&diff, CHANGE_REMOVED, &left, &nothing);
		else if (order > 0)
			add_subject(&diff, CHANGE_ADDED, &nothing, &right);
		else
			add_subject(&diff, CHANGE_CHANGED, &left, &right);
		i += order <= 0 ? left.count : 0;
		j += order >= 0 ? right.count : 0;
	}
	*ret = diff;
}

static void format_value(struct strbuf *ret, const char *separator, const struct outline_line *line)
{
	if (line->value[0])
		strbuf_printf(ret, "%s%s", separator, line->value);
}

static void format_attribute(const struct change *change, bool is_new_subject, struct strbuf *ret)
{
	const struct outline_line *line = change->new ? change->new : change->old;

	strbuf_printf(ret, "  %c %s", is_new_subject ? ' ' : kinds[change->kind].sign,
		      line->attribute);
	if (change->kind != CHANGE_CHANGED) {
		format_value(ret, ": ", line);
	} else {
		strbuf_printf(ret, ": %s", change->old->value[0] ? change->old->value : "nothing");
		strbuf_printf(ret, " -> %s",
			      change->new->value[0] ? change->new->value : "nothing");
	}
	strbuf_puts(ret, "\n");
}

void diff_format(const struct diff *diff, struct strbuf *ret)
{
	for (size_t i = 0; i < diff->count; i++) {
		const struct subject_change *subject = &diff->subjects[i];

		strbuf_printf(ret, "%c %s\n", kinds[subject->kind].sign, subject->subject);
		for (size_t j = 0; j < subject->attributes_count; j++)
			format_attribute(&subject->attributes[j], subject->kind == CHANGE_ADDED,
					 ret);
	}
}

static void add_text(struct json_object *object, const char *name, const char *value)
{
	json_object_object_add(object, name, json_object_new_string(value));
}

static struct json_object *attribute_to_json(const struct change *change)
{
	struct json_object *object = json_object_new_object();

	add_text(object, "change", kinds[change->kind].name);
	add_text(object, "attribute", (change->new ? change->new : change->old)->attribute);
	if (change->old)
		add_text(object, "old", change->old->value);
	if (change->new)
		add_text(object, "new", change->new->value);
	return object;
}

struct json_object *diff_to_json(const struct diff *diff)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < diff->count; i++) {
		const struct subject_change *subject = &diff->subjects[i];
		struct json_object *object = json_object_new_object();
		struct json_object *attributes = json_object_new_array();

		add_text(object, "change", kinds[subject->kind].name);
		add_text(object, "subject", subject->subject);
		for (size_t j = 0; j < subject->attributes_count; j++)
			json_object_array_add(attributes,
					      attribute_to_json(&subject->attributes[j]));
		json_object_object_add(object, "attributes", attributes);
		json_object_array_add(list, object);
	}
	return list;
}
