// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/expiring.h"

#include "base/build.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/timestamp.h"
#include "registry/expiry.h"
#include "registry/freshness.h"

#include <time.h>

#define CHECK_MS 60000

struct expiring {
	uv_timer_t timer;
	struct node *node;
	struct expiry expiry;
};

static void tell(const struct expiring *expiring)
{
	const struct registry_origin *origin = &node_registry(expiring->node)->registry->origin;
	char since[TIMESTAMP_TEXT_SIZE];

	timestamp_format(origin->expires, since);
	switch (expiring->expiry.state) {
	case EXPIRY_FRESH:
		return;
	case EXPIRY_STALE:
		log_warning("event=expiry document=\"%s\" since=%s tunnels=kept "
			    "hint=\"load a newer registry\"",
			    origin->expires_first, since);
		return;
	case EXPIRY_OVER:
		log_warning("event=expiry document=\"%s\" since=%s tunnels=down "
			    "hint=\"load a newer registry\"",
			    origin->expires_first, since);
		return;
	}
}

void expiring_check(struct expiring *expiring)
{
	const struct registry *registry = node_registry(expiring->node)->registry;
	const struct registry_policy *policy = &node_config(expiring->node)->registry;
	int64_t last_seen = registry ? registry->origin.last_seen : 0;
	int64_t now = freshness_now(time(NULL), last_seen, build_date());

	if (expiry_judge(&expiring->expiry, registry, policy, now) &&
	    expiring->expiry.state != EXPIRY_FRESH)
		tell(expiring);
	node_set_expiry(expiring->node, expiring->expiry.state);
}

static void check(uv_timer_t *timer)
{
	expiring_check(timer->data);
}

struct expiring *expiring_new(uv_loop_t *loop, struct node *node)
{
	struct expiring *expiring = NEW(struct expiring);

	expiring->node = node;
	expiring->timer.data = expiring;
	(void)uv_timer_init(loop, &expiring->timer);
	(void)uv_timer_start(&expiring->timer, check, CHECK_MS, CHECK_MS);
	return expiring;
}

static void closed(uv_handle_t *handle)
{
	free(handle->data);
}

void expiring_close(struct expiring *expiring)
{
	if (expiring)
		uv_close((uv_handle_t *)&expiring->timer, closed);
}
