// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireguard/device.h"

#include "base/memory.h"

#include <stdio.h>
#include <string.h>

static const uint8_t no_key[KEY_SIZE];

static bool key_equal(const uint8_t a[KEY_SIZE], const uint8_t b[KEY_SIZE])
{
	return memcmp(a, b, KEY_SIZE) == 0;
}

void wireguard_device_done(struct wireguard_device *device)
{
	explicit_bzero(device->private_key, sizeof(device->private_key));
	if (device->peers)
		explicit_bzero(device->peers, device->peers_count * sizeof(*device->peers));
	free(device->peers);
	*device = (struct wireguard_device) { 0 };
}

struct wireguard_peer *wireguard_device_add_peer(struct wireguard_device *device)
{
	if (device->peers_count == WIREGUARD_PEERS_MAX)
		return NULL;
	return ARRAY_APPEND(device->peers, device->peers_count);
}

void wireguard_peer_allow(struct wireguard_peer *peer, const struct ip_prefix *prefix)
{
	static const struct ip_address any_ipv4 = { .family = AF_INET };
	static const struct ip_address any_ipv6 = { .family = AF_INET6 };

	if (prefix->length == 0 && ip_address_compare(&prefix->address, &any_ipv4) == 0)
		peer->allows_ipv4 = true;
	else if (prefix->length == 0 && ip_address_compare(&prefix->address, &any_ipv6) == 0)
		peer->allows_ipv6 = true;
	else
		peer->allows_other = true;
}

const struct wireguard_peer *wireguard_device_peer(const struct wireguard_device *device,
						   const uint8_t public_key[KEY_SIZE])
{
	for (size_t i = 0; i < device->peers_count; i++)
		if (key_equal(device->peers[i].public_key, public_key))
			return &device->peers[i];
	return NULL;
}

bool wireguard_device_is_blank(const struct wireguard_device *device)
{
	return device->peers_count == 0 && key_equal(device->private_key, no_key);
}

void wireguard_change_done(struct wireguard_change *change)
{
	explicit_bzero(change->private_key, sizeof(change->private_key));
	explicit_bzero(change->preshared_key, sizeof(change->preshared_key));
	free(change->removed);
	*change = (struct wireguard_change) { 0 };
}

bool wireguard_change_is_empty(const struct wireguard_change *change)
{
	return !change->has_private_key && !change->has_listen_port && !change->has_fwmark &&
	       change->removed_count == 0 && !change->has_peer;
}

static void change_interface(const struct wireguard_device *device,
			     const struct wireguard *intended, struct wireguard_change *change)
{
	if (!key_equal(device->private_key, intended->private_key)) {
		change->has_private_key = true;
		memcpy(change->private_key, intended->private_key, KEY_SIZE);
	}
	if (!device->has_listen_port ||
	    (intended->listen_port && device->listen_port != intended->listen_port)) {
		change->has_listen_port = true;
		change->listen_port = intended->listen_port;
	}
	if (device->fwmark != intended->fwmark) {
		change->has_fwmark = true;
		change->fwmark = intended->fwmark;
	}
}

static void change_remove(struct wireguard_change *change, const uint8_t public_key[KEY_SIZE])
{
	memcpy(ARRAY_APPEND(change->removed, change->removed_count), public_key, KEY_SIZE);
}

static bool endpoint_needs_setting(const struct wireguard_peer *peer,
				   const struct ip_endpoint *recorded,
				   const struct ip_endpoint *intended)
{
	if (!ip_address_present(&intended->address))
		return false;
	return !ip_address_present(&peer->endpoint.address) ||
	       ip_endpoint_compare(recorded, intended) != 0;
}

static void change_peer(const struct wireguard_peer *peer, const struct ip_endpoint *recorded,
			const struct wireguard *intended, struct wireguard_change *change)
{
	static const struct wireguard_peer blank;

	change->adds_peer = !peer;
	if (!peer)
		peer = &blank;
	change->has_endpoint = endpoint_needs_setting(peer, recorded, &intended->endpoint);
	change->has_keepalive = peer->keepalive_sec != intended->keepalive_sec;
	change->has_preshared_key = !key_equal(peer->preshared_key, intended->preshared_key);
	change->replaces_allowed_ips =
		!peer->allows_ipv4 || !peer->allows_ipv6 || peer->allows_other;
	change->has_peer = change->adds_peer || change->has_endpoint || change->has_keepalive ||
			   change->has_preshared_key || change->replaces_allowed_ips;
	memcpy(change->peer_key, intended->peer_key, KEY_SIZE);
	memcpy(change->preshared_key, intended->preshared_key, KEY_SIZE);
	change->endpoint = intended->endpoint;
	change->keepalive_sec = intended->keepalive_sec;
}

void wireguard_change_make(const struct wireguard_device *device,
			   const struct ip_endpoint *recorded, const struct wireguard *intended,
			   struct wireguard_change *ret)
{
	struct wireguard_change change = { 0 };

	change_interface(device, intended, &change);
	for (size_t i = 0; i < device->peers_count; i++)
		if (!key_equal(device->peers[i].public_key, intended->peer_key))
			change_remove(&change, device->peers[i].public_key);
	change_peer(wireguard_device_peer(device, intended->peer_key), recorded, intended, &change);
	*ret = change;
}

void wireguard_change_make_blank(const struct wireguard_device *device,
				 struct wireguard_change *ret)
{
	struct wireguard_change change = {
		.has_private_key = !key_equal(device->private_key, no_key),
	};

	for (size_t i = 0; i < device->peers_count; i++)
		change_remove(&change, device->peers[i].public_key);
	*ret = change;
}

/* The peer that matters: the intended one, else any. */
static const struct wireguard_peer *main_peer(const struct wireguard_device *device,
					      const struct wireguard *intended)
{
	const struct wireguard_peer *peer =
		intended ? wireguard_device_peer(device, intended->peer_key) : NULL;

	return peer || device->peers_count == 0 ? peer : &device->peers[0];
}

void wireguard_device_to_object(const struct wireguard_device *device, const char *link,
				const struct ip_endpoint *recorded,
				const struct wireguard *intended, struct object *ret)
{
	const struct wireguard_peer *peer = main_peer(device, intended);
	CLEANUP(wireguard_change_done) struct wireguard_change change = { 0 };
	struct object object = { .kind = OBJECT_WIREGUARD };
	struct wireguard *spec = &object.wireguard;

	(void)snprintf(spec->link, sizeof(spec->link), "%s", link);
	memcpy(spec->private_key, device->private_key, KEY_SIZE);
	spec->fwmark = device->fwmark;
	spec->listen_port = intended && !intended->listen_port ? 0 : device->listen_port;
	if (peer) {
		memcpy(spec->peer_key, peer->public_key, KEY_SIZE);
		spec->keepalive_sec = peer->keepalive_sec;
		memcpy(spec->preshared_key, peer->preshared_key, KEY_SIZE);
		if (ip_address_present(&peer->endpoint.address))
			spec->endpoint = *recorded;
	}
	if (intended) {
		struct object wanted = { .kind = OBJECT_WIREGUARD, .wireguard = *intended };

		wireguard_change_make(device, recorded, intended, &change);
		if (!wireguard_change_is_empty(&change) && object_spec_equal(&object, &wanted))
			memset(spec->peer_key, 0, KEY_SIZE);
		explicit_bzero(&wanted, sizeof(wanted));
	}
	*ret = object;
	explicit_bzero(&object, sizeof(object));
}
