// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/system_record.h"

#include "base/cleanup.h"
#include "base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define ID_A "fc42b33444237eddcc9df5a754e3b1ee3c2eb29e"
#define ID_B "0123456789abcdef0123456789abcdef01234567"

static int set_up(void **state)
{
	static char path[64];

	strcpy(path, "/tmp/aronet-t-record-XXXXXX");
	assert_int_equal(close(mkstemp(path)), 0);
	*state = path;
	return 0;
}

static int tear_down(void **state)
{
	(void)unlink(*state);
	return 0;
}

static struct system_record example(void)
{
	struct system_record record = {
		.socket = "/run/a charon.vici",
		.settings = { .port = 12025, .is_userspace = true },
		.pid = 4711,
	};

	assert_true(system_record_add_key(&record, ID_A));
	assert_true(system_record_add_key(&record, ID_B));
	return record;
}

static void record_is_what_was_written(void **state)
{
	struct system_record record = example(), read;

	assert_int_equal(system_record_write(*state, &record, NULL), 0);
	system_record_read(*state, &read);
	assert_string_equal(read.socket, record.socket);
	assert_int_equal(read.settings.port, 12025);
	assert_true(read.settings.is_userspace);
	assert_int_equal(read.pid, 4711);
	assert_int_equal(read.keys_count, 2);
	assert_true(system_record_has_key(&read, ID_A));
	assert_true(system_record_has_key(&read, ID_B));
}

static void record_without_a_socket_is_no_file(void **state)
{
	const struct system_record none = { 0 };
	struct system_record read = example();

	assert_int_equal(system_record_write(*state, &none, NULL), 0);
	assert_int_not_equal(access(*state, F_OK), 0);
	assert_int_equal(system_record_write(*state, &none, NULL), 0);
	system_record_read(*state, &read);
	assert_string_equal(read.socket, "");
	assert_int_equal(read.keys_count, 0);
}

static void damaged_record_is_none(void **state)
{
	static const char *const texts[] = {
		"", "\n\n", "socket", "sock /run/x\nport", "key zzz\nport 70000\npid x",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct system_record read = example();

		assert_int_equal(file_replace(*state, texts[i], strlen(texts[i]), 0600, NULL), 0);
		system_record_read(*state, &read);
		assert_string_equal(read.socket, "");
		assert_int_equal(read.settings.port, 0);
		assert_int_equal(read.keys_count, 0);
	}
}

static void keys_are_bounded(void **state)
{
	struct system_record record = { .socket = "/run/x" };
	char id[ASK_KEY_ID_SIZE];

	(void)state;
	for (unsigned i = 0; i < SYSTEM_RECORD_KEYS_MAX; i++) {
		(void)snprintf(id, sizeof(id), "%040x", i);
		assert_true(system_record_add_key(&record, id));
	}
	assert_false(system_record_add_key(&record, ID_A));
	assert_true(system_record_add_key(&record, id));
	system_record_remove_key(&record, id);
	assert_false(system_record_has_key(&record, id));
	assert_true(system_record_add_key(&record, ID_A));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		CASE(record_is_what_was_written),
		CASE(record_without_a_socket_is_no_file),
		CASE(damaged_record_is_none),
		CASE(keys_are_bounded),
	};
#undef CASE

	return cmocka_run_group_tests(tests, NULL, NULL);
}
