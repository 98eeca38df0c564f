/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cli/options.h"

#include <stddef.h>

/* One option; options.c knows how a command line is taken apart, the rows what is in it. */
typedef bool option_read_fn(const char *value, struct cli_options *options);

/* A row with a value has a reader, a switch has the offset of its flag. */
struct option_row {
	char letter; /* 0: none */
	const char *name;
	const char *value; /* NULL: a switch */
	option_read_fn *read;
	size_t flag;
	const char *expected; /* of a value */
	const char *help;
};

#define OPTIONS_COUNT (OPTION_HELP + 1)
extern const struct option_row option_rows[OPTIONS_COUNT];
