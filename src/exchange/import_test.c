// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange/test_import.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define PEM(line) "-----BEGIN PUBLIC KEY-----\\n" line "\\n-----END PUBLIC KEY-----"
#define PEM_A PEM("MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
#define PEM_B PEM("MCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=")

#define NO_WIREGUARD(count)                                                                        \
	"nodes without a WireGuard key: " count "; they get no tunnels until a request "           \
	"(aronet request, aronet registry add) gives them one\n"

static void registries_of_aronet_stay_what_they_are(void **state)
{
	CLEANUP(test_import_done)
	struct test_import import = test_import(
		"r.json",
		"[{'public_key':'" PEM_A "','organization':'one','nodes':["
		" {'common_name':'host-01','endpoints':[{'address':'2.2.2.2','port':12345,"
		"  'serial_number':0},{'address':'2001:db8::1','port':12346,'serial_number':1}],"
		"  'remarks':{'prefixs':['192.168.128.1/24'],'network':'fd66::1/64','rack':[1]}}]},"
		" {'public_key':'" PEM_B "\\n','organization':'two','nodes':["
		" {'common_name':'host-01','endpoints':[{'address':'1.1.1.2','port':12345}],"
		"  'remarks':{'network':'fd67::1/64','extra_network':['192.168.129.1/24']}}]}]",
		NULL, NULL);

	(void)state;
	test_import_expect_nodes(
		&import, "one",
		"{'common_name':'host-01','endpoints':[{'serial_number':0,'address':'2.2.2.2',"
		"'address_family':'ip4','port':12345},{'serial_number':1,'address':'2001:db8::1',"
		"'address_family':'ip6','port':12346}],'remarks':{'network':'fd66::/64',"
		"'prefixs':['192.168.128.0/24'],'rack':[1]}}\n");
	test_import_expect_nodes(
		&import, "two",
		"{'common_name':'host-01','endpoints':[{'serial_number':0,'address':'1.1.1.2',"
		"'address_family':'ip4','port':12345}],'remarks':{'network':'fd67::/64',"
		"'prefixs':['192.168.129.0/24']}}\n");
	assert_string_equal(json_object_get_string(json_object_object_get(
				    import.result.organizations[0].body, "public_key")),
			    "-----BEGIN PUBLIC KEY-----\n"
			    "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
			    "-----END PUBLIC KEY-----\n");
	assert_int_equal(import.result.count, 2);
	assert_int_equal(import.result.nodes_count, 2);
	test_import_expect_grants(&import, "one", "192.168.128.0/24-24 fd66::/64-64");
	test_import_expect_report(&import, NO_WIREGUARD("2"));
}

/* Its own example has ::1 in two nodes, its tests an address_family only here and there. */
static void what_aronet_took_tacitly_is_reported(void **state)
{
	CLEANUP(test_import_done)
	struct test_import import = test_import(
		"r.json",
		"[{'public_key':'" PEM_A "','organization':'one','nodes':[\n"
		"{'common_name':'a','endpoints':[{'address':'::1','port':1,'serial_number':0},"
		"{'address':null,'port':1,'serial_number':1}],'remarks':{'network':'fd66::/64'}},\n"
		"{'common_name':'b','endpoints':[{'address':'::1','port':1,'serial_number':0},"
		"{'address':'b.example','port':1,'serial_number':1}],"
		"'remarks':{'network':'fd67::/64'}}]}]",
		NULL, NULL);

	(void)state;
	test_import_expect_nodes(
		&import, "one",
		"{'common_name':'a','endpoints':[{'serial_number':0,'address':null,"
		"'address_family':'ip6','port':1},{'serial_number':1,'address':null,"
		"'address_family':'ip4','port':1}],'remarks':{'network':'fd66::/"
		"64','prefixs':[]}}\n"
		"{'common_name':'b','endpoints':[{'serial_number':0,'address':null,"
		"'address_family':'ip6','port':1},{'serial_number':1,'address':'b.example',"
		"'address_family':'ip4','port':1}],'remarks':{'network':'fd67::/"
		"64','prefixs':[]}}\n");
	test_import_expect_report(
		&import,
		"r.json:2:78: endpoint without address_family; taken as ip4, as aronet did\n"
		"r.json:2:1: address ::1 of endpoint 0 stands for no address; it only dials out\n"
		"r.json:3:78: endpoint without address_family; taken as ip4, as aronet did\n"
		"r.json:3:1: address ::1 of endpoint 0 stands for no address; it only dials "
		"out\n" NO_WIREGUARD("2"));
}

/* As the members of the gravity mesh generate them. */
#define GRAVITY                                                                                    \
	"[{'public_key':'" PEM_A "','organization':'acme corp','nodes':[\n"                        \
	"{'common_name':'local','endpoints':["                                                     \
	"{'serial_number':'0','address_family':'ip4','port':13000},"                               \
	"{'serial_number':'1','address_family':'ip6','address':'nrt0.example','port':13000}],"     \
	"'remarks':{'prefix':'2a0c:b641:69c:99c0::/60','region':'Z, CH','extensions':["            \
	"{'type':'srv6','enabled':true,'addresses':['2a0c:b641:69c:99c6::1']}]}},\n"               \
	"{'common_name':'bare','endpoints':["                                                      \
	"{'serial_number':'0','address_family':'ip4','address':null,'port':13000}]},\n"            \
	"{'common_name':'nil','endpoints':[],'remarks':{'prefix':null,'some':false}}]}]"

static void registries_of_ranet_get_networks(void **state)
{
	CLEANUP(test_import_done)
	struct test_import import = test_import("r.json", GRAVITY, NULL, "fd66::/16");

	(void)state;
	test_import_expect_nodes(
		&import, "acme corp",
		"{'common_name':'local','endpoints':[{'serial_number':0,'address':null,"
		"'address_family':'ip4','port':13000},{'serial_number':1,'address':'nrt0.example',"
		"'address_family':'ip6','port':13000}],'remarks':{"
		"'network':'2a0c:b641:69c:99c0::/60','prefixs':[],"
		"'prefix':'2a0c:b641:69c:99c0::/60','region':'Z, CH','extensions':[{'type':'srv6',"
		"'enabled':true,'addresses':['2a0c:b641:69c:99c6::1']}]}}\n"
		"{'common_name':'bare','endpoints':[{'serial_number':0,'address':null,"
		"'address_family':'ip4','port':13000}],'remarks':{"
		"'network':'fd66:4d8a:ff18:cf2d::/64','prefixs':[]}}\n"
		"{'common_name':'nil','endpoints':[],'remarks':{"
		"'network':'fd66:d42d:11b7:cd47::/64','prefixs':[],'prefix':null,'some':false}}\n");
	test_import_expect_grants(&import, "acme corp", "2a0c:b641:69c:99c0::/60-64 fd66::/16-64");
	test_import_expect_report(
		&import,
		"nodes that got a network from fd66::/16: 2; each needs it as daemon.network in "
		"its "
		"config.json\n"
		"nodes whose network is \"prefix\" in their remarks: 1\n" NO_WIREGUARD("3"));
}

static void nodes_without_a_network_are_left_out(void **state)
{
	CLEANUP(test_import_done)
	struct test_import import = test_import("r.json", GRAVITY, NULL, NULL);

	(void)state;
	assert_int_equal(import.result.nodes_count, 1);
	test_import_expect_grants(&import, "acme corp", "2a0c:b641:69c:99c0::/60-64");
	test_import_expect_report(
		&import,
		"r.json:3:1: bare left out: it has no network; give it one as \"network\" in its "
		"remarks, or all of them with --pool\n"
		"r.json:4:1: nil left out: it has no network; give it one as \"network\" in its "
		"remarks, or all of them with --pool\n"
		"nodes whose network is \"prefix\" in their remarks: 1\n" NO_WIREGUARD("1"));
}

static void nothing_left_is_an_error(void **state)
{
	CLEANUP(test_import_done)
	struct test_import none = test_import("r.json", "[]", NULL, NULL);
	CLEANUP(test_import_done)
	struct test_import bare =
		test_import("r.json",
			    "[{'public_key':'" PEM_A "','organization':'o','nodes':["
			    "{'common_name':'a','endpoints':[]}]}]",
			    NULL, NULL);

	(void)state;
	test_import_expect_error(&none, ERROR_OMITTED, "r.json: no node could be taken over");
	test_import_expect_error(&bare, ERROR_OMITTED, "r.json: no node could be taken over");
}

static void arrays_are_read_as_strictly_as_a_daemon_does(void **state)
{
	static const struct {
		const char *text;
		enum error_code code;
		const char *line;
	} rows[] = {
		{ "[{'organization':'o','nodes':[]}]", ERROR_MISSING,
		  "r.json:1:2: /0: missing member \"public_key\"" },
		{ "[{'public_key':'" PEM_A "','organization':'o','node':[]}]", ERROR_UNKNOWN_MEMBER,
		  "r.json:1:152: /0/node: unknown member \"node\"; did you mean \"nodes\"?" },
		{ "[{'public_key':'" PEM_A "','organization':'a/b','nodes':[]}]", ERROR_NAME,
		  "r.json:1:148: /0/organization: organization \"a/b\": only letters, digits, "
		  "space, \".\", "
		  "\"_\", \"-\"" },
		{ "[{'public_key':'" PEM_A "','organization':'o','nodes':["
		  "{'common_name':'a','endpoints':[{'address':null,'address_family':'ip4',"
		  "'port':0}]}]}]",
		  ERROR_TYPE,
		  "r.json:1:239: /0/nodes/0/endpoints/0/port: expected integer 1-65535, found 0" },
		{ "[{'public_key':'" PEM_A "',}]", ERROR_SYNTAX,
		  "r.json:1:132: trailing comma (JSON allows none)" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(test_import_done)
		struct test_import import = test_import("r.json", rows[i].text, NULL, "fd66::/16");

		test_import_expect_error(&import, rows[i].code, rows[i].line);
	}
}

#define NODE(name, network)                                                                        \
	"{'common_name':'" name "','endpoints':[],'remarks':{'network':'" network "'}}"
#define ORGANIZATION(name, key, nodes)                                                             \
	"[{'public_key':'" key "','organization':'" name "','nodes':[" nodes "]}]"

static void several_texts_are_one_registry(void **state)
{
	static const char *const good[] = {
		ORGANIZATION("b", PEM_B, NODE("x", "fd66:2::/64")),
		ORGANIZATION("a", PEM_A, NODE("x", "fd66:1::/64")),
	};
	static const char *const twice[] = {
		ORGANIZATION("b", PEM_B, NODE("x", "fd66:2::/64")),
		ORGANIZATION("B", PEM_A, NODE("x", "fd66:1::/64")),
	};
	static const char *const overlapping[] = {
		ORGANIZATION("b", PEM_B, NODE("x", "fd66:1::/64")),
		ORGANIZATION("a", PEM_A, NODE("x", "fd66:1::/64")),
	};
	CLEANUP(test_import_done)
	struct test_import import = test_import_texts(good, 2, NULL, NULL);
	CLEANUP(test_import_done)
	struct test_import name = test_import_texts(twice, 2, NULL, NULL);
	CLEANUP(test_import_done)
	struct test_import overlap = test_import_texts(overlapping, 2, NULL, NULL);

	(void)state;
	assert_int_equal(import.status, 0);
	assert_string_equal(import.result.organizations[0].name, "a");
	assert_string_equal(import.result.organizations[1].name, "b");
	test_import_expect_error(&name, ERROR_NAME,
				 "2:1:2: organization \"B\" stands at 1:1:2 already (\"b\"); names "
				 "must differ in more than case");
	test_import_expect_error(&overlap, ERROR_OVERLAP,
				 "fd66:1::/64 is announced by a/x and b/x");
}

static void node_names_differ_in_more_than_case(void **state)
{
	CLEANUP(test_import_done)
	struct test_import import = test_import(
		"r.json",
		ORGANIZATION("o", PEM_A, NODE("x", "fd66:1::/64") "," NODE("X", "fd66:2::/64")),
		NULL, NULL);

	(void)state;
	test_import_expect_error(&import, ERROR_NAME,
				 "r.json:1:232: common_name \"X\" of \"o\" stands at r.json:1:161 "
				 "already (\"x\"); names must differ in more than case");
}

static void neighbours_share_a_grant(void **state)
{
	CLEANUP(test_import_done)
	struct test_import import = test_import(
		"r.json",
		ORGANIZATION("o", PEM_A,
			     "{'common_name':'a','endpoints':[],'remarks':{'network':'fd66::/64',"
			     "'prefixs':['10.0.0.0/25','10.0.0.128/25','10.0.2.0/24','10.0.1.0/24',"
			     "'10.0.3.0/24','fd66:0:0:3::/64','fd66:0:0:2::/64','fd70::7']}},"
			     "{'common_name':'b','endpoints':[],"
			     "'remarks':{'network':'fd66:0:0:1::/64'}}"),
		NULL, NULL);

	(void)state;
	test_import_expect_grants(&import, "o", "10.0.0.0/22-25 fd66::/62-64 fd70::7/128-128");
}

static void other_texts_are_named(void **state)
{
	static const struct {
		const char *text;
		enum error_code code;
		const char *line;
	} rows[] = {
		{ "{'aronet_bundle':1}", ERROR_UNSUPPORTED,
		  "x: a JSON object, but registries of other programs are arrays; a signed bundle "
		  "needs no import" },
		{ "hello world\n", ERROR_UNSUPPORTED, "x: no registry of aronet, ranet or RAIT" },
		{ "", ERROR_SYNTAX, "x: empty file" },
		{ "<html>", ERROR_SYNTAX, "x: HTML page" },
		{ "private_key = 'secret'\npeers = 'x'\n", ERROR_UNSUPPORTED,
		  "x:1:1: /private_key: this is the rait.conf of one node, with its private key; "
		  "give the file with its peers" },
		{ "PrivateKey = 'secret'\n", ERROR_UNSUPPORTED,
		  "x:1:1: /PrivateKey: this is the rait.conf of one node, with its private key; "
		  "give "
		  "the file with its peers" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(test_import_done)
		struct test_import import = test_import("x", rows[i].text, "o", "fd66::/16");

		test_import_expect_error(&import, rows[i].code, rows[i].line);
	}
}

static void an_organization_for_none_is_a_mistake(void **state)
{
	CLEANUP(test_import_done)
	struct test_import import = test_import(
		"r.json", ORGANIZATION("o", PEM_A, NODE("x", "fd66::/64")), "home", NULL);

	(void)state;
	test_import_expect_error(&import, ERROR_USAGE,
				 "r.json: has organizations of its own; leave out --org");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registries_of_aronet_stay_what_they_are),
		cmocka_unit_test(what_aronet_took_tacitly_is_reported),
		cmocka_unit_test(registries_of_ranet_get_networks),
		cmocka_unit_test(nodes_without_a_network_are_left_out),
		cmocka_unit_test(nothing_left_is_an_error),
		cmocka_unit_test(arrays_are_read_as_strictly_as_a_daemon_does),
		cmocka_unit_test(several_texts_are_one_registry),
		cmocka_unit_test(node_names_differ_in_more_than_case),
		cmocka_unit_test(neighbours_share_a_grant),
		cmocka_unit_test(other_texts_are_named),
		cmocka_unit_test(an_organization_for_none_is_a_mistake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
