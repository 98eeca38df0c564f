// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/policy.h"

#include "base/hex.h"
#include "base/memory.h"
#include "base/strbuf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* "accept", 43 of prefix, "from", 16 of router-id, "on", 15 of link, and blanks: 89 */
#define LINE_MAX_BYTES 127
#define WORDS_MAX 6

void babel_policy_done(struct babel_policy *policy)
{
	free(policy->rules);
	*policy = (struct babel_policy) { 0 };
}

static int rule_compare(const void *left, const void *right)
{
	const struct babel_rule *a = left;
	const struct babel_rule *b = right;
	int order = (a->type > b->type) - (a->type < b->type);

	if (!order)
		order = memcmp(a->router_id, b->router_id, sizeof(a->router_id));
	if (!order)
		order = ip_prefix_compare(&a->prefix, &b->prefix);
	return order ? order : strncmp(a->link, b->link, sizeof(a->link));
}

static void policy_sort(struct babel_policy *policy)
{
	struct babel_rule *rules = policy->rules;
	size_t kept = 0;

	if (policy->rules_count == 0)
		return;
	qsort(rules, policy->rules_count, sizeof(*rules), rule_compare);
	for (size_t i = 1; i < policy->rules_count; i++)
		if (rule_compare(&rules[kept], &rules[i]) != 0)
			rules[++kept] = rules[i];
	policy->rules_count = kept + 1;
}

static struct babel_rule *policy_append(struct babel_policy *policy, enum babel_rule_type type,
					const struct ip_prefix *prefix)
{
	struct babel_rule *rule = ARRAY_APPEND(policy->rules, policy->rules_count);

	rule->type = type;
	rule->prefix = ip_prefix_masked(prefix);
	return rule;
}

static void policy_append_node(struct babel_policy *policy, const struct babel_policy_node *node,
			       const struct ip_prefix *prefix)
{
	struct babel_rule *rule = policy_append(policy, BABEL_RULE_ACCEPT_TRANSIT, prefix);

	memcpy(rule->router_id, node->router_id, sizeof(rule->router_id));
	for (size_t i = 0; i < node->links_count; i++) {
		rule = policy_append(policy, BABEL_RULE_ACCEPT_DIRECT, prefix);
		memcpy(rule->router_id, node->router_id, sizeof(rule->router_id));
		(void)snprintf(rule->link, sizeof(rule->link), "%s", node->links[i]);
	}
}

/* Over its tunnels nothing else comes in. */
static void policy_append_limits(struct babel_policy *policy, const struct babel_policy_node *node)
{
	for (size_t i = 0; i < node->links_count; i++) {
		struct babel_rule *rule = ARRAY_APPEND(policy->rules, policy->rules_count);

		rule->type = BABEL_RULE_ACCEPT_ONLY;
		(void)snprintf(rule->link, sizeof(rule->link), "%s", node->links[i]);
	}
}

static void rule_format(const struct babel_rule *rule, struct strbuf *buffer)
{
	char prefix[IP_PREFIX_TEXT_SIZE];
	char id[BABEL_ROUTER_ID_TEXT_SIZE];

	ip_prefix_format(&rule->prefix, prefix);
	hex_format(rule->router_id, sizeof(rule->router_id), id);
	switch (rule->type) {
	case BABEL_RULE_ANNOUNCE:
		strbuf_printf(buffer, "announce %s\n", prefix);
		break;
	case BABEL_RULE_ANNOUNCE_ONLY:
		strbuf_puts(buffer, "announce nothing else\n");
		break;
	case BABEL_RULE_ACCEPT_DIRECT:
		strbuf_printf(buffer, "accept %s from %s on %s\n", prefix, id, rule->link);
		break;
	case BABEL_RULE_ACCEPT_ONLY:
		strbuf_printf(buffer, "accept nothing else on %s\n", rule->link);
		break;
	case BABEL_RULE_ACCEPT_TRANSIT:
		strbuf_printf(buffer, "accept %s from %s\n", prefix, id);
		break;
	}
}

char *babel_policy_make(const struct babel_policy_input *input)
{
	CLEANUP(babel_policy_done) struct babel_policy policy = { 0 };
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	for (size_t i = 0; i < input->own_count; i++)
		(void)policy_append(&policy, BABEL_RULE_ANNOUNCE, &input->own[i]);
	if (input->no_transit)
		ARRAY_APPEND(policy.rules, policy.rules_count)->type = BABEL_RULE_ANNOUNCE_ONLY;
	for (size_t i = 0; i < input->nodes_count; i++) {
		const struct babel_policy_node *node = &input->nodes[i];

		for (size_t j = 0; j < node->prefixes_count; j++)
			policy_append_node(&policy, node, &node->prefixes[j]);
		if (node->no_transit)
			policy_append_limits(&policy, node);
	}
	policy_sort(&policy);
	for (size_t i = 0; i < policy.rules_count; i++)
		rule_format(&policy.rules[i], &text);
	return strbuf_take(&text);
}

/* Cuts @line at single blanks. Returns the number of words, 0 if there is anything else. */
static unsigned split(char *line, char *words[WORDS_MAX])
{
	unsigned count = 0;

	for (char *word = line; word; count++) {
		char *blank = strchr(word, ' ');

		if (blank)
			*blank++ = '\0';
		if (!*word || count == WORDS_MAX)
			return 0;
		words[count] = word;
		word = blank;
	}
	return count;
}

/* The name becomes a word of a configuration file. */
static int parse_link(const char *text, char ret[IFNAME_SIZE])
{
	size_t length = strlen(text);

	if (length >= IFNAME_SIZE || strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV"
						  "WXYZ0123456789-_.") != length)
		return -EINVAL;
	memset(ret, 0, IFNAME_SIZE);
	memcpy(ret, text, length);
	return 0;
}

static int parse_prefix(const char *text, struct ip_prefix *ret)
{
	struct ip_prefix prefix;

	if (!strchr(text, '/') || ip_prefix_parse(text, &prefix) < 0 ||
	    ip_prefix_has_host_bits(&prefix))
		return -EINVAL;
	*ret = prefix;
	return 0;
}

/* "nothing else" or "nothing else on LINK" */
static int parse_only(char *const *words, unsigned count, struct babel_rule *rule)
{
	if (strcmp(words[1], "else") != 0)
		return -EINVAL;
	if (rule->type == BABEL_RULE_ANNOUNCE_ONLY)
		return count == 2 ? 0 : -EINVAL;
	return count == 4 && !strcmp(words[2], "on") ? parse_link(words[3], rule->link) : -EINVAL;
}

static int parse_prefix_only(char *const *words, unsigned count, struct babel_rule *rule)
{
	return count == 1 ? parse_prefix(words[0], &rule->prefix) : -EINVAL;
}

/* "PREFIX from ID" or "PREFIX from ID on LINK" */
static int parse_accept(char *const *words, unsigned count, struct babel_rule *rule)
{
	if ((count != 3 && count != 5) || parse_prefix(words[0], &rule->prefix) < 0 ||
	    strcmp(words[1], "from") != 0 ||
	    hex_parse(words[2], rule->router_id, sizeof(rule->router_id)) < 0)
		return -EINVAL;
	if (count == 3)
		return 0;
	rule->type = BABEL_RULE_ACCEPT_DIRECT;
	return strcmp(words[3], "on") != 0 ? -EINVAL : parse_link(words[4], rule->link);
}

static const struct {
	const char *verb;
	enum babel_rule_type type, only;
	int (*parse)(char *const *words, unsigned count, struct babel_rule *rule);
} verbs[] = {
	{ "announce", BABEL_RULE_ANNOUNCE, BABEL_RULE_ANNOUNCE_ONLY, parse_prefix_only },
	{ "accept", BABEL_RULE_ACCEPT_TRANSIT, BABEL_RULE_ACCEPT_ONLY, parse_accept },
};

static int parse_rule(char *line, struct babel_rule *ret)
{
	struct babel_rule rule = { 0 };
	char *words[WORDS_MAX];
	unsigned count = split(line, words);
	int result = -EINVAL;

	for (size_t i = 0; count > 1 && i < ARRAY_SIZE(verbs); i++) {
		bool is_only = strcmp(words[1], "nothing") == 0 && count > 2;

		if (strcmp(words[0], verbs[i].verb) != 0)
			continue;
		rule.type = is_only ? verbs[i].only : verbs[i].type;
		result = is_only ? parse_only(words + 1, count - 1, &rule)
				 : verbs[i].parse(words + 1, count - 1, &rule);
	}
	if (result == 0)
		*ret = rule;
	return result;
}

int babel_policy_parse(const char *text, struct babel_policy *ret, struct error *error)
{
	CLEANUP(babel_policy_done) struct babel_policy policy = { 0 };
	unsigned number = 1;

	for (const char *line = text; *line; number++) {
		const char *end = strchrnul(line, '\n');
		size_t length = (size_t)(end - line);
		char copy[LINE_MAX_BYTES + 1];
		struct babel_rule rule;
		char place[48];

		(void)snprintf(place, sizeof(place), "babel policy:%u", number);
		if (policy.rules_count == BABEL_RULES_MAX)
			return error_set(error, -E2BIG, ERROR_TOO_BIG, place, "more than %d rules",
					 BABEL_RULES_MAX);
		if (length > LINE_MAX_BYTES)
			return error_set(error, -EINVAL, ERROR_SYNTAX, place,
					 "expected at most %d bytes in a line, found %zu",
					 LINE_MAX_BYTES, length);
		memcpy(copy, line, length);
		copy[length] = '\0';
		if (parse_rule(copy, &rule) < 0)
			return error_set(error, -EINVAL, ERROR_SYNTAX, place,
					 "expected \"announce PREFIX\", \"accept PREFIX from ID "
					 "[on LINK]\" or \"... nothing else\", found \"%.*s\"",
					 (int)length, line);
		*ARRAY_APPEND(policy.rules, policy.rules_count) = rule;
		line = *end ? end + 1 : end;
	}
	policy_sort(&policy);
	*ret = policy;
	policy = (struct babel_policy) { 0 };
	return 0;
}
