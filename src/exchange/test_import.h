/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "exchange/import.h"

#include "base/strbuf.h"

/* A copy of @text with double quotes in place of single ones. */
char *test_with_double_quotes(const char *text);

/* One import for a test. Texts may be written with single quotes in place of double ones. */
struct test_import {
	struct report report;
	struct exchange_result result;
	int status;
	struct error error;
};

void test_import_done(struct test_import *import);
CLEANUP_DEFINE_IN_PLACE(struct test_import, test_import_done);

/* @text is called @name; @organization and @pool may be NULL. */
struct test_import test_import(const char *name, const char *text, const char *organization,
			       const char *pool);
/* Several texts, called "1", "2", ... */
struct test_import test_import_texts(const char *const *texts, size_t count,
				     const char *organization, const char *pool);

/* The nodes of an organization as JSON, one a line. Fails if the import failed. */
void test_import_expect_nodes(const struct test_import *import, const char *organization,
			      const char *expected);
/* "PLACE: text" or "text", each with a newline behind. */
void test_import_expect_report(const struct test_import *import, const char *expected);
void test_import_expect_error(const struct test_import *import, enum error_code code,
			      const char *expected);
/* "PREFIX-MAXLENGTH", separated by spaces. */
void test_import_expect_grants(const struct test_import *import, const char *organization,
			       const char *expected);
