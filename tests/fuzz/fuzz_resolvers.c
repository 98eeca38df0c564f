// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /etc/resolv.conf, which a DHCP client writes for whoever answers it: each resolver that is found
 * stands there, and none that stands there as the whole of a line is missed.
 */
#include "fuzz.h"

/* append_resolvers() is not for others. */
#include "daemon/facts.c"

#include "base/memory.h"

#include <errno.h>

int __wrap_file_read(const char *path, size_t limit_bytes, char **ret, size_t *ret_size,
		     struct error *error);

/* Functions that are replaced get no argument of ours, hence this. */
static const char *content;

int __wrap_file_read(const char *path, size_t limit_bytes, char **ret, size_t *ret_size,
		     struct error *error)
{
	if (strlen(content) > limit_bytes)
		return error_set(error, -EFBIG, ERROR_TOO_BIG, path, "too big");
	*ret = memory_strdup(content);
	*ret_size = strlen(content);
	return 0;
}

static bool has_address(const struct prefix_list *prefixes, const struct ip_address *address)
{
	for (size_t i = 0; i < prefixes->count; i++)
		if (!ip_address_compare(&prefixes->items[i].address, address))
			return true;
	return false;
}

/* "nameserver ADDRESS", and nothing else in the line. */
static void check_line(const char *line, size_t length, const struct prefix_list *prefixes)
{
	static const char keyword[] = "nameserver ";
	CLEANUP(free) char *copy = strndup(line, length);
	struct ip_address address;

	if (!strncmp(copy, keyword, strlen(keyword)) &&
	    ip_address_parse(copy + strlen(keyword), &address) == 0)
		FUZZ_CHECK(has_address(prefixes, &address));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(prefix_list_done) struct prefix_list prefixes = { 0 };
	struct fuzz_input input = { data, size };
	CLEANUP(free) char *text = fuzz_take_text(&input, '\0');

	content = text;
	append_resolvers(&prefixes);
	for (size_t i = 0; i < prefixes.count; i++)
		FUZZ_CHECK(prefixes.items[i].length ==
				   ip_address_bits(&prefixes.items[i].address) &&
			   prefixes.items[i].length);
	if (strlen(text) > RESOLVER_FILE_MAX)
		return 0;
	for (const char *line = text; *line; line += line[strcspn(line, "\n")] ? 1 : 0) {
		check_line(line, strcspn(line, "\n"), &prefixes);
		line += strcspn(line, "\n");
	}
	return 0;
}
