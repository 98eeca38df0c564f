// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/protocol.h"

#include "base/memory.h"
#include "control/payload.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <cmocka.h>

static int parse(const char *text, struct control_arguments *ret, struct error *error)
{
	return control_arguments_parse(text, strlen(text), ret, error);
}

static void request_carries_operation_and_flags(void **state)
{
	struct control_arguments arguments;
	struct error error = { 0 };

	(void)state;
	assert_int_equal(parse("{\"aronet\":1,\"op\":\"load\",\"plan\":true,\"wait\":30,"
			       "\"allow_unsigned\":true,\"allow_empty\":false}",
			       &arguments, &error),
			 0);
	assert_int_equal(arguments.op, CONTROL_LOAD);
	assert_int_equal(arguments.wait_sec, 30);
	assert_true(arguments.plan && arguments.allow_unsigned);
	assert_false(arguments.allow_empty || arguments.forget);
	assert_int_equal(
		parse("{\"aronet\":1,\"op\":\"down\",\"forget\":true}", &arguments, &error), 0);
	assert_int_equal(arguments.op, CONTROL_DOWN);
	assert_true(arguments.forget);
	assert_int_equal(arguments.wait_sec, CONTROL_WAIT_DEFAULT);
	assert_int_equal(parse("{\"aronet\":1,\"op\":\"load\",\"wait\":0}", &arguments, &error), 0);
	assert_int_equal(arguments.wait_sec, 0);
}

static void request_refuses_what_it_does_not_know(void **state)
{
	static const struct {
		const char *text;
		enum error_code code;
	} cases[] = {
		{ "", ERROR_SYNTAX },
		{ "{", ERROR_SYNTAX },
		{ "[1]", ERROR_TYPE },
		{ "{\"aronet\":1}", ERROR_MISSING },
		{ "{\"op\":\"status\"}", ERROR_MISSING },
		{ "{\"aronet\":1,\"op\":\"format\"}", ERROR_VALUE },
		{ "{\"aronet\":1,\"op\":7}", ERROR_TYPE },
		{ "{\"aronet\":2,\"op\":\"status\"}", ERROR_TYPE },
		{ "{\"aronet\":1,\"op\":\"load\",\"force\":true}", ERROR_UNKNOWN_MEMBER },
		{ "{\"aronet\":1,\"op\":\"load\",\"plan\":1}", ERROR_TYPE },
		{ "{\"aronet\":1,\"op\":\"load\",\"wait\":3601}", ERROR_TYPE },
		{ "{\"aronet\":1,\"op\":\"load\",\"op\":\"down\"}", ERROR_DUP_KEY },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct control_arguments arguments;
		struct error error = { 0 };

		assert_true(parse(cases[i].text, &arguments, &error) < 0);
		assert_string_equal(error_code_name(error.code), error_code_name(cases[i].code));
		assert_true(error.text[0]);
	}
}

static void reply_carries_error_and_exit_code(void **state)
{
	struct error sent = { ERROR_TYPE, "registry.json:3:17", "expected integer" };
	struct error received = { 0 };
	enum exit_code exit = EXIT_DONE;
	struct json_object *reply = control_error_to_json(&sent, EXIT_REGISTRY);

	(void)state;
	assert_int_equal(control_reply_check(reply, &exit, &received), -EREMOTEIO);
	assert_int_equal(exit, EXIT_REGISTRY);
	assert_int_equal(received.code, ERROR_TYPE);
	assert_string_equal(received.place, sent.place);
	assert_string_equal(received.text, sent.text);
	json_object_put(reply);
}

static void reply_without_ok_is_refused(void **state)
{
	static const char *const texts[] = { "{}", "{\"ok\":1}", "{\"ok\":\"true\"}" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct json_object *reply = json_tokener_parse(texts[i]);
		enum exit_code exit = EXIT_DONE;
		struct error error = { 0 };

		assert_int_equal(control_reply_check(reply, &exit, &error), -EPROTO);
		assert_int_equal(exit, EXIT_DAEMON);
		json_object_put(reply);
	}
}

/* A reply with a text of @length bytes goes through a socket pair and comes out the same. */
static void check_round_trip(size_t length, bool is_attached)
{
	CLEANUP(control_message_done) struct control_message message = { .fd = -1 };
	struct control_packet *packet = NEW(struct control_packet);
	struct json_object *reply = json_object_new_object(), *received = NULL;
	CLEANUP(free) char *text = NEW_ARRAY(char, length + 1);
	struct error error = { 0 };
	int pair[2];

	memset(text, 'x', length);
	json_object_object_add(reply, "text", json_object_new_string(text));
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(control_message_make(reply, &message), 0);
	assert_int_equal(message.fd >= 0, is_attached);
	assert_true(message.size <= CONTROL_PACKET_MAX);
	assert_int_equal(control_message_send(pair[0], &message), 0);
	assert_int_equal(control_packet_receive(pair[1], packet), 0);
	assert_int_equal(control_packet_to_reply(packet, &received, &error), 0);
	assert_true(json_object_equal(reply, received));
	control_packet_done(packet);
	free(packet);
	json_object_put(reply);
	json_object_put(received);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

static void reply_that_fits_is_one_packet(void **state)
{
	(void)state;
	check_round_trip(10, false);
	check_round_trip(CONTROL_PACKET_MAX - strlen("{\"text\":\"\"}"), false);
}

static void reply_that_is_too_big_is_attached(void **state)
{
	(void)state;
	check_round_trip(CONTROL_PACKET_MAX - strlen("{\"text\":\"\"}") + 1, true);
	check_round_trip(1000000, true);
}

static void payload_cannot_change_after_sealing(void **state)
{
	CLEANUP(close) int fd = -1;
	CLEANUP(free) char *bytes = NULL;
	struct error error = { 0 };
	size_t size;

	(void)state;
	assert_int_equal(control_payload_make("registry", 8, &fd), 0);
	assert_int_equal(pwrite(fd, "R", 1, 0), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(ftruncate(fd, 0), -1);
	assert_int_equal(ftruncate(fd, 100), -1);
	assert_int_equal(control_payload_read(fd, "load", &bytes, &size, &error), 0);
	assert_int_equal(size, 8);
	assert_string_equal(bytes, "registry");
}

static void payload_copies_a_pipe_to_its_end(void **state)
{
	CLEANUP(close) int fd = -1;
	CLEANUP(free) char *bytes = NULL;
	struct error error = { 0 };
	size_t size;
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(write(ends[1], "[1]", 3), 3);
	(void)close(ends[1]);
	assert_int_equal(control_payload_copy(ends[0], "-", &fd, &error), 0);
	assert_int_equal(control_payload_read(fd, "load", &bytes, &size, &error), 0);
	assert_string_equal(bytes, "[1]");
	(void)close(ends[0]);
}

static void payload_copy_ends_for_endless_and_empty_input(void **state)
{
	CLEANUP(close) int endless = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	CLEANUP(close) int empty = open("/dev/null", O_RDONLY | O_CLOEXEC);
	CLEANUP(close) int directory = open("/", O_RDONLY | O_CLOEXEC);
	struct error error = { 0 };
	int fd = -1;

	(void)state;
	assert_int_equal(control_payload_copy(endless, "zero", &fd, &error), -EFBIG);
	assert_int_equal(error.code, ERROR_TOO_BIG);
	assert_true(control_payload_copy(empty, "null", &fd, &error) < 0);
	assert_int_equal(error.code, ERROR_SYNTAX);
	assert_string_equal(error.text, "empty file");
	assert_int_equal(control_payload_copy(directory, "/", &fd, &error), -EISDIR);
	assert_int_equal(error.code, ERROR_FILE);
	assert_int_equal(fd, -1);
}

static void check_payload_refused(int fd, enum error_code code)
{
	struct error error = { 0 };
	size_t size;

	assert_true(control_payload_check(fd, "load", &size, &error) < 0);
	assert_string_equal(error_code_name(error.code), error_code_name(code));
	assert_memory_equal(error.text, "load: ", 6);
}

static int sealed_of_size(off_t size, int seals)
{
	int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_int_equal(ftruncate(fd, size), 0);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

static void payload_must_be_a_sealed_memfd(void **state)
{
	const int all = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK;
	CLEANUP(close) int file = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	CLEANUP(close) int write_only = open("/dev/null", O_WRONLY | O_CLOEXEC);
	CLEANUP(close) int path_only = open("/etc/passwd", O_PATH | O_CLOEXEC);
	CLEANUP(close) int growing = sealed_of_size(5, F_SEAL_WRITE | F_SEAL_SHRINK);
	CLEANUP(close) int shrinking = sealed_of_size(5, F_SEAL_WRITE | F_SEAL_GROW);
	CLEANUP(close) int writable = sealed_of_size(5, F_SEAL_SHRINK | F_SEAL_GROW);
	CLEANUP(close) int empty = sealed_of_size(0, all);
	CLEANUP(close) int big = sealed_of_size((off_t)CONTROL_PAYLOAD_MAX + 1, all);
	CLEANUP(close) int biggest = sealed_of_size((off_t)CONTROL_PAYLOAD_MAX, all);
	struct error error = { 0 };
	size_t size;
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_true(control_payload_check(-1, "load", &size, &error) < 0);
	assert_int_equal(error.code, ERROR_CTL_FD);
	assert_string_equal(error.text, "load: expected one sealed memfd, found another kind of "
					"descriptor");
	check_payload_refused(-1, ERROR_CTL_FD);
	check_payload_refused(ends[0], ERROR_CTL_FD);
	check_payload_refused(file, ERROR_CTL_FD);
	check_payload_refused(write_only, ERROR_CTL_FD);
	check_payload_refused(path_only, ERROR_CTL_FD);
	check_payload_refused(growing, ERROR_CTL_FD);
	check_payload_refused(shrinking, ERROR_CTL_FD);
	check_payload_refused(writable, ERROR_CTL_FD);
	check_payload_refused(empty, ERROR_CTL_FD);
	check_payload_refused(big, ERROR_TOO_BIG);
	assert_int_equal(control_payload_check(biggest, "load", &size, &error), 0);
	assert_int_equal(size, CONTROL_PAYLOAD_MAX);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_carries_operation_and_flags),
		cmocka_unit_test(request_refuses_what_it_does_not_know),
		cmocka_unit_test(reply_carries_error_and_exit_code),
		cmocka_unit_test(reply_without_ok_is_refused),
		cmocka_unit_test(reply_that_fits_is_one_packet),
		cmocka_unit_test(reply_that_is_too_big_is_attached),
		cmocka_unit_test(payload_cannot_change_after_sealing),
		cmocka_unit_test(payload_copies_a_pipe_to_its_end),
		cmocka_unit_test(payload_copy_ends_for_endless_and_empty_input),
		cmocka_unit_test(payload_must_be_a_sealed_memfd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
