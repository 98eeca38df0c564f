// SPDX-License-Identifier: GPL-2.0-or-later
#include "json/suggest.h"

#include <stdlib.h>
#include <string.h>

#define LENGTH_MAX 31 /* longer names are not compared; ours are shorter */
#define PART_MIN 4    /* shorter parts are in too many names */

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Optimal string alignment: insert, delete, replace, swap neighbours, one point each. */
static size_t edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t cost[LENGTH_MAX + 1][LENGTH_MAX + 1];

	for (size_t i = 0; i <= a_length; i++)
		cost[i][0] = i;
	for (size_t k = 0; k <= b_length; k++)
		cost[0][k] = k;
	for (size_t i = 1; i <= a_length; i++) {
		for (size_t k = 1; k <= b_length; k++) {
			size_t best = cost[i - 1][k - 1] + (a[i - 1] != b[k - 1]);

			best = smaller(best, cost[i - 1][k] + 1);
			best = smaller(best, cost[i][k - 1] + 1);
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
				best = smaller(best, cost[i - 2][k - 2] + 1);
			cost[i][k] = best;
		}
	}
	return cost[a_length][b_length];
}

void suggest_consider(struct suggestion *suggestion, const char *text, const char *candidate)
{
	size_t text_length = strlen(text), length = strlen(candidate);
	size_t distance;

	if (text_length > LENGTH_MAX || length > LENGTH_MAX)
		return;
	if (text_length >= PART_MIN && strstr(candidate, text))
		distance = 1; /* "family" for "address_family" */
	else
		distance = edit_distance(text, text_length, candidate, length);
	if (distance > 1 + length / 4 || distance >= length)
		return;
	if (suggestion->best && suggestion->distance <= distance)
		return;
	*suggestion = (struct suggestion) { candidate, distance };
}
