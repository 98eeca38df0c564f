/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

/* "did you mean": the nearest of the candidates, if one is near enough to be a slip. */
struct suggestion {
	const char *best; /* NULL if none is near */
	size_t distance;
};

void suggest_consider(struct suggestion *suggestion, const char *text, const char *candidate);
