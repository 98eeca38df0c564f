// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange/export.h"

#include "exchange/test_import.h"
#include "registry/legacy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define PEM(line) "-----BEGIN PUBLIC KEY-----\\n" line "\\n-----END PUBLIC KEY-----\\n"
#define PEM_A PEM("MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
#define PEM_B PEM("MCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=")
#define KEY_1 "Av5sZbS3vEH43ceLOWuP1WMHruZc3Ok3zerxnGVpWWs="
#define KEY_2 "F4HXck+2xZJgWv6h76ROgWdMNIsOpjPOHZ/Zxu2lgH4="

/* In array form, which holds all that an organization document does. */
#define REGISTRY                                                                                   \
	"[{'public_key':'" PEM_A "','organization':'acme corp','nodes':["                          \
	"{'common_name':'moon','wireguard':[{'public_key':'" KEY_1 "'}],'endpoints':["             \
	"{'serial_number':0,'address':'203.0.113.5','port':12025,'send_port':50001},"              \
	"{'serial_number':3,'address':'moon.example','address_family':'ip6','port':12025,"         \
	"'transports':['ipsec']}],"                                                                \
	"'remarks':{'network':'fd66:1::/64','prefixs':['192.168.128.0/24'],"                       \
	"'region':'a $${b} \\n','tags':{'x y':[1,null,true]},'not a name':1}},"                    \
	"{'common_name':'sun','endpoints':["                                                       \
	"{'serial_number':0,'address':null,'address_family':'ip4','port':12025}],"                 \
	"'remarks':{'network':'fd66:2::/64'}},"                                                    \
	"{'common_name':'venus','public_key':'" PEM_B "','wireguard':[{'public_key':'" KEY_2       \
	"'}],'endpoints':[{'address':null,'address_family':'ip6','port':5,"                        \
	"'transports':['wireguard']}],'remarks':{'network':'fd66:3::/64'}}]}]"

struct test_export {
	struct strbuf text;
	struct report report;
	struct error error;
	int status;
};

static void test_export_done(struct test_export *export)
{
	strbuf_done(&export->text);
	report_done(&export->report);
}
CLEANUP_DEFINE_IN_PLACE(struct test_export, test_export_done);

static struct test_export export_text(const char *short_text, enum export_format format)
{
	CLEANUP(free) char *text = test_with_double_quotes(short_text);
	CLEANUP(json_document_free) struct json_document *document = NULL;
	CLEANUP(registry_free) struct registry *registry = NULL;
	struct json_object *organizations[2];
	struct test_export export = { 0 };
	struct json_cursor root;
	size_t count;

	if (registry_parse_legacy(text, strlen(text), "r.json", true, NULL, &registry,
				  &export.error) < 0)
		fail_msg("%s: %s", export.error.place, export.error.text);
	assert_int_equal(json_document_parse(text, strlen(text), JSON_STRICT, "r", &document, NULL),
			 0);
	root = json_document_root(document);
	count = json_object_array_length(root.value);
	for (size_t i = 0; i < count; i++)
		organizations[i] = json_object_array_get_idx(root.value, i);
	export.status = exchange_export(registry, organizations, count, format, &export.report,
					&export.text, &export.error);
	return export;
}

static void expect_report(const struct test_export *export, const char *expected)
{
	CLEANUP(strbuf_done) struct strbuf found = { 0 };

	for (size_t i = 0; i < export->report.count; i++)
		strbuf_printf(&found, "%s\n", export->report.lines[i].text);
	assert_string_equal(strbuf_text(&found), expected);
}

/* The array as compact JSON, in single quotes. */
static void expect_array(const struct test_export *export, const char *expected)
{
	CLEANUP(json_document_free) struct json_document *document = NULL;
	CLEANUP(free) char *wanted = test_with_double_quotes(expected);

	assert_int_equal(export->status, 0);
	assert_int_equal(json_document_parse(strbuf_text(&export->text), export->text.length,
					     JSON_STRICT, "export", &document, NULL),
			 0);
	assert_string_equal(json_object_to_json_string_ext(json_document_root(document).value,
							   JSON_C_TO_STRING_NOSLASHESCAPE),
			    wanted);
}

#define FREE_REMARKS "'region':'a $${b} \\n','tags':{'x y':[1,null,true]},'not a name':1"

static void aronet_gets_both_names_of_its_networks(void **state)
{
	CLEANUP(test_export_done)
	struct test_export export = export_text(REGISTRY, EXPORT_ARONET);

	(void)state;
	expect_array(
		&export,
		"[{'public_key':'" PEM_A "','organization':'acme corp','nodes':["
		"{'common_name':'moon','endpoints':["
		"{'serial_number':0,'address':'203.0.113.5','address_family':'ip4','port':12025},"
		"{'serial_number':3,'address':'moon.example','address_family':'ip6','port':12025}],"
		"'remarks':{'network':'fd66:1::/64','prefixs':['192.168.128.0/24'],"
		"'extra_network':['192.168.128.0/24']," FREE_REMARKS "}},"
		"{'common_name':'sun','endpoints':["
		"{'serial_number':0,'address':null,'address_family':'ip4','port':12025}],"
		"'remarks':{'network':'fd66:2::/64','prefixs':[],'extra_network':[]}}]}]");
	expect_report(&export,
		      "acme corp/venus left out: it has a key of its own, and the format has one "
		      "key for all nodes of an organization\n"
		      "WireGuard keys left out: 1\n");
}

static void ranet_gets_text_as_serial_number(void **state)
{
	CLEANUP(test_export_done)
	struct test_export export = export_text(REGISTRY, EXPORT_RANET);

	(void)state;
	expect_array(
		&export,
		"[{'public_key':'" PEM_A "','organization':'acme corp','nodes':["
		"{'common_name':'moon','endpoints':["
		"{'serial_number':'0','address':'203.0.113.5','address_family':'ip4','port':12025},"
		"{'serial_number':'3','address':'moon.example','address_family':'ip6',"
		"'port':12025}],"
		"'remarks':{'network':'fd66:1::/64','prefixs':['192.168.128.0/24']," FREE_REMARKS
		"}},"
		"{'common_name':'sun','endpoints':["
		"{'serial_number':'0','address':null,'address_family':'ip4','port':12025}],"
		"'remarks':{'network':'fd66:2::/64','prefixs':[]}}]}]");
}

static void rait_gets_peers(void **state)
{
	CLEANUP(test_export_done) struct test_export export = export_text(REGISTRY, EXPORT_RAIT);

	(void)state;
	assert_string_equal(strbuf_text(&export.text), "peers {\n"
						       "  public_key = \"" KEY_1 "\"\n"
						       "  name       = \"moon\"\n"
						       "  endpoint {\n"
						       "    address_family = \"ip4\"\n"
						       "    send_port      = 50001\n"
						       "    address        = \"203.0.113.5\"\n"
						       "  }\n"
						       "  remarks {\n"
						       "    organization = \"acme corp\"\n"
						       "    network = \"fd66:1::/64\"\n"
						       "    prefixs = [\"192.168.128.0/24\"]\n"
						       "    region = \"a $\\u0024{b} \\n\"\n"
						       "    tags = { \"x y\" = [1, null, true] }\n"
						       "  }\n"
						       "}\n"
						       "peers {\n"
						       "  public_key = \"" KEY_2 "\"\n"
						       "  name       = \"venus\"\n"
						       "  endpoint {\n"
						       "    address_family = \"ip6\"\n"
						       "    send_port      = 5\n"
						       "  }\n"
						       "  remarks {\n"
						       "    organization = \"acme corp\"\n"
						       "    network = \"fd66:3::/64\"\n"
						       "    prefixs = []\n"
						       "  }\n"
						       "}\n");
	expect_report(&export,
		      "acme corp/moon: remark \"not a name\" left out: HCL has no such name, or it "
		      "is nested too deep\n"
		      "acme corp/sun left out: it has no WireGuard key\n"
		      "Ed25519 keys left out: 3\n"
		      "endpoints for IPsec only left out: 1\n");
}

static void rait_before_3_gets_one_endpoint_an_entry(void **state)
{
	CLEANUP(test_export_done)
	struct test_export export = export_text(REGISTRY, EXPORT_RAIT_TOML);

	(void)state;
	assert_string_equal(strbuf_text(&export.text), "# acme corp/moon\n"
						       "[[Peers]]\n"
						       "PublicKey = \"" KEY_1 "\"\n"
						       "AddressFamily = \"ip4\"\n"
						       "SendPort = 50001\n"
						       "Endpoint = \"203.0.113.5\"\n"
						       "# acme corp/venus\n"
						       "[[Peers]]\n"
						       "PublicKey = \"" KEY_2 "\"\n"
						       "AddressFamily = \"ip6\"\n"
						       "SendPort = 5\n");
	expect_report(&export,
		      "acme corp/sun left out: it has no WireGuard key\n"
		      "Ed25519 keys left out: 3\n"
		      "endpoints for IPsec only left out: 1\n"
		      "names, networks and remarks left out: RAIT before version 3 has none\n");
}

#define NODE(name, key, network)                                                                   \
	"{'common_name':'" name "'," key "'endpoints':[],'remarks':{'network':'" network "'}}"
#define OWN(pem) "'public_key':'" pem "',"
#define ORGANIZATION(nodes) "[{'public_key':'" PEM_A "','organization':'o','nodes':[" nodes "]}]"

/* A registry of one node that has a key of its own: the format can tell it as the organization's.
 */
static void the_key_of_an_only_node_is_that_of_its_organization(void **state)
{
	CLEANUP(test_export_done)
	struct test_export export =
		export_text(ORGANIZATION(NODE("a", OWN(PEM_B), "fd66::/64")), EXPORT_RANET);

	(void)state;
	expect_array(&export, "[{'public_key':'" PEM_B "','organization':'o','nodes':["
			      "{'common_name':'a','endpoints':[],"
			      "'remarks':{'network':'fd66::/64','prefixs':[]}}]}]");
	expect_report(&export, "");
}

static void what_cannot_be_told_at_all_is_an_error(void **state)
{
	CLEANUP(test_export_done)
	struct test_export keys =
		export_text(ORGANIZATION(NODE("a", OWN(PEM_A),
					      "fd66::/64") "," NODE("b", OWN(PEM_B), "fd67::/64")),
			    EXPORT_ARONET);
	CLEANUP(test_export_done)
	struct test_export peers =
		export_text(ORGANIZATION(NODE("a", "", "fd66::/64")), EXPORT_RAIT);

	(void)state;
	assert_int_equal(keys.error.code, ERROR_OMITTED);
	assert_int_equal(keys.text.length, 0);
	expect_report(&keys, "organization \"o\" left out: its nodes have keys of their own, and "
			     "the format has one for all of them\n");
	assert_int_equal(peers.error.code, ERROR_OMITTED);
	assert_string_equal(peers.error.text,
			    "no node of this registry can be told in that format");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(aronet_gets_both_names_of_its_networks),
		cmocka_unit_test(ranet_gets_text_as_serial_number),
		cmocka_unit_test(rait_gets_peers),
		cmocka_unit_test(rait_before_3_gets_one_endpoint_an_entry),
		cmocka_unit_test(the_key_of_an_only_node_is_that_of_its_organization),
		cmocka_unit_test(what_cannot_be_told_at_all_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
