// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireguard/genl.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/wireguard.h>
#include <string.h>
#include <sys/socket.h>

/* What an attribute holds; a size of 0 means any, which the reader checks. */
struct rule {
	enum mnl_attr_data_type type;
	size_t size; /* at least, as a newer kernel may append */
};

static const struct rule device_rules[WGDEVICE_A_MAX + 1] = {
	[WGDEVICE_A_PRIVATE_KEY] = { MNL_TYPE_BINARY, WG_KEY_LEN },
	[WGDEVICE_A_LISTEN_PORT] = { MNL_TYPE_U16, 0 },
	[WGDEVICE_A_FWMARK] = { MNL_TYPE_U32, 0 },
	[WGDEVICE_A_PEERS] = { MNL_TYPE_NESTED, 0 },
};

struct handshake_time {
	int64_t sec, nsec; /* struct __kernel_timespec */
};

static const struct rule peer_rules[WGPEER_A_MAX + 1] = {
	[WGPEER_A_PUBLIC_KEY] = { MNL_TYPE_BINARY, WG_KEY_LEN },
	[WGPEER_A_PRESHARED_KEY] = { MNL_TYPE_BINARY, WG_KEY_LEN },
	[WGPEER_A_ENDPOINT] = { MNL_TYPE_BINARY, sizeof(struct sockaddr_in) },
	[WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL] = { MNL_TYPE_U16, 0 },
	[WGPEER_A_LAST_HANDSHAKE_TIME] = { MNL_TYPE_BINARY, sizeof(struct handshake_time) },
	[WGPEER_A_RX_BYTES] = { MNL_TYPE_U64, 0 },
	[WGPEER_A_TX_BYTES] = { MNL_TYPE_U64, 0 },
	[WGPEER_A_ALLOWEDIPS] = { MNL_TYPE_NESTED, 0 },
};

static const struct rule allowed_ip_rules[WGALLOWEDIP_A_MAX + 1] = {
	[WGALLOWEDIP_A_FAMILY] = { MNL_TYPE_U16, 0 },
	[WGALLOWEDIP_A_IPADDR] = { MNL_TYPE_BINARY, sizeof(struct in_addr) },
	[WGALLOWEDIP_A_CIDR_MASK] = { MNL_TYPE_U8, 0 },
};

struct table {
	const struct rule *rules;
	uint16_t maximum;
	const struct nlattr **attributes; /* by type */
};

/* Attributes without a rule are skipped: we do not read them. */
static int collect_attribute(const struct nlattr *attribute, void *userdata)
{
	const struct table *table = userdata;
	uint16_t type = mnl_attr_get_type(attribute);
	const struct rule *rule = &table->rules[type <= table->maximum ? type : 0];

	if (rule->type == MNL_TYPE_UNSPEC)
		return MNL_CB_OK;
	if (rule->type == MNL_TYPE_BINARY ? mnl_attr_get_payload_len(attribute) < rule->size
					  : mnl_attr_validate(attribute, rule->type) < 0)
		return MNL_CB_ERROR;
	table->attributes[type] = attribute;
	return MNL_CB_OK;
}

static int collect_nested(const struct nlattr *nested, const struct rule *rules, uint16_t maximum,
			  const struct nlattr **attributes)
{
	struct table table = { rules, maximum, attributes };

	return mnl_attr_parse_nested(nested, collect_attribute, &table) < 0 ? -EBADMSG : 0;
}

/* libmnl's own loop casts const away. NULL after the last one, or at one that is cut off. */
static const struct nlattr *next_nested(const struct nlattr *nested, const struct nlattr *previous)
{
	const char *first = mnl_attr_get_payload(nested);
	const char *end = first + mnl_attr_get_payload_len(nested);
	const struct nlattr *attribute =
		previous ? mnl_attr_next(previous) : mnl_attr_get_payload(nested);

	return mnl_attr_ok(attribute, (int)(end - (const char *)attribute)) ? attribute : NULL;
}

static int parse_allowed_ip(const struct nlattr *nested, struct wireguard_peer *peer)
{
	const struct nlattr *attributes[WGALLOWEDIP_A_MAX + 1] = { 0 };
	const struct nlattr *address = NULL;
	struct ip_prefix prefix = { 0 };
	uint16_t family;
	int result = collect_nested(nested, allowed_ip_rules, WGALLOWEDIP_A_MAX, attributes);

	if (result < 0)
		return result;
	address = attributes[WGALLOWEDIP_A_IPADDR];
	if (!address || !attributes[WGALLOWEDIP_A_FAMILY] || !attributes[WGALLOWEDIP_A_CIDR_MASK])
		return -EBADMSG;
	family = mnl_attr_get_u16(attributes[WGALLOWEDIP_A_FAMILY]);
	if ((family != AF_INET && family != AF_INET6) ||
	    (family == AF_INET6 && mnl_attr_get_payload_len(address) < sizeof(struct in6_addr)))
		return -EBADMSG;
	prefix.address = ip_address_from_bytes(family, mnl_attr_get_payload(address));
	prefix.length = mnl_attr_get_u8(attributes[WGALLOWEDIP_A_CIDR_MASK]);
	wireguard_peer_allow(peer, &prefix);
	return 0;
}

static int parse_endpoint(const struct nlattr *attribute, struct wireguard_peer *peer)
{
	struct sockaddr_storage address = { 0 };
	size_t size = mnl_attr_get_payload_len(attribute);

	if (size > sizeof(address))
		return -EBADMSG;
	memcpy(&address, mnl_attr_get_payload(attribute), size);
	if (address.ss_family == AF_INET6 && size < sizeof(struct sockaddr_in6))
		return -EBADMSG;
	return ip_endpoint_from_sockaddr((const struct sockaddr *)&address, &peer->endpoint) < 0
		       ? -EBADMSG
		       : 0;
}

/* The values of a peer; all are absent in the later part of one that was split. */
static int parse_peer_values(const struct nlattr *const *attributes, struct wireguard_peer *peer)
{
	struct handshake_time handshake;

	if (attributes[WGPEER_A_PRESHARED_KEY])
		memcpy(peer->preshared_key,
		       mnl_attr_get_payload(attributes[WGPEER_A_PRESHARED_KEY]), KEY_SIZE);
	if (attributes[WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL])
		peer->keepalive_sec =
			mnl_attr_get_u16(attributes[WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL]);
	if (attributes[WGPEER_A_RX_BYTES])
		peer->rx_bytes = mnl_attr_get_u64(attributes[WGPEER_A_RX_BYTES]);
	if (attributes[WGPEER_A_TX_BYTES])
		peer->tx_bytes = mnl_attr_get_u64(attributes[WGPEER_A_TX_BYTES]);
	if (attributes[WGPEER_A_LAST_HANDSHAKE_TIME]) {
		memcpy(&handshake, mnl_attr_get_payload(attributes[WGPEER_A_LAST_HANDSHAKE_TIME]),
		       sizeof(handshake));
		peer->last_handshake_sec = handshake.sec;
	}
	if (attributes[WGPEER_A_ENDPOINT])
		return parse_endpoint(attributes[WGPEER_A_ENDPOINT], peer);
	return 0;
}

/* The last peer if it has that key, else a new one; NULL if there are too many. */
static struct wireguard_peer *continue_peer(struct wireguard_device *device, const void *key)
{
	struct wireguard_peer *last =
		device->peers_count ? &device->peers[device->peers_count - 1] : NULL;

	if (!last || memcmp(last->public_key, key, KEY_SIZE) != 0)
		last = wireguard_device_add_peer(device);
	if (last)
		memcpy(last->public_key, key, KEY_SIZE);
	return last;
}

static int parse_peer(const struct nlattr *nested, struct wireguard_device *device)
{
	const struct nlattr *attributes[WGPEER_A_MAX + 1] = { 0 };
	const struct nlattr *allowed_ip = NULL;
	struct wireguard_peer *peer;
	int result = collect_nested(nested, peer_rules, WGPEER_A_MAX, attributes);

	if (result < 0 || !attributes[WGPEER_A_PUBLIC_KEY])
		return -EBADMSG;
	peer = continue_peer(device, mnl_attr_get_payload(attributes[WGPEER_A_PUBLIC_KEY]));
	if (!peer)
		return -EMSGSIZE;
	result = parse_peer_values(attributes, peer);
	if (!attributes[WGPEER_A_ALLOWEDIPS])
		return result;
	while (result == 0 &&
	       (allowed_ip = next_nested(attributes[WGPEER_A_ALLOWEDIPS], allowed_ip)))
		result = parse_allowed_ip(allowed_ip, peer);
	return result;
}

int genl_parse_device(const struct nlmsghdr *message, struct wireguard_device *device)
{
	const struct nlattr *attributes[WGDEVICE_A_MAX + 1] = { 0 };
	struct table table = { device_rules, WGDEVICE_A_MAX, attributes };
	const struct nlattr *peer = NULL;
	int result = 0;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(struct genlmsghdr) ||
	    mnl_attr_parse(message, sizeof(struct genlmsghdr), collect_attribute, &table) < 0)
		return -EBADMSG;
	if (attributes[WGDEVICE_A_PRIVATE_KEY])
		memcpy(device->private_key,
		       mnl_attr_get_payload(attributes[WGDEVICE_A_PRIVATE_KEY]), KEY_SIZE);
	if (attributes[WGDEVICE_A_LISTEN_PORT]) {
		device->has_listen_port = true;
		device->listen_port = mnl_attr_get_u16(attributes[WGDEVICE_A_LISTEN_PORT]);
	}
	if (attributes[WGDEVICE_A_FWMARK])
		device->fwmark = mnl_attr_get_u32(attributes[WGDEVICE_A_FWMARK]);
	if (!attributes[WGDEVICE_A_PEERS])
		return 0;
	while (result == 0 && (peer = next_nested(attributes[WGDEVICE_A_PEERS], peer)))
		result = parse_peer(peer, device);
	return result;
}

static void put_header(struct nlmsghdr *message, uint8_t command, uint8_t version)
{
	struct genlmsghdr *header = mnl_nlmsg_put_extra_header(message, sizeof(*header));

	*header = (struct genlmsghdr) { .cmd = command, .version = version };
}

static void put_allowed_ip(struct nlmsghdr *message, uint16_t family, size_t address_size)
{
	static const uint8_t any[sizeof(struct in6_addr)];
	struct nlattr *nested = mnl_attr_nest_start(message, 0);

	mnl_attr_put_u16(message, WGALLOWEDIP_A_FAMILY, family);
	mnl_attr_put(message, WGALLOWEDIP_A_IPADDR, address_size, any);
	mnl_attr_put_u8(message, WGALLOWEDIP_A_CIDR_MASK, 0);
	mnl_attr_nest_end(message, nested);
}

static void put_allowed_ips(struct nlmsghdr *message)
{
	struct nlattr *nested = mnl_attr_nest_start(message, WGPEER_A_ALLOWEDIPS);

	put_allowed_ip(message, AF_INET, sizeof(struct in_addr));
	put_allowed_ip(message, AF_INET6, sizeof(struct in6_addr));
	mnl_attr_nest_end(message, nested);
}

static void put_removal(struct nlmsghdr *message, const uint8_t key[KEY_SIZE])
{
	struct nlattr *nested = mnl_attr_nest_start(message, 0);

	mnl_attr_put(message, WGPEER_A_PUBLIC_KEY, KEY_SIZE, key);
	mnl_attr_put_u32(message, WGPEER_A_FLAGS, WGPEER_F_REMOVE_ME);
	mnl_attr_nest_end(message, nested);
}

static void put_peer(struct nlmsghdr *message, const struct wireguard_change *change)
{
	struct nlattr *nested = mnl_attr_nest_start(message, 0);
	struct sockaddr_storage address;
	uint32_t flags = (change->adds_peer ? 0 : WGPEER_F_UPDATE_ONLY) |
			 (change->replaces_allowed_ips ? WGPEER_F_REPLACE_ALLOWEDIPS : 0);

	mnl_attr_put(message, WGPEER_A_PUBLIC_KEY, KEY_SIZE, change->peer_key);
	mnl_attr_put_u32(message, WGPEER_A_FLAGS, flags);
	if (change->has_preshared_key)
		mnl_attr_put(message, WGPEER_A_PRESHARED_KEY, KEY_SIZE, change->preshared_key);
	if (change->has_endpoint) {
		socklen_t size = ip_endpoint_to_sockaddr(&change->endpoint, &address);

		mnl_attr_put(message, WGPEER_A_ENDPOINT, size, &address);
	}
	if (change->has_keepalive)
		mnl_attr_put_u16(message, WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL,
				 change->keepalive_sec);
	if (change->replaces_allowed_ips)
		put_allowed_ips(message);
	mnl_attr_nest_end(message, nested);
}

static void put_device_values(struct nlmsghdr *message, const struct wireguard_change *change)
{
	if (change->has_private_key)
		mnl_attr_put(message, WGDEVICE_A_PRIVATE_KEY, KEY_SIZE, change->private_key);
	if (change->has_listen_port)
		mnl_attr_put_u16(message, WGDEVICE_A_LISTEN_PORT, change->listen_port);
	if (change->has_fwmark)
		mnl_attr_put_u32(message, WGDEVICE_A_FWMARK, change->fwmark);
}

size_t genl_put_change(struct nlmsghdr *message, const char *link,
		       const struct wireguard_change *change, size_t first_removed)
{
	size_t next = first_removed;
	bool is_last = change->removed_count - first_removed <= GENL_REMOVALS_MAX;
	struct nlattr *peers;

	put_header(message, WG_CMD_SET_DEVICE, WG_GENL_VERSION);
	mnl_attr_put_strz(message, WGDEVICE_A_IFNAME, link);
	if (is_last)
		put_device_values(message, change);
	peers = mnl_attr_nest_start(message, WGDEVICE_A_PEERS);
	while (next < change->removed_count && next - first_removed < GENL_REMOVALS_MAX)
		put_removal(message, change->removed[next++]);
	if (is_last && change->has_peer)
		put_peer(message, change);
	mnl_attr_nest_end(message, peers);
	return next;
}

int genl_set(struct netlink *netlink, uint16_t family, const char *link,
	     const struct wireguard_change *change, struct error *error)
{
	size_t next = 0;
	int result;

	do {
		struct nlmsghdr *message = netlink_request(netlink, family, NLM_F_ACK);

		next = genl_put_change(message, link, change, next);
		result = netlink_call(netlink, "WG_CMD_SET_DEVICE", error);
		/* The request holds secret keys and its buffer stays. */
		explicit_bzero(message, message->nlmsg_len);
	} while (result == 0 && next < change->removed_count);
	return result;
}

struct reader {
	struct wireguard_device device;
	int result;
};

static int read_device(void *userdata, const struct nlmsghdr *message)
{
	struct reader *reader = userdata;

	reader->result = genl_parse_device(message, &reader->device);
	return reader->result;
}

int genl_get(struct netlink *netlink, uint16_t family, const char *link,
	     struct wireguard_device *ret, struct error *error)
{
	static const char what[] = "WG_CMD_GET_DEVICE";
	struct nlmsghdr *message = netlink_request(netlink, family, NLM_F_DUMP);
	struct reader reader = { 0 };
	int result;

	put_header(message, WG_CMD_GET_DEVICE, WG_GENL_VERSION);
	mnl_attr_put_strz(message, WGDEVICE_A_IFNAME, link);
	result = netlink_dump(netlink, what, read_device, &reader, error);
	if (reader.result == -EMSGSIZE)
		(void)error_set(error, result, ERROR_TOO_BIG, link, "%s: more than %d peers", what,
				WIREGUARD_PEERS_MAX);
	else if (reader.result < 0)
		(void)error_set(error, result, ERROR_APPLY, link, "%s: malformed answer", what);
	if (result < 0)
		wireguard_device_done(&reader.device);
	else
		*ret = reader.device;
	return result;
}

static const struct rule family_rules[CTRL_ATTR_FAMILY_NAME + 1] = {
	[CTRL_ATTR_FAMILY_ID] = { MNL_TYPE_U16, 0 },
	[CTRL_ATTR_FAMILY_NAME] = { MNL_TYPE_NUL_STRING, 0 },
};

static int read_family(void *userdata, const struct nlmsghdr *message)
{
	const struct nlattr *attributes[CTRL_ATTR_FAMILY_NAME + 1] = { 0 };
	struct table table = { family_rules, CTRL_ATTR_FAMILY_NAME, attributes };
	const struct nlattr *name = NULL;
	uint16_t *family = userdata;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(struct genlmsghdr) ||
	    mnl_attr_parse(message, sizeof(struct genlmsghdr), collect_attribute, &table) < 0)
		return -EBADMSG;
	name = attributes[CTRL_ATTR_FAMILY_NAME];
	if (name && attributes[CTRL_ATTR_FAMILY_ID] &&
	    !strcmp(mnl_attr_get_str(name), WG_GENL_NAME))
		*family = mnl_attr_get_u16(attributes[CTRL_ATTR_FAMILY_ID]);
	return 0;
}

int genl_find_family(struct netlink *netlink, uint16_t *ret, struct error *error)
{
	static const char what[] = "CTRL_CMD_GETFAMILY wireguard";
	struct nlmsghdr *message = netlink_request(netlink, GENL_ID_CTRL, 0);
	uint16_t family = 0;
	int result;

	/* By name, because that, unlike a dump, makes the kernel look for a module. */
	put_header(message, CTRL_CMD_GETFAMILY, 1);
	mnl_attr_put_strz(message, CTRL_ATTR_FAMILY_NAME, WG_GENL_NAME);
	result = netlink_get(netlink, what, read_family, &family, error);
	if (result < 0)
		return result;
	if (!family)
		return error_set(error, -EBADMSG, ERROR_APPLY, NULL, "%s: malformed answer", what);
	*ret = family;
	return 0;
}
