// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/offer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* The reply to get-algorithms with @name among the algorithms of @kind. */
static struct ike_offer offer_with(const char *kind, const char *name)
{
	CLEANUP(vici_writer_done) struct vici_writer message = { 0 };
	struct vici_section reply;

	vici_begin_section(&message, "aead");
	vici_printf(&message, "AES_GCM_16", "openssl");
	vici_end_section(&message);
	vici_begin_section(&message, kind);
	vici_printf(&message, "CURVE_25519", "openssl");
	vici_printf(&message, name, "ml");
	vici_end_section(&message);
	assert_int_equal(vici_message_read(message.bytes, message.size, &reply), 0);
	return ike_offer_of(&reply);
}

static void mlkem_is_offered_where_charon_has_it(void **state)
{
	(void)state;
	assert_true(offer_with("ke", "ML_KEM_768").has_mlkem);
	assert_false(offer_with("ke", "ML_KEM_1024").has_mlkem);
	assert_false(offer_with("dh", "ML_KEM_768").has_mlkem);
}

/* A charon that does not know the command says nothing. */
static void of_nothing_the_usual_is_offered(void **state)
{
	const struct vici_section nothing = { 0 };

	(void)state;
	assert_false(ike_offer_of(&nothing).has_mlkem);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(mlkem_is_offered_where_charon_has_it),
		cmocka_unit_test(of_nothing_the_usual_is_offered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
