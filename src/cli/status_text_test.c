// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/status_text.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "cli/units.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static char *read_golden(const char *name)
{
	char path[512], *text;
	struct error error = { 0 };
	size_t size;

	(void)snprintf(path, sizeof(path), GOLDEN_DIRECTORY "/%s", name);
	assert_int_equal(file_read(path, 1 << 20, &text, &size, &error), 0);
	return text;
}

static void check_golden(const char *json_name, bool with_colour, const char *text_name)
{
	CLEANUP(free) char *json = read_golden(json_name);
	CLEANUP(free) char *expected = read_golden(text_name);
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	struct json_object *status = json_tokener_parse(json);

	assert_non_null(status);
	status_text_print(status, with_colour, &text);
	json_object_put(status);
	assert_string_equal(strbuf_text(&text), expected);
}

static void status_shows_problems_first_and_aligns_columns(void **state)
{
	(void)state;
	check_golden("degraded.json", false, "degraded.txt");
}

static void status_has_colours_on_a_terminal(void **state)
{
	(void)state;
	check_golden("degraded.json", true, "degraded-colour.txt");
}

static void status_without_registry_says_what_to_do(void **state)
{
	(void)state;
	check_golden("empty.json", false, "empty.txt");
}

static void status_tells_until_when_a_signed_registry_is_good(void **state)
{
	(void)state;
	check_golden("signed.json", false, "signed.txt");
	check_golden("stale.json", false, "stale.txt");
	check_golden("over.json", false, "over.txt");
}

static void status_shows_ike_sas_with_algorithms_and_ages(void **state)
{
	(void)state;
	check_golden("ipsec.json", false, "ipsec.txt");
}

static void check_program(const char *json, const char *expected)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	struct json_object *status = json_tokener_parse(json);

	status_text_print(status, false, &text);
	json_object_put(status);
	assert_non_null(strstr(strbuf_text(&text), expected));
	assert_null(strstr(strbuf_text(&text), "IKE_SAs"));
}

static void status_says_why_the_ike_daemon_cannot_be_asked(void **state)
{
	(void)state;
	check_program("{\"ike\":null}", "no routing daemon, config");
	check_program("{\"ike\":{\"version\":\"6.0.1\",\"trouble\":null,\"tunnels\":[]}}",
		      ", strongswan 6.0.1, config");
	check_program("{\"ike\":{\"version\":\"6.0.1\",\"trouble\":\"is not \\u001b there\"}}",
		      ", strongswan: is not ? there, config");
	check_program("{\"ike\":{\"version\":null}}", ", strongswan: not there yet, config");
}

/* Another version's daemon may send anything. */
static void status_survives_missing_and_wrong_members(void **state)
{
	static const char *const texts[] = {
		"{}",
		"[]",
		"{\"node\":7,\"tunnels\":{},\"problems\":[1,null,\"x\"],\"registry\":[]}",
		("{\"tunnels\":[{\"interface\":null}],\"neighbours\":[{}],\"routes\":[[]],"
		 "\"ike\":{\"tunnels\":[{},7,{\"sas\":\"x\",\"age_sec\":null}]},"
		 "\"conflicts\":[null,3],\"repairs\":[{}],\"counters\":[{\"packets\":1}]}"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		CLEANUP(strbuf_done) struct strbuf text = { 0 };
		struct json_object *status = json_tokener_parse(texts[i]);

		status_text_print(status, false, &text);
		json_object_put(status);
		assert_non_null(strstr(strbuf_text(&text), "unknown"));
	}
}

static void status_plays_no_tricks_on_a_terminal(void **state)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	struct json_object *status = json_tokener_parse(
		"{\"node\":\"\\u001b\",\"state\":\"\\u001b\",\"mode\":\"\\u001b\","
		"\"version\":\"\\u001b\",\"wireguard\":\"\\u001b\",\"babel\":\"\\u001b\","
		"\"config\":\"\\u001b\",\"registry\":{\"state\":\"\\u001b\",\"sha256\":\"\\u001b\"}"
		","
		"\"conflicts\":[\"\\u001b\"]}");

	(void)state;
	assert_non_null(status);
	status_text_print(status, false, &text);
	json_object_put(status);
	assert_null(strchr(strbuf_text(&text), 0x1b));
	assert_non_null(strstr(strbuf_text(&text), "wireguard ?, ?, config ?\n"));
}

static void units_change_at_their_limits(void **state)
{
	static const struct {
		int64_t value;
		const char *age;
		const char *bytes;
	} cases[] = {
		{ 0, "0s", "0 B" },
		{ 59, "59s", "59 B" },
		{ 60, "1m00s", "60 B" },
		{ 1023, "17m03s", "1023 B" },
		{ 1024, "17m04s", "1.0 KiB" },
		{ 3599, "59m59s", "3.5 KiB" },
		{ 3600, "1h00m", "3.5 KiB" },
		{ 86399, "23h59m", "84.4 KiB" },
		{ 86400, "1d00h", "84.4 KiB" },
		{ 1048570, "12d03h", "1.0 MiB" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char buffer[UNITS_TEXT_SIZE];

		assert_string_equal(units_format_age(cases[i].value, buffer), cases[i].age);
		assert_string_equal(units_format_bytes(cases[i].value, buffer), cases[i].bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status_shows_problems_first_and_aligns_columns),
		cmocka_unit_test(status_has_colours_on_a_terminal),
		cmocka_unit_test(status_without_registry_says_what_to_do),
		cmocka_unit_test(status_tells_until_when_a_signed_registry_is_good),
		cmocka_unit_test(status_shows_ike_sas_with_algorithms_and_ages),
		cmocka_unit_test(status_says_why_the_ike_daemon_cannot_be_asked),
		cmocka_unit_test(status_survives_missing_and_wrong_members),
		cmocka_unit_test(status_plays_no_tricks_on_a_terminal),
		cmocka_unit_test(units_change_at_their_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
