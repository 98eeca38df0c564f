/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

/*
 * Decimal digits only: no sign, no space, no leading zero (but "0" itself), nothing behind, at most
 * @maximum. 0 or -EINVAL.
 */
int number_parse(const char *text, uint64_t maximum, uint64_t *ret);
