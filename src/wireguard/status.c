// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireguard/status.h"

#include "base/memory.h"
#include "wireguard/access.h"
#include "wireguard/links.h"
#include "wireguard/tunnels.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static void read_tunnel(struct wireguard_tunnels *wireguard, const struct wireguard_link *link,
			int64_t now_sec, struct wireguard_tunnel_status *status)
{
	CLEANUP(wireguard_device_done) struct wireguard_device device = { 0 };
	CLEANUP(access_close) struct access access = { .fd = -1 };
	static const uint8_t no_key[KEY_SIZE];

	if (access_open(wireguard, link->name, link->is_tun, &access, NULL) < 0 ||
	    access_get(&access, &device, NULL) < 0 || device.peers_count == 0)
		return;
	(void)snprintf(status->interface, sizeof(status->interface), "%s", link->name);
	status->endpoint = device.peers[0].endpoint;
	status->rx_bytes = device.peers[0].rx_bytes;
	status->tx_bytes = device.peers[0].tx_bytes;
	status->has_preshared_key = memcmp(device.peers[0].preshared_key, no_key, KEY_SIZE) != 0;
	/* The clock may have been set back since. */
	if (device.peers[0].last_handshake_sec > now_sec)
		status->handshake_age_sec = 0;
	else if (device.peers[0].last_handshake_sec > 0)
		status->handshake_age_sec = now_sec - device.peers[0].last_handshake_sec;
}

static int compare_interface(const void *a, const void *b)
{
	const struct wireguard_tunnel_status *status_a = a, *status_b = b;

	return strcmp(status_a->interface, status_b->interface);
}

int wireguard_status(struct wireguard_tunnels *wireguard, struct wireguard_tunnel_status **ret,
		     size_t *ret_count, struct error *error)
{
	CLEANUP(free) struct wireguard_link *links = NULL;
	CLEANUP(free) struct wireguard_tunnel_status *tunnels = NULL;
	size_t links_count = 0, count = 0;
	int result = wireguard_links_read(wireguard->spaces, &links, &links_count, error);

	if (result < 0)
		return result;
	for (size_t i = 0; i < links_count; i++) {
		struct wireguard_tunnel_status status = { .handshake_age_sec = -1 };

		read_tunnel(wireguard, &links[i], time(NULL), &status);
		if (status.interface[0])
			*ARRAY_APPEND(tunnels, count) = status;
	}
	if (count)
		qsort(tunnels, count, sizeof(*tunnels), compare_interface);
	*ret = TAKE(tunnels);
	*ret_count = count;
	return 0;
}
