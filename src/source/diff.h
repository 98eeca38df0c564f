/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/strbuf.h"
#include "source/outline.h"

#include <json-c/json.h>

/*
 * What is different between two outlines: subjects that came, went or changed, and of those which
 * attributes. Pure.
 */
enum change_kind {
	CHANGE_ADDED,
	CHANGE_CHANGED,
	CHANGE_REMOVED,
};

struct change {
	enum change_kind kind;
	const struct outline_line *old; /* NULL if added */
	const struct outline_line *new; /* NULL if removed */
};

/* Of one subject; `attributes` lists all of them for one that came, none for one that went. */
struct subject_change {
	enum change_kind kind;
	const char *subject;
	struct change *attributes;
	size_t attributes_count;
};

struct diff {
	struct subject_change *subjects;
	size_t count;
};

void diff_done(struct diff *diff);
CLEANUP_DEFINE_IN_PLACE(struct diff, diff_done);

/* Both outlines are finished, and outlive the result, which points into them. */
void diff_make(const struct outline *old, const struct outline *new, struct diff *ret);

/*
 *	+ node home/moon
 *	    network: fd66:1::/64
 *	~ organization north
 *	  ~ max_nodes: 64 -> 128
 *	  + grant fd66:5::/32: prefixes to /64
 *	- node home/sun
 */
void diff_format(const struct diff *diff, struct strbuf *ret);

/* [{"change": "changed", "subject": ..., "attributes": [{"change", "attribute", "old", "new"}]}] */
struct json_object *diff_to_json(const struct diff *diff);
