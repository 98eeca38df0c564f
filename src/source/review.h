/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/strbuf.h"
#include "source/base.h"
#include "source/sign.h"

/*
 * How far each document of the folder has come: is it signed, by whom, is it published, how long is
 * it valid. For looking: a document that cannot be read is told and the others go on.
 */
struct review_item {
	char path[SOURCE_PATH_SIZE];
	uint64_t version; /* 0: it cannot be read, see problem */
	int64_t issued;
	int64_t expires;
	struct signing signing;
	bool is_published;	 /* as it is, by the newest manifest that has its signatures */
	struct strbuf waits_for; /* "alice, bob": one of whom has to sign */
	struct strbuf problem;	 /* why it cannot be read, or be published */
};

struct review {
	struct review_item
		*items; /* the mesh document and its draft, organizations, the manifest */
	size_t count;
};

void review_done(struct review *review);
CLEANUP_DEFINE_IN_PLACE(struct review, review_done);

/* The error is that of the newest mesh document, without which nothing can be said. */
int review_make(const struct source *source, const struct base *base, struct review *ret,
		struct error *error);

/* Has somebody to do something about it at @now? */
bool review_item_waits(const struct review_item *item, int64_t now);
