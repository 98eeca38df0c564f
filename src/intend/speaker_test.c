// SPDX-License-Identifier: GPL-2.0-or-later
#include "intend/intend.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct bird_version usable = { 2, 17, 6 };
static const struct bird_version too_old = { 2, 0, 12 };
static const struct bird_version too_new = { 3, 1, 0 };
static const struct bird_version silent = { 0 };

static void routing_daemon_follows_configuration_and_machine(void **state)
{
	static const struct {
		enum overlay_mode mode;
		enum babel_backend backend;
		bool has_babeld;
		const struct bird_version *bird; /* NULL: not installed */
		enum speaker_program expected;
	} cases[] = {
		{ OVERLAY_NETNS, BABEL_AUTO, true, &usable, SPEAKER_BABELD },
		{ OVERLAY_NETNS, BABEL_AUTO, true, NULL, SPEAKER_BABELD },
		{ OVERLAY_NETNS, BABEL_AUTO, true, &too_old, SPEAKER_BABELD },
		{ OVERLAY_NETNS, BABEL_AUTO, false, &usable, SPEAKER_BIRD },
		{ OVERLAY_NETNS, BABEL_BABELD, true, &usable, SPEAKER_BABELD },
		{ OVERLAY_NETNS, BABEL_BIRD, true, &usable, SPEAKER_BIRD },
		{ OVERLAY_VRF, BABEL_AUTO, true, &usable, SPEAKER_BIRD },
		{ OVERLAY_VRF, BABEL_BIRD, false, &usable, SPEAKER_BIRD },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct config config = { .mode = cases[i].mode,
					       .babel_backend = cases[i].backend };
		const struct facts facts = {
			.has_babeld = cases[i].has_babeld,
			.has_bird = cases[i].bird,
			.bird_version = cases[i].bird ? *cases[i].bird : silent,
		};
		enum speaker_program program;
		struct error error = { 0 };

		if (intend_speaker_program(&config, &facts, &program, &error) < 0)
			fail_msg("case %zu: %s", i, error.text);
		assert_int_equal(program, cases[i].expected);
		assert_int_equal(intend_depends_on_bird(&config, &facts), program == SPEAKER_BIRD);
	}
}

#define INSTALL_BIRD                                                                               \
	"which is not installed; install the package bird2, version 2.14 or later of BIRD 2"
#define OLD                                                                                        \
	"expected 2.14 or later of BIRD 2: others have no tunnels, no cost by round-trip time or " \
	"no IPv4 over IPv6 for Babel; install the package bird2 of Debian 13 or later"

static void missing_routing_daemon_is_refused(void **state)
{
	static const struct {
		enum overlay_mode mode;
		enum babel_backend backend;
		bool has_babeld;
		const struct bird_version *bird;
		const char *expected;
	} cases[] = {
		{ OVERLAY_NETNS, BABEL_AUTO, false, NULL,
		  "no routing daemon is installed; install the package babeld, or bird2 with "
		  "version 2.14 or later of BIRD 2" },
		{ OVERLAY_NETNS, BABEL_AUTO, false, &too_old,
		  "without the package babeld the overlay needs BIRD, found version 2.0.12, " OLD },
		{ OVERLAY_NETNS, BABEL_BABELD, false, &usable,
		  "babeld is not installed; install the package babeld, or set \"backend\": "
		  "\"auto\" and install the package bird2" },
		{ OVERLAY_NETNS, BABEL_BIRD, true, NULL,
		  "this configuration wants BIRD, " INSTALL_BIRD },
		{ OVERLAY_NETNS, BABEL_BIRD, true, &too_new,
		  "this configuration wants BIRD, found version 3.1.0, " OLD },
		{ OVERLAY_VRF, BABEL_AUTO, true, NULL, "VRF mode needs BIRD, " INSTALL_BIRD },
		{ OVERLAY_VRF, BABEL_AUTO, true, &too_old,
		  "VRF mode needs BIRD, found version 2.0.12, " OLD },
		{ OVERLAY_VRF, BABEL_AUTO, true, &silent,
		  "VRF mode needs BIRD, but \"bird --version\" does not tell its version; install "
		  "the package bird2 of Debian 13 or later" },
		{ OVERLAY_VRF, BABEL_BABELD, true, &usable,
		  "babeld cannot route in a VRF; set \"backend\": \"bird\", or \"mode\": "
		  "\"netns\" in \"daemon\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct config config = { .mode = cases[i].mode,
					       .babel_backend = cases[i].backend };
		const struct facts facts = {
			.has_babeld = cases[i].has_babeld,
			.has_bird = cases[i].bird,
			.bird_version = cases[i].bird ? *cases[i].bird : silent,
		};
		enum speaker_program program = SPEAKER_BABELD;
		struct error error = { 0 };

		assert_int_equal(intend_speaker_program(&config, &facts, &program, &error),
				 -EOPNOTSUPP);
		assert_int_equal(error.code, ERROR_UNSUPPORTED);
		assert_string_equal(error.place, "/babel/backend");
		assert_string_equal(error.text, cases[i].expected);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(routing_daemon_follows_configuration_and_machine),
		cmocka_unit_test(missing_routing_daemon_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
