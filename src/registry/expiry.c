// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/expiry.h"

static enum expiry_state state_at(const struct registry *registry,
				  const struct registry_policy *policy, int64_t now)
{
	if (!registry || !registry->is_signed || now < registry->origin.expires)
		return EXPIRY_FRESH;
	if (policy->on_expiry_down && now - registry->origin.expires >= policy->expiry_grace_sec)
		return EXPIRY_OVER;
	return EXPIRY_STALE;
}

bool expiry_judge(struct expiry *expiry, const struct registry *registry,
		  const struct registry_policy *policy, int64_t now)
{
	enum expiry_state state = state_at(registry, policy, now);
	bool is_due = now < expiry->told || now - expiry->told >= EXPIRY_WARNING_SEC;
	bool is_told = state != expiry->state || (state != EXPIRY_FRESH && is_due);

	expiry->state = state;
	if (is_told)
		expiry->told = now;
	return is_told;
}

int64_t expiry_next_sec(const struct registry *registry, const struct registry_policy *policy,
			int64_t now)
{
	switch (state_at(registry, policy, now)) {
	case EXPIRY_FRESH:
		return registry && registry->is_signed ? registry->origin.expires - now : 0;
	case EXPIRY_STALE:
		return policy->on_expiry_down
			       ? registry->origin.expires + policy->expiry_grace_sec - now
			       : 0;
	case EXPIRY_OVER:
		break;
	}
	return 0;
}
