/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"
#include "base/ip.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a node knows before it decides anything: its configuration, the registry, and facts about
 * the machine. Plain data, filled by config/, registry/ and daemon/, read by intend/. Nothing here
 * owns a descriptor.
 */

#define NAME_SIZE 64	     /* organization, common_name: 1 to 63 characters */
#define HOST_NAME_SIZE 254   /* RFC 1035: 253 characters */
#define IFNAME_SIZE 16	     /* IFNAMSIZ */
#define NODE_ENDPOINTS_MAX 8 /* registry specification, limits */
#define NODE_PREFIXES_MAX 256
#define REGISTRY_NODES_MAX 10000
#define KEY_SIZE 32 /* Ed25519, X25519, SHA-256 */
#define SECRET_ID_SIZE 8
#define MESH_SECRETS_MAX 2 /* the one in use, and the next one */

struct node_id {
	char organization[NAME_SIZE];
	char common_name[NAME_SIZE];
};

int node_id_compare(const struct node_id *a, const struct node_id *b);

/* "organization/common_name" */
#define NODE_ID_TEXT_SIZE (2 * NAME_SIZE)
const char *node_id_format(const struct node_id *id, char buffer[NODE_ID_TEXT_SIZE]);

enum transport {
	TRANSPORT_WIREGUARD = 1,
	TRANSPORT_IPSEC = 2,
};

/*
 * One attachment of a node to an underlay. With neither literal address nor name the node only
 * dials out from here (it is behind NAT).
 */
struct endpoint {
	uint32_t serial_number;
	uint16_t family; /* AF_INET or AF_INET6 */
	struct ip_address address;
	char name[HOST_NAME_SIZE];
	uint16_t port; /* IKE */
	/*
	 * WireGuard, RAIT's scheme: destination port of every packet that the node sends from
	 * here, and the port on which every peer listens for it. Unique in the mesh. In
	 * config.json 0 is "as in the registry", see endpoint_send_port().
	 */
	uint16_t send_port;
	/* TRANSPORT_* that may run here; 0: not said, see config_transports() and
	 * node_transports(). */
	uint8_t transports;
	/* Only in config.json: */
	uint32_t fwmark;
	uint16_t mtu;	  /* of the tunnels */
	bool random_port; /* do not listen on the peer's send_port, let the kernel choose */
};

/* No literal address and no name. */
bool endpoint_dials_out_only(const struct endpoint *endpoint);

/* Whatever keys its node has. */
bool endpoint_speaks_wireguard(const struct endpoint *endpoint);

enum overlay_mode {
	OVERLAY_VRF,
	OVERLAY_NETNS,
};

enum wireguard_backend {
	WIREGUARD_AUTO, /* kernel where it has WireGuard, else wireguard-go */
	WIREGUARD_KERNEL,
	WIREGUARD_USERSPACE,
};

/* Chosen by hand only, because nodes of one kind cannot talk to those of the other. */
enum ipsec_backend {
	IPSEC_KERNEL,
	IPSEC_USERSPACE, /* ESP by charon itself */
};

/* Whose charon the IKE daemon is. */
enum ike_daemon_kind {
	IKE_DAEMON_PRIVATE, /* this node's alone, which starts and ends it */
	IKE_DAEMON_SYSTEM,  /* the operator's: it is told what is ours, and not more */
};
#define IKE_SOCKET_SIZE 108 /* of sun_path */

enum babel_backend {
	BABEL_AUTO, /* BIRD in a VRF; in a namespace babeld where it is installed, else BIRD */
	BABEL_BABELD,
	BABEL_BIRD,
};

enum psk_mode {
	PSK_NONE,
	PSK_MESH, /* from the secret of the mesh */
};

/* A secret of a mesh that this node has. */
struct mesh_secret {
	uint8_t id[SECRET_ID_SIZE];
	uint8_t secret[KEY_SIZE];
};

/* What the registry says about a secret: from when on it is the one. */
struct secret_use {
	uint8_t id[SECRET_ID_SIZE];
	int64_t from; /* seconds since the epoch; 0: always */
};

/* The members `registry` and `policy` of config.json. */
struct registry_policy {
	bool allow_unsigned;	       /* first of the two switches for an unsigned registry */
	bool has_pin;		       /* of `mesh`, the file, or `mesh_sha256` */
	uint8_t mesh_sha256[KEY_SIZE]; /* digest of the mesh document that is trusted first */
	char *source;		       /* "file:PATH" or "https://..." to follow; NULL: none */
	uint32_t interval_sec;	       /* between two looks at the source */
	char *ca_file;		       /* whom to believe its certificate; NULL: the system's */
	bool on_expiry_down;	       /* take the tunnels down some time after expiry */
	uint32_t expiry_grace_sec;
	struct ip_prefix *accept; /* if there are any, other prefixes are refused; masked */
	size_t accept_count;
	struct ip_prefix *deny; /* refused, and what is inside of them or covers them; masked */
	size_t deny_count;
	struct node_id *accept_default_from; /* who may announce 0.0.0.0/0 and ::/0 */
	size_t accept_default_from_count;
	uint32_t max_prefixes;		/* of all other nodes together; 0: no limit */
	uint8_t (*deny_keys)[KEY_SIZE]; /* Ed25519 or WireGuard keys of nodes that are left out */
	size_t deny_keys_count;
};

struct config {
	struct node_id self;
	enum overlay_mode mode;
	char ifname[IFNAME_SIZE];   /* VRF device, or both ends of the veth pair */
	char netns_name[NAME_SIZE]; /* below /run/netns */
	uint32_t route_table;	    /* VRF mode; netns mode uses the namespace's main table */
	struct ip_prefix network;   /* masked */
	struct ip_prefix *prefixes; /* masked; without network */
	size_t prefixes_count;
	struct ip_prefix *extra_ips; /* further addresses on the main interface */
	size_t extra_ips_count;
	struct endpoint endpoints[NODE_ENDPOINTS_MAX];
	unsigned endpoints_count;
	char *runtime_dir;
	char *state_dir;
	char *control_group; /* may use the control socket beside root; NULL if none */
	enum wireguard_backend wireguard_backend;
	enum ipsec_backend ipsec_backend;
	enum ike_daemon_kind ike_daemon_kind;
	char *vici_socket; /* of IKE_DAEMON_SYSTEM; NULL else */
	enum babel_backend babel_backend;
	struct registry_policy registry; /* whom to believe, and what not even then */

	/* Keys; wiped by config_free(). At least one of both is there. */
	bool has_wireguard;
	uint8_t wireguard_private[KEY_SIZE];
	uint8_t wireguard_public[KEY_SIZE];
	bool has_identity; /* an Ed25519 key, for IKE */
	uint8_t identity_seed[KEY_SIZE];
	uint8_t identity_public[KEY_SIZE];

	enum psk_mode psk;
	bool ppk_required; /* IPsec without a key of the mesh's secret is refused */
	struct mesh_secret secrets[MESH_SECRETS_MAX];
	unsigned secrets_count;
};

void config_free(struct config *config);
CLEANUP_DEFINE(struct config *, config_free);

struct registry_node {
	struct node_id id;
	bool has_identity;	 /* own Ed25519 key */
	bool identity_is_shared; /* identity_key is its organization's (warning W01) */
	uint8_t identity_key[KEY_SIZE];
	bool has_wireguard;
	uint8_t wireguard_key[KEY_SIZE];
	struct endpoint *endpoints; /* by serial_number, at most NODE_ENDPOINTS_MAX */
	unsigned endpoints_count;
	struct ip_prefix network;   /* masked; also prefixes[0] */
	struct ip_prefix *prefixes; /* masked, network first; all that the node may announce */
	size_t prefixes_count;
	struct ip_prefix *anycast; /* those of them that another node may announce, too; sorted */
	size_t anycast_count;
	bool no_transit; /* the mesh lets its organization send only its own prefixes */
};

void registry_node_done(struct registry_node *node);
CLEANUP_DEFINE_IN_PLACE(struct registry_node, registry_node_done);

/* Does @node say that another node may announce @prefix, too? */
bool registry_node_is_anycast(const struct registry_node *node, const struct ip_prefix *prefix);

/* TRANSPORT_* for which @node has a key. */
uint8_t node_key_transports(const struct registry_node *node);

/* TRANSPORT_* that run at @endpoint of @node: all for which there is a key, unless it names some.
 */
uint8_t node_transports(const struct registry_node *node, const struct endpoint *endpoint);

/* Where a signed registry comes from; all zero for an unsigned one. Times since the epoch. */
struct registry_origin {
	char mesh_name[NAME_SIZE];
	uint8_t mesh_id[16];
	uint64_t mesh_version;
	uint64_t manifest_version;
	int64_t issued;			    /* of the manifest */
	int64_t last_seen;		    /* newest `issued` that was ever accepted */
	int64_t expires;		    /* of whatever expires first */
	char expires_first[NAME_SIZE + 32]; /* `manifest 481`, `org "example"` */
};

/*
 * The send_port of @local, an endpoint of config.json. What the configuration says counts; else
 * what the registry says of the endpoint with this serial number of @self, because whoever adds a
 * node knows which ports of the mesh are taken and the node does not; else `port`. @self may be
 * NULL.
 */
uint16_t endpoint_send_port(const struct endpoint *local, const struct registry_node *self);

/* TRANSPORT_* for which the node of @config has a key. */
uint8_t config_key_transports(const struct config *config);

/*
 * TRANSPORT_* that run at @local, an endpoint of @config. What both the configuration and the
 * registry name, or one of them if the other names none. If neither does: WireGuard, or IPsec
 * without a key for WireGuard, as the original aronet has it. @self may be NULL.
 */
uint8_t config_transports(const struct config *config, const struct endpoint *local,
			  const struct registry_node *self);

struct registry {
	bool is_signed;
	struct registry_origin origin;
	struct registry_node *nodes; /* sorted by id, whatever the document's order */
	size_t nodes_count;
	/* Further nodes behind them that the local policy leaves out, see registry_apply_policy().
	 */
	size_t denied_count;
	/* The secrets of the mesh, in the order in which they come into use. */
	struct secret_use secrets[MESH_SECRETS_MAX];
	unsigned secrets_count;
};

void registry_free(struct registry *registry);
CLEANUP_DEFINE(struct registry *, registry_free);

const struct registry_node *registry_find(const struct registry *registry,
					  const struct node_id *id);

struct resolved_name {
	char name[HOST_NAME_SIZE];
	uint16_t family;
	struct ip_address address;
};

/* A tunnel that is not wanted any more stays until another one takes its place (tunnel.h). */
struct kept_tunnel {
	char ifname[IFNAME_SIZE];
	bool is_leaving; /* the other one works: traffic shall move there */
};

struct bird_version {
	uint16_t major, minor, patch; /* zero if unknown */
};

/* What was found out about the machine. All of it may change while the daemon runs. */
struct facts {
	bool has_kernel_wireguard;
	bool has_userspace_wireguard; /* wireguard-go is installed and /dev/net/tun is there */
	bool has_seg6;
	bool has_nf_tables;
	bool has_vrf;
	char table_owner[IFNAME_SIZE]; /* another VRF with config->route_table; "": none */
	bool has_babeld;
	bool has_bird; /* of whatever version */
	struct bird_version bird_version;
	struct ip_prefix *underlay_addresses; /* with the length of their connected network */
	size_t underlay_addresses_count;
	/* VRF mode: links that would not hear router advertisements any more, or "default". */
	char (*advertised_links)[IFNAME_SIZE];
	size_t advertised_links_count;
	struct resolved_name *names;
	size_t names_count;
	struct kept_tunnel *kept; /* sorted by name */
	size_t kept_count;
	/*
	 * The clock, in seconds since the epoch, as of the last time at which something followed
	 * from it: see secrets_last_change(). Between two of them it stands still. 0: nothing does.
	 */
	int64_t changed_at;
};

/* A copy of its own, to be given to facts_done(). */
struct facts facts_copy(const struct facts *facts);

/* The same in all members; arrays in the same order. */
bool facts_equal(const struct facts *a, const struct facts *b);

void facts_done(struct facts *facts);
CLEANUP_DEFINE_IN_PLACE(struct facts, facts_done);
