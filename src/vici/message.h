/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Messages of VICI, the control protocol of strongSwan's charon: sections within sections, and in
 * them values and lists of values by name. (src/libcharon/plugins/vici/README.md of strongSwan,
 * "Message format"; the core is the same from 5.9 to 6.0.) Pure.
 *
 * A value is a string of bytes. By custom all are text, numbers too, except keys and certificates.
 */
#define VICI_NAME_MAX 255	      /* bytes; the length is one byte */
#define VICI_VALUE_MAX 65535	      /* bytes; the length is two */
#define VICI_MESSAGE_MAX (512 * 1024) /* bytes; charon drops a connection that sends more */
/* Of sections. charon's own go down to four: list-sa, NAME, child-sas, NAME. */
#define VICI_DEPTH_MAX 16

/*
 * A message being written. Zero-initialised it is the empty one. What does not fit into it is
 * noticed at the end, by vici_writer_result().
 *
 * Private keys pass here: memory that is given back is wiped.
 */
struct vici_writer {
	uint8_t *bytes;
	size_t size;	 /* of what was written */
	size_t capacity; /* of @bytes */
	unsigned depth;
	bool in_list;
	int result;
};

void vici_writer_done(struct vici_writer *writer);
CLEANUP_DEFINE_IN_PLACE(struct vici_writer, vici_writer_done);

/* Each is ended before the one around it; in a list are only items. */
void vici_begin_section(struct vici_writer *writer, const char *name);
void vici_end_section(struct vici_writer *writer);
void vici_begin_list(struct vici_writer *writer, const char *name);
void vici_end_list(struct vici_writer *writer);

void vici_put(struct vici_writer *writer, const char *name, const void *value, size_t size);
void vici_printf(struct vici_writer *writer, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void vici_put_item(struct vici_writer *writer, const char *text);

/*
 * 0, or -E2BIG: a name or a value is longer than the format can say, or the whole than
 * VICI_MESSAGE_MAX. All sections and lists have been ended.
 */
int vici_writer_result(const struct vici_writer *writer);

/*
 * What a section contains, or the items of a list: a part of a message that was checked. Borrows
 * its bytes. Zero-initialised it is empty.
 */
struct vici_section {
	const uint8_t *bytes;
	size_t size;
};

struct vici_value {
	const uint8_t *bytes; /* not terminated */
	size_t size;
};

/*
 * Read a whole message. All that is read from *@ret, which is what stands outside of all sections,
 * is well formed. -EBADMSG if it is cut off, has an unknown element, or sections and lists that do
 * not match; -E2BIG if it is longer than VICI_MESSAGE_MAX or deeper than VICI_DEPTH_MAX.
 */
int vici_message_read(const void *bytes, size_t size, struct vici_section *ret);

/*
 * What has that name directly in @section; the first, if there are several. False if there is none,
 * or something of another kind; *@ret is left alone then.
 */
bool vici_find(const struct vici_section *section, const char *name, struct vici_value *ret);
bool vici_find_section(const struct vici_section *section, const char *name,
		       struct vici_section *ret);
bool vici_find_list(const struct vici_section *section, const char *name, struct vici_section *ret);

/*
 * As text that can be shown: all but printable ASCII becomes question marks, and what does not fit
 * is cut off. Returns @buffer, "" if there is no such value.
 */
const char *vici_find_text(const struct vici_section *section, const char *name, char *buffer,
			   size_t size);

/* A number in @base 10 or 16, digits only. False also for anything else, or more than @maximum. */
bool vici_find_number(const struct vici_section *section, const char *name, unsigned base,
		      uint64_t maximum, uint64_t *ret);

/* Is it there and "yes"? charon leaves out what is not so. */
bool vici_is_yes(const struct vici_section *section, const char *name);

/*
 * Go through the sections directly in a section: *@rest is what is left to go through, at first all
 * of it. False behind the last. @name is terminated.
 */
bool vici_next_section(struct vici_section *rest, char name[VICI_NAME_MAX + 1],
		       struct vici_section *ret);

/* Anything that stands directly in a section. */
enum vici_kind {
	VICI_SECTION,
	VICI_LIST,
	VICI_VALUE,
};

struct vici_element {
	enum vici_kind kind;
	char name[VICI_NAME_MAX + 1];
	struct vici_section content; /* of a section or list */
	struct vici_value value;
};

/* The same through all that is in a section, whatever it is, for who does not know what to expect.
 */
bool vici_next_element(struct vici_section *rest, struct vici_element *ret);

/* The same through the items of a list. */
bool vici_next_item(struct vici_section *rest, struct vici_value *ret);
