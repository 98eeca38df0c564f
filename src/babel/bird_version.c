// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/bird_version.h"

#include "base/number.h"

#include <errno.h>
#include <string.h>

#define NUMBER_MAX 9999

/* Returns what is behind the digits, or NULL. */
static const char *read_number(const char *text, uint16_t *ret)
{
	size_t length = strspn(text, "0123456789");
	char digits[5];
	uint64_t value;

	if (length >= sizeof(digits))
		return NULL;
	memcpy(digits, text, length);
	digits[length] = '\0';
	if (number_parse(digits, NUMBER_MAX, &value) < 0)
		return NULL;
	*ret = (uint16_t)value;
	return text + length;
}

int bird_version_parse(const char *text, struct bird_version *ret)
{
	static const char before[] = "BIRD version ";
	struct bird_version version = { 0 };
	const char *rest;

	if (strncmp(text, before, sizeof(before) - 1) != 0)
		return -EINVAL;
	rest = read_number(text + sizeof(before) - 1, &version.major);
	if (!rest || *rest != '.')
		return -EINVAL;
	rest = read_number(rest + 1, &version.minor);
	if (!rest)
		return -EINVAL;
	if (*rest == '.')
		(void)read_number(rest + 1, &version.patch);
	*ret = version;
	return 0;
}

bool bird_version_is_usable(const struct bird_version *version)
{
	return version->major == BIRD_VERSION_MAJOR && version->minor >= BIRD_VERSION_MINOR;
}
