/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "registry/test_bundle.h"
#include "source/publish.h"

/*
 * Source folders for tests, in a directory of their own, worked on by the functions that the
 * commands use. Keys are those of test_bundle_key(), by number.
 *
 *	keys 1, 2, 3   may sign the mesh
 *	key 10         may sign manifests
 *	keys 20, 21    those of organization north and of south
 */
#define TEST_FOLDER_NOW 1795305600 /* 2026-11-22T00:00:00Z */
#define TEST_FOLDER_KEYS_MAX 8

struct test_folder {
	char path[64];
	int64_t now;
};

/*
 * A mesh of which @threshold keys of three have to sign, as a draft, with north (fd66:1::/32, node
 * n1) and south (fd66:2::/32, node s1), unsigned, too.
 */
void test_folder_make(struct test_folder *folder, unsigned threshold);
void test_folder_remove(struct test_folder *folder);
CLEANUP_DEFINE_IN_PLACE(struct test_folder, test_folder_remove);

/* Reads it; the test fails with the error's text if that fails. */
struct source *test_folder_read(const struct test_folder *folder);

/* Keys by number, ended by 0. */
#define TEST_KEYS(...) ((const unsigned[]) { __VA_ARGS__, 0 })

/* What `aronet registry sign WORD` does with these keys. Returns how many of them had a say. */
unsigned test_folder_sign(const struct test_folder *folder, const char *word, const unsigned *keys);

/* The mesh is signed by keys 1 and 2, the organizations each by its own. */
void test_folder_sign_all(const struct test_folder *folder);

/*
 * What `aronet registry publish` does; nothing is written without @write. 0 or the error of
 * publish(). @ret may be NULL.
 */
int test_folder_publish(const struct test_folder *folder, const unsigned *keys, bool write,
			struct publication *ret, struct error *error);

/* Replaces the first @from in a file of the folder, which must be there, by @to. */
void test_folder_edit(const struct test_folder *folder, const char *path, const char *from,
		      const char *to);
bool test_folder_has(const struct test_folder *folder, const char *path);
