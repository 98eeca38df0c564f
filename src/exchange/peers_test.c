// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange/test_import.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Keys that RAIT's own documentation uses. */
#define KEY_1 "rCOdBo/VRxc2ulTM3TzQ9UmHYRAGR4mkN15rs7rmMiY="
#define KEY_2 "GMi1N+cqxgplru+WvQgAYFmC1SdpFljptGbLS2gL80g="
#define KEY_3 "+Y23l1qr9oEM4WlqPvp4IG2TPXdNCa11twipDvOHT3w="
#define NETWORK_1 "fd66:c17f:eff6:2441::/64"
#define NETWORK_2 "fd66:379d:ac72:db46::/64"
#define NETWORK_3 "fd66:ff25:2266:8ad4::/64"
#define NAME_1 "peer-ac239d068fd5"
#define NAME_2 "peer-18c8b537e72a"
#define NAME_3 "peer-f98db7975aab"

#define WIREGUARD(key) "'wireguard':[{'public_key':'" key "'}]"
#define ENDPOINT(serial, address, family, port)                                                    \
	"{'serial_number':" serial ",'address':" address ",'address_family':'" family              \
	"','port':" port ",'transports':['wireguard'],'send_port':" port "}"
#define NODE(name, key, endpoints, network)                                                        \
	"{'common_name':'" name "'," WIREGUARD(key) ",'endpoints':[" endpoints "],"                \
						    "'remarks':{'network':'" network               \
						    "','prefixs':[]}}\n"
#define NETWORKS(count)                                                                            \
	"nodes that got a network from fd66::/16: " count "; each needs it as daemon.network in "  \
	"its config.json\n"
#define NO_IDENTITY(count) "nodes without public_key: " count "; they can use WireGuard only\n"

#define HOME "home", "fd66::/16"

static void the_documented_peers_of_rait_3_become_nodes(void **state)
{
	CLEANUP(test_import_done)
	struct test_import import = test_import("peers.conf",
						"# /etc/rait/peers.conf\n"
						"peers {\n"
						"  public_key     = '" KEY_1 "'\n"
						"  endpoint {\n"
						"    address_family = 'ip4'\n"
						"    send_port      = 50180\n"
						"    address        = '1.1.1.1'\n"
						"  }\n"
						"  endpoint {\n"
						"    address_family = 'ip6'\n"
						"    send_port      = 50181\n"
						"    address        = 'example.com'\n"
						"  }\n"
						"}\n"
						"peers {\n"
						"  public_key     = '" KEY_2 "'\n"
						"  endpoint {\n"
						"    address_family = 'ip6'\n"
						"    send_port      = 50342\n"
						"    address        = 'example.net'\n"
						"  }\n"
						"}\n",
						HOME);

	(void)state;
	test_import_expect_nodes(
		&import, "home",
		NODE(NAME_1, KEY_1,
		     ENDPOINT("0", "'1.1.1.1'", "ip4", "50180") "," ENDPOINT("1", "'example.com'",
									     "ip6", "50181"),
		     NETWORK_1) NODE(NAME_2, KEY_2, ENDPOINT("0", "'example.net'", "ip6", "50342"),
				     NETWORK_2));
	test_import_expect_report(&import,
				  "peers.conf:2:1: peer without a name; called " NAME_1 "\n"
				  "peers.conf:15:1: peer without a name; called " NAME_2
				  "\n" NETWORKS("2") NO_IDENTITY("2"));
	test_import_expect_grants(&import, "home", "fd66::/16-64");
}

static void the_flat_peers_of_rait_3_0_are_read(void **state)
{
	CLEANUP(test_import_done)
	struct test_import import = test_import("peers.conf",
						"peers {\n"
						"  public_key = '" KEY_1 "'\n"
						"  address_family = 'ip6'\n"
						"  send_port = 50180\n"
						"  endpoint = '2001:db8::2'\n"
						"  name = 'one'\n"
						"}\n"
						"peers {\n"
						"  public_key = '" KEY_2 "'\n"
						"  address_family = 'ip4'\n"
						"  send_port = 50999\n"
						"  endpoint = ''\n"
						"  name = ''\n"
						"}\n",
						HOME);

	(void)state;
	test_import_expect_nodes(
		&import, "home",
		NODE("one", KEY_1, ENDPOINT("0", "'2001:db8::2'", "ip6", "50180"), NETWORK_1)
			NODE(NAME_2, KEY_2, ENDPOINT("0", "null", "ip4", "50999"), NETWORK_2));
}

/* `rait pub` writes the body of one peer; Go's encoder writes what is empty, too. */
static void a_file_may_be_one_peer(void **state)
{
	CLEANUP(test_import_done)
	struct test_import import = test_import("pub",
						"public_key = '" KEY_1 "'\n"
						"name       = 'Host 1.a'\n"
						"\n"
						"endpoint {\n"
						"  address_family = 'ip4'\n"
						"  send_port      = 50180\n"
						"  address        = ''\n"
						"}\n",
						HOME);

	(void)state;
	test_import_expect_nodes(
		&import, "home",
		NODE("Host 1.a", KEY_1, ENDPOINT("0", "null", "ip4", "50180"), NETWORK_1));
}

static void what_a_peer_has_besides_are_remarks(void **state)
{
	CLEANUP(test_import_done)
	struct test_import import = test_import("peers.conf",
						"peers {\n"
						"  public_key = '" KEY_1 "'\n"
						"  name = 'one'\n"
						"  operator = 'x'\n"
						"  remarks {\n"
						"    organization = 'acme'\n"
						"    network = 'fd70:1::7/48'\n"
						"    prefixs = [ '10.1.0.0/24' ]\n"
						"    extra_network = [ '10.2.0.0/24' ]\n"
						"    latitude = 31.25\n"
						"    tags = { a = [1, true], 'b' = 'c' }\n"
						"  }\n"
						"  endpoint {\n"
						"    address_family = 'ip4'\n"
						"    send_port = '50180'\n" /* HCL converts */
						"  }\n"
						"}\n"
						"peers {\n"
						"  public_key = '" KEY_2 "'\n"
						"  name = 'two'\n"
						"  remarks = {\n"
						"    network = 'my home'\n"
						"    prefix = '2a0c:b641:69c:a230::/60'\n"
						"    organization = 'no/name'\n"
						"  }\n"
						"  endpoint {\n"
						"    address_family = ''\n"
						"    send_port = 50181\n"
						"  }\n"
						"}\n",
						HOME);

	(void)state;
	test_import_expect_nodes(
		&import, "acme",
		"{'common_name':'one'," WIREGUARD(KEY_1) ",'endpoints':[" ENDPOINT(
			"0", "null", "ip4",
			"50180") "],'remarks':{'network':'fd70:1::/48',"
				 "'prefixs':['10.1.0.0/24','10.2.0.0/24'],'latitude':'31.25',"
				 "'tags':{'a':[1,true],'b':'c'},'operator':'x'}}\n");
	test_import_expect_nodes(
		&import, "home",
		"{'common_name':'two'," WIREGUARD(KEY_2) ",'endpoints':[" ENDPOINT(
			"0", "null", "ip4",
			"50181") "],'remarks':{"
				 "'network':'2a0c:b641:69c:a230::/60','prefixs':[],"
				 "'prefix':'2a0c:b641:69c:a230::/60'}}\n");
	test_import_expect_report(
		&import,
		"peers.conf:22:15: /peers/1/remarks/network: \"my home\" is not a prefix; expected "
		"ADDRESS/LENGTH; networks of this peer left out\n"
		"nodes whose network is \"prefix\" in their remarks: 1\n" NO_IDENTITY("2"));
	test_import_expect_grants(&import, "acme", "10.1.0.0/24-24 10.2.0.0/24-24 fd70:1::/48-64");
}

static void the_peers_of_rait_2_become_nodes(void **state)
{
	CLEANUP(test_import_done)
	struct test_import import = test_import("peers.conf",
						"[[Peers]]\n"
						"PublicKey = \"" KEY_1 "\"\n"
						"SendPort = 50221\n"
						"Endpoint = \"example.org\"\n"
						"AddressFamily = \"ip4\"\n"
						"[[Peers]]\n"
						"PublicKey = \"" KEY_2 "\"\n"
						"SendPort = 50_222\n"
						"Endpoint = \"2001:db8::2\"\n"
						"Name = \"two\"\n"
						"Comment = \"c\"\n"
						"[[Peers]]\n"
						"PublicKey = \"" KEY_3 "\"\n"
						"SendPort = 50223\n",
						HOME);

	(void)state;
	test_import_expect_nodes(&import, "home",
				 NODE(NAME_1, KEY_1, ENDPOINT("0", "'example.org'", "ip4", "50221"), NETWORK_1) "{'common_name':'two'," WIREGUARD(
					 KEY_2) ",'endpoints':[" ENDPOINT("0", "'2001:db8::2'",
									  "ip6",
									  "50222") "],'remarks':{'"
										   "network':"
										   "'" NETWORK_2
										   "','prefixs':[],"
										   "'Comment':'c'}}"
										   "\n" NODE(
											   NAME_3,
											   KEY_3,
											   ENDPOINT(
												   "0",
												   "null",
												   "ip4",
												   "50223"),
											   NETWORK_3));
}

/* Go's TOML reader compares names without regard to case. */
static void toml_names_may_be_in_any_case(void **state)
{
	CLEANUP(test_import_done)
	struct test_import import = test_import("peers.conf",
						"[[peers]]\n"
						"publickey = \"" KEY_1 "\"\n"
						"SENDPORT = 50221\n"
						"endpoint = \"192.0.2.1\"\n"
						"addressFamily = \"ip4\"\n",
						HOME);

	(void)state;
	test_import_expect_nodes(
		&import, "home",
		NODE(NAME_1, KEY_1, ENDPOINT("0", "'192.0.2.1'", "ip4", "50221"), NETWORK_1));
}

static void the_peers_of_one_key_are_one_node(void **state)
{
	/* RAIT 1.0 to 1.3: a directory with a file for each; 127.0.0.1 is its default. */
	static const char *const texts[] = {
		"PublicKey = \"" KEY_1 "\"\nSendPort = 54632\nEndpoint = \"127.0.0.1\"\n",
		"PublicKey = \"" KEY_2 "\"\nSendPort = 54634\n",
		"PublicKey = \"" KEY_1 "\"\nSendPort = 54633\nAddressFamily = \"ip6\"\n"
		"Endpoint = \"2001:db8::1\"\n",
		"PublicKey = \"" KEY_2 "\"\nSendPort = 54634\n",
	};
	CLEANUP(test_import_done)
	struct test_import import = test_import_texts(texts, ARRAY_SIZE(texts), HOME);

	(void)state;
	test_import_expect_nodes(
		&import, "home",
		NODE(NAME_1, KEY_1,
		     ENDPOINT("0", "null", "ip4", "54632") "," ENDPOINT("1", "'2001:db8::1'", "ip6",
									"54633"),
		     NETWORK_1)
			NODE(NAME_2, KEY_2, ENDPOINT("0", "null", "ip4", "54634"), NETWORK_2));
	test_import_expect_report(&import, "1:3:12: address \"127.0.0.1\" stands for no "
					   "address; this endpoint only "
					   "dials out\n"
					   "4:1:1: the same peer and endpoint as at 2:1:1\n"
					   "1:1:1: peer without a name; called " NAME_1 "\n"
					   "2:1:1: peer without a name; called " NAME_2
					   "\n" NETWORKS("2") NO_IDENTITY("2"));
}

/* Version 4 by Catofes has one key and one peer for each transport of a node. */
static void the_peers_of_higgs_are_nodes_with_numbered_names(void **state)
{
	CLEANUP(test_import_done)
	struct test_import import = test_import("peers.conf",
						"peers {\n"
						"  public_key = '" KEY_1 "'\n"
						"  name = 'tokyo'\n"
						"  endpoint {\n"
						"    address_family = 'ip4'\n"
						"    mac = '02:16:3e:00:00:01'\n"
						"    port = 50180\n"
						"    inner_address = ''\n"
						"    address = '192.0.2.1'\n"
						"  }\n"
						"}\n"
						"peers {\n"
						"  public_key = '" KEY_2 "'\n"
						"  name = 'tokyo'\n"
						"  endpoint {\n"
						"    address_family = 'ip6'\n"
						"    port = 50181\n"
						"  }\n"
						"}\n"
						"peers {\n"
						"  public_key = '" KEY_3 "'\n"
						"  name = 'TOKYO-2'\n"
						"  endpoint {\n"
						"    address_family = 'ip6'\n"
						"    port = 50182\n"
						"  }\n"
						"}\n",
						HOME);

	(void)state;
	test_import_expect_nodes(
		&import, "home",
		NODE("tokyo", KEY_1, ENDPOINT("0", "'192.0.2.1'", "ip4", "50180"), NETWORK_1) NODE(
			"tokyo-3", KEY_2, ENDPOINT("0", "null", "ip6", "50181"), NETWORK_2)
			NODE("TOKYO-2", KEY_3, ENDPOINT("0", "null", "ip6", "50182"), NETWORK_3));
	test_import_expect_report(&import, "peers.conf:6:11: mac left out\n"
					   "peers.conf:12:1: name \"tokyo\" is in use by another "
					   "node; called tokyo-3\n" NETWORKS("3") NO_IDENTITY("3"));
}

static void the_peers_of_ranet_before_0_6_become_nodes(void **state)
{
	CLEANUP(test_import_done)
	struct test_import import =
		test_import("combined.json",
			    "[{'public_key':'" KEY_1 "','endpoints':["
			    "{'send_port':50153,'address_family':'ip4','address':'example.com'},"
			    "{'send_port':50154,'address_family':'ip6','address':''}],"
			    "'remarks':{'location':'earth'}}]",
			    HOME);

	(void)state;
	test_import_expect_nodes(
		&import, "home",
		"{'common_name':'" NAME_1 "'," WIREGUARD(KEY_1) ",'endpoints':[" ENDPOINT(
			"0", "'example.com'", "ip4",
			"50153") "," ENDPOINT("1", "null", "ip6",
					      "50154") "],'remarks':{'network':'" NETWORK_1
						       "','prefixs':[],'location':'earth'}}\n");
}

/* One good endpoint, and @text in a further peer. */
#define BESIDE_GOOD(text)                                                                          \
	"peers {\n public_key = '" KEY_1 "'\n name = 'one'\n"                                      \
	" endpoint {\n  address_family = 'ip4'\n  send_port = 1\n }\n}\n"                          \
	"peers {\n" text "\n}\n"
#define GOOD_ENDPOINT " endpoint {\n  address_family = 'ip4'\n  send_port = 2\n }\n"

static void what_rait_skips_is_left_out_and_reported(void **state)
{
	static const struct {
		const char *text;
		const char *line;
	} rows[] = {
		{ BESIDE_GOOD(" public_key = 'x'\n" GOOD_ENDPOINT),
		  "p:10:15: /peers/1/public_key: a WireGuard key is 44 characters of base64 (32 "
		  "bytes), as printed by wg pubkey; peer left out\n" },
		{ BESIDE_GOOD(" public_key = "
			      "'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='\n" GOOD_ENDPOINT),
		  "p:10:15: /peers/1/public_key: small-order point; no tunnel can come up with it; "
		  "peer left out\n" },
		{ BESIDE_GOOD(GOOD_ENDPOINT),
		  "p:9:1: /peers/1: missing member \"public_key\"; peer left out\n" },
		{ BESIDE_GOOD(" public_key = '" KEY_2 "'"),
		  "p:9:1: /peers/1: no endpoint; peer left out\n" },
		{ BESIDE_GOOD(" public_key = '" KEY_2 "'\n send_port = 3\n" GOOD_ENDPOINT),
		  "p:9:1: /peers/1: send_port or address stand beside endpoint blocks; peer left "
		  "out\n" },
		{ BESIDE_GOOD(" public_key = '" KEY_2 "'\n endpoint = '192.0.2.1'"),
		  "p:9:1: /peers/1: missing member \"send_port\"; peer left out\n" },
		{ BESIDE_GOOD(" public_key = '" KEY_2 "'\n endpoint {\n  address_family = 'ip5'\n"
			      "  send_port = 3\n }"),
		  "p:12:20: /peers/1/endpoint/0/address_family: expected \"ip4\" or \"ip6\", found "
		  "\"ip5\"; endpoint left out\n"
		  "p:9:1: /peers/1: no endpoint; peer left out\n" },
		{ BESIDE_GOOD(" public_key = '" KEY_2 "'\n endpoint {\n  address_family = 'ip4'\n"
			      "  send_prot = 3\n }"),
		  "p:13:3: /peers/1/endpoint/0/send_prot: unknown member \"send_prot\"; did you "
		  "mean "
		  "\"send_port\"?; endpoint left out\n"
		  "p:9:1: /peers/1: no endpoint; peer left out\n" },
		{ BESIDE_GOOD(" public_key = '" KEY_2 "'\n endpoint {\n  address_family = 'ip4'\n"
			      "  send_port = 65536\n }"),
		  "p:13:15: /peers/1/endpoint/0/send_port: expected integer 1-65535, found 65536; "
		  "endpoint left out\n"
		  "p:9:1: /peers/1: no endpoint; peer left out\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(test_import_done)
		struct test_import import = test_import("p", rows[i].text, HOME);
		CLEANUP(strbuf_done) struct strbuf expected = { 0 };

		test_import_expect_nodes(
			&import, "home",
			NODE("one", KEY_1, ENDPOINT("0", "null", "ip4", "1"), NETWORK_1));
		strbuf_puts(&expected, rows[i].line);
		strbuf_puts(&expected, NETWORKS("1") NO_IDENTITY("1"));
		test_import_expect_report(&import, strbuf_text(&expected));
	}
}

static void addresses_that_nobody_can_use_are_none(void **state)
{
	static const struct {
		const char *address;
		const char *reason;
	} rows[] = {
		{ "0.0.0.0", "stands for no address" },
		{ "::1", "stands for no address" },
		{ "2001:db8::1", "is not of its address family" },
		{ "224.0.0.1", "is a multicast address" },
		{ "fe80::1%eth0", "has a scope id, which means nothing elsewhere" },
		{ "a b", "is neither an IP address nor a host name" },
		{ "192.0.2.1:5000", "is neither an IP address nor a host name" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(strbuf_done) struct strbuf text = { 0 }, expected = { 0 };
		CLEANUP(test_import_done) struct test_import import = { 0 };

		strbuf_printf(&text,
			      "peers {\npublic_key = '" KEY_1 "'\nname = 'one'\nendpoint {\n"
			      "address_family = 'ip4'\nsend_port = 1\naddress = '%s'\n}\n}\n",
			      rows[i].address);
		import = test_import("p", strbuf_text(&text), HOME);
		test_import_expect_nodes(
			&import, "home",
			NODE("one", KEY_1, ENDPOINT("0", "null", "ip4", "1"), NETWORK_1));
		strbuf_printf(&expected,
			      "p:7:11: address \"%s\" %s; this endpoint only dials out\n" NETWORKS(
				      "1") NO_IDENTITY("1"),
			      rows[i].address, rows[i].reason);
		test_import_expect_report(&import, strbuf_text(&expected));
	}
}

static void names_that_are_none_here_are_replaced(void **state)
{
	CLEANUP(test_import_done)
	struct test_import import = test_import(
		"p", "peers {\npublic_key = '" KEY_1 "'\nname = '上海/1'\n" GOOD_ENDPOINT "}\n",
		HOME);

	(void)state;
	test_import_expect_nodes(&import, "home",
				 NODE(NAME_1, KEY_1, ENDPOINT("0", "null", "ip4", "2"), NETWORK_1));
	test_import_expect_report(
		&import,
		"p:1:1: name \"上海/1\" is none here (letters, digits, space, \".\", \"_\", "
		"\"-\"); called " NAME_1 "\n" NETWORKS("1") NO_IDENTITY("1"));
}

static void files_that_rait_refuses_are_refused(void **state)
{
	static const struct {
		const char *text;
		enum error_code code;
		const char *line;
	} rows[] = {
		{ "peers {\n", ERROR_SYNTAX, "p:2:1: the text ends where \"}\" is expected" },
		{ "peer {\n}\n", ERROR_UNKNOWN_MEMBER,
		  "p:1:1: /peer: unknown member \"peer\"; did you mean \"peers\"?" },
		{ "peers = 3\n", ERROR_TYPE, "p:1:9: /peers: expected array, found integer" },
		{ "[[Peer]]\n", ERROR_UNKNOWN_MEMBER,
		  "p:1:3: /Peer: unknown member \"Peer\"; did you mean \"Peers\"?" },
		{ "[[Peers]]\nSendPort = 1.5\n", ERROR_NUMBER,
		  "p:2:12: only decimal integers can be read, no fractions and no dates" },
		{ "peers {\n}\n", ERROR_OMITTED, "p: no node could be taken over" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(test_import_done)
		struct test_import import = test_import("p", rows[i].text, HOME);

		test_import_expect_error(&import, rows[i].code, rows[i].line);
	}
}

static void peers_need_an_organization(void **state)
{
	CLEANUP(test_import_done)
	struct test_import import = test_import(
		"p", "peers {\npublic_key = '" KEY_1 "'\n" GOOD_ENDPOINT "}\n", NULL, NULL);

	(void)state;
	test_import_expect_error(
		&import, ERROR_USAGE,
		"p: peers have no organization; say with --org which one they become");
}

static void a_port_that_two_send_from_is_refused(void **state)
{
	CLEANUP(test_import_done)
	struct test_import import =
		test_import("p",
			    "peers {\npublic_key = '" KEY_1 "'\nname = 'a'\n" GOOD_ENDPOINT "}\n"
			    "peers {\npublic_key = '" KEY_2 "'\nname = 'b'\n" GOOD_ENDPOINT "}\n"
			    "peers {\npublic_key = '" KEY_3 "'\nname = 'c'\nsend_port = 3\n}\n",
			    HOME);

	(void)state;
	test_import_expect_error(&import, ERROR_OVERLAP,
				 "send_port 2 is used by home/a endpoint 0 and home/b endpoint 0; "
				 "give each endpoint of the mesh a send_port of its own");
}

static void append_numbered_peer(struct strbuf *text, unsigned number)
{
	strbuf_printf(text,
		      "peers {\npublic_key = '%02uOdBo/VRxc2ulTM3TzQ9UmHYRAGR4mkN15rs7rmMi0='\n"
		      "name = '%u'\nendpoint {\naddress_family = 'ip4'\nsend_port = %u\n}\n}\n",
		      number, number, number);
}

/* 40 nodes in 128 networks: several hash to the same. */
static void networks_do_not_depend_on_the_order_of_peers(void **state)
{
	CLEANUP(strbuf_done) struct strbuf forward = { 0 }, backward = { 0 };
	CLEANUP(test_import_done) struct test_import one = { 0 };
	CLEANUP(test_import_done) struct test_import other = { 0 };
	struct json_object *nodes, *reversed;

	(void)state;
	for (unsigned i = 0; i < 40; i++) {
		append_numbered_peer(&forward, i + 10);
		append_numbered_peer(&backward, 49 - i);
	}
	one = test_import("p", strbuf_text(&forward), "home", "fd66::/57");
	other = test_import("p", strbuf_text(&backward), "home", "fd66::/57");
	assert_int_equal(one.status, 0);
	assert_int_equal(other.status, 0);
	nodes = json_object_object_get(one.result.organizations[0].body, "nodes");
	reversed = json_object_object_get(other.result.organizations[0].body, "nodes");
	for (size_t i = 0; i < 40; i++)
		assert_true(json_object_equal(json_object_array_get_idx(nodes, i),
					      json_object_array_get_idx(reversed, 39 - i)));
}

static void a_pool_must_have_room(void **state)
{
	CLEANUP(test_import_done)
	struct test_import small =
		test_import("p", "peers {\npublic_key = '" KEY_1 "'\n" GOOD_ENDPOINT "}\n", "home",
			    "fd66::/64");
	CLEANUP(test_import_done)
	struct test_import used =
		test_import("p",
			    "peers {\npublic_key = '" KEY_1 "'\nname = 'a'\n" GOOD_ENDPOINT
			    "remarks {\nnetwork = 'fd66::/32'\n}\n}\n"
			    "peers {\npublic_key = '" KEY_2 "'\nname = 'b'\nsend_port = 3\n}\n",
			    "home", "fd66::/48");

	(void)state;
	test_import_expect_error(&small, ERROR_VALUE,
				 "1 nodes need networks, for which pool fd66::/64 is too small");
	test_import_expect_error(&used, ERROR_OVERLAP,
				 "no free network found in pool fd66::/48: too much of it is in "
				 "use, or granted to others");
}

static void what_others_have_is_not_given_again(void **state)
{
	static const char text[] = "public_key = \"" KEY_1 "\"\nname = \"a\"\nsend_port = 1\n";
	const struct exchange_text file = { text, strlen(text), "p" };
	struct exchange_options options = { .organization = "home" };
	CLEANUP(test_import_done) struct test_import import = { 0 };
	struct ip_prefix pool, taken;
	struct json_object *nodes;
	const char *network;

	(void)state;
	assert_int_equal(ip_prefix_parse("fd66::/16", &pool), 0);
	assert_int_equal(ip_prefix_parse("fd66:c17f::/32", &taken), 0); /* where it would be */
	options.pool = &pool;
	options.grant_pool = true; /* but not alone in there */
	options.taken = &taken;
	options.taken_count = 1;
	import.status =
		exchange_import(&file, 1, &options, &import.report, &import.result, &import.error);
	assert_int_equal(import.status, 0);
	nodes = json_object_object_get(import.result.organizations[0].body, "nodes");
	network = json_object_get_string(json_object_object_get(
		json_object_object_get(json_object_array_get_idx(nodes, 0), "remarks"), "network"));
	assert_memory_equal(network, "fd66:", 5);
	assert_memory_not_equal(network, "fd66:c17f:", 10);
	assert_int_equal(import.result.organizations[0].grants_count, 1);
	assert_int_equal(import.result.organizations[0].grants[0].prefix.length, 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_documented_peers_of_rait_3_become_nodes),
		cmocka_unit_test(the_flat_peers_of_rait_3_0_are_read),
		cmocka_unit_test(a_file_may_be_one_peer),
		cmocka_unit_test(what_a_peer_has_besides_are_remarks),
		cmocka_unit_test(the_peers_of_rait_2_become_nodes),
		cmocka_unit_test(toml_names_may_be_in_any_case),
		cmocka_unit_test(the_peers_of_one_key_are_one_node),
		cmocka_unit_test(the_peers_of_higgs_are_nodes_with_numbered_names),
		cmocka_unit_test(the_peers_of_ranet_before_0_6_become_nodes),
		cmocka_unit_test(what_rait_skips_is_left_out_and_reported),
		cmocka_unit_test(addresses_that_nobody_can_use_are_none),
		cmocka_unit_test(names_that_are_none_here_are_replaced),
		cmocka_unit_test(files_that_rait_refuses_are_refused),
		cmocka_unit_test(peers_need_an_organization),
		cmocka_unit_test(a_port_that_two_send_from_is_refused),
		cmocka_unit_test(networks_do_not_depend_on_the_order_of_peers),
		cmocka_unit_test(a_pool_must_have_room),
		cmocka_unit_test(what_others_have_is_not_given_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
