/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"

#include <json-c/json.h>
#include <stdbool.h>

/*
 * `aronet load`: bring a registry's bytes to the daemon. The loader looks at their number only; the
 * daemon parses, checks and decides for itself.
 */
struct loader_options {
	const char *registry_path; /* "-": standard input; or an https URL */
	const char *ca_path;	   /* certificates to trust for it; NULL: the system's */
	const char *socket_path;
	bool plan;
	bool allow_unsigned;
	bool allow_empty;
	unsigned wait_sec; /* for the kernel to follow; the answer may take that long */
};

/*
 * *ret is the daemon's answer, owned by the caller. After an error *ret_exit says how the command
 * should end; places in the registry are named after @registry_path.
 */
int loader_push(const struct loader_options *options, struct json_object **ret,
		enum exit_code *ret_exit, struct error *error);
