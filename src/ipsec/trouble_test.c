// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/trouble.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* As strongSwan 5.9.8 writes them; 6.0 does not differ in what counts. */
static const struct {
	const char *message, *words; /* the beginning of these */
	bool is_final;
} lines[] = {
	{ "received NO_PROPOSAL_CHOSEN notify error", "peer refuses our proposal, or does not",
	  true },
	{ "received NO_PROPOSAL_CHOSEN notify, no CHILD_SA built", "peer cannot make the SA",
	  true },
	{ "received AUTHENTICATION_FAILED notify error", "peer refuses our key or identity", true },
	{ "received TS_UNACCEPTABLE notify, no CHILD_SA built", "peer refuses our traffic", true },
	{ "received INTERNAL_ADDRESS_FAILURE notify, no CHILD_SA built", "peer has no address",
	  true },
	{ "received FAILED_CP_REQUIRED notify, no CHILD_SA built", "peer wants us to ask", true },
	{ "peer didn't accept DH group CURVE_25519, it requested ECP_384",
	  "peer wants another key exchange", false },
	{ "peer didn't accept key exchange method CURVE_25519, it requested ECP_384",
	  "peer wants another key exchange", false },
	{ "signature validation failed, looking for another key", "peer signs with another key",
	  true },
	{ "no trusted ED25519 public key found for 'O=example, CN=moon, serialNumber=0'",
	  "peer proves itself with another key", true },
	{ "constraint check failed: identity 'O=example, CN=moon, serialNumber=0' required ",
	  "peer is somebody else", true },
	{ "no private key found for 'O=example, CN=moon, serialNumber=0'",
	  "the IKE daemon does not have", true },
	{ "allocating SPI failed: Operation not permitted (1)", "the IKE daemon may not", true },
	{ "received netlink error: Operation not permitted (1)", "the IKE daemon may not", true },
	{ "unable to add SAD entry with SPI c148a8e9 (FAILED)", "the kernel refuses the SA", true },
	{ "unable to install inbound and outbound IPsec SA (SAD) in kernel",
	  "the kernel refuses the SA", true },
	{ "unable to install outbound IPsec SA (SAD) in kernel", "the kernel refuses the SA",
	  true },
	{ "unable to install IPsec policies (SPD) in kernel", "the kernel refuses the policy",
	  true },
	{ "error writing to socket: Network is unreachable", "no route to the peer", false },
	{ "error writing to socket: Operation not permitted", "this host's firewall", false },
	{ "giving up after 4 retransmits", "no answer", true },
	{ "retransmit 3 of request with message ID 0", "no answer", false },
};

static void each_line_is_told_in_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct trouble trouble = { 0 };

		if (!trouble_find(lines[i].message, false, &trouble) ||
		    strncmp(trouble.words, lines[i].words, strlen(lines[i].words)) != 0 ||
		    trouble.is_final != lines[i].is_final)
			fail_msg("\"%s\": \"%s\"%s", lines[i].message,
				 trouble.words ? trouble.words : "",
				 trouble.is_final ? ", final" : "");
		/* Behind them there is room for an address. */
		assert_true(strlen(trouble.words) < TROUBLE_TEXT_SIZE - 64);
	}
}

static void lines_about_ppks_are_told_in_words(void **state)
{
	static const struct {
		const char *message, *words;
	} cases[] = {
		{ "PPK required but peer does not support PPK", "peer has no PPK" },
		{ "PPK required but no PPK_IDENTITY received", "peer offers no PPK" },
		{ "PPK required but no PPK found for 'aronet-2076512e7442357b-20778'",
		  "no PPK in common: another secret of the mesh, or clocks" },
		{ "PPK required but no PPK_ID configured", "a PPK is required, and this node" },
		{ "received AUTHENTICATION_FAILED notify error",
		  "peer refuses our key, identity, or PPK" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct trouble trouble = { 0 };

		assert_true(trouble_find(cases[i].message, true, &trouble));
		assert_true(trouble.is_final);
		assert_int_equal(strncmp(trouble.words, cases[i].words, strlen(cases[i].words)), 0);
		assert_true(strlen(trouble.words) < TROUBLE_TEXT_SIZE - 64);
	}
	/* Those that go on without are none. */
	assert_false(
		trouble_find("no PPK for 'aronet-0-1' found, ignored because PPK is not required",
			     true, &(struct trouble) { 0 }));
}

static void usual_lines_are_no_trouble(void **state)
{
	static const char *const usual[] = {
		"initiating IKE_SA aronet-arabcdefghij-0123456789abcdef-0123456789abcdef[1] to "
		"192.0.2.2",
		"selected proposal: ESP:AES_GCM_16_256/NO_EXT_SEQ",
		"authentication of 'O=example, CN=moon, serialNumber=0' with ED25519 successful",
		"CHILD_SA default{1} established with SPIs c5dd0d3e_i c53ddcd8_o and TS 0.0.0.0/0 "
		"::/0",
		"deleting IKE_SA aronet[1] between 192.0.2.1[moon]...192.0.2.2[sun]",
		"received DELETE for IKE_SA aronet[1]",
		"received retransmit of request with ID 1, retransmitting response",
		"",
	};
	struct trouble trouble;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(usual); i++)
		if (trouble_find(usual[i], true, &trouble))
			fail_msg("\"%s\": \"%s\"", usual[i], trouble.words);
}

static void peer_is_named_if_it_is_known(void **state)
{
	const struct trouble trouble = { "no answer", false };
	char text[TROUBLE_TEXT_SIZE];
	struct ip_endpoint peer = { .port = 12025 };

	(void)state;
	assert_string_equal(trouble_format(&trouble, &peer, text), "no answer");
	assert_int_equal(ip_endpoint_parse("203.0.113.5:12025", &peer), 0);
	assert_string_equal(trouble_format(&trouble, &peer, text), "no answer (203.0.113.5:12025)");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(peer_is_named_if_it_is_known),
		cmocka_unit_test(each_line_is_told_in_words),
		cmocka_unit_test(lines_about_ppks_are_told_in_words),
		cmocka_unit_test(usual_lines_are_no_trouble),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
