// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/name.h"

#include "core/model.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HOST_LABEL_MAX 63 /* RFC 1035 section 2.3.4 */
#define HOST_LENGTH_MAX 253

/* Not isalnum(): that depends on the locale. */
static bool is_digit(char character)
{
	return character >= '0' && character <= '9';
}

static bool is_alphanumeric(char character)
{
	return is_digit(character) || (character >= 'a' && character <= 'z') ||
	       (character >= 'A' && character <= 'Z');
}

static const char *name_fault(const char *name)
{
	size_t length = strlen(name);

	if (length == 0)
		return "must not be empty";
	if (length > NAME_LENGTH_MAX)
		return "longer than 63 characters";
	for (size_t i = 0; i < length; i++)
		if (!is_alphanumeric(name[i]) && !strchr(" ._-", name[i]))
			return "only letters, digits, space, \".\", \"_\", \"-\"";
	if (!is_alphanumeric(name[0]) || !is_alphanumeric(name[length - 1]))
		return "must begin and end with a letter or digit";
	return NULL;
}

bool name_is_valid(const char *name)
{
	return !name_fault(name);
}

int name_read(const struct json_cursor *cursor, const char *what, char *ret, struct error *error)
{
	char quoted[JSON_QUOTE_SIZE];
	const char *name, *fault;
	int result = json_read_string(cursor, &name, error);

	if (result < 0)
		return result;
	fault = name_fault(name);
	if (fault)
		return json_cursor_fail(cursor, error, ERROR_NAME, "%s %s: %s", what,
					json_quote(name, quoted), fault);
	strcpy(ret, name); /* at most NAME_LENGTH_MAX, see above */
	return 0;
}

static bool label_is_valid(const char *label, size_t length)
{
	if (length == 0 || length > HOST_LABEL_MAX)
		return false;
	for (size_t i = 0; i < length; i++)
		if (!is_alphanumeric(label[i]) && label[i] != '-')
			return false;
	return label[0] != '-' && label[length - 1] != '-';
}

bool host_name_is_valid(const char *text)
{
	const char *label = text;

	if (strlen(text) > HOST_LENGTH_MAX)
		return false;
	for (;;) {
		size_t length = strcspn(label, ".");

		if (!label_is_valid(label, length))
			return false;
		if (!label[length])
			break;
		label += length + 1;
	}
	/* No top-level domain starts with a digit; getaddrinfo() reads 10.1 and 0x7f000001. */
	return !is_digit(label[0]);
}

static int compare_named(const void *a, const void *b)
{
	const struct named *left = a, *right = b;
	int order = strcasecmp(left->name, right->name);

	if (order)
		return order;
	return left->index < right->index ? -1 : left->index > right->index;
}

bool name_find_duplicate(struct named *names, size_t count, size_t *ret_first, size_t *ret_second)
{
	if (count)
		qsort(names, count, sizeof(*names), compare_named);
	for (size_t i = 1; i < count; i++) {
		if (strcasecmp(names[i - 1].name, names[i].name) != 0)
			continue;
		*ret_first = names[i - 1].index;
		*ret_second = names[i].index;
		return true;
	}
	return false;
}
