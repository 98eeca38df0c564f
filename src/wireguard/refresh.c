// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireguard/access.h"
#include "wireguard/links.h"
#include "wireguard/tunnels.h"

#include <string.h>

/* An endpoint that is set, even to what it is, comes without a remembered source address. */
static void forget_source(struct wireguard_tunnels *wireguard, const struct wireguard_link *link)
{
	CLEANUP(wireguard_device_done) struct wireguard_device device = { 0 };
	CLEANUP(access_close) struct access access = { .fd = -1 };

	if (access_open(wireguard, link->name, link->is_tun, &access, NULL) < 0 ||
	    access_get(&access, &device, NULL) < 0)
		return;
	for (size_t i = 0; i < device.peers_count; i++) {
		struct wireguard_change change = {
			.has_peer = true,
			.has_endpoint = true,
			.endpoint = device.peers[i].endpoint,
		};

		if (!ip_address_present(&change.endpoint.address))
			continue;
		memcpy(change.peer_key, device.peers[i].public_key, KEY_SIZE);
		wireguard->writes++;
		(void)access_set(&access, &change, NULL);
	}
}

int wireguard_tunnels_source_changed(struct wireguard_tunnels *wireguard, struct error *error)
{
	CLEANUP(free) struct wireguard_link *links = NULL;
	size_t count = 0;
	int result = wireguard_links_read(wireguard->spaces, &links, &count, error);

	for (size_t i = 0; result == 0 && i < count; i++)
		if (links[i].is_tun)
			forget_source(wireguard, &links[i]);
	return result;
}
