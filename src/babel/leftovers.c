// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/leftovers.h"

#include "base/memory.h"

#include <net/if.h>

#define LOOK_FIRST_MS 100
#define LOOK_MAX_MS 800 /* each look reads all routes */

/* A way that the policy accepts. */
struct accepted {
	struct ip_prefix prefix;
	uint32_t ifindex; /* 0: through whatever neighbour may carry transit */
};

struct leftovers {
	uv_timer_t timer;
	struct spaces *spaces;
	bool pending;
	bool has_policy;
	struct accepted *accepted; /* sorted */
	size_t accepted_count;
	uint32_t *limited; /* interfaces to neighbours that may not; sorted */
	size_t limited_count;
	struct kernel_route_place place;
	uint32_t metric; /* of those that stay */
	uint64_t until_ms;
	uint64_t look_ms;
};

static int compare_by_prefix(const void *a, const void *b)
{
	const struct kernel_route *left = a;
	const struct kernel_route *right = b;

	return ip_prefix_compare(&left->prefix, &right->prefix);
}

static int compare_accepted(const void *a, const void *b)
{
	const struct accepted *left = a;
	const struct accepted *right = b;
	int order = ip_prefix_compare(&left->prefix, &right->prefix);

	return order ? order : (left->ifindex > right->ifindex) - (left->ifindex < right->ifindex);
}

static int compare_ifindex(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a;
	uint32_t right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

static bool is_limited(const struct leftovers *leftovers, uint32_t ifindex)
{
	return leftovers->limited && bsearch(&ifindex, leftovers->limited, leftovers->limited_count,
					     sizeof(ifindex), compare_ifindex);
}

/* @ifindex 0: by any way at all. */
static bool is_accepted(const struct leftovers *leftovers, const struct ip_prefix *prefix,
			uint32_t ifindex)
{
	const struct accepted wanted = {
		.prefix = *prefix,
		.ifindex = is_limited(leftovers, ifindex) ? ifindex : 0,
	};

	return !leftovers->has_policy ||
	       (leftovers->accepted &&
		bsearch(&wanted, leftovers->accepted, leftovers->accepted_count, sizeof(wanted),
			compare_accepted));
}

/* Which generation has said "unreachable" cannot be seen; it stays as long as it makes sense. */
static bool is_kept(const struct leftovers *leftovers, const struct kernel_route *route)
{
	return route->is_unreachable ? is_accepted(leftovers, &route->prefix, 0)
				     : route->metric == leftovers->metric;
}

/* The routes to one prefix: the leftover that is in force, and the new one. 0: there is none. */
struct ways {
	uint32_t old_ifindex;
	uint32_t old_metric;
	uint32_t new_ifindex;
};

static void ways_add(struct ways *ways, const struct leftovers *leftovers,
		     const struct kernel_route *route)
{
	if (route->is_unreachable)
		return;
	if (route->metric == leftovers->metric) {
		ways->new_ifindex = route->ifindex;
	} else if (!ways->old_ifindex || route->metric < ways->old_metric) {
		ways->old_ifindex = route->ifindex;
		ways->old_metric = route->metric;
	}
}

/* Would nothing change for any accepted prefix without the leftovers? Sorts @routes. */
static bool has_settled(const struct leftovers *leftovers, struct kernel_route *routes,
			size_t count)
{
	size_t i = 0;

	if (count > 0)
		qsort(routes, count, sizeof(*routes), compare_by_prefix);
	while (i < count) {
		const struct ip_prefix *prefix = &routes[i].prefix;
		struct ways ways = { 0 };

		for (; i < count && ip_prefix_compare(prefix, &routes[i].prefix) == 0; i++)
			ways_add(&ways, leftovers, &routes[i]);
		if (ways.old_ifindex && ways.old_ifindex != ways.new_ifindex &&
		    is_accepted(leftovers, prefix, ways.old_ifindex))
			return false;
	}
	return true;
}

static int delete_leftovers(const struct leftovers *leftovers, struct netlink *netlink,
			    const struct kernel_route *routes, size_t count, bool only_refused)
{
	int result = 0;

	for (size_t i = 0; i < count && result == 0; i++)
		if (!is_kept(leftovers, &routes[i]) &&
		    !(only_refused && is_accepted(leftovers, &routes[i].prefix, routes[i].ifindex)))
			result = kernel_route_delete(netlink, &leftovers->place, &routes[i], NULL);
	return result;
}

/* Returns true when nothing is left to do. */
static bool look(const struct leftovers *leftovers)
{
	CLEANUP(free) struct kernel_route *routes = NULL;
	struct netlink *netlink;
	size_t count;

	/* Without a namespace there are no routes. */
	if (spaces_rtnetlink(leftovers->spaces, SPACE_OVERLAY, &netlink, NULL) < 0)
		return true;
	if (kernel_routes_read(netlink, &leftovers->place, &routes, &count, NULL) < 0)
		return false;
	if (uv_now(leftovers->timer.loop) < leftovers->until_ms &&
	    !has_settled(leftovers, routes, count)) {
		/* Tried again with the next look. */
		(void)delete_leftovers(leftovers, netlink, routes, count, true);
		return false;
	}
	return delete_leftovers(leftovers, netlink, routes, count, false) == 0;
}

static void on_timer(uv_timer_t *timer)
{
	struct leftovers *leftovers = timer->data;

	if (look(leftovers)) {
		leftovers->pending = false;
		return;
	}
	if (leftovers->look_ms < LOOK_MAX_MS)
		leftovers->look_ms *= 2;
	(void)uv_timer_start(timer, on_timer, leftovers->look_ms, 0);
}

struct leftovers *leftovers_new(uv_loop_t *loop, struct spaces *spaces)
{
	struct leftovers *leftovers = NEW(struct leftovers);

	leftovers->spaces = spaces;
	(void)uv_timer_init(loop, &leftovers->timer);
	leftovers->timer.data = leftovers;
	return leftovers;
}

static void forget_policy(struct leftovers *leftovers)
{
	free(TAKE(leftovers->accepted));
	free(TAKE(leftovers->limited));
	leftovers->accepted_count = 0;
	leftovers->limited_count = 0;
}

static void on_closed(uv_handle_t *handle)
{
	struct leftovers *leftovers = handle->data;

	forget_policy(leftovers);
	free(leftovers);
}

void leftovers_free(struct leftovers *leftovers)
{
	if (leftovers)
		uv_close((uv_handle_t *)&leftovers->timer, on_closed);
}

/* Rules are sorted: whether a link is limited is not known yet when its prefixes are read. */
static void add_rule(struct leftovers *leftovers, const struct babel_rule *rule)
{
	uint32_t ifindex = rule->link[0] ? if_nametoindex(rule->link) : 0;

	switch (rule->type) {
	case BABEL_RULE_ANNOUNCE:
	case BABEL_RULE_ANNOUNCE_ONLY:
		break;
	case BABEL_RULE_ACCEPT_DIRECT:
	case BABEL_RULE_ACCEPT_TRANSIT:
		*ARRAY_APPEND(leftovers->accepted, leftovers->accepted_count) =
			(struct accepted) { rule->prefix, ifindex };
		break;
	case BABEL_RULE_ACCEPT_ONLY:
		if (ifindex)
			*ARRAY_APPEND(leftovers->limited, leftovers->limited_count) = ifindex;
		break;
	}
}

void leftovers_set_policy(struct leftovers *leftovers, const struct babel_policy *policy)
{
	forget_policy(leftovers);
	leftovers->has_policy = policy && spaces_enter(leftovers->spaces, SPACE_OVERLAY) == 0;
	if (!leftovers->has_policy)
		return;
	for (size_t i = 0; i < policy->rules_count; i++)
		add_rule(leftovers, &policy->rules[i]);
	spaces_leave(leftovers->spaces);
	if (leftovers->accepted)
		qsort(leftovers->accepted, leftovers->accepted_count, sizeof(struct accepted),
		      compare_accepted);
	if (leftovers->limited)
		qsort(leftovers->limited, leftovers->limited_count, sizeof(uint32_t),
		      compare_ifindex);
}

void leftovers_begin(struct leftovers *leftovers, const struct kernel_route_place *place,
		     uint32_t metric)
{
	leftovers->place = *place;
	leftovers->pending = true;
	leftovers->metric = metric;
	leftovers->until_ms = uv_now(leftovers->timer.loop) + LEFTOVERS_WAIT_MS;
	leftovers->look_ms = LOOK_FIRST_MS;
	(void)uv_timer_start(&leftovers->timer, on_timer, leftovers->look_ms, 0);
}

void leftovers_cancel(struct leftovers *leftovers)
{
	leftovers->pending = false;
	(void)uv_timer_stop(&leftovers->timer);
}

static bool has_new_route(const struct leftovers *leftovers, const struct kernel_route *routes,
			  size_t count, const struct ip_prefix *prefix)
{
	for (size_t i = 0; i < count; i++)
		if (routes[i].metric == leftovers->metric && !routes[i].is_unreachable &&
		    ip_prefix_compare(&routes[i].prefix, prefix) == 0)
			return true;
	return false;
}

void leftovers_delete_replaced(struct leftovers *leftovers)
{
	CLEANUP(free) struct kernel_route *routes = NULL;
	struct netlink *netlink;
	size_t count;

	if (spaces_rtnetlink(leftovers->spaces, SPACE_OVERLAY, &netlink, NULL) < 0 ||
	    kernel_routes_read(netlink, &leftovers->place, &routes, &count, NULL) < 0)
		return;
	for (size_t i = 0; i < count; i++)
		if (!is_kept(leftovers, &routes[i]) &&
		    has_new_route(leftovers, routes, count, &routes[i].prefix))
			(void)kernel_route_delete(netlink, &leftovers->place, &routes[i], NULL);
}

bool leftovers_pending(const struct leftovers *leftovers)
{
	return leftovers->pending;
}
