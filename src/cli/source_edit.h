/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cli/command.h"
#include "source/changes.h"
#include "source/documents.h"
#include "source/folder.h"

/*
 * A change to the source folder, as every writing command makes it: read, edit in memory, check
 * what the result means, show what is different, ask, write.
 */
struct source_edit {
	struct source *source; /* as it will be */
	struct outline before;
	struct source_changes changes;
};

void source_edit_done(struct source_edit *edit);
CLEANUP_DEFINE_IN_PLACE(struct source_edit, source_edit_done);

/* Reads and locks the folder of -C. */
int source_edit_begin(const struct cli_options *options, struct source_edit *ret,
		      struct error *error);

/* The mesh document in force, parsed and as JSON (the caller's). */
int source_edit_mesh(const struct source_edit *edit, struct mesh_document **ret_mesh,
		     struct json_object **ret_json, struct error *error);

/* @json becomes the draft of the mesh document, or the document of organization @name. */
void source_edit_put_mesh(struct source_edit *edit, struct json_object *json);
void source_edit_put_organization(struct source_edit *edit, const char *name,
				  struct json_object *json);

/* Of a member that leaves. */
void source_edit_drop_organization(struct source_edit *edit, const char *name);

/* How a change ended that did not fail. */
enum edit_outcome {
	EDIT_NO_CHANGE,
	EDIT_DECLINED,
	EDIT_WRITTEN,
};

/* Checks, shows, asks @question, writes. */
int source_edit_finish(struct source_edit *edit, const struct cli_options *options,
		       const char *question, enum edit_outcome *ret, struct error *error);

/* What is different between two outlines, on standard output; false if nothing is. */
bool source_print_diff(struct outline *before, struct outline *after);

/* The exit code of a command that ended with @result; tells that a person said no. */
int source_exit(const struct cli_options *options, int result, bool declined,
		const struct error *error);

/* --yes, or what the person at the terminal says. */
int source_confirm(const struct cli_options *options, const char *question, bool *ret_declined,
		   struct error *error);
