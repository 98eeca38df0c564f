// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/config.h"

#include "base/file.h"
#include "base/hex.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "crypto/crypto.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

/* Node moon of the registry specification, section 15. */
#define MOON_PEM                                                                                   \
	"-----BEGIN ARONET NODE KEY-----\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"          \
	"-----END ARONET NODE KEY-----\n"
#define MOON_PRIVATE "8lMIyqABTEGxmHXysLdgfqRg0DZq8tGTbbTtjlxmObM="
/* The same as WireGuard stores it: bits that X25519 does not use are set or cleared. */
#define MOON_CLAMPED "8FMIyqABTEGxmHXysLdgfqRg0DZq8tGTbbTtjlxmOXM="
#define MOON_PUBLIC "Av5sZbS3vEH43ceLOWuP1WMHruZc3Ok3zerxnGVpWWs="

#define NAMES "\"organization\": \"home\", \"common_name\": \"moon\","
#define WIREGUARD "\"wireguard\": {\"private_key\": \"" MOON_PRIVATE "\"},"
#define ENDPOINT "\"endpoints\": [{\"address\": \"203.0.113.5\", \"port\": 12025}],"
#define MINIMAL "{" NAMES ENDPOINT WIREGUARD "\"daemon\": {\"network\": \"fd66::1/64\"}}"

/* The form of the original's README: comments and a trailing comma. */
static const char original[] =
	"{\n"
	"    \"private_key\": \"node.key\", # path\n"
	"    \"organization\": \"home\", // who\n"
	"    \"common_name\": \"moon\",\n"
	"    \"daemon\": {\n"
	"        \"prefixs\": [\"192.168.128.1/24\", \"10.1.0.0/16\"],\n"
	"        \"extra_network\": [\"10.1.0.0/16\", \"fd77::/48\"],\n"
	"        \"network\": \"fd66::1/64\",\n"
	"        \"extra_ip\": [\"192.168.128.1\", \"fd66::53/64\"],\n"
	"        \"use_netns\": true, \"mode\": \"netns\",\n"
	"        \"ifname\": \"moon0\", \"netns_name\": \"moon\", \"route_table\": 254,\n"
	"        \"runtime_dir\": \"/run/moon\", \"state_dir\": \"/var/lib/moon\",\n"
	"        \"control_group\": \"netadmin\",\n"
	"    },\n"
	"    \"endpoints\": [\n"
	"        {\"address\": \"2001:db8::5\", \"port\": 12025, \"serial_number\": 1,\n"
	"         \"send_port\": 50001, \"fwmark\": 4294967295, \"mtu\": 1420,\n"
	"         \"random_port\": true, \"bind_addr\": null},\n"
	"        {\"address\": null, \"address_family\": \"ip4\", \"port\": 12026,\n"
	"         \"serial_number\": \"4294967295\"},\n"
	"        {\"address\": \"vpn.example.org\", \"address_family\": \"ip6\", \"port\": 1,\n"
	"         \"serial_number\": 0},\n"
	"    ],\n"
	"    \"wireguard\": {\"backend\": \"userspace\"},\n"
	"    \"ipsec\": {\"backend\": \"userspace\", \"charon\": \"system\",\n"
	"        \"vici_socket\": \"/run/moon/vici\"},\n"
	"    \"babel\": {\"backend\": \"bird\"},\n"
	"    \"registry\": {\"allow_unsigned\": true},\n"
	"    \"x-remark\": {\"anything\": [1, 2]}\n"
	"}\n";

struct place {
	char directory[64];
	char config[96];
	char key[96];
};

static int make_place(void **state)
{
	struct place *place = NEW(struct place);

	*state = place;
	strcpy(place->directory, "/tmp/aronet-config-test-XXXXXX");
	if (!mkdtemp(place->directory))
		return -1;
	(void)snprintf(place->config, sizeof(place->config), "%s/config.json", place->directory);
	(void)snprintf(place->key, sizeof(place->key), "%s/node.key", place->directory);
	return file_replace(place->key, MOON_PEM, strlen(MOON_PEM), 0600, NULL);
}

static int remove_place(void **state)
{
	struct place *place = *state;

	char mesh[96];

	(void)snprintf(mesh, sizeof(mesh), "%s/mesh.json", place->directory);
	(void)unlink(mesh);
	(void)unlink(place->config);
	(void)unlink(place->key);
	(void)rmdir(place->directory);
	free(place);
	return 0;
}

static struct config *load(const struct place *place, const char *text, struct warnings *warnings)
{
	struct config *config = NULL;
	char line[ERROR_LINE_SIZE];
	struct error error;

	assert_int_equal(file_replace(place->config, text, strlen(text), 0600, NULL), 0);
	if (config_load(place->config, warnings, &config, &error) < 0)
		fail_msg("%s", error_format(&error, line, sizeof(line)));
	return config;
}

/* @text is what the message ends with. */
static void expect_refused(const struct place *place, const char *path, const char *code,
			   const char *text)
{
	struct config *config = NULL;
	struct error error;
	char *start;

	(void)place;
	if (config_load(path, NULL, &config, &error) == 0)
		fail_msg("accepted");
	assert_string_equal(error_code_name(error.code), code);
	start = strstr(error.text, text);
	if (!start || strcmp(start, text) != 0)
		fail_msg("%s: %s", error.place, error.text);
}

static void assert_prefix(const struct ip_prefix *prefix, const char *text)
{
	char buffer[IP_PREFIX_TEXT_SIZE];

	assert_string_equal(ip_prefix_format(prefix, buffer), text);
}

static void config_of_the_original_is_read(void **state)
{
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	CLEANUP(config_free) struct config *config = load(*state, original, &warnings);

	assert_string_equal(config->self.organization, "home");
	assert_string_equal(config->self.common_name, "moon");
	assert_int_equal(config->mode, OVERLAY_NETNS);
	assert_int_equal(config->route_table, 254);
	assert_string_equal(config->ifname, "moon0");
	assert_string_equal(config->netns_name, "moon");
	assert_string_equal(config->runtime_dir, "/run/moon");
	assert_string_equal(config->state_dir, "/var/lib/moon");
	assert_string_equal(config->control_group, "netadmin");
	assert_int_equal(config->wireguard_backend, WIREGUARD_USERSPACE);
	assert_int_equal(config->ipsec_backend, IPSEC_USERSPACE);
	assert_int_equal(config->ike_daemon_kind, IKE_DAEMON_SYSTEM);
	assert_string_equal(config->vici_socket, "/run/moon/vici");
	assert_int_equal(config->babel_backend, BABEL_BIRD);
	assert_true(config->registry.allow_unsigned);

	assert_prefix(&config->network, "fd66::/64");
	assert_int_equal(config->prefixes_count, 3);
	assert_prefix(&config->prefixes[0], "10.1.0.0/16");
	assert_prefix(&config->prefixes[1], "192.168.128.0/24");
	assert_prefix(&config->prefixes[2], "fd77::/48");
	assert_int_equal(config->extra_ips_count, 2);
	assert_prefix(&config->extra_ips[0], "192.168.128.1/32");
	assert_prefix(&config->extra_ips[1], "fd66::53/64");

	assert_int_equal(warnings.count, 2);
	assert_string_equal(warnings.items[0].code, "W02");
	assert_string_equal(warnings.items[0].text, "host bits set in fd66::1/64; using fd66::/64");
	assert_string_equal(warnings.items[1].text,
			    "host bits set in 192.168.128.1/24; using 192.168.128.0/24");
}

static void endpoints_of_the_original_are_read(void **state)
{
	CLEANUP(config_free) struct config *config = load(*state, original, NULL);
	const struct endpoint *endpoints = config->endpoints;
	char text[IP_ADDRESS_TEXT_SIZE];

	assert_int_equal(config->endpoints_count, 3);
	assert_string_equal(ip_address_format(&endpoints[0].address, text), "2001:db8::5");
	assert_int_equal(endpoints[0].family, AF_INET6);
	assert_int_equal(endpoints[0].port, 12025);
	assert_int_equal(endpoints[0].send_port, 50001);
	assert_int_equal(endpoints[0].serial_number, 1);
	assert_true(endpoints[0].fwmark == UINT32_MAX);
	assert_int_equal(endpoints[0].mtu, 1420);
	assert_true(endpoints[0].random_port);
	assert_true(endpoint_dials_out_only(&endpoints[1]));
	assert_int_equal(endpoints[1].family, AF_INET);
	assert_int_equal(endpoints[1].port, 12026);
	assert_int_equal(endpoints[1].send_port, 0);
	assert_true(endpoints[1].serial_number == UINT32_MAX);
	assert_int_equal(endpoints[1].mtu, CONFIG_MTU_DEFAULT);
	assert_string_equal(endpoints[2].name, "vpn.example.org");
	assert_int_equal(endpoints[2].family, AF_INET6);
}

static void assert_moon_wireguard(const struct config *config)
{
	char text[CRYPTO_KEY_BASE64_SIZE];

	assert_string_equal(crypto_key_to_base64(config->wireguard_private, text), MOON_CLAMPED);
	assert_string_equal(crypto_key_to_base64(config->wireguard_public, text), MOON_PUBLIC);
}

static void both_keys_come_from_a_node_key_in_a_file(void **state)
{
	CLEANUP(config_free) struct config *config = load(*state, original, NULL);
	char text[CRYPTO_FINGERPRINT_SIZE];
	uint8_t public_key[KEY_SIZE];

	assert_moon_wireguard(config);
	assert_true(config->has_identity);
	crypto_ed25519_public(config->identity_seed, public_key);
	assert_memory_equal(public_key, config->identity_public, KEY_SIZE);
	assert_true(strlen(crypto_fingerprint(public_key, text)) > 0);
	assert_int_equal(config->identity_public[0], 0x12);
	assert_int_equal(config->identity_public[31], 0x17);
}

static void minimal_config_has_the_defaults(void **state)
{
	CLEANUP(config_free) struct config *config = load(*state, MINIMAL, NULL);

	assert_moon_wireguard(config);
	assert_false(config->has_identity);
	assert_int_equal(config->mode, OVERLAY_VRF);
	assert_int_equal(config->route_table, 128);
	assert_string_equal(config->ifname, "aronet");
	assert_string_equal(config->netns_name, "aronet");
	assert_string_equal(config->runtime_dir, "/run/aronet");
	assert_string_equal(config->state_dir, "/var/lib/aronet");
	assert_null(config->control_group);
	assert_int_equal(config->wireguard_backend, WIREGUARD_AUTO);
	assert_int_equal(config->ipsec_backend, IPSEC_KERNEL);
	assert_int_equal(config->ike_daemon_kind, IKE_DAEMON_PRIVATE);
	assert_null(config->vici_socket);
	assert_int_equal(config->babel_backend, BABEL_AUTO);
	assert_false(config->registry.allow_unsigned);
	assert_int_equal(config->endpoints_count, 1);
	assert_int_equal(config->endpoints[0].family, AF_INET);
	assert_int_equal(config->endpoints[0].serial_number, 0);
	assert_int_equal(config->endpoints[0].send_port, 0);
	assert_false(config->registry.has_pin);
	assert_false(config->registry.on_expiry_down);
	assert_int_equal(config->registry.expiry_grace_sec, 86400);
	assert_int_equal(config->registry.interval_sec, 300);
	assert_null(config->registry.ca_file);
	assert_int_equal(config->registry.max_prefixes, 0);
}

static void wireguard_key_is_read_from_a_file(void **state)
{
	const struct place *place = *state;
	CLEANUP(config_free) struct config *config = NULL;

	assert_int_equal(
		file_replace(place->key, MOON_PRIVATE "\n", strlen(MOON_PRIVATE) + 1, 0600, NULL),
		0);
	config = load(place,
		      "{" NAMES ENDPOINT "\"wireguard\": {\"private_key\": \"node.key\"},"
		      "\"daemon\": {\"network\": \"fd66::/64\", \"route_table\": 4294967295}}",
		      NULL);
	assert_moon_wireguard(config);
	assert_true(config->route_table == UINT32_MAX);
}

static void own_wireguard_key_goes_before_the_derived_one(void **state)
{
	CLEANUP(config_free)
	struct config *config = load(*state,
				     "{" NAMES ENDPOINT "\"private_key\": \"node.key\","
				     "\"wireguard\": {\"private_key\": "
				     "\"nBu84dWOLSvVvp7WK+gWjaifMhbM1b1IVWw/fzR08IM=\"},"
				     "\"daemon\": {\"network\": \"fd66::/64\"}}",
				     NULL);
	char text[CRYPTO_KEY_BASE64_SIZE];

	assert_string_equal(crypto_key_to_base64(config->wireguard_private, text),
			    "mBu84dWOLSvVvp7WK+gWjaifMhbM1b1IVWw/fzR08EM="); /* clamped */
	assert_true(config->has_identity);
}

static void file_with_a_key_in_it_must_be_private(void **state)
{
	const struct place *place = *state;

	assert_int_equal(file_replace(place->config, MINIMAL, strlen(MINIMAL), 0600, NULL), 0);
	assert_int_equal(chmod(place->config, 0640), 0);
	expect_refused(place, place->config, "E_KEYFILE",
		       "a private key stands here, but mode 0640 lets others read this file; chmod "
		       "600");
	assert_int_equal(chmod(place->config, 0622), 0);
	expect_refused(place, place->config, "E_FILE", "mode 0622 lets others write it; chmod 600");
}

static void file_without_a_key_may_be_read_but_not_written_by_others(void **state)
{
	const struct place *place = *state;
	struct config *config = load(place, original, NULL);

	config_free(config);
	config = NULL;
	assert_int_equal(chmod(place->config, 0644), 0);
	assert_int_equal(config_load(place->config, NULL, &config, NULL), 0);
	config_free(config);
	assert_int_equal(chmod(place->config, 0666), 0);
	expect_refused(place, place->config, "E_FILE", "mode 0666 lets others write it; chmod 600");
}

static void key_file_refusals_name_the_file(void **state)
{
	const struct place *place = *state;
	char text[256];

	config_free(load(place, original, NULL));
	assert_int_equal(chmod(place->key, 0644), 0);
	(void)snprintf(text, sizeof(text), "%s: mode 0644 lets others read it; chmod 600",
		       place->key);
	expect_refused(place, place->config, "E_KEYFILE", text);
	assert_int_equal(unlink(place->key), 0);
	assert_int_equal(mkfifo(place->key, 0600), 0);
	(void)snprintf(text, sizeof(text), "%s: is a FIFO, not a regular file", place->key);
	expect_refused(place, place->config, "E_KEYFILE", text);
}

#define MESH_SECRET                                                                                \
	"-----BEGIN ARONET MESH SECRET-----\n"                                                     \
	"QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI=\n"                                           \
	"-----END ARONET MESH SECRET-----\n"

static void secret_of_the_mesh_is_read_from_its_file(void **state)
{
	static const char text[] =
		"{\"psk\": \"mesh\", \"psk_secrets\": [\"secret.key\"], \"ppk_required\": true,";
	static const uint8_t id[] = { 0x20, 0x76, 0x51, 0x2e, 0x74, 0x42, 0x35, 0x7b };
	const struct place *place = *state;
	CLEANUP(strbuf_done) struct strbuf json = { 0 };
	struct config *config;
	char path[96];

	strbuf_printf(&json, "%s%s", text, original + 1);
	(void)snprintf(path, sizeof(path), "%s/secret.key", place->directory);
	assert_int_equal(file_replace(path, MESH_SECRET, strlen(MESH_SECRET), 0600, NULL), 0);
	config = load(place, strbuf_text(&json), NULL);
	assert_int_equal(config->psk, PSK_MESH);
	assert_true(config->ppk_required);
	assert_int_equal(config->secrets_count, 1);
	assert_memory_equal(config->secrets[0].id, id, sizeof(id));
	assert_int_equal(config->secrets[0].secret[31], 0x42);
	config_free(config);

	assert_int_equal(chmod(path, 0640), 0);
	expect_refused(place, place->config, "E_KEYFILE", "lets others read it; chmod 600");
	assert_int_equal(file_replace(path, MOON_PEM, strlen(MOON_PEM), 0600, NULL), 0);
	expect_refused(place, place->config, "E_KEYFILE",
		       "is the key of a node; expected an \"ARONET MESH SECRET\" (aronet keygen "
		       "mesh) in PEM");
	assert_int_equal(unlink(path), 0);
}

/* Of RFC 8032 section 7.1, test 1, as original aronet has it. */
#define ED25519                                                                                    \
	"\"private_key\": \"-----BEGIN PRIVATE KEY-----\\n"                                        \
	"MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\\n"                      \
	"-----END PRIVATE KEY-----\\n\","
#define NODE_KEY "\"private_key\": \"node.key\","

/* @transports is the member with a comma behind it, or nothing. */
static struct config *load_with_transports(const struct place *place, const char *keys,
					   const char *transports)
{
	char text[1024];

	(void)snprintf(text, sizeof(text),
		       "{" NAMES
		       "%s \"endpoints\": [{\"address\": \"192.0.2.1\", %s \"port\": 12025}],"
		       "\"daemon\": {\"network\": \"fd66::/64\"}}",
		       keys, transports);
	return load(place, text, NULL);
}

static void transports_are_read(void **state)
{
	static const struct {
		const char *keys, *transports;
		uint8_t expected, running;
	} cases[] = {
		{ NODE_KEY, "", 0, TRANSPORT_WIREGUARD },
		{ WIREGUARD, "", 0, TRANSPORT_WIREGUARD },
		{ WIREGUARD, "\"transports\": [\"wireguard\"],", TRANSPORT_WIREGUARD,
		  TRANSPORT_WIREGUARD },
		{ NODE_KEY, "\"transports\": [\"ipsec\"],", TRANSPORT_IPSEC, TRANSPORT_IPSEC },
		{ NODE_KEY, "\"transports\": [\"ipsec\", \"wireguard\"],",
		  TRANSPORT_WIREGUARD | TRANSPORT_IPSEC, TRANSPORT_WIREGUARD | TRANSPORT_IPSEC },
		{ ED25519 WIREGUARD, "", 0, TRANSPORT_WIREGUARD },
		{ ED25519 WIREGUARD, "\"transports\": [\"wireguard\", \"ipsec\"],",
		  TRANSPORT_WIREGUARD | TRANSPORT_IPSEC, TRANSPORT_WIREGUARD | TRANSPORT_IPSEC },
		{ ED25519, "\"transports\": [\"ipsec\"],", TRANSPORT_IPSEC, TRANSPORT_IPSEC },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(config_free)
		struct config *config =
			load_with_transports(*state, cases[i].keys, cases[i].transports);

		if (config->endpoints[0].transports != cases[i].expected ||
		    config_transports(config, &config->endpoints[0], NULL) != cases[i].running)
			fail_msg("case %zu", i);
	}
}

static void ed25519_key_alone_is_a_node_with_ipsec(void **state)
{
	static const uint8_t none[KEY_SIZE];
	CLEANUP(config_free) struct config *config = load_with_transports(*state, ED25519, "");

	assert_true(config->has_identity);
	assert_false(config->has_wireguard);
	assert_memory_equal(config->wireguard_private, none, KEY_SIZE);
	assert_memory_equal(config->wireguard_public, none, KEY_SIZE);
	assert_int_equal(config->identity_public[0], 0xd7);
	assert_int_equal(config_transports(config, &config->endpoints[0], NULL), TRANSPORT_IPSEC);
}

/* charon has one; WireGuard has a port per peer. */
static void only_endpoints_with_ipsec_need_one_port(void **state)
{
	static const char two[] =
		"{" NAMES NODE_KEY "\"endpoints\": ["
		"{\"serial_number\": 0, \"address\": \"192.0.2.1\", \"port\": 12025,"
		" \"transports\": [\"ipsec\"]},"
		"{\"serial_number\": 1, \"address\": \"192.0.2.1\", \"port\": 12026},"
		"{\"serial_number\": 2, \"address\": \"192.0.2.1\", \"port\": 12025,"
		" \"transports\": [\"wireguard\", \"ipsec\"]}],"
		"\"daemon\": {\"network\": \"fd66::/64\"}}";
	CLEANUP(config_free) struct config *config = load(*state, two, NULL);

	assert_int_equal(config->endpoints_count, 3);
	assert_int_equal(config->endpoints[1].port, 12026);
}

#define MESH "{\"type\": \"aronet.mesh\"}\n"
#define MESH_SHA256 "ea1ce8f4b7f3aadb6b19a9d41a9c4891207a3825aa4c3a6cc7e57a00d95d4246"
#define WITH(members)                                                                              \
	"{" members "," NAMES ENDPOINT WIREGUARD "\"daemon\": {\"network\": \"fd66::/64\"}}"

static void write_mesh(const struct place *place, mode_t mode)
{
	char path[96];

	(void)snprintf(path, sizeof(path), "%s/mesh.json", place->directory);
	assert_int_equal(file_replace(path, MESH, strlen(MESH), mode, NULL), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void assert_pin(const struct config *config)
{
	char text[2 * KEY_SIZE + 1];

	assert_true(config->registry.has_pin);
	assert_string_equal(hex_format(config->registry.mesh_sha256, KEY_SIZE, text), MESH_SHA256);
}

static void pin_is_a_digest_or_the_digest_of_a_file(void **state)
{
	static const char *const members[] = {
		"\"registry\": {\"mesh_sha256\": \"" MESH_SHA256 "\"}",
		"\"registry\": {\"mesh\": \"mesh.json\"}",
		"\"registry\": {\"mesh_sha256\": \"" MESH_SHA256 "\", \"mesh\": \"mesh.json\"}",
	};
	char text[512];

	write_mesh(*state, 0644);
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		CLEANUP(config_free) struct config *config = NULL;

		(void)snprintf(text, sizeof(text), WITH("%s"), members[i]);
		config = load(*state, text, NULL);
		assert_pin(config);
	}
}

static void pin_that_others_could_change_is_refused(void **state)
{
	const struct place *place = *state;
	const char *text = WITH("\"registry\": {\"mesh\": \"mesh.json\"}");

	write_mesh(place, 0646);
	assert_int_equal(file_replace(place->config, text, strlen(text), 0600, NULL), 0);
	expect_refused(place, place->config, "E_FILE", "mode 0646 lets others write it; chmod 600");
}

static void two_different_pins_are_refused(void **state)
{
	const struct place *place = *state;
	const char *text = WITH("\"registry\": {\"mesh\": \"mesh.json\", \"mesh_sha256\": \""
				"0000000000000000000000000000000000000000000000000000000000000000"
				"\"}");

	write_mesh(place, 0600);
	assert_int_equal(file_replace(place->config, text, strlen(text), 0600, NULL), 0);
	expect_refused(place, place->config, "E_VALUE",
		       "which is another one; keep one of the two members");
}

static void expiry_is_read_in_every_unit(void **state)
{
	static const struct {
		const char *text;
		uint32_t seconds;
	} cases[] = {
		{ "0s", 0 }, { "90s", 90 }, { "30m", 1800 }, { "24h", 86400 }, { "366d", 31622400 }
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(config_free) struct config *config = NULL;
		char text[512];

		(void)snprintf(text, sizeof(text),
			       WITH("\"registry\": {\"on_expiry\": \"down\","
				    " \"expiry_grace\": \"%s\"}"),
			       cases[i].text);
		config = load(*state, text, NULL);
		assert_true(config->registry.on_expiry_down);
		assert_int_equal(config->registry.expiry_grace_sec, cases[i].seconds);
	}
}

static void interval_is_from_a_second_to_a_day(void **state)
{
	static const struct {
		const char *text;
		uint32_t seconds; /* 0: refused */
	} cases[] = {
		{ "1s", 1 },	  { "90s", 90 },   { "5m", 300 },	{ "1h", 3600 },
		{ "24h", 86400 }, { "1d", 86400 }, { "86400s", 86400 }, { "86401s", 0 },
		{ "1441m", 0 },	  { "25h", 0 },	   { "0m", 0 },		{ "", 0 },
		{ "5", 0 },	  { "m", 0 },	   { "-5m", 0 },	{ "1.5h", 0 },
		{ "5 m", 0 },	  { "5min", 0 },   { "1w", 0 },		{ "4294967297s", 0 },
	};
	const struct place *place = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(config_free) struct config *config = NULL;
		char text[512];

		(void)snprintf(text, sizeof(text), WITH("\"registry\": {\"interval\": \"%s\"}"),
			       cases[i].text);
		if (cases[i].seconds) {
			config = load(place, text, NULL);
			assert_int_equal(config->registry.interval_sec, cases[i].seconds);
			continue;
		}
		assert_int_equal(file_replace(place->config, text, strlen(text), 0600, NULL), 0);
		(void)snprintf(text, sizeof(text), "found \"%s\"", cases[i].text);
		expect_refused(place, place->config, "E_VALUE", text);
	}
}

static void sources_are_files_and_https_only(void **state)
{
	static const char *const sources[] = { "file:/etc/aronet/registry.json",
					       "https://mirror.example",
					       "https://mirror.example:8443/a@b?c" };

	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		CLEANUP(config_free) struct config *config = NULL;
		char text[512];

		(void)snprintf(text, sizeof(text), WITH("\"registry\": {\"source\": \"%s\"}"),
			       sources[i]);
		config = load(*state, text, NULL);
		assert_string_equal(config->registry.source, sources[i]);
	}
}

static void policy_is_read(void **state)
{
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	CLEANUP(config_free)
	struct config *config = load(
		*state,
		WITH("\"policy\": {\"accept\": [\"fd66::1/16\", \"10.0.0.0/8\"],"
		     "\"deny\": [\"10.9.0.0/16\"], \"max_prefixes\": 1000,"
		     "\"accept_default_from\": [\"north pole/gate.1\"],"
		     "\"deny_keys\": [\"" MOON_PUBLIC "\","
		     "\"02fe6c65b4b7bc41f8ddc78b396b8fd56307aee65cdce937cdeaf19c6569596b\","
		     "\"-----BEGIN PUBLIC KEY-----\\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcv"
		     "PapiMlrwIaaPcHURo=\\n-----END PUBLIC KEY-----\\n\"]}"),
		&warnings);
	const struct registry_policy *policy = &config->registry;

	assert_int_equal(policy->accept_count, 2);
	assert_prefix(&policy->accept[0], "fd66::/16");
	assert_prefix(&policy->accept[1], "10.0.0.0/8");
	assert_int_equal(policy->deny_count, 1);
	assert_prefix(&policy->deny[0], "10.9.0.0/16");
	assert_int_equal(policy->max_prefixes, 1000);
	assert_int_equal(policy->accept_default_from_count, 1);
	assert_string_equal(policy->accept_default_from[0].organization, "north pole");
	assert_string_equal(policy->accept_default_from[0].common_name, "gate.1");
	assert_int_equal(policy->deny_keys_count, 3);
	assert_memory_equal(policy->deny_keys[0], config->wireguard_public, KEY_SIZE);
	assert_memory_equal(policy->deny_keys[1], config->wireguard_public, KEY_SIZE);
	assert_int_equal(policy->deny_keys[2][0], 0xd7);
	assert_int_equal(warnings.count, 1);
	assert_string_equal(warnings.items[0].code, "W02");
}

static void config_must_be_a_regular_file(void **state)
{
	const struct place *place = *state;

	expect_refused(place, place->config, "E_FILE", "cannot open: No such file or directory");
	expect_refused(place, place->directory, "E_FILE", "is not a regular file");
	assert_int_equal(mkfifo(place->config, 0600), 0);
	expect_refused(place, place->config, "E_FILE", "is not a regular file");
	assert_int_equal(unlink(place->config), 0);
	assert_int_equal(file_replace(place->config, "", 0, 0600, NULL), 0);
	assert_int_equal(truncate(place->config, CONFIG_SIZE_MAX + 1), 0);
	expect_refused(place, place->config, "E_TOO_BIG", "larger than the limit of 1048576 bytes");
}

static void messages_do_not_show_a_damaged_key(void **state)
{
	static const char *const texts[] = {
		"{" NAMES ENDPOINT "\"private_key\": \" -----BEGIN PRIVATE KEY-----\\nSECRET\","
		"\"daemon\": {\"network\": \"fd66::/64\"}}",
		"{" NAMES ENDPOINT "\"wireguard\": {\"private_key\": \"SECRETAAAAAAAAAAAAAA=\"},"
		"\"daemon\": {\"network\": \"fd66::/64\"}}",
		/* Its last character doubled, cut off, and with a character behind it. */
		"{" NAMES ENDPOINT
		"\"wireguard\": {\"private_key\": \"SECRETAAAAAAAAAAAAAAAAAAAAAAA"
		"AAAAAAAAAAAAAAx=\"}, \"daemon\": {\"network\": \"fd66::/64\"}}",
		"{" NAMES ENDPOINT
		"\"wireguard\": {\"private_key\": \"SECRETAAAAAAAAAAAAAAAAAAAAAAA"
		"AAAAAAAAAAAAAA\"}, \"daemon\": {\"network\": \"fd66::/64\"}}",
		"{" NAMES ENDPOINT
		"\"wireguard\": {\"private_key\": \"SECRETAAAAAAAAAAAAAAAAAAAAAAA"
		"AAAAAAAAAAAAA=x\"}, \"daemon\": {\"network\": \"fd66::/64\"}}",
		"{" NAMES ENDPOINT "\"private_key\": \"-----BEGIN PRIVATE KEY-----\\nSECRET\\n"
		"-----END PRIVATE KEY-----\", \"daemon\": {\"network\": \"fd66::/64\"}}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct config *config = NULL;
		struct error error;

		assert_int_equal(
			config_parse(texts[i], strlen(texts[i]), "c.json", NULL, &config, &error),
			-EINVAL);
		assert_string_equal(error_code_name(error.code), "E_KEYFILE");
		assert_null(strstr(error.text, "SECRET"));
	}
}

static void too_many_prefixes_are_refused(void **state)
{
	char text[16384], *end = text;
	struct config *config = NULL;
	struct error error;

	(void)state;
	end += sprintf(end, "{" NAMES ENDPOINT WIREGUARD
			    "\"daemon\": {\"network\": \"fd66::/64\", \"prefixs\": [\"10.9.9.9\"],"
			    "\"extra_network\": [");
	for (unsigned i = 0; i < NODE_PREFIXES_MAX; i++)
		end += sprintf(end, "\"10.1.%u.0/24\",", i);
	end += sprintf(end, "]}}");
	assert_int_equal(config_parse(text, (size_t)(end - text), "c.json", NULL, &config, &error),
			 -EINVAL);
	assert_string_equal(error.text, "more than 256 prefixes");
	assert_non_null(strstr(error.place, "/daemon/extra_network/255"));
}

/* A default route owns nothing: other prefixes and endpoints may lie in it. */
static void an_exit_lists_default_routes_beside_its_networks(void **state)
{
	static const char text[] =
		"{" NAMES WIREGUARD "\"daemon\": {\"network\": \"fd66::/64\","
		" \"prefixs\": [\"10.9.0.0/16\", \"::/0\", \"0.0.0.0/0\"],"
		" \"extra_network\": [\"0.0.0.0/0\"], \"extra_ip\": [\"10.9.0.1\"]},"
		"\"endpoints\": [{\"address\": \"192.0.2.1\", \"port\": 1}]}";
	CLEANUP(config_free) struct config *config = NULL;
	struct error error;

	(void)state;
	if (config_parse(text, strlen(text), "c.json", NULL, &config, &error) < 0)
		fail_msg("%s: %s", error.place, error.text);
	assert_int_equal(config->prefixes_count, 3);
	assert_prefix(&config->prefixes[0], "0.0.0.0/0");
	assert_prefix(&config->prefixes[1], "10.9.0.0/16");
	assert_prefix(&config->prefixes[2], "::/0");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(secret_of_the_mesh_is_read_from_its_file),
		TEST(config_of_the_original_is_read),
		TEST(an_exit_lists_default_routes_beside_its_networks),
		TEST(endpoints_of_the_original_are_read),
		TEST(both_keys_come_from_a_node_key_in_a_file),
		TEST(minimal_config_has_the_defaults),
		TEST(wireguard_key_is_read_from_a_file),
		TEST(transports_are_read),
		TEST(ed25519_key_alone_is_a_node_with_ipsec),
		TEST(only_endpoints_with_ipsec_need_one_port),
		TEST(own_wireguard_key_goes_before_the_derived_one),
		TEST(file_with_a_key_in_it_must_be_private),
		TEST(file_without_a_key_may_be_read_but_not_written_by_others),
		TEST(key_file_refusals_name_the_file),
		TEST(pin_is_a_digest_or_the_digest_of_a_file),
		TEST(pin_that_others_could_change_is_refused),
		TEST(two_different_pins_are_refused),
		TEST(expiry_is_read_in_every_unit),
		TEST(interval_is_from_a_second_to_a_day),
		TEST(sources_are_files_and_https_only),
		TEST(policy_is_read),
		TEST(config_must_be_a_regular_file),
		TEST(messages_do_not_show_a_damaged_key),
		TEST(too_many_prefixes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
