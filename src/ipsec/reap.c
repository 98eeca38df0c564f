// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/reap.h"

#include <string.h>

/* Old and new one of a rekeying, or on its way out: charon is at work on it. */
static bool is_changing(const struct ike_sa *sa)
{
	return strcmp(sa->state, "ESTABLISHED") != 0 && strcmp(sa->state, "CONNECTING") != 0;
}

/* Ages are in whole seconds; numbers grow. */
static bool is_younger(const struct ike_sa *a, const struct ike_sa *b)
{
	return a->age_s != b->age_s ? a->age_s < b->age_s : a->unique_id > b->unique_id;
}

static const struct ike_sa *find_youngest(const struct ike_sa *sas, size_t count)
{
	const struct ike_sa *youngest = NULL;

	for (size_t i = 0; i < count; i++)
		if (ike_sa_carries(&sas[i]) && (!youngest || is_younger(&sas[i], youngest)))
			youngest = &sas[i];
	return youngest;
}

size_t reap_choose(const struct ike_sa *sas, size_t count, bool is_ours, uint32_t *ret)
{
	const struct ike_sa *kept = find_youngest(sas, count);
	bool are_settled = is_ours && kept && kept->age_s >= REAP_DUPLICATE_AGE_S;
	size_t chosen = 0;

	for (size_t i = 0; i < count; i++)
		if (is_changing(&sas[i]))
			return 0;
	for (size_t i = 0; i < count; i++) {
		const struct ike_sa *sa = &sas[i];

		if (!ike_sa_is_established(sa) || sa == kept)
			continue;
		if (ike_sa_carries(sa) ? are_settled : sa->age_s >= REAP_CHILDLESS_AGE_S)
			ret[chosen++] = sa->unique_id;
	}
	return chosen;
}
