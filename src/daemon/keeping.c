// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/keeping.h"

#include "base/memory.h"
#include "intend/tunnel.h"
#include "netlink/link_info.h"

#include <stdlib.h>
#include <string.h>

/* Since when a tunnel has been leaving. */
struct leaving {
	char ifname[IFNAME_SIZE];
	uint64_t since_usec;
};

struct keeping {
	struct leaving *leaving;
	size_t count;
};

struct keeping *keeping_new(void)
{
	return NEW(struct keeping);
}

void keeping_free(struct keeping *keeping)
{
	if (!keeping)
		return;
	free(keeping->leaving);
	free(keeping);
}

static bool is_in_state(const struct state *state, const char *ifname)
{
	struct object like = { .kind = OBJECT_LINK, .link.space = SPACE_OVERLAY };

	memcpy(like.link.name, ifname, sizeof(like.link.name));
	return state_find(state, &like) != NULL;
}

/* Names of links of ours that exist and are not wanted. */
static char (*find_unwanted(struct spaces *spaces, const struct state *state,
			    size_t *ret_count))[IFNAME_SIZE]
{
	char(*names)[IFNAME_SIZE] = NULL;
	const struct link_infos *infos;
	size_t count = 0;

	if (spaces_links(spaces, SPACE_OVERLAY, &infos, NULL) == 0)
		for (size_t i = 0; i < infos->count; i++) {
			const struct link_info *info = &infos->items[i];

			if (link_info_is_ours(info, spaces_instance(spaces)) &&
			    !is_in_state(state, info->name))
				memcpy(*ARRAY_APPEND(names, count), info->name, IFNAME_SIZE);
		}
	*ret_count = count;
	return names;
}

static bool is_heard(const struct babel_status *babel, const char *ifname)
{
	for (size_t i = 0; i < babel->neighbours_count; i++)
		if (!strcmp(babel->neighbours[i].link, ifname) && babel->neighbours[i].reach &&
		    babel->neighbours[i].cost < BABEL_INFINITY)
			return true;
	return false;
}

static struct leaving *find_leaving(const struct keeping *keeping, const char *ifname)
{
	for (size_t i = 0; i < keeping->count; i++)
		if (!strcmp(keeping->leaving[i].ifname, ifname))
			return &keeping->leaving[i];
	return NULL;
}

/* Once begun it goes on, whatever becomes of the new tunnel: Babel knows both meanwhile. */
static uint64_t leaving_since(struct keeping *keeping, const char *ifname, bool is_replaced,
			      uint64_t now_usec)
{
	struct leaving *leaving = find_leaving(keeping, ifname);

	if (!leaving && is_replaced) {
		leaving = ARRAY_APPEND(keeping->leaving, keeping->count);
		memcpy(leaving->ifname, ifname, IFNAME_SIZE);
		leaving->since_usec = now_usec;
	}
	return leaving ? leaving->since_usec : UINT64_MAX;
}

static void forget_all_but(struct keeping *keeping, char (*names)[IFNAME_SIZE], size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < keeping->count; i++)
		for (size_t j = 0; j < count; j++)
			if (!strcmp(keeping->leaving[i].ifname, names[j])) {
				keeping->leaving[kept++] = keeping->leaving[i];
				break;
			}
	keeping->count = kept;
}

static int compare_kept(const void *a, const void *b)
{
	return strcmp(((const struct kept_tunnel *)a)->ifname,
		      ((const struct kept_tunnel *)b)->ifname);
}

void keeping_choose(struct keeping *keeping, struct spaces *spaces, const struct config *config,
		    const struct registry *registry, const struct facts *facts,
		    const struct state *state, const struct babel_status *babel, uint64_t now_usec,
		    struct kept_tunnel **ret, size_t *ret_count)
{
	CLEANUP(tunnels_done) struct tunnels wanted = { 0 }, unwanted = { 0 };
	size_t count;
	CLEANUP(free) char(*names)[IFNAME_SIZE] = find_unwanted(spaces, state, &count);
	struct kept_tunnel *kept;

	*ret = NULL;
	*ret_count = 0;
	forget_all_but(keeping, names, count);
	if (count && registry) {
		tunnels_make(config, registry, facts, &wanted);
		tunnels_make_unwanted(config, registry, facts, &unwanted);
	}
	for (size_t i = 0; i < count; i++) {
		const struct tunnel *tunnel = tunnels_find(&unwanted, names[i]);
		const struct tunnel *successor = tunnel ? tunnels_successor(&wanted, tunnel) : NULL;
		uint64_t since;

		if (!successor)
			continue;
		since = leaving_since(keeping, names[i], is_heard(babel, successor->ifname),
				      now_usec);
		if (since != UINT64_MAX && now_usec - since >= KEEPING_LEAVES_SEC * 1000000ull)
			continue;
		kept = ARRAY_APPEND(*ret, *ret_count);
		memcpy(kept->ifname, names[i], IFNAME_SIZE);
		kept->is_leaving = since != UINT64_MAX;
	}
	if (*ret_count)
		qsort(*ret, *ret_count, sizeof(**ret), compare_kept);
}
