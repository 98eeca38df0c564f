// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/strbuf.h"

#include "base/memory.h"

#include <stdio.h>
#include <string.h>

void strbuf_done(struct strbuf *buffer)
{
	free(buffer->bytes);
	*buffer = (struct strbuf) { 0 };
}

static void strbuf_reserve(struct strbuf *buffer, size_t extra)
{
	size_t size = buffer->size ? buffer->size : 64;

	while (size < buffer->length + extra + 1)
		size *= 2;
	if (size != buffer->size) {
		buffer->bytes = memory_grow(buffer->bytes, size, 1);
		buffer->size = size;
	}
}

void strbuf_append(struct strbuf *buffer, const void *bytes, size_t length)
{
	strbuf_reserve(buffer, length);
	if (length)
		memcpy(buffer->bytes + buffer->length, bytes, length);
	buffer->length += length;
	buffer->bytes[buffer->length] = '\0';
}

void strbuf_puts(struct strbuf *buffer, const char *text)
{
	strbuf_append(buffer, text, strlen(text));
}

void strbuf_printf(struct strbuf *buffer, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	strbuf_vprintf(buffer, format, arguments);
	va_end(arguments);
}

/* Most texts fit into the room that is there, and are formatted once. */
void strbuf_vprintf(struct strbuf *buffer, const char *format, va_list arguments)
{
	size_t room;
	va_list again;
	int length;

	strbuf_reserve(buffer, 0);
	room = buffer->size - buffer->length;
	va_copy(again, arguments);
	length = vsnprintf(buffer->bytes + buffer->length, room, format, again);
	va_end(again);
	if (length < 0)
		abort(); /* only a wrong format string can do that */
	if ((size_t)length >= room) {
		strbuf_reserve(buffer, (size_t)length);
		(void)vsnprintf(buffer->bytes + buffer->length, (size_t)length + 1, format,
				arguments);
	}
	buffer->length += (size_t)length;
}

const char *strbuf_text(const struct strbuf *buffer)
{
	return buffer->bytes ? buffer->bytes : "";
}

char *strbuf_take(struct strbuf *buffer)
{
	char *text = buffer->bytes ? TAKE(buffer->bytes) : memory_strdup("");

	*buffer = (struct strbuf) { 0 };
	return text;
}
