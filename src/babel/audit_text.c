// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/audit.h"

#include "base/hex.h"

#include <stdio.h>
#include <string.h>

#define WHO_SIZE (NODE_ID_TEXT_SIZE + BABEL_ROUTER_ID_TEXT_SIZE)

/* The words of one sample. */
struct words {
	char prefix[IP_PREFIX_TEXT_SIZE];
	char source[IP_PREFIX_TEXT_SIZE];
	char granted[IP_PREFIX_TEXT_SIZE];
	char owner[WHO_SIZE];  /* of what is granted */
	char origin[WHO_SIZE]; /* whose router-id it came with */
};

static void format_who(const struct audit *audit, const uint8_t router_id[BABEL_ROUTER_ID_SIZE],
		       char ret[WHO_SIZE])
{
	const char *name = audit_name(audit, router_id);
	char id[BABEL_ROUTER_ID_TEXT_SIZE];

	if (name)
		(void)snprintf(ret, WHO_SIZE, "%s", name);
	else
		(void)snprintf(ret, WHO_SIZE, "router-id %s",
			       hex_format(router_id, BABEL_ROUTER_ID_SIZE, id));
}

static void words_make(const struct audit *audit, const struct audit_finding *finding,
		       struct words *ret)
{
	const struct audit_sample *sample = &finding->samples[0];

	*ret = (struct words) { 0 };
	ip_prefix_format(&sample->prefix, ret->prefix);
	if (ip_address_present(&sample->source.address))
		ip_prefix_format(&sample->source, ret->source);
	if (sample->has_grant) {
		ip_prefix_format(&sample->grant.prefix, ret->granted);
		format_who(audit, sample->grant.router_id, ret->owner);
	}
	format_who(audit, sample->router_id, ret->origin);
}

static void format_update(const struct audit_finding *finding, const struct words *words,
			  char ret[AUDIT_TEXT_SIZE])
{
	bool as_own = memcmp(finding->samples[0].router_id, finding->router_id,
			     BABEL_ROUTER_ID_SIZE) == 0;

	switch (finding->kind) {
	case AUDIT_DEFAULT_ROUTE:
	case AUDIT_UNGRANTED:
		(void)snprintf(ret, AUDIT_TEXT_SIZE,
			       "announces %s, which the registry gives to nobody: refused",
			       words->prefix);
		break;
	case AUDIT_PART:
		(void)snprintf(ret, AUDIT_TEXT_SIZE, "announces %s, a part of %s of %s: refused",
			       words->prefix, words->granted, words->owner);
		break;
	case AUDIT_WRONG_ORIGIN:
	case AUDIT_UNKNOWN_ORIGIN:
		(void)snprintf(ret, AUDIT_TEXT_SIZE,
			       "announces %s of %s as if it were %s%s: refused", words->prefix,
			       words->owner, as_own ? "its own" : "that of ",
			       as_own ? "" : words->origin);
		break;
	case AUDIT_TRANSIT:
		(void)snprintf(ret, AUDIT_TEXT_SIZE,
			       "announces %s of %s, but may not carry transit: refused",
			       words->prefix, words->owner);
		break;
	case AUDIT_SOURCE_SPECIFIC:
		(void)snprintf(ret, AUDIT_TEXT_SIZE,
			       "announces %s for packets from %s only: refused", words->prefix,
			       words->source);
		break;
	case AUDIT_TOO_MANY:
	case AUDIT_FLOOD:
	case AUDIT_MALFORMED:
		break;
	}
}

const char *audit_format(const struct audit *audit, const struct audit_finding *finding,
			 char buffer[AUDIT_TEXT_SIZE])
{
	struct words words;

	buffer[0] = '\0';
	if (finding->kind == AUDIT_TOO_MANY)
		(void)snprintf(buffer, AUDIT_TEXT_SIZE,
			       "announces more than %d prefixes that it may not: refused",
			       AUDIT_PREFIXES_MAX);
	else if (finding->kind == AUDIT_FLOOD)
		(void)snprintf(buffer, AUDIT_TEXT_SIZE, "sends too many Babel packets");
	else if (finding->kind == AUDIT_MALFORMED)
		(void)snprintf(buffer, AUDIT_TEXT_SIZE, "sends malformed Babel packets");
	if (finding->samples_count == 0)
		return buffer;
	words_make(audit, finding, &words);
	format_update(finding, &words, buffer);
	return buffer;
}
