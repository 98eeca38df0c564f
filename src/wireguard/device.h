/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "core/object.h"

/*
 * A WireGuard device as it was read, and the smallest change that makes it as intended. Pure; both
 * back ends (kernel, wireguard-go) read into the one and send the other.
 */
#define WIREGUARD_PEERS_MAX 4096 /* ours have one; more is somebody's accident */

struct wireguard_peer {
	uint8_t public_key[KEY_SIZE];
	uint8_t preshared_key[KEY_SIZE]; /* zero: none */
	struct ip_endpoint endpoint; /* where it was heard last; absent if never and none was set */
	uint16_t keepalive_sec;
	int64_t last_handshake_sec; /* unix time; 0: none yet */
	uint64_t rx_bytes, tx_bytes;
	/* AllowedIPs: exactly 0.0.0.0/0 and ::/0 is what we want. */
	bool allows_ipv4, allows_ipv6, allows_other;
};

struct wireguard_device {
	uint8_t private_key[KEY_SIZE]; /* zero: none */
	/*
	 * wireguard-go whose port was taken has no socket at all and reports no port. The kernel
	 * always reports one, 0 before the first `up`.
	 */
	bool has_listen_port;
	uint16_t listen_port;
	uint32_t fwmark; /* 0: none */
	struct wireguard_peer *peers;
	size_t peers_count;
};

/* Wipes the keys. */
void wireguard_device_done(struct wireguard_device *device);
CLEANUP_DEFINE_IN_PLACE(struct wireguard_device, wireguard_device_done);

/* For readers. NULL when there are WIREGUARD_PEERS_MAX already. Valid until the next call. */
struct wireguard_peer *wireguard_device_add_peer(struct wireguard_device *device);

/* The readers' summary of one allowed IP. */
void wireguard_peer_allow(struct wireguard_peer *peer, const struct ip_prefix *prefix);

/* The peer with that key, or NULL. */
const struct wireguard_peer *wireguard_device_peer(const struct wireguard_device *device,
						   const uint8_t public_key[KEY_SIZE]);

/* As it is made: no key and no peer. Such a device is no OBJECT_WIREGUARD yet. */
bool wireguard_device_is_blank(const struct wireguard_device *device);

/*
 * What to send, and nothing else: a value without its presence bit stays as it is. The list of
 * peers is never replaced as a whole, because a peer that is added anew loses its session: the far
 * side is deaf for 15 seconds (REKEY_TIMEOUT + KEEPALIVE_TIMEOUT).
 */
struct wireguard_change {
	bool has_private_key;
	bool has_listen_port;
	bool has_fwmark;
	uint8_t private_key[KEY_SIZE];
	uint16_t listen_port;
	uint32_t fwmark;

	uint8_t (*removed)[KEY_SIZE]; /* peers, each by itself, before ours is touched */
	size_t removed_count;

	bool has_peer; /* one of the following is to be done to the peer @peer_key */
	bool adds_peer;
	bool has_endpoint;
	bool has_keepalive;
	bool has_preshared_key;
	bool replaces_allowed_ips; /* by 0.0.0.0/0 and ::/0 */
	uint8_t peer_key[KEY_SIZE];
	uint8_t preshared_key[KEY_SIZE]; /* zero: it is taken away. Counts from the next handshake
					    on */
	struct ip_endpoint endpoint;
	uint16_t keepalive_sec;
};

/* Wipes the keys. */
void wireguard_change_done(struct wireguard_change *change);
CLEANUP_DEFINE_IN_PLACE(struct wireguard_change, wireguard_change_done);

bool wireguard_change_is_empty(const struct wireguard_change *change);

/*
 * How to get from @device to @intended. @recorded is the configured endpoint that was set last.
 *
 * The endpoint is sent if the configured one has changed, never because the peer has roamed. An
 * endpoint that is no longer configured cannot be taken back without losing the session: the peer
 * keeps the one it has until it roams.
 *
 * An intended listen port of 0 leaves the port alone: setting 0 picks a new one each time.
 */
void wireguard_change_make(const struct wireguard_device *device,
			   const struct ip_endpoint *recorded, const struct wireguard *intended,
			   struct wireguard_change *ret);

/* Everything away that makes a device speak: key and peers. */
void wireguard_change_make_blank(const struct wireguard_device *device,
				 struct wireguard_change *ret);

/*
 * The device as an object, for the planner. @intended may be NULL. What the fields cannot say
 * (another peer, wrong AllowedIPs, a lost socket) appears as an absent peer, so
 * that whenever there is something to send, the object differs from @intended.
 */
void wireguard_device_to_object(const struct wireguard_device *device, const char *link,
				const struct ip_endpoint *recorded,
				const struct wireguard *intended, struct object *ret);
