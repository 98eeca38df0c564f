// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/build.h"

#include "base/number.h"
#include "build_date.h"

int64_t build_date(void)
{
	uint64_t date;

	return number_parse(ARONET_BUILD_DATE, INT64_MAX, &date) < 0 ? 0 : (int64_t)date;
}
