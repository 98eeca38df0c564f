// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/expiring.h"

#include "base/build.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/timestamp.h"
#include "registry/expiry.h"
#include "registry/freshness.h"

#include <time.h>

#define CHECK_MAX_SEC 60

struct expiring {
	uv_timer_t timer;
	struct node *node;
	struct expiry expiry;
};

/* A registry that is fresh again tells its load. */
static void tell(const struct expiring *expiring)
{
	const struct registry *registry = node_registry(expiring->node)->registry;
	bool is_over = expiring->expiry.state == EXPIRY_OVER;
	char since[TIMESTAMP_TEXT_SIZE];

	if (expiring->expiry.state == EXPIRY_FRESH)
		return;
	log_warning(
		"event=expiry document=\"%s\" since=%s tunnels=%s hint=\"load a newer registry\"",
		registry->origin.expires_first, timestamp_format(registry->origin.expires, since),
		is_over ? "down" : "kept");
}

static void check_due(uv_timer_t *timer)
{
	expiring_check(timer->data);
}

void expiring_check(struct expiring *expiring)
{
	const struct registry *registry = node_registry(expiring->node)->registry;
	const struct registry_policy *policy = &node_config(expiring->node)->registry;
	int64_t last_seen = registry ? registry->origin.last_seen : 0;
	int64_t now = freshness_now(time(NULL), last_seen, build_date());
	int64_t next;

	if (expiry_judge(&expiring->expiry, registry, policy, now))
		tell(expiring);
	node_set_expiry(expiring->node, expiring->expiry.state);
	next = expiry_next_sec(registry, policy, now);
	if (next == 0 || next > CHECK_MAX_SEC)
		next = CHECK_MAX_SEC;
	(void)uv_timer_start(&expiring->timer, check_due, (uint64_t)next * 1000, 0);
}

struct expiring *expiring_new(uv_loop_t *loop, struct node *node)
{
	struct expiring *expiring = NEW(struct expiring);

	expiring->node = node;
	expiring->timer.data = expiring;
	(void)uv_timer_init(loop, &expiring->timer);
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
