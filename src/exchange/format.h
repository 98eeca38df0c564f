/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

/* What the first words of a text say that it is. */
enum exchange_format {
	FORMAT_UNKNOWN,
	FORMAT_JSON_ARRAY,  /* `[`, then an object or nothing */
	FORMAT_JSON_OBJECT, /* `{` */
	FORMAT_HCL,	    /* a block, or names with underscores */
	FORMAT_TOML,	    /* a header, or names without */
};

enum exchange_format exchange_format_detect(const char *text, size_t size);
