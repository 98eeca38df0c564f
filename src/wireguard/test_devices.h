/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "wireguard/device.h"

#include <assert.h>
#include <string.h>

/* Devices and intentions that several tests begin with. */
static inline struct ip_endpoint test_endpoint(const char *text)
{
	struct ip_endpoint endpoint;
	int result = ip_endpoint_parse(text, &endpoint);

	assert(result == 0);
	(void)result;
	return endpoint;
}

static inline struct wireguard test_intention(void)
{
	struct wireguard intended = {
		.link = "art0",
		.listen_port = 20001,
		.endpoint = test_endpoint("203.0.113.5:20002"),
		.fwmark = 54,
		.keepalive_sec = 25,
	};

	memset(intended.private_key, 0x11, KEY_SIZE);
	memset(intended.peer_key, 0x22, KEY_SIZE);
	return intended;
}

static inline struct wireguard_peer *test_add_peer(struct wireguard_device *device, uint8_t byte)
{
	struct wireguard_peer *peer = wireguard_device_add_peer(device);

	memset(peer->public_key, byte, KEY_SIZE);
	return peer;
}

/* A device that is as test_intention() says. */
static inline struct wireguard_device test_device(void)
{
	struct wireguard_device device = {
		.has_listen_port = true,
		.listen_port = 20001,
		.fwmark = 54,
	};
	struct wireguard_peer *peer = test_add_peer(&device, 0x22);

	memset(device.private_key, 0x11, KEY_SIZE);
	peer->endpoint = test_endpoint("203.0.113.5:20002");
	peer->keepalive_sec = 25;
	peer->allows_ipv4 = true;
	peer->allows_ipv6 = true;
	return device;
}
