// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What we write for other programs, nftables and babeld, read back: exactly the prefixes, links and
 * router-ids that were meant, and no word more. Link names are those that config.json may give.
 */
#include "babel/babeld_config.h"
#include "base/hex.h"
#include "base/memory.h"
#include "firewall/text.h"
#include "fuzz.h"

#include <stdio.h>
#include <string.h>

#define PREFIXES_MAX 24
#define NODES_MAX 4
#define LINKS_MAX 3

struct prefixes {
	struct ip_prefix items[PREFIXES_MAX];
	size_t count;
};

static struct ip_prefix take_prefix(struct fuzz_input *input)
{
	uint8_t bytes[6];
	struct ip_prefix prefix;

	fuzz_take(input, bytes, sizeof(bytes));
	prefix.address = (struct ip_address) { bytes[0] & 1 ? AF_INET6 : AF_INET, { 0 } };
	memcpy(prefix.address.bytes, bytes + 2, 4);
	prefix.length = (uint8_t)(bytes[1] % (ip_address_bits(&prefix.address) + 1));
	return ip_prefix_masked(&prefix);
}

static void take_prefixes(struct fuzz_input *input, struct prefixes *ret)
{
	ret->count = fuzz_take_u8(input) % (PREFIXES_MAX + 1);
	for (size_t i = 0; i < ret->count; i++)
		ret->items[i] = take_prefix(input);
}

/* A name that config.json accepts as `ifname`. */
static void take_link(struct fuzz_input *input, char ret[IFNAME_SIZE])
{
	static const char alphabet[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	size_t length = 1 + fuzz_take_u8(input) % (IFNAME_SIZE - 1);

	memset(ret, 0, IFNAME_SIZE);
	for (size_t i = 0; i < length; i++)
		ret[i] = alphabet[fuzz_take_u8(input) % (sizeof(alphabet) - 1)];
}

static int compare_prefixes(const void *a, const void *b)
{
	return ip_prefix_compare(a, b);
}

/* Is there another one that contains @items[@index], or the same one further on? */
static bool is_needless(const struct prefixes *prefixes, size_t index)
{
	const struct ip_prefix *prefix = &prefixes->items[index];

	for (size_t i = 0; i < prefixes->count; i++) {
		const struct ip_prefix *other = &prefixes->items[i];

		if (ip_prefix_compare(prefix, other) == 0 ? i > index
							  : ip_prefix_contains(other, prefix))
			return true;
	}
	return false;
}

/* Sorted, each once, and none within another. */
static void normalize(struct prefixes *prefixes)
{
	struct prefixes kept = { .count = 0 };

	for (size_t i = 0; i < prefixes->count; i++)
		if (!is_needless(prefixes, i))
			kept.items[kept.count++] = prefixes->items[i];
	*prefixes = kept;
	qsort(prefixes->items, prefixes->count, sizeof(*prefixes->items), compare_prefixes);
}

/* What @all has of one family, without /0: what a set of nftables is to hold. */
static void select_family(const struct prefixes *all, uint16_t family, struct prefixes *ret)
{
	ret->count = 0;
	for (size_t i = 0; i < all->count; i++)
		if (all->items[i].address.family == family && all->items[i].length)
			ret->items[ret->count++] = all->items[i];
	normalize(ret);
}

/* The elements of the set @name in @text. */
static void read_set(const char *text, const char *name, struct prefixes *ret)
{
	CLEANUP(free) char *elements = NULL;
	char head[64], *rest, *word;
	const char *set, *end, *start;

	(void)snprintf(head, sizeof(head), "\tset %s {\n", name);
	set = strstr(text, head);
	FUZZ_CHECK(set != NULL);
	end = strstr(set, "\n\t}\n");
	FUZZ_CHECK(end != NULL);
	start = strstr(set, "elements = { ");
	ret->count = 0;
	if (!start || start > end)
		return;
	start += strlen("elements = { ");
	elements = strndup(start, strcspn(start, "}"));
	rest = elements;
	while ((word = strsep(&rest, " ,\n\t")))
		if (*word) {
			FUZZ_CHECK(ret->count < PREFIXES_MAX);
			FUZZ_CHECK(!ip_prefix_parse(word, &ret->items[ret->count++]));
		}
}

static void check_set(const char *text, const char *name, const struct prefixes *all,
		      uint16_t family)
{
	struct prefixes expected, found;

	select_family(all, family, &expected);
	read_set(text, name, &found);
	FUZZ_CHECK(found.count == expected.count);
	for (size_t i = 0; i < found.count; i++)
		FUZZ_CHECK(!ip_prefix_compare(&found.items[i], &expected.items[i]));
}

static bool has_item(const struct prefixes *prefixes, const struct ip_prefix *prefix)
{
	for (size_t i = 0; i < prefixes->count; i++)
		if (!ip_prefix_compare(&prefixes->items[i], prefix))
			return true;
	return false;
}

/* Those of @all that are in @other, or are not. */
static void select_common(const struct prefixes *all, const struct prefixes *other, bool common,
			  struct prefixes *ret)
{
	ret->count = 0;
	for (size_t i = 0; i < all->count; i++)
		if (has_item(other, &all->items[i]) == common)
			ret->items[ret->count++] = all->items[i];
}

/* Words, quoted texts and signs. */
static size_t next_token(const char *text)
{
	if (*text == '"') {
		size_t length = strcspn(text + 1, "\"\n");

		FUZZ_CHECK(text[1 + length] == '"');
		return length + 2;
	}
	return strcspn(text, " \t\n\"") ? strcspn(text, " \t\n\"") : 1;
}

/*
 * The same words but for the name: where @a has @name, @b has @other, each in one token. So a name
 * cannot end the token that it stands in.
 */
static void check_same_words(const char *a, const char *name, const char *b, const char *other)
{
	while (*a && *b) {
		size_t a_length = next_token(a), b_length = next_token(b);
		bool is_equal = a_length == b_length && !memcmp(a, b, a_length);

		FUZZ_CHECK(is_equal || (memmem(a, a_length, name, strlen(name)) &&
					memmem(b, b_length, other, strlen(other))));
		a += a_length;
		b += b_length;
	}
	FUZZ_CHECK(!*a && !*b);
}

static void check_firewall(struct fuzz_input *input)
{
	static const char other[] = "zq";
	CLEANUP(strbuf_done) struct strbuf overlay = { 0 };
	CLEANUP(strbuf_done) struct strbuf underlay = { 0 };
	CLEANUP(strbuf_done) struct strbuf overlay_other = { 0 };
	CLEANUP(strbuf_done) struct strbuf underlay_other = { 0 };
	struct prefixes own, remote, others, shared;
	char link[IFNAME_SIZE];
	struct firewall_rules rules = { .link = link, .tunnel_pattern = "ar-*" };

	take_link(input, link);
	take_prefixes(input, &own);
	take_prefixes(input, &remote);
	rules.own = own.items, rules.own_count = own.count;
	rules.remote = remote.items, rules.remote_count = remote.count;
	firewall_format_overlay(&rules, &overlay);
	firewall_format_underlay(&rules, &underlay);
	check_set(overlay.bytes, "own4", &own, AF_INET);
	check_set(overlay.bytes, "own6", &own, AF_INET6);
	check_set(overlay.bytes, "known4", &remote, AF_INET);
	check_set(overlay.bytes, "known6", &remote, AF_INET6);
	select_common(&remote, &own, false, &others);
	check_set(underlay.bytes, "remote4", &others, AF_INET);
	check_set(underlay.bytes, "remote6", &others, AF_INET6);
	select_common(&remote, &own, true, &shared);
	check_set(overlay.bytes, "shared4", &shared, AF_INET);
	check_set(overlay.bytes, "shared6", &shared, AF_INET6);
	rules.link = other;
	firewall_format_overlay(&rules, &overlay_other);
	firewall_format_underlay(&rules, &underlay_other);
	check_same_words(overlay.bytes, link, overlay_other.bytes, other);
	check_same_words(underlay.bytes, link, underlay_other.bytes, other);
}

struct nodes {
	struct babel_policy_node items[NODES_MAX];
	struct prefixes prefixes[NODES_MAX];
	char links[NODES_MAX][LINKS_MAX][IFNAME_SIZE];
	size_t count;
};

static void take_nodes(struct fuzz_input *input, struct nodes *ret)
{
	ret->count = fuzz_take_u8(input) % (NODES_MAX + 1);
	for (size_t i = 0; i < ret->count; i++) {
		struct babel_policy_node *node = &ret->items[i];

		*node = (struct babel_policy_node) { 0 };
		fuzz_take(input, node->router_id, sizeof(node->router_id));
		take_prefixes(input, &ret->prefixes[i]);
		node->prefixes = ret->prefixes[i].items;
		node->prefixes_count = ret->prefixes[i].count;
		node->no_transit = fuzz_take_u8(input) & 1;
		node->links_count = fuzz_take_u8(input) % (LINKS_MAX + 1);
		for (size_t j = 0; j < node->links_count; j++)
			take_link(input, ret->links[i][j]);
		node->links = (const char(*)[IFNAME_SIZE])ret->links[i];
	}
}

static bool has_link(const struct babel_policy_node *node, const char *link)
{
	for (size_t i = 0; i < node->links_count; i++)
		if (!strcmp(node->links[i], link))
			return true;
	return false;
}

/* Does one of @nodes say @rule? */
static bool is_accepted(const struct babel_rule *rule, const struct nodes *nodes)
{
	for (size_t i = 0; i < nodes->count; i++) {
		const struct babel_policy_node *node = &nodes->items[i];

		if (rule->type != BABEL_RULE_ACCEPT_TRANSIT && !has_link(node, rule->link))
			continue;
		if (rule->type == BABEL_RULE_ACCEPT_ONLY
			    ? node->no_transit
			    : has_item(&nodes->prefixes[i], &rule->prefix) &&
				      !memcmp(node->router_id, rule->router_id,
					      BABEL_ROUTER_ID_SIZE))
			return true;
	}
	return false;
}

/* "4f:6f:95:96:5b:c0:b5:89" */
static void read_router_id(const char *text, uint8_t ret[BABEL_ROUTER_ID_SIZE])
{
	char digits[BABEL_ROUTER_ID_TEXT_SIZE] = "";
	size_t length = 0;

	for (; *text && length + 1 < sizeof(digits); text++)
		if (*text != ':')
			digits[length++] = *text;
	FUZZ_CHECK(!*text && !hex_parse(digits, ret, BABEL_ROUTER_ID_SIZE));
}

/* One line of babeld's configuration as the rule that it is; false for any other line. */
static bool read_config_line(const char *line, struct babel_rule *ret)
{
	char link[IFNAME_SIZE] = "", id[32] = "", prefix[IP_PREFIX_TEXT_SIZE + 1] = "", end[16];
	unsigned length = 0;

	*ret = (struct babel_rule) { 0 };
	if (sscanf(line, "redistribute ip %50s eq %u proto 90 %15s", prefix, &length, end) == 3)
		ret->type = BABEL_RULE_ANNOUNCE;
	else if (sscanf(line, "in if %15s id %31s ip %50s eq %u %15s", link, id, prefix, &length,
			end) == 5)
		ret->type = BABEL_RULE_ACCEPT_DIRECT;
	else if (sscanf(line, "in id %31s ip %50s eq %u metric %15s", id, prefix, &length, end) ==
		 4)
		ret->type = BABEL_RULE_ACCEPT_TRANSIT;
	else if (sscanf(line, "in if %15s %15s", link, end) == 2)
		ret->type = BABEL_RULE_ACCEPT_ONLY;
	else
		return false;
	/* Nothing stands behind the last word. */
	FUZZ_CHECK(!strcmp(line + strlen(line) - strlen(end), end));
	FUZZ_CHECK(!prefix[0] || !ip_prefix_parse(prefix, &ret->prefix));
	FUZZ_CHECK(!prefix[0] || ret->prefix.length == length);
	if (id[0])
		read_router_id(id, ret->router_id);
	memcpy(ret->link, link, sizeof(link));
	return true;
}

/* Does a line of @config take @prefix for unreachable, from whomever it comes? */
static bool is_unreachable_by_default(const char *config, const struct ip_prefix *prefix)
{
	CLEANUP(free) char *copy = strdup(config);
	char *rest = copy, *line;

	while ((line = strsep(&rest, "\n"))) {
		char text[IP_PREFIX_TEXT_SIZE + 1];
		struct ip_prefix around;
		unsigned length;
		int end = 0;

		(void)sscanf(line, "in ip %50s eq %u metric 65534%n", text, &length, &end);
		if (end == 0)
			continue;
		FUZZ_CHECK(!line[end] && !ip_prefix_parse(text, &around));
		FUZZ_CHECK(!ip_prefix_has_host_bits(&around) && around.length <= length);
		if (length == prefix->length && ip_prefix_contains(&around, prefix))
			return true;
	}
	return false;
}

/* What may come by way of others may also be taken back by them. */
static void check_retractions(const struct babel_policy *policy, const char *config)
{
	for (size_t i = 0; i < policy->rules_count; i++)
		if (policy->rules[i].type == BABEL_RULE_ACCEPT_TRANSIT)
			FUZZ_CHECK(is_unreachable_by_default(config, &policy->rules[i].prefix));
}

static bool rules_equal(const struct babel_rule *a, const struct babel_rule *b)
{
	return a->type == b->type && !ip_prefix_compare(&a->prefix, &b->prefix) &&
	       !memcmp(a->router_id, b->router_id, sizeof(a->router_id)) &&
	       !strcmp(a->link, b->link);
}

/* The rules stand in the configuration one after the other, as they are. */
static void check_config(const struct babel_policy *policy)
{
	static const struct babeld_parameters parameters = { .generation = 1 };
	CLEANUP(strbuf_done) struct strbuf config = { 0 };
	struct babel_rule rule;
	char *rest, *line;
	size_t next = 0;

	babeld_config_format(&parameters, policy, &config);
	check_retractions(policy, config.bytes);
	rest = config.bytes;
	while ((line = strsep(&rest, "\n"))) {
		if (!read_config_line(line, &rule))
			continue;
		while (next < policy->rules_count &&
		       policy->rules[next].type == BABEL_RULE_ANNOUNCE_ONLY)
			next++;
		FUZZ_CHECK(next < policy->rules_count);
		FUZZ_CHECK(rules_equal(&policy->rules[next++], &rule));
	}
	while (next < policy->rules_count && policy->rules[next].type == BABEL_RULE_ANNOUNCE_ONLY)
		next++;
	FUZZ_CHECK(next == policy->rules_count);
}

static void check_policy(const struct babel_policy *policy, const struct prefixes *own,
			 const struct nodes *nodes)
{
	for (size_t i = 0; i < policy->rules_count; i++) {
		const struct babel_rule *rule = &policy->rules[i];

		switch (rule->type) {
		case BABEL_RULE_ANNOUNCE:
			FUZZ_CHECK(has_item(own, &rule->prefix));
			break;
		case BABEL_RULE_ANNOUNCE_ONLY:
			break;
		case BABEL_RULE_ACCEPT_DIRECT:
		case BABEL_RULE_ACCEPT_ONLY:
		case BABEL_RULE_ACCEPT_TRANSIT:
			FUZZ_CHECK(is_accepted(rule, nodes));
			break;
		}
	}
}

static void check_babel(struct fuzz_input *input)
{
	CLEANUP(free) struct nodes *nodes = NEW(struct nodes);
	CLEANUP(babel_policy_done) struct babel_policy policy = { 0 };
	struct babel_policy_input meant = { .nodes = nodes->items };
	CLEANUP(free) char *text = NULL;
	struct error error = { 0 };
	struct prefixes own;

	meant.no_transit = fuzz_take_u8(input) & 1;
	take_prefixes(input, &own);
	take_nodes(input, nodes);
	meant.own = own.items;
	meant.own_count = own.count;
	meant.nodes_count = nodes->count;
	text = babel_policy_make(&meant);
	if (babel_policy_parse(text, &policy, &error) < 0)
		fuzz_fail(__FILE__, __LINE__, error.text);
	check_policy(&policy, &own, nodes);
	check_config(&policy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };

	check_firewall(&input);
	input = (struct fuzz_input) { data, size };
	check_babel(&input);
	return 0;
}
