// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/attribute.h"

#include <string.h>

bool message_is_whole(const struct nlmsghdr *message, int remaining)
{
	return mnl_nlmsg_ok(message, remaining) && message->nlmsg_len <= (uint32_t)remaining;
}

struct table {
	const struct nlattr **attributes;
	unsigned maximum;
};

static int index_attribute(const struct nlattr *attribute, void *userdata)
{
	struct table *table = userdata;
	uint16_t type = mnl_attr_get_type(attribute);

	if (type <= table->maximum)
		table->attributes[type] = attribute;
	return MNL_CB_OK;
}

void attributes_parse(const struct nlmsghdr *message, size_t header_size,
		      const struct nlattr **table, unsigned maximum)
{
	struct table userdata = { table, maximum };

	memset(table, 0, (maximum + 1) * sizeof(*table));
	if (mnl_nlmsg_get_payload_len(message) > header_size)
		(void)mnl_attr_parse(message, (unsigned)header_size, index_attribute, &userdata);
}

void attributes_parse_nested(const struct nlattr *nest, const struct nlattr **table,
			     unsigned maximum)
{
	struct table userdata = { table, maximum };

	memset(table, 0, (maximum + 1) * sizeof(*table));
	if (nest)
		(void)mnl_attr_parse_nested(nest, index_attribute, &userdata);
}

uint8_t attribute_u8(const struct nlattr *attribute, uint8_t fallback)
{
	if (!attribute || mnl_attr_get_payload_len(attribute) < sizeof(uint8_t))
		return fallback;
	return mnl_attr_get_u8(attribute);
}

uint16_t attribute_u16(const struct nlattr *attribute, uint16_t fallback)
{
	if (!attribute || mnl_attr_get_payload_len(attribute) < sizeof(uint16_t))
		return fallback;
	return mnl_attr_get_u16(attribute);
}

uint32_t attribute_u32(const struct nlattr *attribute, uint32_t fallback)
{
	if (!attribute || mnl_attr_get_payload_len(attribute) < sizeof(uint32_t))
		return fallback;
	return mnl_attr_get_u32(attribute);
}

void attribute_text(const struct nlattr *attribute, char *buffer, size_t size)
{
	size_t length = attribute ? mnl_attr_get_payload_len(attribute) : 0;

	memset(buffer, 0, size);
	if (attribute)
		memcpy(buffer, mnl_attr_get_payload(attribute),
		       length < size - 1 ? length : size - 1);
}

struct ip_address attribute_address(const struct nlattr *attribute, uint16_t family)
{
	size_t size = family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);

	if (!attribute || mnl_attr_get_payload_len(attribute) != size)
		return (struct ip_address) { 0 };
	return ip_address_from_bytes(family, mnl_attr_get_payload(attribute));
}

void attribute_put_address(struct nlmsghdr *message, uint16_t type,
			   const struct ip_address *address)
{
	mnl_attr_put(message, type, ip_address_size(address), address->bytes);
}
