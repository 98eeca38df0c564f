/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/*
 * IPv4 and IPv6 addresses and prefixes as plain, comparable values. Bytes are in network order;
 * unused bytes and the absent address (family AF_UNSPEC) are all zero, so that equal values are
 * equal in memory.
 */
struct ip_address {
	uint16_t family; /* AF_UNSPEC, AF_INET, AF_INET6 */
	uint8_t bytes[16];
};

struct ip_prefix {
	struct ip_address address;
	uint8_t length; /* bits */
};

/* A transport address: IP address and UDP port in host order. */
struct ip_endpoint {
	struct ip_address address;
	uint16_t port;
};

#define IP_ADDRESS_TEXT_SIZE INET6_ADDRSTRLEN
#define IP_PREFIX_TEXT_SIZE (INET6_ADDRSTRLEN + 4)
#define IP_ENDPOINT_TEXT_SIZE (INET6_ADDRSTRLEN + 8)

struct ip_address ip_address_from_in(const struct in_addr *address);
struct ip_address ip_address_from_in6(const struct in6_addr *address);
struct ip_address ip_address_from_bytes(uint16_t family, const void *bytes);

/* 32, 128, or 0 for the absent address */
uint8_t ip_address_bits(const struct ip_address *address);
size_t ip_address_size(const struct ip_address *address);
bool ip_address_present(const struct ip_address *address);
int ip_address_compare(const struct ip_address *a, const struct ip_address *b);

/* Numeric text only, no scope id. 0 or -EINVAL. */
int ip_address_parse(const char *text, struct ip_address *ret);

/* Returns @buffer; "" for the absent address. */
const char *ip_address_format(const struct ip_address *address, char buffer[IP_ADDRESS_TEXT_SIZE]);

/*
 * "ADDRESS/LENGTH", or "ADDRESS" for a single address. LENGTH is decimal without sign or leading
 * zero. Host bits are kept. 0 or -EINVAL.
 */
int ip_prefix_parse(const char *text, struct ip_prefix *ret);
const char *ip_prefix_format(const struct ip_prefix *prefix, char buffer[IP_PREFIX_TEXT_SIZE]);
struct ip_prefix ip_prefix_single(const struct ip_address *address);

/* Host bits cleared. */
struct ip_prefix ip_prefix_masked(const struct ip_prefix *prefix);
bool ip_prefix_has_host_bits(const struct ip_prefix *prefix);

/* By family, address, length: a covering prefix sorts directly before what it covers. */
int ip_prefix_compare(const struct ip_prefix *a, const struct ip_prefix *b);
int ip_prefix_compare_qsort(const void *a, const void *b);
bool ip_prefix_contains(const struct ip_prefix *outer, const struct ip_prefix *inner);
bool ip_prefix_contains_address(const struct ip_prefix *outer, const struct ip_address *address);
bool ip_prefix_overlaps(const struct ip_prefix *a, const struct ip_prefix *b);

int ip_endpoint_compare(const struct ip_endpoint *a, const struct ip_endpoint *b);

/* "192.0.2.1:51820" or "[2001:db8::1]:51820". 0 or -EINVAL. */
int ip_endpoint_parse(const char *text, struct ip_endpoint *ret);
const char *ip_endpoint_format(const struct ip_endpoint *endpoint,
			       char buffer[IP_ENDPOINT_TEXT_SIZE]);

/* Size of the socket address, or 0 for the absent endpoint. */
socklen_t ip_endpoint_to_sockaddr(const struct ip_endpoint *endpoint, struct sockaddr_storage *ret);
int ip_endpoint_from_sockaddr(const struct sockaddr *address, struct ip_endpoint *ret);
