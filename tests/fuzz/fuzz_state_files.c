// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files of our own that a restarted daemon finds: a crash or a full disk may have left anything in
 * them. The first byte says which: `s`ysctls that were changed, the `g`eneration of babeld, a babel
 * `p`olicy. What was read and is written reads the same again.
 */
#include "babel/babeld_config.h"
#include "babel/generation.h"
#include "fuzz.h"
#include "netlink/sysctl_saved.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

/* A file in memory with @text in it, and its path. */
static int make_file(const char *text, size_t size, char path[32])
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	FUZZ_CHECK(fd >= 0 && write(fd, text, size) == (ssize_t)size);
	(void)snprintf(path, 32, "/proc/self/fd/%d", fd);
	return fd;
}

static void print_values(const struct saved_values *values, struct strbuf *ret)
{
	for (size_t i = 0; i < values->count; i++)
		strbuf_printf(ret, "%s\t%s\t%s\n", values->items[i].path, values->items[i].set,
			      values->items[i].before);
}

static void check_values(const char *text, size_t size, bool is_again)
{
	CLEANUP(saved_values_done) struct saved_values values = { 0 };
	CLEANUP(strbuf_done) struct strbuf printed = { 0 };
	CLEANUP(close) int fd = -1;
	struct error error = { 0 };
	char path[32];
	int result;

	fd = make_file(text, size, path);
	result = saved_values_read(path, &values, &error);
	if (result < 0) {
		fuzz_check_refusal(result, &error);
		FUZZ_CHECK(!is_again && !values.items);
		return;
	}
	for (size_t i = 0; i < values.count; i++) {
		FUZZ_CHECK(!strncmp(values.items[i].path, "net/", 4));
		FUZZ_CHECK(!strstr(values.items[i].path, ".."));
	}
	print_values(&values, &printed);
	FUZZ_CHECK(!is_again || (printed.length == size && !memcmp(printed.bytes, text, size)));
	if (!is_again && printed.length)
		check_values(printed.bytes, printed.length, true);
}

static void check_generation(const char *text)
{
	CLEANUP(generation_done) struct generation generation = { 0 };
	CLEANUP(generation_done) struct generation again = { 0 };
	CLEANUP(strbuf_done) struct strbuf printed = { 0 };
	CLEANUP(strbuf_done) struct strbuf printed_again = { 0 };

	if (generation_parse(text, &generation) < 0) {
		FUZZ_CHECK(!generation.number && !generation.interfaces);
		return;
	}
	FUZZ_CHECK(generation.pid >= 0 && generation.number);
	generation_format(&generation, &printed);
	FUZZ_CHECK(generation_parse(printed.bytes, &again) == 0);
	generation_format(&again, &printed_again);
	FUZZ_CHECK(!strcmp(printed.bytes, printed_again.bytes));
}

static void check_policy(const char *text)
{
	static const struct babeld_parameters parameters = { .generation = 7 };
	CLEANUP(babel_policy_done) struct babel_policy policy = { 0 };
	CLEANUP(strbuf_done) struct strbuf config = { 0 };
	struct error error = { 0 };
	int result = babel_policy_parse(text, &policy, &error);

	if (result < 0) {
		fuzz_check_refusal(result, &error);
		FUZZ_CHECK(!policy.rules);
		return;
	}
	for (size_t i = 0; i < policy.rules_count; i++)
		FUZZ_CHECK(!ip_prefix_has_host_bits(&policy.rules[i].prefix));
	babeld_config_format(&parameters, &policy, &config);
	FUZZ_CHECK(!strpbrk(strbuf_text(&config), "\"'#\t\r"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	char which = (char)fuzz_take_u8(&input);
	size_t length = input.size;
	CLEANUP(free) char *text = fuzz_take_rest(&input);

	if (which == 's')
		check_values(text, length, false);
	if (which == 'g')
		check_generation(text);
	if (which == 'p')
		check_policy(text);
	return 0;
}
