// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/ip.h"

#include "base/number.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct ip_address ip_address_from_bytes(uint16_t family, const void *bytes)
{
	struct ip_address address = { .family = family };

	memcpy(address.bytes, bytes, ip_address_size(&address));
	return address;
}

struct ip_address ip_address_from_in(const struct in_addr *address)
{
	return ip_address_from_bytes(AF_INET, address);
}

struct ip_address ip_address_from_in6(const struct in6_addr *address)
{
	return ip_address_from_bytes(AF_INET6, address);
}

uint8_t ip_address_bits(const struct ip_address *address)
{
	return (uint8_t)(ip_address_size(address) * 8);
}

size_t ip_address_size(const struct ip_address *address)
{
	switch (address->family) {
	case AF_INET:
		return 4;
	case AF_INET6:
		return 16;
	}
	return 0;
}

bool ip_address_present(const struct ip_address *address)
{
	return address->family != AF_UNSPEC;
}

int ip_address_compare(const struct ip_address *a, const struct ip_address *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

int ip_address_parse(const char *text, struct ip_address *ret)
{
	uint8_t bytes[16];

	if (inet_pton(AF_INET, text, bytes) == 1)
		*ret = ip_address_from_bytes(AF_INET, bytes);
	else if (inet_pton(AF_INET6, text, bytes) == 1)
		*ret = ip_address_from_bytes(AF_INET6, bytes);
	else
		return -EINVAL;
	return 0;
}

const char *ip_address_format(const struct ip_address *address, char buffer[IP_ADDRESS_TEXT_SIZE])
{
	buffer[0] = '\0';
	if (ip_address_present(address))
		(void)inet_ntop(address->family, address->bytes, buffer, IP_ADDRESS_TEXT_SIZE);
	return buffer;
}

int ip_prefix_parse(const char *text, struct ip_prefix *ret)
{
	char address_text[IP_ADDRESS_TEXT_SIZE];
	const char *slash = strchr(text, '/');
	size_t length = slash ? (size_t)(slash - text) : strlen(text);
	struct ip_prefix prefix = { 0 }; /* its unused byte too: prefixes are compared as memory */
	uint64_t bits;

	if (length >= sizeof(address_text))
		return -EINVAL;
	memcpy(address_text, text, length);
	address_text[length] = '\0';
	if (ip_address_parse(address_text, &prefix.address) < 0)
		return -EINVAL;
	prefix.length = ip_address_bits(&prefix.address);
	if (slash) {
		if (number_parse(slash + 1, prefix.length, &bits) < 0)
			return -EINVAL;
		prefix.length = (uint8_t)bits;
	}
	*ret = prefix;
	return 0;
}

const char *ip_prefix_format(const struct ip_prefix *prefix, char buffer[IP_PREFIX_TEXT_SIZE])
{
	char address[IP_ADDRESS_TEXT_SIZE];

	(void)snprintf(buffer, IP_PREFIX_TEXT_SIZE, "%s/%u",
		       ip_address_format(&prefix->address, address), prefix->length);
	return buffer;
}

struct ip_prefix ip_prefix_single(const struct ip_address *address)
{
	return (struct ip_prefix) { .address = *address, .length = ip_address_bits(address) };
}

/* Bits of @address that a prefix of this length fixes; a length too long fixes all of them. */
static unsigned fixed_bits(const struct ip_address *address, uint8_t length)
{
	uint8_t bits = ip_address_bits(address);

	return length < bits ? length : bits;
}

struct ip_prefix ip_prefix_masked(const struct ip_prefix *prefix)
{
	struct ip_prefix masked = *prefix;
	unsigned bits = fixed_bits(&prefix->address, prefix->length);
	unsigned whole = bits / 8, size = (unsigned)ip_address_size(&prefix->address);

	if (whole == size)
		return masked;
	masked.address.bytes[whole] &= (uint8_t) ~(0xffu >> (bits % 8));
	memset(masked.address.bytes + whole + 1, 0, size - whole - 1);
	return masked;
}

bool ip_prefix_has_host_bits(const struct ip_prefix *prefix)
{
	struct ip_prefix masked = ip_prefix_masked(prefix);

	return ip_prefix_compare(prefix, &masked) != 0;
}

int ip_prefix_compare(const struct ip_prefix *a, const struct ip_prefix *b)
{
	int order = ip_address_compare(&a->address, &b->address);

	if (order)
		return order;
	return (int)a->length - (int)b->length;
}

int ip_prefix_compare_qsort(const void *a, const void *b)
{
	return ip_prefix_compare(a, b);
}

/* Asked millions of times about a large registry. */
bool ip_prefix_contains_address(const struct ip_prefix *outer, const struct ip_address *address)
{
	unsigned bits = fixed_bits(address, outer->length);
	unsigned whole = bits / 8, rest = bits % 8;

	if (outer->address.family != address->family ||
	    memcmp(outer->address.bytes, address->bytes, whole) != 0)
		return false;
	return !rest || (outer->address.bytes[whole] ^ address->bytes[whole]) >> (8 - rest) == 0;
}

bool ip_prefix_contains(const struct ip_prefix *outer, const struct ip_prefix *inner)
{
	return outer->length <= inner->length && ip_prefix_contains_address(outer, &inner->address);
}

bool ip_prefix_overlaps(const struct ip_prefix *a, const struct ip_prefix *b)
{
	return ip_prefix_contains(a, b) || ip_prefix_contains(b, a);
}

int ip_endpoint_compare(const struct ip_endpoint *a, const struct ip_endpoint *b)
{
	int order = ip_address_compare(&a->address, &b->address);

	return order ? order : (int)a->port - (int)b->port;
}

int ip_endpoint_parse(const char *text, struct ip_endpoint *ret)
{
	char address[IP_ADDRESS_TEXT_SIZE];
	const char *colon = strrchr(text, ':');
	struct ip_endpoint endpoint;
	const char *start = text;
	size_t length;
	uint64_t port;

	if (!colon)
		return -EINVAL;
	length = (size_t)(colon - text);
	if (text[0] == '[') {
		if (length < 2 || colon[-1] != ']')
			return -EINVAL;
		start++;
		length -= 2;
	}
	if (length >= sizeof(address))
		return -EINVAL;
	memcpy(address, start, length);
	address[length] = '\0';
	if (ip_address_parse(address, &endpoint.address) < 0 ||
	    (endpoint.address.family == AF_INET6) != (text[0] == '[') ||
	    number_parse(colon + 1, UINT16_MAX, &port) < 0)
		return -EINVAL;
	endpoint.port = (uint16_t)port;
	*ret = endpoint;
	return 0;
}

const char *ip_endpoint_format(const struct ip_endpoint *endpoint,
			       char buffer[IP_ENDPOINT_TEXT_SIZE])
{
	bool brackets = endpoint->address.family == AF_INET6;
	char address[IP_ADDRESS_TEXT_SIZE];

	buffer[0] = '\0';
	if (!ip_address_present(&endpoint->address))
		return buffer;
	ip_address_format(&endpoint->address, address);
	(void)snprintf(buffer, IP_ENDPOINT_TEXT_SIZE, "%s%s%s:%u", brackets ? "[" : "", address,
		       brackets ? "]" : "", endpoint->port);
	return buffer;
}

socklen_t ip_endpoint_to_sockaddr(const struct ip_endpoint *endpoint, struct sockaddr_storage *ret)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(endpoint->port) };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(endpoint->port) };

	memset(ret, 0, sizeof(*ret));
	switch (endpoint->address.family) {
	case AF_INET:
		memcpy(&in.sin_addr, endpoint->address.bytes, sizeof(in.sin_addr));
		memcpy(ret, &in, sizeof(in));
		return sizeof(in);
	case AF_INET6:
		memcpy(&in6.sin6_addr, endpoint->address.bytes, sizeof(in6.sin6_addr));
		memcpy(ret, &in6, sizeof(in6));
		return sizeof(in6);
	}
	return 0;
}

int ip_endpoint_from_sockaddr(const struct sockaddr *address, struct ip_endpoint *ret)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	switch (address->sa_family) {
	case AF_INET:
		memcpy(&in, address, sizeof(in));
		*ret = (struct ip_endpoint) { ip_address_from_in(&in.sin_addr),
					      ntohs(in.sin_port) };
		return 0;
	case AF_INET6:
		memcpy(&in6, address, sizeof(in6));
		*ret = (struct ip_endpoint) { ip_address_from_in6(&in6.sin6_addr),
					      ntohs(in6.sin6_port) };
		return 0;
	}
	return -EAFNOSUPPORT;
}
