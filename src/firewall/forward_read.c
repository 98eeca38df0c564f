// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/memory.h"
#include "firewall/private.h"
#include "netlink/attribute.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <string.h>

#define DOCKER_CHAIN "DOCKER-USER"

struct chain_reader {
	struct forward_chains dropping;
	struct forward_chains docker; /* the chains DOCKER_CHAIN */
};

static void read_names(const struct nlmsghdr *message, const struct nlattr **attributes,
		       struct forward_chain *ret)
{
	const struct nfgenmsg *header = mnl_nlmsg_get_payload(message);

	ret->family = header->nfgen_family;
	attribute_text(attributes[NFTA_CHAIN_TABLE], ret->table, sizeof(ret->table));
	attribute_text(attributes[NFTA_CHAIN_NAME], ret->name, sizeof(ret->name));
}

/* A chain without a policy is none where packets begin. */
static bool drops_forwarded(const struct nlattr **attributes)
{
	const struct nlattr *hook[NFTA_HOOK_MAX + 1];

	if (!attributes[NFTA_CHAIN_HOOK] ||
	    ntohl(attribute_u32(attributes[NFTA_CHAIN_POLICY], htonl(NF_ACCEPT))) != NF_DROP)
		return false;
	attributes_parse_nested(attributes[NFTA_CHAIN_HOOK], hook, NFTA_HOOK_MAX);
	return ntohl(attribute_u32(hook[NFTA_HOOK_HOOKNUM], htonl(NF_INET_NUMHOOKS))) ==
	       NF_INET_FORWARD;
}

static int read_chain(void *userdata, const struct nlmsghdr *message)
{
	struct chain_reader *reader = userdata;
	const struct nlattr *attributes[NFTA_CHAIN_MAX + 1];
	struct forward_chain chain = { 0 };

	if (mnl_nlmsg_get_payload_len(message) < sizeof(struct nfgenmsg))
		return 0;
	attributes_parse(message, sizeof(struct nfgenmsg), attributes, NFTA_CHAIN_MAX);
	read_names(message, attributes, &chain);
	if (chain.family != NFPROTO_IPV4 && chain.family != NFPROTO_IPV6 &&
	    chain.family != NFPROTO_INET)
		return 0;
	if (!strcmp(chain.name, DOCKER_CHAIN))
		*ARRAY_APPEND(reader->docker.items, reader->docker.count) = chain;
	else if (drops_forwarded(attributes))
		*ARRAY_APPEND(reader->dropping.items, reader->dropping.count) = chain;
	return 0;
}

static bool has_table_of(const struct forward_chains *chains, const struct forward_chain *chain)
{
	for (size_t i = 0; i < chains->count; i++)
		if (chains->items[i].family == chain->family &&
		    !strcmp(chains->items[i].table, chain->table))
			return true;
	return false;
}

struct rule_reader {
	const char *link;
	bool lets_pass;
};

/* Is @value the whole name? "ar*" of nft and "-i ar+" of iptables end without the terminator. */
static bool is_name(const struct nlattr *value, const char *name)
{
	size_t size = strlen(name) + 1;

	return value && mnl_attr_get_payload_len(value) >= size &&
	       !memcmp(mnl_attr_get_payload(value), name, size);
}

static bool compares_with(const struct nlattr *compare, const char *link)
{
	const struct nlattr *attributes[NFTA_CMP_MAX + 1], *data[NFTA_DATA_MAX + 1];

	attributes_parse_nested(compare, attributes, NFTA_CMP_MAX);
	if (ntohl(attribute_u32(attributes[NFTA_CMP_OP], htonl(NFT_CMP_NEQ))) != NFT_CMP_EQ ||
	    !attributes[NFTA_CMP_DATA])
		return false;
	attributes_parse_nested(attributes[NFTA_CMP_DATA], data, NFTA_DATA_MAX);
	return is_name(data[NFTA_DATA_VALUE], link);
}

/* To accept it, or to see further in another chain. */
static bool is_no_drop(const struct nlattr *immediate)
{
	const struct nlattr *attributes[NFTA_IMMEDIATE_MAX + 1], *data[NFTA_DATA_MAX + 1];
	const struct nlattr *verdict[NFTA_VERDICT_MAX + 1];

	attributes_parse_nested(immediate, attributes, NFTA_IMMEDIATE_MAX);
	if (!attributes[NFTA_IMMEDIATE_DATA])
		return false;
	attributes_parse_nested(attributes[NFTA_IMMEDIATE_DATA], data, NFTA_DATA_MAX);
	if (!data[NFTA_DATA_VERDICT])
		return false;
	attributes_parse_nested(data[NFTA_DATA_VERDICT], verdict, NFTA_VERDICT_MAX);
	return ntohl(attribute_u32(verdict[NFTA_VERDICT_CODE], htonl(NF_DROP))) != NF_DROP;
}

static int read_rule(void *userdata, const struct nlmsghdr *message)
{
	struct rule_reader *reader = userdata;
	const struct nlattr *attributes[NFTA_RULE_MAX + 1];
	struct nlattr *expression; /* for libmnl's macro */
	bool names = false, passes = false;

	attributes_parse(message, sizeof(struct nfgenmsg), attributes, NFTA_RULE_MAX);
	if (!attributes[NFTA_RULE_EXPRESSIONS])
		return 0;
	mnl_attr_for_each_nested(expression, attributes[NFTA_RULE_EXPRESSIONS])
	{
		const struct nlattr *parts[NFTA_EXPR_MAX + 1];
		char name[16];

		attributes_parse_nested(expression, parts, NFTA_EXPR_MAX);
		attribute_text(parts[NFTA_EXPR_NAME], name, sizeof(name));
		if (!parts[NFTA_EXPR_DATA])
			continue;
		names |= !strcmp(name, "cmp") && compares_with(parts[NFTA_EXPR_DATA], reader->link);
		passes |= !strcmp(name, "immediate") && is_no_drop(parts[NFTA_EXPR_DATA]);
	}
	reader->lets_pass |= names && passes;
	return 0;
}

/* The kernel answers about one chain only. */
static int read_rules(struct netlink *netlink, const struct forward_chain *chain, const char *name,
		      struct rule_reader *reader, struct error *error)
{
	struct nlmsghdr *request =
		netlink_request(netlink, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETRULE, 0);
	struct nfgenmsg *header = mnl_nlmsg_put_extra_header(request, sizeof(*header));

	header->nfgen_family = chain->family;
	header->version = NFNETLINK_V0;
	mnl_attr_put_strz(request, NFTA_RULE_TABLE, chain->table);
	mnl_attr_put_strz(request, NFTA_RULE_CHAIN, name);
	return netlink_dump(netlink, "NFT_MSG_GETRULE", read_rule, reader, error);
}

static int look_for_rules(struct netlink *netlink, const char *link, struct forward_chain *chain,
			  struct error *error)
{
	struct rule_reader reader = { .link = link };
	int result = read_rules(netlink, chain, chain->name, &reader, error);

	if (result == 0 && chain->has_docker_user)
		result = read_rules(netlink, chain, DOCKER_CHAIN, &reader, error);
	chain->lets_link_pass = reader.lets_pass;
	return result;
}

static int read_chains(struct nft_spaces *nft, const char *link, struct forward_chains *ret,
		       struct error *error)
{
	CLEANUP(forward_chains_done) struct forward_chains docker = { 0 };
	struct chain_reader reader = { 0 };
	struct netlink *netlink;
	struct nfgenmsg *header;
	int result = nft_spaces_netlink(nft, SPACE_UNDERLAY, &netlink, error);

	if (result < 0)
		return result;
	header = mnl_nlmsg_put_extra_header(
		netlink_request(netlink, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETCHAIN, 0),
		sizeof(*header));
	header->nfgen_family = NFPROTO_UNSPEC;
	header->version = NFNETLINK_V0;
	result = netlink_dump(netlink, "NFT_MSG_GETCHAIN", read_chain, &reader, error);
	docker = reader.docker;
	for (size_t i = 0; result == 0 && i < reader.dropping.count; i++) {
		struct forward_chain *chain = &reader.dropping.items[i];

		chain->has_docker_user = has_table_of(&docker, chain);
		result = look_for_rules(netlink, link, chain, error);
	}
	*ret = reader.dropping;
	return result;
}

int firewall_forward_chains(struct firewall *firewall, const struct forward_chains **ret,
			    struct error *error)
{
	struct forward_seen *seen = &firewall->forward;
	uint64_t namespace;
	uint32_t generation;
	int result = nft_spaces_generation(firewall->nft, SPACE_UNDERLAY, &generation, &namespace,
					   error);

	if (result < 0)
		return result;
	*ret = &seen->chains;
	if (seen->is_valid && seen->generation == generation && seen->namespace == namespace)
		return 0;
	forward_chains_done(&seen->chains);
	result =
		read_chains(firewall->nft, spaces_instance(firewall->spaces), &seen->chains, error);
	/* What was read belongs to this generation or a later one, which is read anew then. */
	seen->is_valid = result == 0;
	seen->generation = generation;
	seen->namespace = namespace;
	return result;
}
