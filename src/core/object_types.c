// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/object.h"

#include "base/cleanup.h"

/*
 * The fields of every kind of object. Keys come first and in the order in which objects are
 * compared; a parent's key is a prefix of its children's where that reads well.
 */
static const char *const space_names[] = { "underlay", "overlay" };
static const char *const link_kind_names[] = { "veth",		"veth-peer", "vrf",  "wireguard",
					       "wireguard-tun", "xfrm",	     "vxlan" };
static const char *const speaker_program_names[] = { "babeld", "bird" };
static const char *const route_type_names[] = { "unicast", "unreachable", "throw" };
static const char *const ppk_use_names[] = { "none", "offered", "required" };
static const char *const sid_behavior_names[] = { "End", "End.DX4", "End.DX6", "End.DT46" };

const char *space_name(enum space space)
{
	return space_names[space];
}

static const char *const ike_daemon_kind_names[] = {
	[IKE_DAEMON_PRIVATE] = "private",
	[IKE_DAEMON_SYSTEM] = "system",
};

const char *speaker_program_name(enum speaker_program program)
{
	return speaker_program_names[program];
}

#define SIZE_OF(kind, member) sizeof(((struct object *)NULL)->kind.member)
#define FIELD(kind, member, field_type, is_key)                                                    \
	{                                                                                          \
		.name = #member, .type = (field_type), .key = (is_key),                            \
		.offset = offsetof(struct object, kind.member), .size = SIZE_OF(kind, member),     \
	}
#define KEY(kind, member, field_type) FIELD(kind, member, field_type, true)
#define SPEC(kind, member, field_type) FIELD(kind, member, field_type, false)
#define ENUM(kind, member, value_names, is_key)                                                    \
	{                                                                                          \
		.name = #member, .type = FIELD_ENUM, .key = (is_key),                              \
		.offset = offsetof(struct object, kind.member), .size = SIZE_OF(kind, member),     \
		.names = (value_names), .names_count = ARRAY_SIZE(value_names),                    \
	}

static const struct field netns_fields[] = {
	ENUM(netns, space, space_names, true),
	SPEC(netns, name, FIELD_TEXT),
};

static const struct field sysctl_fields[] = {
	ENUM(sysctl, space, space_names, true),
	KEY(sysctl, path, FIELD_TEXT),
	SPEC(sysctl, value, FIELD_TEXT),
};

static const struct field link_fields[] = {
	ENUM(link, space, space_names, true),
	KEY(link, name, FIELD_TEXT),
	ENUM(link, kind, link_kind_names, false),
	SPEC(link, label, FIELD_TEXT),
	SPEC(link, mtu, FIELD_U16),
	SPEC(link, up, FIELD_BOOL),
	SPEC(link, table, FIELD_U32),
	SPEC(link, if_id, FIELD_U32),
	SPEC(link, vni, FIELD_U32),
	SPEC(link, local, FIELD_ADDRESS),
	SPEC(link, remote, FIELD_ADDRESS),
};

static const struct field vrf_member_fields[] = {
	KEY(vrf_member, link, FIELD_TEXT),
	SPEC(vrf_member, vrf, FIELD_TEXT),
};

static const struct field vrf_rule_fields[] = {
	KEY(vrf_rule, family, FIELD_U16),
};

static const struct field address_fields[] = {
	ENUM(address, space, space_names, true),
	KEY(address, link, FIELD_TEXT),
	KEY(address, prefix, FIELD_PREFIX),
};

static const struct field wireguard_fields[] = {
	KEY(wireguard, link, FIELD_TEXT),
	SPEC(wireguard, private_key, FIELD_SECRET),
	SPEC(wireguard, peer_key, FIELD_PUBLIC_KEY),
	SPEC(wireguard, listen_port, FIELD_U16),
	SPEC(wireguard, endpoint, FIELD_ENDPOINT),
	SPEC(wireguard, fwmark, FIELD_U32),
	SPEC(wireguard, keepalive_sec, FIELD_U16),
	SPEC(wireguard, preshared_key, FIELD_SECRET),
};

static const struct field ike_daemon_fields[] = {
	KEY(ike_daemon, name, FIELD_TEXT),
	ENUM(ike_daemon, kind, ike_daemon_kind_names, false),
	SPEC(ike_daemon, socket, FIELD_TEXT),
	SPEC(ike_daemon, port, FIELD_U16),
	SPEC(ike_daemon, is_userspace, FIELD_BOOL),
	SPEC(ike_daemon, public_key, FIELD_PUBLIC_KEY),
	SPEC(ike_daemon, private_key, FIELD_SECRET),
};

static const struct field ike_ppk_fields[] = {
	KEY(ike_ppk, id, FIELD_TEXT),
	SPEC(ike_ppk, is_offered, FIELD_BOOL),
	SPEC(ike_ppk, key, FIELD_SECRET),
};

static const struct field ike_connection_fields[] = {
	KEY(ike_connection, link, FIELD_TEXT),
	SPEC(ike_connection, if_id, FIELD_U32),
	SPEC(ike_connection, inner_address, FIELD_ADDRESS),
	SPEC(ike_connection, peer_inner_address, FIELD_ADDRESS),
	SPEC(ike_connection, own.node.organization, FIELD_TEXT),
	SPEC(ike_connection, own.node.common_name, FIELD_TEXT),
	SPEC(ike_connection, own.serial_number, FIELD_U32),
	SPEC(ike_connection, own.key, FIELD_PUBLIC_KEY),
	SPEC(ike_connection, peer.node.organization, FIELD_TEXT),
	SPEC(ike_connection, peer.node.common_name, FIELD_TEXT),
	SPEC(ike_connection, peer.serial_number, FIELD_U32),
	SPEC(ike_connection, peer.key, FIELD_PUBLIC_KEY),
	SPEC(ike_connection, family, FIELD_U16),
	SPEC(ike_connection, port, FIELD_U16),
	SPEC(ike_connection, peer_port, FIELD_U16),
	SPEC(ike_connection, peer_address, FIELD_ADDRESS),
	SPEC(ike_connection, is_dialled, FIELD_BOOL),
	SPEC(ike_connection, may_move, FIELD_BOOL),
	ENUM(ike_connection, ppk, ppk_use_names, false),
};

static const struct field sid_fields[] = {
	KEY(sid, table, FIELD_U32),
	KEY(sid, sid, FIELD_PREFIX),
	ENUM(sid, behavior, sid_behavior_names, false),
	SPEC(sid, link, FIELD_TEXT),
};

static const struct field route_fields[] = {
	ENUM(route, space, space_names, true),
	KEY(route, table, FIELD_U32),
	KEY(route, prefix, FIELD_PREFIX),
	KEY(route, metric, FIELD_U32),
	ENUM(route, type, route_type_names, false),
	SPEC(route, gateway, FIELD_ADDRESS),
	SPEC(route, link, FIELD_TEXT),
	SPEC(route, source, FIELD_ADDRESS),
};

static const struct field ruleset_fields[] = {
	ENUM(ruleset, space, space_names, true),
	KEY(ruleset, name, FIELD_TEXT),
	SPEC(ruleset, digest, FIELD_BYTES),
};

static const struct field speaker_fields[] = {
	KEY(speaker, name, FIELD_TEXT),	       ENUM(speaker, program, speaker_program_names, false),
	SPEC(speaker, table, FIELD_U32),       SPEC(speaker, vrf, FIELD_TEXT),
	SPEC(speaker, router_id, FIELD_BYTES), SPEC(speaker, digest, FIELD_BYTES),
};

static const struct field babel_interface_fields[] = {
	KEY(babel_interface, link, FIELD_TEXT),
	SPEC(babel_interface, rxcost, FIELD_U16),
	SPEC(babel_interface, hello_interval_ms, FIELD_U16),
};

#define TYPE(type_name, type_fields)                                                               \
	{                                                                                          \
		.name = (type_name), .fields = (type_fields),                                      \
		.fields_count = ARRAY_SIZE(type_fields),                                           \
	}

static const struct object_type object_types[OBJECT_KINDS] = {
	[OBJECT_NETNS] = TYPE("netns", netns_fields),
	[OBJECT_SYSCTL] = TYPE("sysctl", sysctl_fields),
	[OBJECT_LINK] = TYPE("link", link_fields),
	[OBJECT_VRF_MEMBER] = TYPE("vrf-member", vrf_member_fields),
	[OBJECT_VRF_RULE] = TYPE("vrf-rule", vrf_rule_fields),
	[OBJECT_ADDRESS] = TYPE("address", address_fields),
	[OBJECT_WIREGUARD] = TYPE("wireguard", wireguard_fields),
	[OBJECT_IKE_DAEMON] = TYPE("ike-daemon", ike_daemon_fields),
	[OBJECT_IKE_PPK] = TYPE("ike-ppk", ike_ppk_fields),
	[OBJECT_IKE_CONNECTION] = TYPE("ike-connection", ike_connection_fields),
	[OBJECT_SID] = TYPE("sid", sid_fields),
	[OBJECT_ROUTE] = TYPE("route", route_fields),
	[OBJECT_RULESET] = TYPE("ruleset", ruleset_fields),
	[OBJECT_SPEAKER] = TYPE("speaker", speaker_fields),
	[OBJECT_BABEL_INTERFACE] = TYPE("babel-interface", babel_interface_fields),
};

const struct object_type *object_type(enum object_kind kind)
{
	return &object_types[kind];
}
