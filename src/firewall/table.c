// SPDX-License-Identifier: GPL-2.0-or-later
#include "firewall/table.h"

#include "base/memory.h"
#include "crypto/crypto.h"
#include "netlink/attribute.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#define SET_NAME_SIZE 256 /* NFT_SET_MAXNAMELEN */

/* libnftnl's udata: type, length, value (include/udata.h there). */
#define UDATA_TABLE_COMMENT 0

/* A request about one table, or about something in it. */
struct question {
	uint16_t type;	  /* NFT_MSG_GET... */
	const char *what; /* the same, for messages */
	uint16_t table_attribute;
	uint16_t set_attribute; /* of GETSETELEM */
	const char *set;
};

struct reader {
	struct netlink *netlink;
	const char *table;
	struct crypto_hash *hash;
	char (*sets)[SET_NAME_SIZE];
	size_t sets_count;
};

static void ask(const struct reader *reader, const struct question *question)
{
	struct nlmsghdr *request = netlink_request(
		reader->netlink, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | question->type), 0);
	struct nfgenmsg *header = mnl_nlmsg_put_extra_header(request, sizeof(*header));

	header->nfgen_family = NFPROTO_INET;
	header->version = NFNETLINK_V0;
	mnl_attr_put_strz(request, question->table_attribute, reader->table);
	if (question->set)
		mnl_attr_put_strz(request, question->set_attribute, question->set);
}

/* All but the header, which has the generation in it, and the message's own numbers. */
static void hash_message(const struct reader *reader, const struct nlmsghdr *message)
{
	const uint8_t *payload = mnl_nlmsg_get_payload_offset(message, sizeof(struct nfgenmsg));
	const uint8_t *end = (const uint8_t *)message + message->nlmsg_len;

	crypto_hash_add(reader->hash, &message->nlmsg_type, sizeof(message->nlmsg_type));
	if (payload < end)
		crypto_hash_add(reader->hash, payload, (size_t)(end - payload));
}

/* The kernel ignores the table of some questions and answers about all of them. */
static bool is_of_table(const struct reader *reader, const struct nlmsghdr *message,
			uint16_t attribute)
{
	const struct nlattr *attributes[NFTA_RULE_MAX + 1];
	char table[SET_NAME_SIZE];

	attributes_parse(message, sizeof(struct nfgenmsg), attributes, NFTA_RULE_MAX);
	attribute_text(attributes[attribute], table, sizeof(table));
	return !strcmp(table, reader->table);
}

/* Chains, rules and elements have the table's name in their first attribute. */
static int read_part(void *userdata, const struct nlmsghdr *message)
{
	struct reader *reader = userdata;

	if (is_of_table(reader, message, NFTA_RULE_TABLE))
		hash_message(reader, message);
	return 0;
}

static int read_set(void *userdata, const struct nlmsghdr *message)
{
	struct reader *reader = userdata;
	const struct nlattr *attributes[NFTA_SET_MAX + 1];
	char name[SET_NAME_SIZE];
	uint32_t flags;

	if (!is_of_table(reader, message, NFTA_SET_TABLE))
		return 0;
	attributes_parse(message, sizeof(struct nfgenmsg), attributes, NFTA_SET_MAX);
	attribute_text(attributes[NFTA_SET_NAME], name, sizeof(name));
	flags = ntohl(attribute_u32(attributes[NFTA_SET_FLAGS], 0));
	if (flags & NFT_SET_EVAL) {
		/* Its elements, and with them its size, are made by packets. */
		crypto_hash_add(reader->hash, name, sizeof(name));
		crypto_hash_add(reader->hash, &flags, sizeof(flags));
		return 0;
	}
	hash_message(reader, message);
	memcpy(*ARRAY_APPEND(reader->sets, reader->sets_count), name, sizeof(name));
	return 0;
}

/* Not their data: counters count. */
static int read_object(void *userdata, const struct nlmsghdr *message)
{
	struct reader *reader = userdata;
	const struct nlattr *attributes[NFTA_OBJ_MAX + 1];
	char name[SET_NAME_SIZE];
	uint32_t type;

	if (!is_of_table(reader, message, NFTA_OBJ_TABLE))
		return 0;
	attributes_parse(message, sizeof(struct nfgenmsg), attributes, NFTA_OBJ_MAX);
	attribute_text(attributes[NFTA_OBJ_NAME], name, sizeof(name));
	type = attribute_u32(attributes[NFTA_OBJ_TYPE], 0);
	crypto_hash_add(reader->hash, name, sizeof(name));
	crypto_hash_add(reader->hash, &type, sizeof(type));
	return 0;
}

struct table_reader {
	struct reader *reader;
	struct table *table;
};

static void read_comment(const struct nlattr *userdata, char ret[TABLE_COMMENT_SIZE])
{
	const uint8_t *next = userdata ? mnl_attr_get_payload(userdata) : NULL;
	size_t left = userdata ? mnl_attr_get_payload_len(userdata) : 0;

	while (left >= 2 && left - 2 >= next[1]) {
		size_t length = next[1];

		if (next[0] == UDATA_TABLE_COMMENT && length < TABLE_COMMENT_SIZE)
			memcpy(ret, next + 2, length);
		next += 2 + length;
		left -= 2 + length;
	}
}

static int read_table(void *userdata, const struct nlmsghdr *message)
{
	const struct table_reader *reader = userdata;
	const struct nlattr *attributes[NFTA_TABLE_MAX + 1];
	uint32_t flags;

	attributes_parse(message, sizeof(struct nfgenmsg), attributes, NFTA_TABLE_MAX);
	flags = attribute_u32(attributes[NFTA_TABLE_FLAGS], 0);
	reader->table->exists = true;
	read_comment(attributes[NFTA_TABLE_USERDATA], reader->table->comment);
	if (reader->reader->hash)
		crypto_hash_add(reader->reader->hash, &flags, sizeof(flags));
	return 0;
}

static const struct question about_table = { NFT_MSG_GETTABLE, "NFT_MSG_GETTABLE",
					     NFTA_TABLE_NAME };

static const struct {
	struct question question;
	netlink_message_fn *read;
} parts[] = {
	{ { NFT_MSG_GETCHAIN, "NFT_MSG_GETCHAIN", NFTA_CHAIN_TABLE }, read_part },
	{ { NFT_MSG_GETRULE, "NFT_MSG_GETRULE", NFTA_RULE_TABLE }, read_part },
	{ { NFT_MSG_GETOBJ, "NFT_MSG_GETOBJ", NFTA_OBJ_TABLE }, read_object },
	{ { NFT_MSG_GETFLOWTABLE, "NFT_MSG_GETFLOWTABLE", NFTA_FLOWTABLE_TABLE }, read_part },
	{ { NFT_MSG_GETSET, "NFT_MSG_GETSET", NFTA_SET_TABLE }, read_set },
};

static int look_up(struct reader *reader, struct table *table, struct error *error)
{
	struct table_reader table_reader = { reader, table };
	int result;

	ask(reader, &about_table);
	result = netlink_get(reader->netlink, about_table.what, read_table, &table_reader, error);
	return result == -ENOENT ? 0 : result;
}

static int read_parts(struct reader *reader, struct error *error)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < ARRAY_SIZE(parts); i++) {
		ask(reader, &parts[i].question);
		result = netlink_dump(reader->netlink, parts[i].question.what, parts[i].read,
				      reader, error);
	}
	for (size_t i = 0; result == 0 && i < reader->sets_count; i++) {
		const struct question question = {
			.type = NFT_MSG_GETSETELEM,
			.what = "NFT_MSG_GETSETELEM",
			.table_attribute = NFTA_SET_ELEM_LIST_TABLE,
			.set_attribute = NFTA_SET_ELEM_LIST_SET,
			.set = reader->sets[i],
		};

		ask(reader, &question);
		result = netlink_dump(reader->netlink, question.what, read_part, reader, error);
	}
	return result;
}

int table_read(struct nft_spaces *nft, enum space space, const char *name, struct table *ret,
	       struct error *error)
{
	struct reader reader = { .table = name };
	struct table table = { 0 };
	int result = nft_spaces_netlink(nft, space, &reader.netlink, error);

	if (result < 0)
		return result;
	reader.hash = crypto_hash_new();
	result = look_up(&reader, &table, error);
	if (result == 0 && table.exists)
		result = read_parts(&reader, error);
	crypto_hash_finish(reader.hash, table.fingerprint);
	free(reader.sets);
	if (result == 0)
		*ret = table;
	return result;
}

int table_exists(struct nft_spaces *nft, enum space space, const char *name, struct error *error)
{
	struct reader reader = { .table = name };
	struct table table = { 0 };
	int result = nft_spaces_netlink(nft, space, &reader.netlink, error);

	if (result == 0)
		result = look_up(&reader, &table, error);
	return result < 0 ? result : table.exists;
}
