/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"

#include <stdarg.h>
#include <stddef.h>

/*
 * A growing string. Zero-initialised it is the empty string; @bytes is NULL until something was
 * appended and always terminated afterwards.
 */
struct strbuf {
	char *bytes;
	size_t length;
	size_t size;
};

void strbuf_done(struct strbuf *buffer);
CLEANUP_DEFINE_IN_PLACE(struct strbuf, strbuf_done);

void strbuf_append(struct strbuf *buffer, const void *bytes, size_t length);
void strbuf_puts(struct strbuf *buffer, const char *text);
void strbuf_printf(struct strbuf *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3), nonnull(2)));
void strbuf_vprintf(struct strbuf *buffer, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0), nonnull(2)));

/* The text so far, "" if none; valid until the next change. */
const char *strbuf_text(const struct strbuf *buffer);

/* Hands the text to the caller, who frees it; never NULL. The buffer is empty afterwards. */
char *strbuf_take(struct strbuf *buffer);
