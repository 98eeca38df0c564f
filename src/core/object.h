/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/ip.h"
#include "base/strbuf.h"
#include "core/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The vocabulary: everything that aronet makes on a machine is an object of one of these kinds.
 * An object has a key (which one) and a spec (how it shall be). Both are described by a table of
 * fields, from which comparing, printing and testing follow.
 *
 * Objects are plain values: zero-initialise, copy, compare. Unused bytes of texts stay zero. Only
 * `body` points elsewhere; the state that holds the object owns it.
 *
 * The order of the kinds is the order of creation; deletion goes backwards.
 */
enum object_kind {
	OBJECT_NETNS,
	OBJECT_SYSCTL,
	OBJECT_RULESET, /* before there is a link, and until none is left */
	OBJECT_LINK,
	OBJECT_VRF_MEMBER,
	OBJECT_VRF_RULE,
	OBJECT_ADDRESS,
	OBJECT_WIREGUARD,
	OBJECT_IKE_DAEMON,
	OBJECT_IKE_PPK,
	OBJECT_IKE_CONNECTION,
	OBJECT_SID,
	OBJECT_ROUTE,
	OBJECT_SPEAKER,
	OBJECT_BABEL_INTERFACE,
};
#define OBJECT_KINDS (OBJECT_BABEL_INTERFACE + 1)

/*
 * Where an object lives. The underlay is the network namespace in which the daemon was started;
 * the overlay is the aronet namespace, or the VRF inside the underlay's namespace.
 */
enum space {
	SPACE_UNDERLAY,
	SPACE_OVERLAY,
};
const char *space_name(enum space space);

/*
 * The network namespace that is the overlay, bound at /run/netns/NAME as iproute2 does. There is
 * one at most, so its key is the space.
 */
struct netns {
	enum space space; /* SPACE_OVERLAY */
	char name[NAME_SIZE];
};

/*
 * One file below /proc/sys. An underlay value is saved before it is changed, and restored. Those
 * that protect the host from others (accept_ra) come first.
 */
struct sysctl {
	enum space space;
	char path[96]; /* "net/ipv4/ip_forward" */
	char value[32];
};

enum link_kind {
	LINK_VETH,	/* the underlay end; making it makes the overlay end too */
	LINK_VETH_PEER, /* the overlay end */
	LINK_VRF,
	LINK_WIREGUARD,	    /* in the kernel */
	LINK_WIREGUARD_TUN, /* a TUN device of wireguard-go */
	LINK_XFRM,	    /* of IPsec: what it sends is encrypted by the SA with its if_id */
	/*
	 * Of IPsec with ESP by charon, which has no device per peer: VXLAN (RFC 7348) between two
	 * addresses that only ESP leads to.
	 */
	LINK_VXLAN,
};
/* UDP, of both ends of every LINK_VXLAN ("ar"). Not VXLAN's own, which the host may use. */
#define LINK_VXLAN_PORT 0x6172
/* Where their addresses are from: fd61:726f:6e65:7400::/64 ("aronet"), and an interface id. */
#define INNER_PREFIX                                                                               \
	{                                                                                          \
		.address = { .family = AF_INET6,                                                   \
			     .bytes = { 0xfd, 0x61, 0x72, 0x6f, 0x6e, 0x65, 0x74 } },              \
		.length = 64,                                                                      \
	}

/*
 * A network device. Ours are known by their interface alias "aronet:INSTANCE:LABEL" and link group
 * (LINK_GROUP). Tunnels live in the overlay, their UDP sockets in the underlay.
 */
struct link {
	enum space space;
	char name[IFNAME_SIZE];
	enum link_kind kind;
	char label[NODE_ID_TEXT_SIZE + 32]; /* "veth", "example/sun/0" */
	uint16_t mtu;
	bool up;
	uint32_t table; /* of a LINK_VRF; 0 else */
	uint32_t if_id; /* of a LINK_XFRM, unique in the underlay; 0 else */
	/* Of a LINK_VXLAN; absent else. The VNI is unique in the underlay. */
	uint32_t vni;
	struct ip_address local, remote;
};
#define LINK_GROUP 0x61726f /* "aro" */
#define LINK_ALIAS_PREFIX "aronet:"

/*
 * A tunnel is in the VRF that is the overlay. An object of its own, because links come in the order
 * of their names. The kernel flushes the addresses of a link that enters or leaves a VRF.
 */
struct vrf_member {
	char link[IFNAME_SIZE];
	char vrf[IFNAME_SIZE];
};

/*
 * The policy rule by which a lookup in a VRF goes to its table, at whatever priority. The kernel
 * makes one for the first VRF of a namespace, and no second time: whoever flushes the rules takes
 * it away from all of them. It is nobody's, so it is made where it is missing, and never deleted.
 */
struct vrf_rule {
	uint16_t family; /* AF_INET, AF_INET6 */
};

/* An address on one of our links, marked with ROUTE_PROTOCOL (IFA_PROTO, Linux 5.18). No DAD. */
struct address {
	enum space space;
	char link[IFNAME_SIZE];
	struct ip_prefix prefix; /* with host bits */
};

/*
 * Keys and the one peer of a tunnel. The peer may send from anywhere (AllowedIPs 0.0.0.0/0 and
 * ::/0). `endpoint` is the endpoint that configuration and registry give, absent if the peer only
 * dials in; a peer that roams does not change it.
 */
struct wireguard {
	char link[IFNAME_SIZE]; /* in the overlay */
	uint8_t private_key[KEY_SIZE];
	uint8_t peer_key[KEY_SIZE];
	uint16_t listen_port; /* 0: whatever the kernel has chosen */
	struct ip_endpoint endpoint;
	uint32_t fwmark;
	uint16_t keepalive_sec;		 /* 0: none */
	uint8_t preshared_key[KEY_SIZE]; /* zero: none */
};

/*
 * The IKE daemon (charon) of this node, with the private key that proves who it is. There is one at
 * most, called IKE_DAEMON_NAME.
 */
struct ike_daemon {
	char name[IFNAME_SIZE];
	enum ike_daemon_kind kind;
	char socket[IKE_SOCKET_SIZE]; /* VICI, of IKE_DAEMON_SYSTEM; "" else */
	uint16_t port;		      /* UDP, of all that it sends and receives */
	bool is_userspace;	      /* ESP is its own, not the kernel's */
	uint8_t public_key[KEY_SIZE]; /* Ed25519 */
	uint8_t private_key[KEY_SIZE];
};
#define IKE_DAEMON_NAME "charon"

/*
 * A key from the secret of the mesh that the IKE daemon knows by its id (post-quantum pre-shared
 * key, RFC 8784): peers name the one that they use. One at most is offered by this node.
 */
struct ike_ppk {
	char id[48]; /* "aronet-2076512e7442357b-20778": secret and epoch */
	bool is_offered;
	uint8_t key[KEY_SIZE];
};
#define IKE_PPK_ID_PREFIX "aronet-"
#define IKE_PPK_ID_SIZE sizeof(((struct ike_ppk *)NULL)->id)

enum ike_ppk_use {
	IKE_PPK_NONE,
	IKE_PPK_OFFERED,
	IKE_PPK_REQUIRED, /* no tunnel without */
};

/* By which an endpoint of a node is known in IKE. */
struct ike_party {
	struct node_id node;
	uint32_t serial_number;
	uint8_t key[KEY_SIZE]; /* Ed25519, public */
};

/*
 * What the IKE daemon knows of the peer at the other end of an xfrm interface or a VXLAN: who both
 * are, and where the peer is. A peer that moves does not change it.
 */
struct ike_connection {
	char link[IFNAME_SIZE]; /* in the overlay */
	uint32_t if_id;		/* of a LINK_XFRM; 0 else */
	/* Those of a LINK_VXLAN, between which alone ESP goes; absent with a LINK_XFRM. */
	struct ip_address inner_address, peer_inner_address;
	struct ike_party own, peer;
	uint16_t family; /* of the underlay: AF_INET or AF_INET6 */
	uint16_t port;	 /* of the daemon */
	uint16_t peer_port;
	struct ip_address peer_address; /* absent: the peer dials */
	bool is_dialled;		/* the peer knows an address of this node */
	bool may_move;			/* both ends take a change of address (RFC 4555, MOBIKE) */
	enum ike_ppk_use ppk;
};

/* RFC 8986, section 4 */
enum sid_behavior {
	SID_END,      /* 4.1 */
	SID_END_DX4,  /* 4.5, next hop 0.0.0.0: look up the inner destination */
	SID_END_DX6,  /* 4.4, next hop ::: look up the inner destination */
	SID_END_DT46, /* 4.8, in the VRF's table */
};

/* A seg6local route. @link must not be "lo": such a SID is accepted and does nothing. */
struct sid {
	uint32_t table;
	struct ip_prefix sid; /* a single IPv6 address, in the overlay */
	enum sid_behavior behavior;
	char link[IFNAME_SIZE];
};

/* What becomes of a packet that a route fits, as in rtnetlink(7). */
enum route_type {
	ROUTE_UNICAST,
	ROUTE_UNREACHABLE, /* its sender is told */
	ROUTE_THROW,	   /* the next table, by the policy rules, decides */
};

/* A route by destination, marked with ROUTE_PROTOCOL. Only ROUTE_UNICAST has link and gateway. */
struct route {
	enum space space;
	uint32_t table;
	struct ip_prefix prefix;
	uint32_t metric;
	enum route_type type;
	struct ip_address gateway; /* may be IPv6 for an IPv4 prefix; absent: directly attached */
	char link[IFNAME_SIZE];
	struct ip_address source; /* preferred source address; absent: the kernel's choice */
};
#define ROUTE_PROTOCOL 0x5a /* "aronet" in assets/rt_protos.d */
#define ROUTE_TABLE_MAIN 254

/* The nftables table `inet NAME`. `body` is its text. */
struct ruleset {
	enum space space;
	char name[IFNAME_SIZE];
	uint8_t digest[KEY_SIZE]; /* SHA-256 of body */
	const char *body;
};

enum speaker_program {
	SPEAKER_BABELD,
	SPEAKER_BIRD, /* the only one that works in a VRF */
};
#define SPEAKER_PROGRAMS (SPEAKER_BIRD + 1)
const char *speaker_program_name(enum speaker_program program); /* "babeld", its executable */

/*
 * The routing daemon: which one, identity, what it announces, what it accepts. `body` holds the
 * filters; an interface it speaks on is an object of its own. Its routes go into @table.
 */
struct speaker {
	char name[IFNAME_SIZE]; /* "babel" */
	enum speaker_program program;
	uint32_t table;	       /* ROUTE_TABLE_MAIN in netns mode, that of the VRF in VRF mode */
	char vrf[IFNAME_SIZE]; /* the VRF's device; "" in netns mode */
	uint8_t router_id[8];
	uint8_t digest[KEY_SIZE]; /* SHA-256 of body */
	const char *body;
};

struct babel_interface {
	char link[IFNAME_SIZE]; /* in the overlay */
	uint16_t rxcost;
	uint16_t hello_interval_ms;
};

struct object {
	enum object_kind kind;
	/*
	 * Not ours, but under the key of something that may be wanted. Only observed objects are
	 * foreign; the planner reports a conflict and keeps its hands off.
	 */
	bool foreign;
	union {
		struct netns netns;
		struct sysctl sysctl;
		struct link link;
		struct vrf_member vrf_member;
		struct vrf_rule vrf_rule;
		struct address address;
		struct wireguard wireguard;
		struct ike_daemon ike_daemon;
		struct ike_ppk ike_ppk;
		struct ike_connection ike_connection;
		struct sid sid;
		struct route route;
		struct ruleset ruleset;
		struct speaker speaker;
		struct babel_interface babel_interface;
	};
};

enum field_type {
	FIELD_ENUM,
	FIELD_BOOL,
	FIELD_U16,
	FIELD_U32,
	FIELD_TEXT, /* char[] */
	FIELD_ADDRESS,
	FIELD_PREFIX,
	FIELD_ENDPOINT,
	FIELD_PUBLIC_KEY,
	FIELD_SECRET, /* compared, never printed; zero: there is none */
	FIELD_BYTES,  /* printed as hex, the first eight bytes */
};

struct field {
	const char *name;
	enum field_type type;
	bool key;
	size_t offset; /* in struct object */
	size_t size;
	const char *const *names; /* of FIELD_ENUM */
	unsigned names_count;
};

struct object_type {
	const char *name;
	const struct field *fields;
	size_t fields_count;
};

const struct object_type *object_type(enum object_kind kind);

/* Order by kind, then by key. */
int object_compare(const struct object *a, const struct object *b);

/* Same key given: is the spec the same too? */
bool object_spec_equal(const struct object *a, const struct object *b);

/*
 * What @object needs to exist (a route: its link; a link in the overlay: the namespace). Fills
 * @parents with objects that have only their key set, and returns how many. When a parent goes,
 * the kernel takes the object with it.
 */
#define OBJECT_PARENTS_MAX 2
unsigned object_parents(const struct object *object, struct object parents[OBJECT_PARENTS_MAX]);

/* "route overlay 254 fd66::/64 1024": kind and key. Same text, same identity. */
#define OBJECT_KEY_TEXT_SIZE 192
const char *object_format_key(const struct object *object, char buffer[OBJECT_KEY_TEXT_SIZE]);

/* Kind, key and spec: "route overlay 254 fd66::/64 1024 gateway fe80::2 link aronet". */
void object_format(const struct object *object, struct strbuf *buffer);

/* Only what differs: "mtu 1420 -> 1356, up no -> yes". */
void object_format_difference(const struct object *from, const struct object *to,
			      struct strbuf *buffer);
