// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/number.h"

#include <errno.h>

int number_parse(const char *text, uint64_t maximum, uint64_t *ret)
{
	uint64_t value = 0;

	if (text[0] < '0' || text[0] > '9' || (text[0] == '0' && text[1]))
		return -EINVAL;
	for (const char *c = text; *c; c++) {
		uint64_t digit = (uint64_t)(*c - '0');

		if (*c < '0' || *c > '9' || value > (maximum - digit) / 10 || digit > maximum)
			return -EINVAL;
		value = value * 10 + digit;
	}
	*ret = value;
	return 0;
}
