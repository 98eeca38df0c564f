// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A second opinion: the command line of openssl, with the commands of the registry specification,
 * section 15.1, about bundles as they stand in files.
 */
#include "registry/bundle.h"

#include "base/file.h"
#include "base/memory.h"
#include "crypto/base64.h"
#include "registry/test_bundle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

CLEANUP_DEFINE(struct json_object *, json_object_put);

/* $1 is the payloadType. */
#define MAKE_PAE                                                                                   \
	"base64 -d <payload64 >payload\n"                                                          \
	"{ printf 'DSSEv1 %d %s %d ' \"${#1}\" \"$1\" \"$(wc -c <payload)\"; cat payload; } "      \
	">pae\n"

#define VERIFY                                                                                     \
	"base64 -d <sig64 >sig\n"                                                                  \
	"openssl pkeyutl -verify -pubin -inkey key.pub -rawin -in pae -sigfile sig >verdict\n"

#define SIGN                                                                                       \
	"openssl pkeyutl -sign -inkey key.pem -rawin -in pae -out sig\n"                           \
	"base64 -w 0 <sig >sig64\n"

static void put(const char *directory, const char *name, const char *text)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	assert_int_equal(file_replace(path, text, strlen(text), 0600, NULL), 0);
}

static char *get(const char *directory, const char *name)
{
	char path[256];
	char *text;
	size_t size;

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	assert_int_equal(file_read(path, 4096, &text, &size, NULL), 0);
	return text;
}

/* Runs @script in @directory. Did it succeed? */
static bool run(const char *directory, const char *script, const char *payload_type)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (chdir(directory) == 0)
			execlp("sh", "sh", "-ec", script, "sh", payload_type, NULL);
		_exit(127);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 127);
	return WEXITSTATUS(status) == 0;
}

static const char *member(struct json_object *object, const char *name)
{
	return json_object_get_string(json_object_object_get(object, name));
}

/* Which of the test keys has this id? */
static void put_public_key(const char *directory, const char *keyid)
{
	char pem[CRYPTO_ED25519_PEM_SIZE], own[CRYPTO_KEYID_SIZE];
	uint8_t key[KEY_SIZE];

	for (unsigned id = 1; id < 200; id++) {
		if (strcmp(crypto_keyid(test_public_key(id, key), own), keyid) != 0)
			continue;
		put(directory, "key.pub", crypto_ed25519_public_to_pem(key, pem));
		return;
	}
	fail_msg("%s is no key of this bundle", keyid);
}

static void expect_verdict(const char *directory, const char *payload_type, bool expected)
{
	CLEANUP(free) char *verdict = NULL;

	assert_int_equal(run(directory, VERIFY, payload_type), expected);
	verdict = get(directory, "verdict");
	assert_string_equal(verdict, expected ? "Signature Verified Successfully\n"
					      : "Signature Verification Failure\n");
}

/* The signature of an envelope that was read as nothing but JSON is good, until a byte changes. */
static void check_signature(const char *directory, const char *payload_type,
			    struct json_object *signature)
{
	CLEANUP(free) char *flipped = memory_strdup(member(signature, "sig"));

	put_public_key(directory, member(signature, "keyid"));
	put(directory, "sig64", flipped);
	expect_verdict(directory, payload_type, true);
	flipped[17] = flipped[17] == 'A' ? 'B' : 'A';
	put(directory, "sig64", flipped);
	expect_verdict(directory, payload_type, false);
}

static unsigned check_envelope(const char *directory, struct json_object *envelope)
{
	struct json_object *signatures = json_object_object_get(envelope, "signatures");
	const char *payload_type = member(envelope, "payloadType");
	unsigned count = (unsigned)json_object_array_length(signatures);

	put(directory, "payload64", member(envelope, "payload"));
	assert_true(run(directory, MAKE_PAE, payload_type));
	for (unsigned i = 0; i < count; i++)
		check_signature(directory, payload_type, json_object_array_get_idx(signatures, i));
	/* The last byte of the body is a newline. */
	put(directory, "sig64", member(json_object_array_get_idx(signatures, 0), "sig"));
	put_public_key(directory, member(json_object_array_get_idx(signatures, 0), "keyid"));
	assert_true(run(directory, "truncate -s -1 pae; printf ' ' >>pae", payload_type));
	expect_verdict(directory, payload_type, false);
	return count;
}

static int make_directory(void **state)
{
	char *directory = memory_strdup("/tmp/aronet-openssl-XXXXXX");

	*state = mkdtemp(directory);
	return *state ? 0 : -1;
}

static int remove_directory(void **state)
{
	int result = file_remove_tree(*state);

	free(*state);
	return result;
}

/* Two mesh versions, the second signed by old and new keys; two of three keys in each role. */
static void openssl_verifies_each_signature_of_a_bundle(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(2, 2);
	CLEANUP(json_object_put) struct json_object *bundle = NULL;
	CLEANUP(free) char *text = NULL;
	struct json_object *envelopes;
	unsigned signatures = 0;
	size_t size;

	t->meshes[0].mesh = test_role(1, 3, 2);
	t->meshes[0].manifest = test_role(10, 2, 2);
	test_bundle_next_mesh(t)->mesh = test_role(3, 3, 2);
	text = test_bundle_text(t, &size);
	bundle = json_tokener_parse(text);
	envelopes = json_object_object_get(bundle, "envelopes");
	assert_int_equal(json_object_array_length(envelopes), 5);
	for (size_t i = 0; i < 5; i++)
		signatures += check_envelope(*state, json_object_array_get_idx(envelopes, i));
	/* Mesh 1, mesh 2 (two of the old keys, two of the new ones), manifest, organizations. */
	assert_int_equal(signatures, 2 + 4 + 2 + 1 + 1);
}

/* Ed25519 is deterministic: whoever signs, the bytes are the same. */
static void openssl_signs_as_we_do(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 1);
	CLEANUP(bundle_free) struct bundle *bundle = test_bundle_build(t);
	const struct envelope *org = &bundle->envelopes[2];
	char payload64[BASE64_TEXT_SIZE(4096)], ours[BASE64_TEXT_SIZE(CRYPTO_SIGNATURE_SIZE)];
	const char *payload_type = document_payload_type(org->type);
	CLEANUP(free) char *pem = NULL;
	CLEANUP(free) char *theirs = NULL;
	struct crypto_signing_key key;

	test_bundle_key(100, &key);
	pem = crypto_signing_key_to_pem(&key, NULL);
	put(*state, "key.pem", pem);
	assert_true(org->payload_size < 4096);
	base64_encode(org->payload, org->payload_size, payload64);
	put(*state, "payload64", payload64);
	assert_true(run(*state, MAKE_PAE SIGN, payload_type));
	theirs = get(*state, "sig64");
	base64_encode(org->signatures[0].bytes, CRYPTO_SIGNATURE_SIZE, ours);
	assert_string_equal(theirs, ours);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(openssl_verifies_each_signature_of_a_bundle),
		cmocka_unit_test(openssl_signs_as_we_do),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
