// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/ask.h"

#include "base/memory.h"
#include "vici/test_fake_charon.h"
#include "vici/test_wait.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct vici_event_name events[] = { { NULL, false } };

struct rig {
	uv_loop_t loop;
	struct test_wait wait;
	struct fake_charon charon;
	struct vici_client *client;
	unsigned up, answered;
	int result;
	struct ike_offer offer;
};

static void on_up(void *userdata)
{
	((struct rig *)userdata)->up++;
}

static void on_down(void *userdata, const struct error *error)
{
	(void)userdata;
	fail_msg("%s", error->text);
}

static void on_event(void *userdata, const char *name, const struct vici_section *message)
{
	(void)userdata, (void)name, (void)message;
}

static void on_algorithms(void *userdata, uint64_t id, int result, const struct vici_section *reply,
			  const struct error *error)
{
	struct rig *rig = userdata;

	(void)id, (void)error;
	rig->result = result;
	rig->offer = ike_offer_of(reply);
	rig->answered++;
}

static int set_up(void **state)
{
	struct rig *rig = NEW(struct rig);
	const struct vici_client_callbacks callbacks = { rig, on_up, on_down, on_event };
	struct vici_client_options options = { .loop = &rig->loop, .events = events };

	assert_int_equal(uv_loop_init(&rig->loop), 0);
	test_wait_init(&rig->wait, &rig->loop);
	fake_charon_init(&rig->charon, &rig->loop, CHARON_HONEST);
	options.path = rig->charon.path;
	assert_int_equal(vici_client_new(&options, &callbacks, &rig->client, NULL), 0);
	vici_client_start(rig->client);
	test_wait_until(&rig->wait, &rig->up, 1);
	*state = rig;
	return 0;
}

static int tear_down(void **state)
{
	struct rig *rig = *state;

	vici_client_free(rig->client);
	test_wait_done(&rig->wait);
	fake_charon_done(&rig->charon);
	assert_int_equal(uv_loop_close(&rig->loop), 0);
	free(rig);
	return 0;
}

/* What is offered to peers of a charon that names @exchange. */
static struct ike_offer offer_with(struct rig *rig, const char *exchange)
{
	const struct ask_answer answer = { on_algorithms, rig, 0 };

	rig->charon.exchange = exchange;
	assert_int_equal(ask_algorithms(rig->client, answer), 0);
	test_wait_until(&rig->wait, &rig->answered, rig->answered + 1);
	return rig->offer;
}

static void charon_is_asked_whether_it_has_mlkem(void **state)
{
	struct rig *rig = *state;

	assert_true(offer_with(rig, "ML_KEM_768").has_mlkem);
	assert_false(offer_with(rig, "ECP_384").has_mlkem);
	assert_int_equal(rig->result, 0);
}

static void charon_that_cannot_tell_offers_the_usual(void **state)
{
	struct rig *rig = *state;

	assert_false(offer_with(rig, NULL).has_mlkem);
	assert_int_equal(rig->result, -ENOTSUP);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		CASE(charon_is_asked_whether_it_has_mlkem),
		CASE(charon_that_cannot_tell_offers_the_usual),
	};
#undef CASE

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
