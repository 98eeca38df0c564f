/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

/*
 * When this program was made, in seconds since the epoch: $SOURCE_DATE_EPOCH of the build, else the
 * date of the commit; so the same source gives the same program. 0: not known. No clock can be
 * before it.
 */
int64_t build_date(void);
