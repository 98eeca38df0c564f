/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/ip.h"

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Netlink attributes with their lengths checked. An attribute that is absent (NULL) or too short
 * reads as the fallback: the kernel of another day may send less than we know.
 */

/*
 * Does all of @message lie within the next @remaining bytes? mnl_nlmsg_ok() of libmnl 1.0.4 says so
 * of a length beyond INT_MAX, too, which it takes for negative.
 */
bool message_is_whole(const struct nlmsghdr *message, int remaining);

/* Index the attributes behind the @header_size bytes of family header; table[0..@maximum]. */
void attributes_parse(const struct nlmsghdr *message, size_t header_size,
		      const struct nlattr **table, unsigned maximum);
void attributes_parse_nested(const struct nlattr *nest, const struct nlattr **table,
			     unsigned maximum);

uint8_t attribute_u8(const struct nlattr *attribute, uint8_t fallback);
uint16_t attribute_u16(const struct nlattr *attribute, uint16_t fallback);
uint32_t attribute_u32(const struct nlattr *attribute, uint32_t fallback);

/* Copies at most @size - 1 bytes; "" if absent. The rest of @buffer is zero. */
void attribute_text(const struct nlattr *attribute, char *buffer, size_t size);

/* The absent address unless the attribute has the size of an address of @family. */
struct ip_address attribute_address(const struct nlattr *attribute, uint16_t family);

void attribute_put_address(struct nlmsghdr *message, uint16_t type,
			   const struct ip_address *address);
