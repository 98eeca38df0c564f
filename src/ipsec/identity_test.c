// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/identity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/x509.h>

#include <cmocka.h>

/* From ranet, whose peers these identities have to be. */
static void identities_are_those_of_ranet(void **state)
{
	static const struct {
		struct node_id id;
		uint32_t serial_number;
		const char *text;
	} cases[] = {
		{ { "acme organization", "some server" },
		  0,
		  "asn1dn:#"
		  "303e311a3018060355040a0c1161636d65206f7267616e697a6174696f6e3114301206035504030c"
		  "0b736f6d6520736572766572310a30080603550405130130" },
		{ { "test", "a" },
		  0,
		  "asn1dn:#3027310d300b060355040a0c0474657374310a300806035504030c0161310a3008060355"
		  "0405130130" },
	};
	char text[IKE_IDENTITY_TEXT_SIZE];
	uint8_t identity[IKE_IDENTITY_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t size = ike_identity_make(&cases[i].id, cases[i].serial_number, identity);

		assert_string_equal(ike_identity_format(identity, size, text), cases[i].text);
	}
}

static void expect_entry(X509_NAME *name, int place, const char *text)
{
	const ASN1_STRING *value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, place));

	assert_int_equal(ASN1_STRING_length(value), strlen(text));
	assert_memory_equal(ASN1_STRING_get0_data(value), text, strlen(text));
}

/* Of the longest names, too, whose length takes a byte more. */
static void openssl_reads_the_same(void **state)
{
	struct node_id id = { "o", "c" };
	char text[IKE_IDENTITY_TEXT_SIZE];
	uint8_t identity[IKE_IDENTITY_SIZE];

	(void)state;
	for (size_t length = 1; length < NAME_SIZE; length++) {
		size_t size;
		const uint8_t *next = identity;
		X509_NAME *name;

		memset(id.organization, 'o', length);
		memset(id.common_name, 'c', length);
		size = ike_identity_make(&id, UINT32_MAX, identity);
		name = d2i_X509_NAME(NULL, &next, (long)size);
		assert_non_null(name);
		assert_ptr_equal(next, identity + size);
		assert_int_equal(X509_NAME_entry_count(name), 3);
		expect_entry(name, 0, id.organization);
		expect_entry(name, 1, id.common_name);
		expect_entry(name, 2, "4294967295");
		assert_true(strlen(ike_identity_format(identity, size, text)) < 512);
		X509_NAME_free(name);
	}
	assert_int_equal(ike_identity_make(&id, UINT32_MAX, identity), IKE_IDENTITY_SIZE);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(identities_are_those_of_ranet),
		cmocka_unit_test(openssl_reads_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
