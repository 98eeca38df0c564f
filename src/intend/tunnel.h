/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "core/model.h"

/*
 * Which tunnels a node keeps: one for every local endpoint, every peer's endpoint of the same
 * address family and every transport that both run, unless neither end has an address that the
 * other could dial.
 *
 * A tunnel of a transport that the two do not run any more, but have keys for, stays as long as
 * facts->kept has it: until another one between the same endpoints works.
 */
struct tunnel {
	enum transport transport;
	const struct registry_node *peer; /* of the registry */
	const struct endpoint *local;	  /* of the config */
	const struct endpoint *remote;	  /* of the registry */
	char ifname[IFNAME_SIZE];
	char label[NODE_ID_TEXT_SIZE + 32]; /* "example/sun/0" */
	uint16_t listen_port;		    /* of WireGuard; 0: random */
	uint32_t if_id;			    /* of IPsec, unique among the tunnels; 0 in userspace */
	/* Of IPsec in userspace, the same at both ends; 0 else. tunnels_check() has it unique. */
	uint32_t vni;
	struct ip_endpoint endpoint;	 /* absent: the peer dials in, or its name is unknown yet */
	bool is_kept;			 /* though not wanted any more, see above */
	bool is_leaving;		 /* facts->kept says so */
	bool leads_inside;		 /* the peer's name does, into the overlay: not used */
	struct ip_address local_address; /* link-local, on the tunnel */
	struct ip_address peer_address;
};

/* A node of the registry without a direct tunnel; its traffic goes through others. */
struct untunnelled {
	const struct registry_node *peer;
	const char *reason; /* "no address family in common" */
	bool is_cut_off;    /* nor do nodes that carry transit lead to it */
};

struct tunnels {
	struct tunnel *items; /* sorted by interface name */
	size_t count;
	struct untunnelled *without;
	size_t without_count;
};

void tunnels_done(struct tunnels *tunnels);
CLEANUP_DEFINE_IN_PLACE(struct tunnels, tunnels_done);

/*
 * Pure. @registry may be NULL: no peers. @ret points into all three arguments, which must stay
 * unchanged and outlive it.
 */
void tunnels_make(const struct config *config, const struct registry *registry,
		  const struct facts *facts, struct tunnels *ret);

/* The address of that end of a VXLAN in userspace, from its link-local address. */
struct ip_address tunnel_inner_address(const struct ip_address *link_local);

/*
 * E_KEY_REUSED if two tunnels have the same interface name (registry specification, section 7): 50
 * bits of a hash are enough for chance, not for somebody who looks for such a key.
 *
 * The same if two have the same VNI: as both ends have to know it, none can be moved on. Of a
 * hundred tunnels two have it by chance in one of 3000 meshes.
 */
int tunnels_check(const struct tunnels *tunnels, struct error *error);

/*
 * Those that would be there if all keys were used, and are not wanted, as if they were kept. To
 * find out which of them exist and shall be. Arguments as above.
 */
void tunnels_make_unwanted(const struct config *config, const struct registry *registry,
			   const struct facts *facts, struct tunnels *ret);

/* Another tunnel between the same endpoints that is wanted; NULL if there is none. */
const struct tunnel *tunnels_successor(const struct tunnels *tunnels, const struct tunnel *kept);

/* The tunnel with that interface name, or NULL. */
const struct tunnel *tunnels_find(const struct tunnels *tunnels, const char *ifname);
