// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/test_support.h"

#include "base/hex.h"
#include "base/strbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define PEM(line) "-----BEGIN PUBLIC KEY-----\\n" line "\\n-----END PUBLIC KEY-----\\n"

static const struct {
	char letter;
	const char *text;
} keys[] = {
	{ 'A', PEM("MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=") },
	{ 'B', PEM("MCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=") },
	{ 'a', "21fe31dfa154a261626bf854046fd227" },
	{ 'b', "39f713d0a644253f04529421b9f51b9b" },
	{ 'M', PEM("MCowBQYDK2VwAyEAEt5DKx6TMHp4h2c2UUTDyvUaclgx3TEOin30T3rkeBc=") },
	{ 'S', PEM("MCowBQYDK2VwAyEADb2SDuYltOqusyyWv7mU+ErybNgDX7U9tt+Fn55GOoE=") },
	{ '1', "Av5sZbS3vEH43ceLOWuP1WMHruZc3Ok3zerxnGVpWWs=" },
	{ '2', "F4HXck+2xZJgWv6h76ROgWdMNIsOpjPOHZ/Zxu2lgH4=" },
};

static void append_key(struct strbuf *buffer, char letter)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (keys[i].letter != letter)
			continue;
		strbuf_puts(buffer, "\"");
		strbuf_puts(buffer, keys[i].text);
		strbuf_puts(buffer, "\"");
		return;
	}
	fail_msg("no test key %c", letter);
}

char *test_registry_text(const char *short_text)
{
	struct strbuf buffer = { 0 };

	for (; *short_text; short_text++)
		if (*short_text == '$')
			append_key(&buffer, *++short_text);
		else
			strbuf_append(&buffer, *short_text == '\'' ? "\"" : short_text, 1);
	return strbuf_take(&buffer);
}

int test_registry_load(const char *short_text, struct warnings *warnings, struct registry **ret,
		       struct error *error)
{
	const struct registry_options options = {
		.allow_unsigned_config = true,
		.allow_unsigned_flag = true,
	};
	CLEANUP(free) char *text = test_registry_text(short_text);

	return registry_load(text, strlen(text), "registry.json", &options, warnings, ret, error);
}

struct registry *test_registry_must_load(const char *short_text, struct warnings *warnings)
{
	struct registry *registry = NULL;
	struct error error = { 0 };

	if (test_registry_load(short_text, warnings, &registry, &error) < 0)
		fail_msg("%s: %s", error.place, error.text);
	return registry;
}

size_t test_warnings_count(const struct warnings *warnings, const char *code)
{
	size_t count = 0;

	for (size_t i = 0; i < warnings->count; i++)
		count += !strcmp(warnings->items[i].code, code);
	return count;
}

struct crypto_signing_key test_signing_key(char letter)
{
	static const char *const seeds[] = {
		"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
		"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	};
	struct crypto_signing_key key = { .seed = { (uint8_t)letter } };

	if (letter == 'A' || letter == 'B')
		assert_int_equal(hex_parse(seeds[letter - 'A'], key.seed, sizeof(key.seed)), 0);
	crypto_ed25519_public(key.seed, key.public_key);
	return key;
}

struct ip_prefix test_prefix(const char *text)
{
	struct ip_prefix prefix = { 0 };

	assert_int_equal(ip_prefix_parse(text, &prefix), 0);
	return prefix;
}

struct ip_address test_address(const char *text)
{
	struct ip_address address = { 0 };

	assert_int_equal(ip_address_parse(text, &address), 0);
	return address;
}
