// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/cli.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "cli/test_cli.h"
#include "crypto/crypto.h"
#include "crypto/test_hex.h"
#include "registry/test_bundle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static void check_names_the_first_error(void **state)
{
	struct test_cli *fixture = *state;
	struct test_cli_outcome outcome;
	struct error error = { 0 };

	assert_int_equal(file_replace(fixture->file, "{ \"x\": }", 8, 0600, &error), 0);
	test_cli_run(&outcome, "check -c %s", fixture->file);
	assert_int_equal(outcome.exit, EXIT_CONFIG);
	assert_non_null(strstr(outcome.err, fixture->file));
	assert_non_null(strstr(outcome.err, ":1:8"));
	assert_string_equal(outcome.out, "");
}

static void write_text(const char *directory, const char *name, const char *text)
{
	struct error error = { 0 };
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	if (file_replace(path, text, strlen(text), 0600, &error) < 0)
		fail_msg("%s: %s", error.place, error.text);
}

/* What the configuration says of registries is asked, the machine is not. */
static void check_asks_the_local_policy(void **state)
{
	static const char config[] =
		"{\"organization\": \"home\", \"common_name\": \"moon\","
		" \"daemon\": {\"network\": \"fd66:1::/64\"},"
		" \"registry\": {\"allow_unsigned\": true},"
		" \"endpoints\": [{\"address\": null, \"address_family\": \"ip4\", \"port\": 1}],"
		" \"wireguard\": {\"private_key\": "
		"\"8lMIyqABTEGxmHXysLdgfqRg0DZq8tGTbbTtjlxmObM=\"}}";
	static const char registry[] =
		"[{\"organization\": \"home\", \"public_key\": \"-----BEGIN PUBLIC KEY-----\\n"
		"MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\\n"
		"-----END PUBLIC KEY-----\\n\", \"nodes\": [{\"common_name\": \"sun\","
		" \"endpoints\": [], \"remarks\": {\"network\": \"fd66:2::/64\","
		" \"prefixs\": [\"0.0.0.0/0\"]}}]}]";
	struct test_cli *fixture = *state;
	struct test_cli_outcome outcome;

	write_text(fixture->directory, "file", config);
	write_text(fixture->directory, "registry.json", registry);
	test_cli_run(&outcome, "check -c %s -r %s/registry.json --allow-unsigned", fixture->file,
		     fixture->directory);
	test_cli_check_outcome(
		&outcome, EXIT_POLICY, "",
		"aronet: home/sun: 0.0.0.0/0 refused by local policy (default route); to use "
		"that exit, name the node in \"accept_default_from\"\n");
}

/* Without a state directory, as on the machine of somebody who only looks. */
static void check_verifies_signed_registries_by_the_pin(void **state)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(1, 2);
	struct test_cli *fixture = *state;
	char config[512], line[256], hex[2 * KEY_SIZE + 1];
	struct test_cli_outcome outcome;
	uint8_t pin[KEY_SIZE];
	char *character;
	size_t size;

	test_bundle_date(t, time(NULL) - 60, time(NULL) + 20 * 86400, time(NULL) + 86400 * 300);
	test_bundle_pin(t, 1, pin);
	(void)snprintf(config, sizeof(config),
		       "{\"organization\": \"org-1\", \"common_name\": \"node-9\", \"daemon\":"
		       " {\"network\": \"fd67::/64\", \"mode\": \"netns\", \"state_dir\":"
		       " \"%s/state\"}, \"registry\": {\"mesh_sha256\": \"%s\"}, \"endpoints\":"
		       " [{\"address\": null, \"address_family\": \"ip4\", \"port\": 1}],"
		       " \"wireguard\": {\"private_key\":"
		       " \"8lMIyqABTEGxmHXysLdgfqRg0DZq8tGTbbTtjlxmObM=\"}}",
		       fixture->directory, test_to_hex(pin, hex));
	write_text(fixture->directory, "file", config);
	CLEANUP(free) char *text = test_bundle_text(t, &size);
	write_text(fixture->directory, "registry.json", text);
	test_cli_run(&outcome, "check -c %s -r %s/registry.json", fixture->file,
		     fixture->directory);
	assert_int_equal(outcome.exit, EXIT_DONE);
	(void)snprintf(line, sizeof(line),
		       "%s/registry.json: ok (signed, mesh example 1, manifest 1, 2 nodes; checked "
		       "against the pin)\n",
		       fixture->directory);
	assert_non_null(strstr(outcome.out, line));
	/* Another signature, but base64 still. */
	character = strstr(text, "\"sig\"") + 10;
	*character = *character == 'B' ? 'C' : 'B';
	write_text(fixture->directory, "registry.json", text);
	test_cli_run(&outcome, "check -c %s -r %s/registry.json", fixture->file,
		     fixture->directory);
	assert_int_equal(outcome.exit, EXIT_REGISTRY);
	assert_non_null(strstr(outcome.err, "mesh 1: 0 of 1 required signatures are good (1 bad)"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_DIRECTORY(check_names_the_first_error),
		WITH_DIRECTORY(check_asks_the_local_policy),
		WITH_DIRECTORY(check_verifies_signed_registries_by_the_pin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
