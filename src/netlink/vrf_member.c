// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/backends.h"

#include "netlink/link_info.h"

#include <errno.h>
#include <string.h>

static bool vrf_member_claims(void *userdata, const struct object *object)
{
	(void)userdata;
	return object->kind == OBJECT_VRF_MEMBER;
}

/* Whatever one of our links is in, a bridge of somebody's too, is where it is instead of the VRF.
 */
static int vrf_member_observe(void *userdata, const struct state *intended,
			      struct state *operational, struct error *error)
{
	struct spaces *spaces = userdata;
	const struct link_infos *infos;
	int result;

	(void)intended;
	if (spaces_netns_name(spaces))
		return 0;
	result = spaces_links(spaces, SPACE_OVERLAY, &infos, error);
	for (size_t i = 0; result == 0 && i < infos->count; i++) {
		const struct link_info *info = &infos->items[i];
		const struct link_info *master = link_infos_find(infos, info->master);
		struct object object = { .kind = OBJECT_VRF_MEMBER };

		if (!master || !link_info_is_ours(info, spaces_instance(spaces)))
			continue;
		memcpy(object.vrf_member.link, info->name, sizeof(object.vrf_member.link));
		memcpy(object.vrf_member.vrf, master->name, sizeof(object.vrf_member.vrf));
		(void)state_add(operational, &object);
	}
	return result;
}

static int enter(struct netlink *netlink, const struct vrf_member *member, struct error *error)
{
	struct link_settings settings = { .master = link_index(netlink, member->vrf) };

	if (!settings.master)
		return error_set(error, -ENODEV, ERROR_APPLY, member->link, "VRF %s is missing",
				 member->vrf);
	return link_set(netlink, member->link, &settings, error);
}

static int leave(struct netlink *netlink, const struct vrf_member *member, struct error *error)
{
	int result = link_set(netlink, member->link, &(struct link_settings) { .no_master = true },
			      error);

	return result == -ENODEV ? 0 : result;
}

static int vrf_member_apply(void *userdata, const struct operation *operation,
			    const struct state *intended, uint64_t id, struct error *error)
{
	const struct vrf_member *member = &operation_object(operation)->vrf_member;
	struct netlink *netlink;
	int result = spaces_rtnetlink(userdata, SPACE_OVERLAY, &netlink, error);

	(void)intended, (void)id;
	if (result < 0)
		return result;
	if (operation->type == OPERATION_DELETE)
		return leave(netlink, member, error);
	return enter(netlink, member, error);
}

void vrf_member_backend(struct spaces *spaces, struct backend *ret)
{
	*ret = (struct backend) {
		.name = "vrf-member",
		.userdata = spaces,
		.claims = vrf_member_claims,
		.observe = vrf_member_observe,
		.apply = vrf_member_apply,
	};
}
