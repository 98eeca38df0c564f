// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/terminal.h"

#include "base/cleanup.h"
#include "cli/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

/* A person at a terminal of its own; what is asked for there runs in a child. */
struct person {
	int terminal; /* the person's end */
	int result;   /* read end of a pipe: what the child has to say */
	pid_t child;
};

typedef void child_fn(int result);

static void person_begin(struct person *person, child_fn *run)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	person->child = forkpty(&person->terminal, NULL, NULL, NULL);
	assert_true(person->child >= 0);
	if (person->child == 0) {
		run(ends[1]);
		_exit(0);
	}
	(void)close(ends[1]);
	person->result = ends[0];
}

/* Reads from the terminal until @text was there; fails after 10 s. */
static void wait_for(struct person *person, const char *text, char *ret, size_t size)
{
	size_t used = 0;

	ret[0] = '\0';
	while (!strstr(ret, text)) {
		struct pollfd fd = { .fd = person->terminal, .events = POLLIN };
		ssize_t length;

		if (poll(&fd, 1, 10000) != 1)
			fail_msg("no \"%s\" in \"%s\"", text, ret);
		length = read(person->terminal, ret + used, size - 1 - used);
		if (length <= 0)
			fail_msg("the terminal ended before \"%s\": \"%s\"", text, ret);
		used += (size_t)length;
		ret[used] = '\0';
	}
}

static void type(struct person *person, const char *text)
{
	assert_int_equal(write(person->terminal, text, strlen(text)), strlen(text));
}

/* What the child said, and how it ended, as waitpid() tells. */
static int person_end(struct person *person, char *ret, size_t size)
{
	size_t used = 0;
	ssize_t length;
	int status;

	while ((length = read(person->result, ret + used, size - 1 - used)) > 0)
		used += (size_t)length;
	ret[used] = '\0';
	assert_int_equal(waitpid(person->child, &status, 0), person->child);
	(void)close(person->result);
	(void)close(person->terminal);
	return status;
}

static void say(int result, const char *text)
{
	if (write(result, text, strlen(text)) < 0)
		_exit(1);
}

static void run_confirm(int result)
{
	struct error error = { 0 };
	bool yes = false;

	if (terminal_confirm("Write home/mesh.1.json?", &yes, &error) < 0)
		say(result, error.text);
	else
		say(result, yes ? "yes" : "no");
}

static void only_y_and_yes_confirm(void **state)
{
	static const struct {
		const char *typed, *expected;
	} cases[] = {
		{ "y\n", "yes" }, { "YES\n", "yes" }, { "\n", "no" },
		{ "n\n", "no" },  { "yo\n", "no" },   { "\004", "no" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct person person;
		char screen[256], said[256];

		person_begin(&person, run_confirm);
		wait_for(&person, "Write home/mesh.1.json? [y/N] ", screen, sizeof(screen));
		type(&person, cases[i].typed);
		assert_int_equal(person_end(&person, said, sizeof(said)), 0);
		assert_string_equal(said, cases[i].expected);
	}
}

static void run_without_terminal(int result)
{
	struct passphrase_source source = { .fd = -1 };
	char buffer[CRYPTO_PASSPHRASE_MAX + 1];
	struct error error = { 0 };
	bool yes;

	if (fork() == 0) {
		(void)setsid();
		if (terminal_confirm("Write?", &yes, &error) == 0)
			_exit(1);
		say(result, error.text);
		if (passphrase_ask(&source, "me.key", buffer, &error) == 0)
			_exit(1);
		say(result, "\n");
		say(result, error.text);
		_exit(0);
	}
	(void)wait(NULL);
}

static void without_a_terminal_scripts_are_told_what_to_say(void **state)
{
	struct person person;
	char said[1024];

	(void)state;
	person_begin(&person, run_without_terminal);
	assert_int_equal(person_end(&person, said, sizeof(said)), 0);
	assert_string_equal(said, "there is no terminal to ask \"Write?\" on; pass --yes to do it "
				  "without asking\n"
				  "needs a passphrase, and there is no terminal to ask on; pass "
				  "--passphrase-fd");
}

static void run_passphrase(int result)
{
	struct passphrase_source source = { .fd = -1 };
	char buffer[CRYPTO_PASSPHRASE_MAX + 1];
	struct error error = { 0 };

	if (passphrase_ask(&source, "me.key", buffer, &error) < 0)
		say(result, error.text);
	else
		say(result, buffer);
}

static bool echoes(const struct person *person)
{
	struct termios settings;

	assert_int_equal(tcgetattr(person->terminal, &settings), 0);
	return settings.c_lflag & ECHO;
}

static void passphrases_are_not_shown(void **state)
{
	struct person person;
	char screen[256], said[256];

	(void)state;
	person_begin(&person, run_passphrase);
	wait_for(&person, "Passphrase for me.key: ", screen, sizeof(screen));
	assert_false(echoes(&person));
	type(&person, "correct horse\n");
	wait_for(&person, "\n", screen, sizeof(screen));
	assert_null(strstr(screen, "horse"));
	assert_int_equal(person_end(&person, said, sizeof(said)), 0);
	assert_string_equal(said, "correct horse");
}

/* The child ends by the signal, not by an exit code, and somebody else's shell sees what it types.
 */
static void ctrl_c_gives_the_terminal_back(void **state)
{
	struct person person;
	struct termios settings;
	char screen[256], said[256];
	int status;

	(void)state;
	person_begin(&person, run_passphrase);
	wait_for(&person, "Passphrase for me.key: ", screen, sizeof(screen));
	type(&person, "secr\003");
	assert_int_equal(waitpid(person.child, &status, 0), person.child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGINT);
	assert_int_equal(read(person.result, said, sizeof(said)), 0);
	assert_int_equal(tcgetattr(person.terminal, &settings), 0);
	assert_true(settings.c_lflag & ECHO);
	(void)close(person.result);
	(void)close(person.terminal);
}

static void run_new_passphrase(int result)
{
	struct passphrase_source source = { .fd = -1 };
	char buffer[CRYPTO_PASSPHRASE_MAX + 1];
	struct error error = { 0 };

	if (passphrase_ask_new(&source, "me.key", buffer, &error) < 0)
		say(result, error.text);
	else
		say(result, buffer);
}

static void new_passphrases_are_asked_for_twice(void **state)
{
	static const struct {
		const char *first, *second, *expected;
	} cases[] = {
		{ "one\n", "one\n", "one" },
		{ "one\n", "two\n", "the two passphrases differ; no key was made" },
		{ "\n", NULL,
		  "the passphrase is empty; --no-passphrase makes a key that is not encrypted" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct person person;
		char screen[256], said[256];

		person_begin(&person, run_new_passphrase);
		wait_for(&person, "New passphrase for me.key: ", screen, sizeof(screen));
		type(&person, cases[i].first);
		if (cases[i].second) {
			wait_for(&person, "passphrase again: ", screen, sizeof(screen));
			type(&person, cases[i].second);
		}
		assert_int_equal(person_end(&person, said, sizeof(said)), 0);
		assert_string_equal(said, cases[i].expected);
	}
}

static void a_descriptor_gives_one_passphrase_a_line(void **state)
{
	char buffer[CRYPTO_PASSPHRASE_MAX + 1], long_line[CRYPTO_PASSPHRASE_MAX + 2];
	struct passphrase_source source;
	struct cli_options options = { .passphrase_fd = -1 };
	struct error error = { 0 };
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	options.passphrase_fd = ends[0];
	assert_int_equal(passphrase_source_init(&source, &options, &error), 0);
	assert_int_equal(write(ends[1], "first\nsecond", 12), 12);
	memset(long_line, 'x', sizeof(long_line));
	assert_int_equal(passphrase_ask(&source, "a.key", buffer, &error), 0);
	assert_string_equal(buffer, "first");
	assert_int_equal(close(ends[1]), 0);
	assert_int_equal(passphrase_ask_new(&source, "b.key", buffer, &error), 0);
	assert_string_equal(buffer, "second");
	assert_int_equal(passphrase_ask(&source, "c.key", buffer, &error), -ENODATA);
	assert_int_equal(error.code, ERROR_KEYFILE);
	assert_string_equal(error.place, "c.key");
	assert_int_equal(close(ends[0]), 0);
	assert_int_equal(passphrase_source_init(&source, &options, &error), -EBADF);

	assert_int_equal(pipe(ends), 0);
	source.fd = ends[0];
	assert_int_equal(write(ends[1], long_line, sizeof(long_line)), sizeof(long_line));
	assert_int_equal(passphrase_ask(&source, "d.key", buffer, &error), -EMSGSIZE);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_y_and_yes_confirm),
		cmocka_unit_test(without_a_terminal_scripts_are_told_what_to_say),
		cmocka_unit_test(passphrases_are_not_shown),
		cmocka_unit_test(ctrl_c_gives_the_terminal_back),
		cmocka_unit_test(new_passphrases_are_asked_for_twice),
		cmocka_unit_test(a_descriptor_gives_one_passphrase_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
