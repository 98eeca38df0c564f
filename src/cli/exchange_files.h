/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cli/options.h"
#include "exchange/import.h"

/* What the commands import and export share: files of other programs, and telling what happened. */
struct exchange_files {
	struct exchange_text *items; /* text and name are theirs */
	size_t count;
};

void exchange_files_done(struct exchange_files *files);
CLEANUP_DEFINE_IN_PLACE(struct exchange_files, exchange_files_done);

/*
 * All files of the operands: "-" is standard input, and of a folder all *.conf, as RAIT before 1.4
 * has one for each peer. E_FILE, also for a folder without any.
 */
#define EXCHANGE_FILES_MAX 10000
int exchange_files_read(const struct cli_list *operands, struct exchange_files *ret,
			struct error *error);

/* "aronet: note: peers.conf:12:1: text" for each line, on standard error. */
void exchange_print_report(const struct report *report);

/* Organizations, their nodes and networks, and the command that would admit them. */
void exchange_print_plan(const struct exchange_result *result);

/* What an organization of that size is allowed: 0 for the default, else with room for more. */
unsigned exchange_max_nodes(const struct exchange_organization *organization);
