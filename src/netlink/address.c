// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/address.h"

#include "base/memory.h"
#include "netlink/attribute.h"
#include "netlink/backends.h"
#include "netlink/link_info.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

static bool address_claims(void *userdata, const struct object *object)
{
	(void)userdata;
	return object->kind == OBJECT_ADDRESS;
}

struct observation {
	enum space space;
	const char *instance;
	const struct link_infos *links;
	const struct state *intended;
	struct state *operational;
};

/*
 * An address without a protocol that is where one of ours is wanted counts as ours: before Linux
 * 5.18 there is no protocol.
 */
static void add_address(const struct observation *observation, struct object *object,
			uint8_t protocol)
{
	bool wanted = state_find(observation->intended, object) != NULL;

	if (protocol != ROUTE_PROTOCOL && !wanted)
		return;
	object->foreign = protocol != ROUTE_PROTOCOL && protocol != IFAPROT_UNSPEC;
	(void)state_add(observation->operational, object);
}

static int take_address(void *userdata, const struct nlmsghdr *message)
{
	const struct observation *observation = userdata;
	const struct ifaddrmsg *header = mnl_nlmsg_get_payload(message);
	struct object object = { .kind = OBJECT_ADDRESS, .address.space = observation->space };
	const struct nlattr *attributes[IFA_MAX + 1];
	const struct link_info *link;

	if (message->nlmsg_type != RTM_NEWADDR ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(*header))
		return 0;
	link = link_infos_find(observation->links, header->ifa_index);
	if (!link || !link_info_is_ours(link, observation->instance))
		return 0;
	attributes_parse(message, sizeof(*header), attributes, IFA_MAX);
	/* With a peer, IFA_ADDRESS is the peer's and IFA_LOCAL ours; IPv6 has often the first only.
	 */
	object.address.prefix.address = attribute_address(
		attributes[attributes[IFA_LOCAL] ? IFA_LOCAL : IFA_ADDRESS], header->ifa_family);
	if (!ip_address_present(&object.address.prefix.address))
		return 0;
	object.address.prefix.length = header->ifa_prefixlen;
	memcpy(object.address.link, link->name, sizeof(object.address.link));
	add_address(observation, &object, attribute_u8(attributes[IFA_PROTO], IFAPROT_UNSPEC));
	return 0;
}

static int observe_space(struct spaces *spaces, enum space space, const struct state *intended,
			 struct state *operational, struct error *error)
{
	struct observation observation = { space, spaces_instance(spaces), NULL, intended,
					   operational };
	struct netlink *netlink;
	int result = spaces_rtnetlink(spaces, space, &netlink, error);

	if (result == 0)
		result = spaces_links(spaces, space, &observation.links, error);
	if (result == 0) {
		struct nlmsghdr *request = netlink_request(netlink, RTM_GETADDR, 0);

		mnl_nlmsg_put_extra_header(request, sizeof(struct ifaddrmsg));
		result = netlink_dump(netlink, "list of addresses", take_address, &observation,
				      error);
	}
	return result;
}

static int address_observe(void *userdata, const struct state *intended, struct state *operational,
			   struct error *error)
{
	struct spaces *spaces = userdata;
	int result = 0;

	/* In VRF mode all our links are in the overlay. */
	if (spaces_netns_name(spaces))
		result = observe_space(spaces, SPACE_UNDERLAY, intended, operational, error);
	if (result < 0 || spaces_fd(spaces, SPACE_OVERLAY) == -ENOENT)
		return result;
	return observe_space(spaces, SPACE_OVERLAY, intended, operational, error);
}

/*
 * No connected route for the prefix, because which prefixes are reached over a link is what routes
 * say; but for link-local addresses, whose prefix the kernel needs to find next hops.
 */
static uint32_t address_flags(const struct ip_prefix *prefix)
{
	const struct ip_address *address = &prefix->address;
	bool is_ipv6 = address->family == AF_INET6;
	bool is_link_local = is_ipv6 && address->bytes[0] == 0xfe && (address->bytes[1] >> 6) == 2;
	uint32_t flags = is_ipv6 ? IFA_F_NODAD : 0;

	if (prefix->length < ip_address_bits(address) && !is_link_local)
		flags |= IFA_F_NOPREFIXROUTE;
	return flags;
}

static struct nlmsghdr *request_for(struct netlink *netlink, uint16_t type, uint16_t flags,
				    const struct ip_prefix *prefix, uint32_t index)
{
	struct nlmsghdr *request = netlink_request(netlink, type, flags);
	struct ifaddrmsg *header = mnl_nlmsg_put_extra_header(request, sizeof(*header));

	header->ifa_family = (uint8_t)prefix->address.family;
	header->ifa_prefixlen = prefix->length;
	header->ifa_index = index;
	attribute_put_address(request, IFA_LOCAL, &prefix->address);
	attribute_put_address(request, IFA_ADDRESS, &prefix->address);
	return request;
}

static int create_address(struct netlink *netlink, const struct ip_prefix *prefix, uint32_t index,
			  const char *what, struct error *error)
{
	struct nlmsghdr *request =
		request_for(netlink, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, prefix, index);
	int result;

	mnl_attr_put_u32(request, IFA_FLAGS, address_flags(prefix));
	mnl_attr_put_u8(request, IFA_PROTO, ROUTE_PROTOCOL);
	result = netlink_call(netlink, what, error);
	return result == -EEXIST ? 0 : result;
}

static int delete_address(struct netlink *netlink, const struct ip_prefix *prefix, uint32_t index,
			  const char *what, struct error *error)
{
	int result;

	(void)request_for(netlink, RTM_DELADDR, 0, prefix, index);
	result = netlink_call(netlink, what, error);
	return result == -EADDRNOTAVAIL || result == -ENODEV ? 0 : result;
}

int address_add(struct spaces *spaces, enum space space, const char *link,
		const struct ip_prefix *prefix, struct error *error)
{
	char what[IP_PREFIX_TEXT_SIZE];
	struct netlink *netlink;
	uint32_t index;
	int result = spaces_rtnetlink(spaces, space, &netlink, error);

	if (result < 0)
		return result;
	ip_prefix_format(prefix, what);
	index = link_index(netlink, link);
	if (!index)
		return error_set(error, -ENODEV, ERROR_APPLY, NULL, "%s: there is no link %s", what,
				 link);
	return create_address(netlink, prefix, index, what, error);
}

int address_remove(struct spaces *spaces, enum space space, const char *link,
		   const struct ip_prefix *prefix, struct error *error)
{
	char what[IP_PREFIX_TEXT_SIZE];
	struct netlink *netlink;
	uint32_t index;
	int result = spaces_rtnetlink(spaces, space, &netlink, error);

	if (result < 0)
		return result == -ENOENT ? 0 : result;
	index = link_index(netlink, link);
	if (!index)
		return 0;
	return delete_address(netlink, prefix, index, ip_prefix_format(prefix, what), error);
}

struct listing {
	uint32_t index;
	struct ip_prefix *items;
	size_t count;
};

static int list_address(void *userdata, const struct nlmsghdr *message)
{
	const struct ifaddrmsg *header = mnl_nlmsg_get_payload(message);
	const struct nlattr *attributes[IFA_MAX + 1];
	struct listing *listing = userdata;
	struct ip_prefix prefix;

	if (message->nlmsg_type != RTM_NEWADDR ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(*header) ||
	    header->ifa_index != listing->index)
		return 0;
	attributes_parse(message, sizeof(*header), attributes, IFA_MAX);
	prefix.address = attribute_address(
		attributes[attributes[IFA_LOCAL] ? IFA_LOCAL : IFA_ADDRESS], AF_INET6);
	prefix.length = header->ifa_prefixlen;
	if (ip_address_present(&prefix.address))
		*ARRAY_APPEND(listing->items, listing->count) = prefix;
	return 0;
}

int address_list(struct spaces *spaces, enum space space, const char *link, struct ip_prefix **ret,
		 size_t *ret_count, struct error *error)
{
	struct listing listing = { 0 };
	struct ifaddrmsg *header;
	struct netlink *netlink;
	int result = spaces_rtnetlink(spaces, space, &netlink, error);

	if (result < 0)
		return result;
	listing.index = link_index(netlink, link);
	if (!listing.index)
		return error_set(error, -ENODEV, ERROR_APPLY, link, "there is no such link");
	header = mnl_nlmsg_put_extra_header(netlink_request(netlink, RTM_GETADDR, 0),
					    sizeof(*header));
	header->ifa_family = AF_INET6;
	result = netlink_dump(netlink, "list of addresses", list_address, &listing, error);
	if (result < 0) {
		free(listing.items);
		return result;
	}
	*ret = listing.items;
	*ret_count = listing.count;
	return 0;
}

static int address_apply(void *userdata, const struct operation *operation,
			 const struct state *intended, uint64_t id, struct error *error)
{
	struct spaces *spaces = userdata;
	const struct address *address = &operation_object(operation)->address;

	(void)intended, (void)id;
	return operation->type == OPERATION_DELETE
		       ? address_remove(spaces, address->space, address->link, &address->prefix,
					error)
		       : address_add(spaces, address->space, address->link, &address->prefix,
				     error);
}

void address_backend(struct spaces *spaces, struct backend *ret)
{
	*ret = (struct backend) {
		.name = "address",
		.userdata = spaces,
		.claims = address_claims,
		.observe = address_observe,
		.apply = address_apply,
	};
}
