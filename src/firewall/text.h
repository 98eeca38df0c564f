/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/ip.h"
#include "base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>

/* A tunnel to a node that carries no transit: what comes out of it has a source of that node. */
struct firewall_limit {
	const char *link;
	const struct ip_prefix *prefixes; /* of that node */
	size_t prefixes_count;
};

/* A tunnel, and the link-local address of the node at its other end. */
struct firewall_tunnel {
	const char *link;
	struct ip_address peer;
};

/*
 * What the firewall has to know. Nothing is copied; prefixes are masked, in any order, and may
 * repeat.
 */
struct firewall_rules {
	const char *link;	     /* main link: the VRF, or both ends of the veth pair */
	uint32_t link_group;	     /* of the links of all instances on this host; 0: none */
	const char *tunnel_pattern;  /* names of the tunnels, as nftables matches them: "ar-*" */
	const struct ip_prefix *own; /* of this node, its network included */
	size_t own_count;
	const struct ip_prefix *remote; /* of all other nodes, their networks included */
	size_t remote_count;
	/* {network}:ffff::/80 of every node, this one included; own_sids is this node's. */
	struct ip_prefix own_sids;
	const struct ip_prefix *remote_sids;
	size_t remote_sids_count;
	/*
	 * This node's address on the main link. It lies in own_sids but is no SID, and neither is
	 * that of any other node at the same place. May be absent.
	 */
	struct ip_address host_address;
	/*
	 * Destination ports of what this node's tunnels send. Needed where another node is an exit:
	 * such a packet must not take the way through a tunnel.
	 */
	const uint16_t *tunnel_ports;
	size_t tunnel_ports_count;
	const struct firewall_tunnel *tunnels; /* who may speak Babel; a tunnel is named once */
	size_t tunnels_count;
	/* Registry specification, section 6.3. A tunnel is named once. */
	const struct firewall_limit *limits;
	size_t limits_count;
	bool no_transit; /* nor does this node: nothing goes from tunnel to tunnel */
	/*
	 * Of the VXLANs between addresses that ESP in userspace leads to, 0 if there are none.
	 * Their packets come and go by its device only (ESP_DEVICE_PATTERN in ipsec/esp_device.h):
	 * by any other they would be in clear.
	 */
	uint16_t vxlan_port;
};

/*
 * Append the inside of a table of family inet (the body of struct ruleset). The same rules give the
 * same text, whatever the order of the prefixes; nothing is translated (no NAT) anywhere.
 *
 * A /0 among the own prefixes makes this node an exit: any source of that family may enter the
 * overlay through it. A /0 among the remote ones means that there is an exit: any source may come
 * out of a tunnel, but out of a limited one only if the exit is at its end, and then none of
 * another node. A /0 never makes a source "inside": it is left out of the sets that the spoofing
 * checks use.
 *
 * A prefix that is own and remote is on several nodes (anycast): its sources may come from both
 * sides.
 *
 * Overlay: every packet is checked once at each level of encapsulation. What is addressed to a SID
 * of ours is seen by prerouting only, because its route hands it to seg6local; all else, including
 * what came out of a SID, passes forward or input.
 *
 * Underlay: prerouting works at priority raw, before connection tracking (floods of forged packets
 * must not fill its table) and before DNAT and routing. Only the source of what enters the overlay
 * is checked after routing and source NAT, so that a host may masquerade its containers.
 */
void firewall_format_overlay(const struct firewall_rules *rules, struct strbuf *ret);
void firewall_format_underlay(const struct firewall_rules *rules, struct strbuf *ret);

/*
 * Both in one table, for a VRF. Only what enters or leaves the VRF, and what an interface of the
 * underlay brings, is looked at; the rest of the host is left alone.
 */
void firewall_format_vrf(const struct firewall_rules *rules, struct strbuf *ret);

/* A script that replaces the table as a whole. It need not exist before. */
void firewall_format_replace(const char *table, const char *comment, const char *body,
			     struct strbuf *ret);
