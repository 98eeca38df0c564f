// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/trust.h"

#include "base/memory.h"
#include "crypto/crypto.h"
#include "crypto/test_hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define A "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
#define B "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
#define H1 "1111111111111111111111111111111111111111111111111111111111111111"
#define H2 "2222222222222222222222222222222222222222222222222222222222222222"
#define H3 "3333333333333333333333333333333333333333333333333333333333333333"

#define MESH                                                                                       \
	"\"mesh\":{\"version\":12,\"sha256\":\"" H1 "\",\"threshold\":2,"                          \
	"\"keys\":[\"" A "\",\"" B "\"]}"
#define MANIFEST "\"manifest\":{\"version\":481,\"sha256\":\"" H2 "\",\"keyset\":\"" H3 "\"}"
#define ORG(name)                                                                                  \
	"{\"organization\":\"" name "\",\"version\":3,\"sha256\":\"" H1 "\","                      \
	"\"keyset\":\"" H2 "\",\"verified\":\"" H3 "\"}"
#define TRUST(spec, mesh, manifest, organizations)                                                 \
	"{\"spec\":" spec ",\"mesh_id\":\"3f1c000000000000000000000000aa01\",\n " mesh             \
	",\n " manifest ",\n \"organizations\":[\n  " organizations                                \
	"],\n \"last_seen\":\"2026-11-20T21:04:00Z\"}\n"

static const char complete[] = TRUST("1", MESH, MANIFEST, ORG("a b") ",\n  " ORG("example"));

static struct trust *must_parse(const char *text)
{
	struct trust *trust = NULL;
	struct error error = { 0 };

	if (trust_parse(text, strlen(text), "trust.json", &trust, &error) < 0)
		fail_msg("%s: %s", error.place, error.text);
	return trust;
}

static void expect_damaged(const char *text, size_t size, const char *part)
{
	struct trust *trust = NULL;
	struct error error = { 0 };

	if (trust_parse(text, size, "trust.json", &trust, &error) == 0)
		fail_msg("accepted: %.*s", (int)size, text);
	assert_null(trust);
	assert_int_equal(error.code, ERROR_STATE_CORRUPT);
	assert_int_equal(error_exit_code(error.code), EXIT_STATE);
	assert_non_null(strstr(error.place, "trust.json"));
	if (part && !strstr(error.text, part))
		fail_msg("\"%s\" is not in: %s", part, error.text);
}

static void trust_reads_every_member(void **state)
{
	CLEANUP(trust_free) struct trust *trust = must_parse(complete);
	const struct trust_organization *example = trust_find_organization(trust, "example");
	char hex[2 * KEY_SIZE + 1];

	(void)state;
	assert_int_equal(trust->mesh_id[0], 0x3f);
	assert_int_equal(trust->mesh_version, 12);
	assert_string_equal(test_to_hex(trust->mesh_digest, hex), H1);
	assert_int_equal(trust->mesh_keys.threshold, 2);
	assert_int_equal(trust->mesh_keys.count, 2);
	assert_string_equal(test_to_hex(trust->mesh_keys.keys[1], hex), B);
	assert_int_equal(trust->manifest.version, 481);
	assert_string_equal(test_to_hex(trust->manifest.digest, hex), H2);
	assert_string_equal(test_to_hex(trust->manifest.keyset, hex), H3);
	assert_int_equal(trust->organizations_count, 2);
	assert_int_equal(example->floor.version, 3);
	assert_string_equal(test_to_hex(example->floor.digest, hex), H1);
	assert_string_equal(test_to_hex(example->floor.keyset, hex), H2);
	assert_string_equal(test_to_hex(example->verified, hex), H3);
	assert_null(trust_find_organization(trust, "Example"));
	assert_int_equal(trust->last_seen, 1795208640);
}

static void expect_written_as_read(const char *text)
{
	CLEANUP(trust_free) struct trust *trust = must_parse(text);
	CLEANUP(strbuf_done) struct strbuf written = { 0 };

	trust_format(trust, &written);
	assert_string_equal(strbuf_text(&written), text);
}

static void trust_is_written_as_it_is_read(void **state)
{
	(void)state;
	expect_written_as_read(complete);
}

/* After aronet registry reset-trust. */
static void trust_may_have_a_mesh_only(void **state)
{
	const char *text = "{\"spec\":1,\"mesh_id\":\"3f1c000000000000000000000000aa01\",\n " MESH
			   ",\n \"organizations\":[],\n \"last_seen\":\"2026-11-20T21:04:00Z\"}\n";
	CLEANUP(trust_free) struct trust *trust = must_parse(text);

	(void)state;
	assert_int_equal(trust->manifest.version, 0);
	assert_null(trust_find_organization(trust, "example"));
	expect_written_as_read(text);
}

static void trust_cut_at_any_length_is_damaged(void **state)
{
	(void)state;
	/* The last byte is a line feed: without it nothing is lost. */
	for (size_t size = 0; size < strlen(complete) - 1; size++)
		expect_damaged(complete, size, "is damaged: ");
}

static void trust_of_random_bytes_is_damaged(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2000; i++) {
		char bytes[4 * KEY_SIZE];

		for (unsigned j = 0; j < sizeof(bytes); j += KEY_SIZE) {
			unsigned seed[2] = { i, j };

			crypto_sha256(seed, sizeof(seed), (uint8_t *)bytes + j);
		}
		expect_damaged(bytes, i % sizeof(bytes), NULL);
	}
}

/* Any one byte changed: damaged, or another value; never a crash, never something between. */
static void trust_survives_any_changed_byte(void **state)
{
	CLEANUP(free) char *text = memory_strdup(complete);
	static const char replacements[] = { '\0', '"', '}', ',', '0', '9', 'a', '\xff' };
	unsigned taken = 0, refused = 0;

	(void)state;
	for (size_t i = 0; i < strlen(complete) * ARRAY_SIZE(replacements); i++) {
		CLEANUP(trust_free) struct trust *trust = NULL;
		size_t at = i / ARRAY_SIZE(replacements);
		struct error error = { 0 };

		text[at] = replacements[i % ARRAY_SIZE(replacements)];
		if (trust_parse(text, strlen(complete), "t", &trust, &error) == 0) {
			taken++;
		} else {
			refused++;
			assert_null(trust);
			assert_int_equal(error.code, ERROR_STATE_CORRUPT);
		}
		text[at] = complete[at];
	}
	assert_true(taken && refused);
}

static void trust_of_a_newer_aronet_is_never_misread(void **state)
{
	static const char *const texts[] = {
		TRUST("2", MESH, MANIFEST, ORG("example")),
		"{\"spec\": 2, \"something\": {\"else\": [1, 2, 3]}}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		expect_damaged(texts[i], strlen(texts[i]),
			       "was written by a newer aronet (spec 2, this one knows 1); use that "
			       "version again");
}

static void trust_refuses_what_was_never_written(void **state)
{
#define MESH_WITH(version, threshold, keys)                                                        \
	"\"mesh\":{\"version\":" version ",\"sha256\":\"" H1 "\",\"threshold\":" threshold         \
	",\"keys\":[" keys "]}"
#define TWO "\"" A "\",\"" B "\""
	static const struct {
		const char *text;
		const char *part;
	} cases[] = {
		{ TRUST("0", MESH, MANIFEST, ""), "expected integer 1-" },
		{ TRUST("1", MESH, "\"manifests\":{}", ""), "did you mean \"manifest\"?" },
		{ TRUST("1", MANIFEST, MESH ",\"mesh\":{}", ""), "appears twice" },
		{ TRUST("1", MESH_WITH("0", "2", TWO), MANIFEST, ""), "expected integer 1-" },
		{ TRUST("1", MESH_WITH("1152921504606846976", "2", TWO), MANIFEST, ""),
		  "number must be" },
		{ TRUST("1", MESH_WITH("1", "0", TWO), MANIFEST, ""), "expected integer 1-2" },
		{ TRUST("1", MESH_WITH("1", "3", TWO), MANIFEST, ""), "expected integer 1-2" },
		{ TRUST("1", MESH_WITH("1", "1", ""), MANIFEST, ""), "expected integer" },
		{ TRUST("1", MESH_WITH("1", "1", "\"" A "\",\"" A "\""), MANIFEST, ""),
		  "there twice" },
		{ TRUST("1", MESH_WITH("1", "1", "\"" H1 "11\""), MANIFEST, ""),
		  "expected 64 lower-case hex digits" },
		{ TRUST("1",
			MESH_WITH("1", "1",
				  "\"0100000000000000000000000000000000000000000000000000000000000"
				  "000\""),
			MANIFEST, ""),
		  "a weak key" },
		{ TRUST("1", MESH, MANIFEST, ORG("b") "," ORG("a")), "not sorted" },
		{ TRUST("1", MESH, MANIFEST, ORG("a") "," ORG("a")), "not sorted" },
		{ TRUST("1", MESH, MANIFEST, ORG("a,CN=b")), "only letters" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		expect_damaged(cases[i].text, strlen(cases[i].text), cases[i].part);
}

static int check_floor(uint64_t version, char digest, char keyset, struct error *error)
{
	const struct trust_floor floor = { .version = 481, .digest = { 'd' }, .keyset = { 'k' } };
	const uint8_t digest_bytes[KEY_SIZE] = { (uint8_t)digest };
	const uint8_t keyset_bytes[KEY_SIZE] = { (uint8_t)keyset };

	*error = (struct error) { 0 };
	return trust_check_floor(&floor, keyset_bytes, version, digest_bytes, "manifest", error);
}

static void floor_lets_only_newer_or_the_same_through(void **state)
{
	struct error error;

	(void)state;
	assert_int_equal(check_floor(481, 'd', 'k', &error), 0);
	assert_int_equal(check_floor(482, 'x', 'k', &error), 0);
	assert_true(check_floor(480, 'd', 'k', &error) < 0);
	assert_int_equal(error.code, ERROR_ROLLBACK);
	assert_string_equal(error.text,
			    "manifest 480 is older than 481, which this node already accepted");
	assert_true(check_floor(481, 'x', 'k', &error) < 0);
	assert_int_equal(error.code, ERROR_EQUIVOCATION);
	assert_string_equal(error.text,
			    "manifest 481 differs from the manifest 481 this node accepted (sha256 "
			    "780000000000... / 640000000000...); two registries are in "
			    "circulation");
}

static void floor_of_other_keys_does_not_count(void **state)
{
	const struct trust_floor none = { 0 };
	const uint8_t bytes[KEY_SIZE] = { 0 };
	struct error error;

	(void)state;
	assert_int_equal(check_floor(1, 'x', 'n', &error), 0);
	assert_int_equal(trust_check_floor(&none, bytes, 1, bytes, "manifest", NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trust_reads_every_member),
		cmocka_unit_test(trust_is_written_as_it_is_read),
		cmocka_unit_test(trust_may_have_a_mesh_only),
		cmocka_unit_test(trust_cut_at_any_length_is_damaged),
		cmocka_unit_test(trust_of_random_bytes_is_damaged),
		cmocka_unit_test(trust_survives_any_changed_byte),
		cmocka_unit_test(trust_of_a_newer_aronet_is_never_misread),
		cmocka_unit_test(trust_refuses_what_was_never_written),
		cmocka_unit_test(floor_lets_only_newer_or_the_same_through),
		cmocka_unit_test(floor_of_other_keys_does_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
