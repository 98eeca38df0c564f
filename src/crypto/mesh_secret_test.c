// SPDX-License-Identifier: GPL-2.0-or-later
#include "crypto/crypto.h"

#include "base/cleanup.h"
#include "base/hex.h"
#include "crypto/test_hex.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Registry specification, section 15. */
#define EPOCH 20778
static const uint8_t mesh_id[CRYPTO_MESH_ID_SIZE] = { 0x00, 0x11, 0x22, 0x33, 0x44, 0x55,
						      0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb,
						      0xcc, 0xdd, 0xee, 0xff };
static const char moon[] = "Av5sZbS3vEH43ceLOWuP1WMHruZc3Ok3zerxnGVpWWs=";
static const char sun[] = "F4HXck+2xZJgWv6h76ROgWdMNIsOpjPOHZ/Zxu2lgH4=";

#define PEM(label, body) "-----BEGIN " label "-----\n" body "\n-----END " label "-----\n"
#define SECRET_PEM PEM("ARONET MESH SECRET", "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI=")

struct pair {
	uint8_t secret[CRYPTO_KEY_SIZE], moon[CRYPTO_KEY_SIZE], sun[CRYPTO_KEY_SIZE];
};

static struct pair make_pair(void)
{
	struct pair pair;

	memset(pair.secret, 0x42, sizeof(pair.secret));
	assert_int_equal(crypto_key_from_base64(moon, pair.moon), 0);
	assert_int_equal(crypto_key_from_base64(sun, pair.sun), 0);
	return pair;
}

static void psk_is_that_of_the_vector(void **state)
{
	const struct pair pair = make_pair();
	uint8_t psk[CRYPTO_KEY_SIZE];
	char hex[65];

	(void)state;
	crypto_mesh_secret_psk(pair.secret, mesh_id, pair.moon, pair.sun, EPOCH, psk);
	assert_string_equal(test_to_hex(psk, hex),
			    "f3e805a48dec6ad12fb7b15a7e1713bd44e71de44655eeb4cfc4731f85f35de4");
}

static void psk_is_the_same_at_both_ends(void **state)
{
	const struct pair pair = make_pair();
	uint8_t ours[CRYPTO_KEY_SIZE], theirs[CRYPTO_KEY_SIZE];

	(void)state;
	crypto_mesh_secret_psk(pair.secret, mesh_id, pair.moon, pair.sun, EPOCH, ours);
	crypto_mesh_secret_psk(pair.secret, mesh_id, pair.sun, pair.moon, EPOCH, theirs);
	assert_memory_equal(ours, theirs, sizeof(ours));
}

static void psk_differs_by_secret_mesh_pair_and_epoch(void **state)
{
	const struct pair pair = make_pair();
	struct pair other = pair;
	uint8_t other_mesh[CRYPTO_MESH_ID_SIZE] = { 1 };
	uint8_t psk[CRYPTO_KEY_SIZE], others[4][CRYPTO_KEY_SIZE];

	(void)state;
	other.secret[0] ^= 1;
	other.sun[0] ^= 1;
	crypto_mesh_secret_psk(pair.secret, mesh_id, pair.moon, pair.sun, EPOCH, psk);
	crypto_mesh_secret_psk(other.secret, mesh_id, pair.moon, pair.sun, EPOCH, others[0]);
	crypto_mesh_secret_psk(pair.secret, other_mesh, pair.moon, pair.sun, EPOCH, others[1]);
	crypto_mesh_secret_psk(pair.secret, mesh_id, pair.moon, other.sun, EPOCH, others[2]);
	crypto_mesh_secret_psk(pair.secret, mesh_id, pair.moon, pair.sun, EPOCH + 1, others[3]);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_memory_not_equal(psk, others[i], sizeof(psk));
}

/* Computed with another implementation of HKDF. */
static void ppk_is_that_of_the_vector(void **state)
{
	const struct pair pair = make_pair();
	uint8_t ppk[CRYPTO_KEY_SIZE];
	char hex[65];

	(void)state;
	crypto_mesh_secret_ppk(pair.secret, mesh_id, EPOCH, ppk);
	assert_string_equal(test_to_hex(ppk, hex),
			    "abb59b35b4a83910655530e172ec2841495fcea6e98bf170193abf356856db7d");
}

static void id_is_that_of_the_vector(void **state)
{
	const struct pair pair = make_pair();
	uint8_t id[CRYPTO_MESH_SECRET_ID_SIZE];
	char hex[2 * CRYPTO_MESH_SECRET_ID_SIZE + 1];

	(void)state;
	crypto_mesh_secret_id(pair.secret, id);
	assert_string_equal(hex_format(id, sizeof(id), hex), "2076512e7442357b");
}

static void mesh_secret_is_written_as_it_is_read(void **state)
{
	const struct pair pair = make_pair();
	CLEANUP(free) char *pem = crypto_mesh_secret_to_pem(pair.secret);
	uint8_t secret[CRYPTO_KEY_SIZE];

	(void)state;
	assert_string_equal(pem, SECRET_PEM);
	assert_int_equal(crypto_mesh_secret_parse(pem, "p", secret, NULL), 0);
	assert_memory_equal(secret, pair.secret, sizeof(secret));
}

static void other_kinds_of_keys_are_no_mesh_secret(void **state)
{
	static const struct {
		const char *pem, *text;
	} cases[] = {
		{ PEM("ARONET NODE KEY", "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI="),
		  "is the key of a node" },
		{ PEM("ARONET MESH SECRET", "QkJCQg=="), "does not hold 32 bytes" },
		{ "QkJC", "does not begin with \"-----BEGIN \"" },
		{ "", "is empty" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint8_t secret[CRYPTO_KEY_SIZE];
		struct error error = { 0 };

		assert_int_equal(crypto_mesh_secret_parse(cases[i].pem, "p", secret, &error),
				 -EINVAL);
		assert_int_equal(error.code, ERROR_KEYFILE);
		assert_non_null(strstr(error.text, cases[i].text));
		assert_non_null(strstr(error.text, "aronet keygen mesh"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(psk_is_that_of_the_vector),
		cmocka_unit_test(psk_is_the_same_at_both_ends),
		cmocka_unit_test(psk_differs_by_secret_mesh_pair_and_epoch),
		cmocka_unit_test(ppk_is_that_of_the_vector),
		cmocka_unit_test(id_is_that_of_the_vector),
		cmocka_unit_test(mesh_secret_is_written_as_it_is_read),
		cmocka_unit_test(other_kinds_of_keys_are_no_mesh_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
