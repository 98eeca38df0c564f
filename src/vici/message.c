// SPDX-License-Identifier: GPL-2.0-or-later
#include "vici/message.h"

#include "base/memory.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum element {
	SECTION_START = 1, /* name */
	SECTION_END = 2,
	KEY_VALUE = 3,	/* name, value */
	LIST_START = 4, /* name */
	LIST_ITEM = 5,	/* value */
	LIST_END = 6,
};

#define CAPACITY_MIN 4096 /* enough for a private key: it is copied nowhere */

static void wipe_and_free(uint8_t *bytes, size_t size)
{
	if (bytes)
		explicit_bzero(bytes, size);
	free(bytes);
}

void vici_writer_done(struct vici_writer *writer)
{
	wipe_and_free(writer->bytes, writer->capacity);
	*writer = (struct vici_writer) { 0 };
}

/* Not by realloc(), which would leave a copy behind. */
static void reserve(struct vici_writer *writer, size_t size)
{
	size_t capacity = writer->capacity ? writer->capacity : CAPACITY_MIN;
	uint8_t *bytes;

	while (capacity - writer->size < size)
		capacity *= 2;
	if (capacity == writer->capacity)
		return;
	bytes = NEW_ARRAY(uint8_t, capacity);
	if (writer->size > 0)
		memcpy(bytes, writer->bytes, writer->size);
	wipe_and_free(writer->bytes, writer->capacity);
	writer->bytes = bytes;
	writer->capacity = capacity;
}

static void append(struct vici_writer *writer, const void *bytes, size_t size)
{
	if (writer->result == 0 && size > VICI_MESSAGE_MAX - writer->size)
		writer->result = -E2BIG;
	if (writer->result < 0 || size == 0)
		return;
	reserve(writer, size);
	memcpy(writer->bytes + writer->size, bytes, size);
	writer->size += size;
}

static void append_element(struct vici_writer *writer, enum element element)
{
	append(writer, &(uint8_t) { (uint8_t)element }, 1);
}

static void append_name(struct vici_writer *writer, const char *name)
{
	size_t length = strlen(name);

	if (length > VICI_NAME_MAX)
		writer->result = -E2BIG;
	append(writer, &(uint8_t) { (uint8_t)length }, 1);
	append(writer, name, length);
}

static void append_value(struct vici_writer *writer, const void *value, size_t size)
{
	if (size > VICI_VALUE_MAX)
		writer->result = -E2BIG;
	append(writer, (const uint8_t[]) { (uint8_t)(size >> 8), (uint8_t)size }, 2);
	append(writer, value, size);
}

void vici_begin_section(struct vici_writer *writer, const char *name)
{
	assert(!writer->in_list);
	writer->depth++;
	append_element(writer, SECTION_START);
	append_name(writer, name);
}

void vici_end_section(struct vici_writer *writer)
{
	assert(!writer->in_list && writer->depth > 0);
	writer->depth--;
	append_element(writer, SECTION_END);
}

void vici_begin_list(struct vici_writer *writer, const char *name)
{
	assert(!writer->in_list);
	writer->in_list = true;
	append_element(writer, LIST_START);
	append_name(writer, name);
}

void vici_end_list(struct vici_writer *writer)
{
	assert(writer->in_list);
	writer->in_list = false;
	append_element(writer, LIST_END);
}

void vici_put(struct vici_writer *writer, const char *name, const void *value, size_t size)
{
	assert(!writer->in_list);
	append_element(writer, KEY_VALUE);
	append_name(writer, name);
	append_value(writer, value, size);
}

void vici_printf(struct vici_writer *writer, const char *name, const char *format, ...)
{
	char text[1024];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	assert(length >= 0);
	if ((size_t)length >= sizeof(text))
		writer->result = -E2BIG;
	else
		vici_put(writer, name, text, (size_t)length);
}

void vici_put_item(struct vici_writer *writer, const char *text)
{
	assert(writer->in_list);
	append_element(writer, LIST_ITEM);
	append_value(writer, text, strlen(text));
}

int vici_writer_result(const struct vici_writer *writer)
{
	assert(!writer->in_list && writer->depth == 0);
	return writer->result;
}

/* One element, where it begins. */
struct item {
	enum element element;
	const uint8_t *name; /* not terminated */
	size_t name_size;
	struct vici_value value;
};

static int take_bytes(struct vici_section *rest, size_t size, const uint8_t **ret)
{
	if (rest->size < size)
		return -EBADMSG;
	*ret = rest->bytes;
	rest->bytes += size;
	rest->size -= size;
	return 0;
}

static int take_name(struct vici_section *rest, struct item *item)
{
	const uint8_t *length;

	if (take_bytes(rest, 1, &length) < 0)
		return -EBADMSG;
	item->name_size = *length;
	return take_bytes(rest, item->name_size, &item->name);
}

static int take_value(struct vici_section *rest, struct item *item)
{
	const uint8_t *length;

	if (take_bytes(rest, 2, &length) < 0)
		return -EBADMSG;
	item->value.size = (size_t)length[0] << 8 | length[1];
	return take_bytes(rest, item->value.size, &item->value.bytes);
}

/* The next element of @rest, whatever may stand there. -ENODATA at the end. */
static int take_item(struct vici_section *rest, struct item *ret)
{
	struct item item = { 0 };
	const uint8_t *tag;
	int result = 0;

	if (rest->size == 0)
		return -ENODATA;
	(void)take_bytes(rest, 1, &tag);
	if (*tag < SECTION_START || *tag > LIST_END)
		return -EBADMSG;
	item.element = (enum element) * tag;
	if (*tag == SECTION_START || *tag == KEY_VALUE || *tag == LIST_START)
		result = take_name(rest, &item);
	if (result == 0 && (*tag == KEY_VALUE || *tag == LIST_ITEM))
		result = take_value(rest, &item);
	if (result == 0)
		*ret = item;
	return result;
}

/* Follow sections and lists. */
static int check_item(const struct item *item, unsigned *depth, bool *in_list)
{
	if (*in_list != (item->element == LIST_ITEM || item->element == LIST_END))
		return -EBADMSG;
	switch (item->element) {
	case SECTION_START:
		return ++*depth > VICI_DEPTH_MAX ? -E2BIG : 0;
	case SECTION_END:
		return (*depth)-- == 0 ? -EBADMSG : 0;
	case LIST_START:
	case LIST_END:
		*in_list = item->element == LIST_START;
		return 0;
	case KEY_VALUE:
	case LIST_ITEM:
		return 0;
	}
	return -EBADMSG;
}

int vici_message_read(const void *bytes, size_t size, struct vici_section *ret)
{
	struct vici_section rest = { bytes, size };
	bool in_list = false;
	unsigned depth = 0;
	struct item item;
	int result;

	if (size > VICI_MESSAGE_MAX)
		return -E2BIG;
	while ((result = take_item(&rest, &item)) == 0) {
		result = check_item(&item, &depth, &in_list);
		if (result < 0)
			return result;
	}
	if (result != -ENODATA || depth > 0 || in_list)
		return -EBADMSG;
	*ret = (struct vici_section) { bytes, size };
	return 0;
}

/*
 * Up to where what @item has begun ends, and behind that; without effect for what has no end of its
 * own.
 */
static struct vici_section take_content(struct vici_section *rest, const struct item *item)
{
	struct vici_section content = *rest;
	unsigned open = item->element == SECTION_START || item->element == LIST_START;
	struct item inner;

	while (open > 0) {
		size_t before = rest->size;

		if (take_item(rest, &inner) < 0)
			break;
		if (inner.element == SECTION_START || inner.element == LIST_START)
			open++;
		else if (inner.element == SECTION_END || inner.element == LIST_END)
			open--;
		if (open == 0)
			content.size -= before;
	}
	return content;
}

static bool has_name(const struct item *item, const char *name)
{
	return item->name_size == strlen(name) && memcmp(item->name, name, item->name_size) == 0;
}

/* The first element in @section with that name, if it is an @element. */
static bool find(const struct vici_section *section, const char *name, enum element element,
		 struct item *ret, struct vici_section *ret_content)
{
	struct vici_section rest = *section;
	struct item item;

	while (take_item(&rest, &item) == 0) {
		struct vici_section content = take_content(&rest, &item);

		if (!has_name(&item, name))
			continue;
		if (item.element != element)
			return false;
		*ret = item;
		*ret_content = content;
		return true;
	}
	return false;
}

bool vici_find(const struct vici_section *section, const char *name, struct vici_value *ret)
{
	struct vici_section content;
	struct item item;

	if (!find(section, name, KEY_VALUE, &item, &content))
		return false;
	*ret = item.value;
	return true;
}

bool vici_find_section(const struct vici_section *section, const char *name,
		       struct vici_section *ret)
{
	struct item item;

	return find(section, name, SECTION_START, &item, ret);
}

bool vici_find_list(const struct vici_section *section, const char *name, struct vici_section *ret)
{
	struct item item;

	return find(section, name, LIST_START, &item, ret);
}

static bool is_ascii(uint8_t character)
{
	return character >= ' ' && character <= '~';
}

const char *vici_find_text(const struct vici_section *section, const char *name, char *buffer,
			   size_t size)
{
	struct vici_value value = { 0 };

	buffer[0] = '\0';
	if (!vici_find(section, name, &value))
		return buffer;
	if (value.size >= size)
		value.size = size - 1;
	for (size_t i = 0; i < value.size; i++)
		buffer[i] = is_ascii(value.bytes[i]) ? (char)value.bytes[i] : '?';
	buffer[value.size] = '\0';
	return buffer;
}

static int digit_value(uint8_t character)
{
	if (character >= '0' && character <= '9')
		return character - '0';
	if (character >= 'a' && character <= 'f')
		return character - 'a' + 10;
	return -1;
}

bool vici_find_number(const struct vici_section *section, const char *name, unsigned base,
		      uint64_t maximum, uint64_t *ret)
{
	struct vici_value value;
	uint64_t number = 0;

	if (!vici_find(section, name, &value) || value.size == 0)
		return false;
	for (size_t i = 0; i < value.size; i++) {
		int digit = digit_value(value.bytes[i]);

		if (digit < 0 || (unsigned)digit >= base || (unsigned)digit > maximum ||
		    number > (maximum - (unsigned)digit) / base)
			return false;
		number = number * base + (unsigned)digit;
	}
	*ret = number;
	return true;
}

bool vici_is_yes(const struct vici_section *section, const char *name)
{
	struct vici_value value;

	return vici_find(section, name, &value) && value.size == 3 &&
	       memcmp(value.bytes, "yes", 3) == 0;
}

static enum vici_kind kind_of(enum element element)
{
	if (element == SECTION_START)
		return VICI_SECTION;
	return element == LIST_START ? VICI_LIST : VICI_VALUE;
}

bool vici_next_element(struct vici_section *rest, struct vici_element *ret)
{
	struct item item;

	if (take_item(rest, &item) < 0)
		return false;
	*ret = (struct vici_element) {
		.kind = kind_of(item.element),
		.content = take_content(rest, &item),
		.value = item.value,
	};
	memcpy(ret->name, item.name, item.name_size);
	if (ret->kind == VICI_VALUE)
		ret->content = (struct vici_section) { 0 };
	return true;
}

bool vici_next_section(struct vici_section *rest, char name[VICI_NAME_MAX + 1],
		       struct vici_section *ret)
{
	struct item item;

	while (take_item(rest, &item) == 0) {
		struct vici_section content = take_content(rest, &item);

		if (item.element != SECTION_START)
			continue;
		memcpy(name, item.name, item.name_size);
		name[item.name_size] = '\0';
		*ret = content;
		return true;
	}
	return false;
}

bool vici_next_item(struct vici_section *rest, struct vici_value *ret)
{
	struct item item;

	if (take_item(rest, &item) < 0)
		return false;
	*ret = item.value;
	return true;
}
