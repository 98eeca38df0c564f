// SPDX-License-Identifier: GPL-2.0-or-later
#include "crypto/crypto.h"

#include "base/cleanup.h"
#include "crypto/test_hex.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define PEM(label, body) "-----BEGIN " label "-----\n" body "\n-----END " label "-----\n"
#define SECRET_LINE "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define NODE_PEM PEM("ARONET NODE KEY", SECRET_LINE)
#define ED25519_LINE "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g"

/* Registry specification, section 15: nodes moon and sun. */
static const struct {
	const char *secret;
	const char *ike_seed;
	const char *ike_public;
	const char *wireguard_private;
	const char *wireguard_public;
} nodes[] = {
	{
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
		"f640868f94aa85e2762cbfa770c4c48035e4a05a3a99ed80738bdd4b70889110",
		"12de432b1e93307a788767365144c3caf51a725831dd310e8a7df44f7ae47817",
		"f25308caa0014c41b19875f2b0b7607ea460d0366af2d1936db4ed8e5c6639b3",
		"Av5sZbS3vEH43ceLOWuP1WMHruZc3Ok3zerxnGVpWWs=",
	},
	{
		"202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f",
		"7f0650fc48711eb16e09aa0c2e0ff51ab10f9b86539671dd736f1a3661521092",
		"0dbd920ee625b4eaaeb32c96bfb994f84af26cd8035fb53db6df859f9e463a81",
		"9c1bbce1d58e2d2bd5be9ed62be8168da89f3216ccd5bd48556c3f7f3474f083",
		"F4HXck+2xZJgWv6h76ROgWdMNIsOpjPOHZ/Zxu2lgH4=",
	},
};

static void node_secret_gives_both_keys_of_the_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++) {
		uint8_t secret[CRYPTO_KEY_SIZE], public_key[CRYPTO_KEY_SIZE];
		char hex[65], base64[CRYPTO_KEY_BASE64_SIZE];
		CLEANUP(free) char *pem = NULL;
		struct crypto_node_key key;

		test_from_hex(nodes[i].secret, secret);
		pem = crypto_node_key_to_pem(secret);
		assert_int_equal(crypto_node_key_parse(pem, "p", &key, NULL), 0);
		assert_true(key.has_wireguard);
		assert_string_equal(test_to_hex(key.identity_seed, hex), nodes[i].ike_seed);
		assert_string_equal(test_to_hex(key.wireguard_private, hex),
				    nodes[i].wireguard_private);
		crypto_ed25519_public(key.identity_seed, public_key);
		assert_string_equal(test_to_hex(public_key, hex), nodes[i].ike_public);
		crypto_x25519_public(key.wireguard_private, public_key);
		assert_string_equal(crypto_key_to_base64(public_key, base64),
				    nodes[i].wireguard_public);
	}
}

static void node_secret_is_written_as_pem(void **state)
{
	uint8_t secret[CRYPTO_KEY_SIZE];
	CLEANUP(free) char *pem = NULL;

	(void)state;
	test_from_hex(nodes[0].secret, secret);
	pem = crypto_node_key_to_pem(secret);
	assert_string_equal(pem, NODE_PEM);
}

static void pkcs8_ed25519_is_the_identity_itself(void **state)
{
	static const char *const texts[] = {
		PEM("PRIVATE KEY", ED25519_LINE),
		"-----BEGIN PRIVATE KEY-----\r\n" ED25519_LINE "\r\n-----END PRIVATE KEY-----\r\n",
		" \n" PEM("PRIVATE KEY", ED25519_LINE) "\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct crypto_node_key key;
		char hex[65];

		assert_int_equal(crypto_node_key_parse(texts[i], "p", &key, NULL), 0);
		assert_false(key.has_wireguard);
		assert_string_equal(
			test_to_hex(key.identity_seed, hex),
			"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
	}
}

static void other_keys_are_refused_by_name(void **state)
{
	static const struct {
		const char *text;
		const char *start;
	} cases[] = {
		{ "", "is empty;" },
		{ "\n", "is empty;" },
		{ "secret", "does not begin with \"-----BEGIN \";" },
		{ "-----BEGIN x", "has a damaged first line;" },
		{ "-----BEGIN PRIVATE KEY-----\n" ED25519_LINE "\n-----END PUBLIC KEY-----\n",
		  "has no END line that fits its BEGIN line;" },
		{ NODE_PEM NODE_PEM, "holds two PEM blocks;" },
		{ NODE_PEM "x", "has text behind the key;" },
		{ PEM("ARONET NODE KEY", "AAEC"), "does not hold 32 bytes;" },
		{ PEM("ARONET NODE KEY", "A" SECRET_LINE), "holds damaged base64;" },
		{ PEM("ARONET NODE KEY", "AAEC AwQF"), "holds damaged base64;" },
		{ PEM("ARONET NODE KEY", ""), "holds damaged base64;" },
		{ PEM("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\n\nAAEC"),
		  "is an encrypted key or has PEM headers;" },
		{ PEM("RSA PRIVATE KEY", "AAEC"), "is an RSA key;" },
		{ PEM("ENCRYPTED PRIVATE KEY", "AAEC"),
		  "is an encrypted key; nobody could type its passphrase;" },
		{ PEM("PUBLIC KEY", "AAEC"), "is a public key;" },
		{ PEM("ODD THING", "AAEC"), "is PEM of an unknown kind;" },
		{ PEM("PRIVATE KEY", "AAEC"), "is not a plain Ed25519 key;" },
		{ PEM("PRIVATE KEY",
		      "MIIBVAIBADANBgkqhkiG9w0BAQEFAASCAT4wggE6AgEAAkEAxvG9qA2i/9Zl1cCL\n"
		      "C2UeAa4eiLE68M/rxAeJy/nmk0zdWYQ8lYOc3B2HfYTigWv0t9u/zRxCqj6sWfez"),
		  "is an RSA key;" },
		{ PEM("PRIVATE KEY",
		      "MC4CAQAwBQYDK2VuBCIEIPCSy+wv6yi8gilsW2IosNniku19kptBlRTQGcfQ3PN9"),
		  "is an X25519 key;" },
		{ PEM("PRIVATE KEY",
		      "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQguQ0vl86scljVbfxg"),
		  "is an EC key;" },
		{ PEM("PRIVATE KEY",
		      "MEcCAQAwBQYDK2VxBDsEOVJjXqnjEgUukFInr88gokHzBJJYpnDBZuYjruiLqAzX"),
		  "is an Ed448 key;" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct crypto_node_key key;
		struct error error;

		assert_int_equal(crypto_node_key_parse(cases[i].text, "p", &key, &error), -EINVAL);
		assert_string_equal(error_code_name(error.code), "E_KEYFILE");
		assert_string_equal(error.place, "p");
		assert_non_null(strstr(error.text, "aronet keygen node"));
		error.text[strlen(cases[i].start)] = '\0';
		assert_string_equal(error.text, cases[i].start);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(node_secret_gives_both_keys_of_the_vectors),
		cmocka_unit_test(node_secret_is_written_as_pem),
		cmocka_unit_test(pkcs8_ed25519_is_the_identity_itself),
		cmocka_unit_test(other_keys_are_refused_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
