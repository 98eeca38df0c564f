// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Registries of other programs in any format. What import makes of them can be signed and loaded:
 * with a header before them the documents are organization documents, the grants cover all that is
 * announced, and nothing that another organization was granted. A line "%%" begins the next text.
 */
#include "exchange/import.h"
#include "fuzz.h"
#include "registry/org.h"

#include <string.h>

#define TEXTS_MAX 4

static bool is_granted(const struct exchange_organization *organization,
		       const struct ip_prefix *prefix)
{
	for (size_t i = 0; i < organization->grants_count; i++)
		if (ip_prefix_contains(&organization->grants[i].prefix, prefix) &&
		    prefix->length <= organization->grants[i].max_length)
			return true;
	return false;
}

static void check_grants(const struct exchange_organization *organization,
			 const struct org_document *org)
{
	for (size_t i = 0; i < org->nodes_count; i++)
		for (size_t j = 0; j < org->nodes[i].prefixes_count; j++)
			FUZZ_CHECK(is_granted(organization, &org->nodes[i].prefixes[j]));
}

static void check_organization(const struct exchange_organization *organization)
{
	static const char header[] = "{\"type\":\"aronet.org\",\"spec\":1,"
				     "\"mesh_id\":\"00112233445566778899aabbccddeeff\","
				     "\"version\":1,\"issued\":\"2026-11-21T00:00:00Z\","
				     "\"expires\":\"2027-11-21T00:00:00Z\",";
	const char *body = json_object_to_json_string_ext(
		organization->body, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	CLEANUP(org_document_free) struct org_document *org = NULL;
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	struct error error = { 0 };

	strbuf_puts(&text, header);
	strbuf_puts(&text, body + 1);
	if (org_document_parse(text.bytes, text.length, "imported", NULL, &org, &error) < 0)
		fuzz_fail(__FILE__, __LINE__, error.text);
	FUZZ_CHECK(!strcmp(org->name, organization->name));
	FUZZ_CHECK(org->nodes_count == organization->nodes_count);
	check_grants(organization, org);
}

static void check_separation(const struct exchange_organization *a,
			     const struct exchange_organization *b)
{
	for (size_t i = 0; i < a->grants_count; i++)
		for (size_t j = 0; j < b->grants_count; j++)
			FUZZ_CHECK((a->grants[i].shared && b->grants[j].shared) ||
				   !ip_prefix_overlaps(&a->grants[i].prefix, &b->grants[j].prefix));
}

static void check_report(const struct report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		FUZZ_CHECK(fuzz_is_printable(report->lines[i].text));
		FUZZ_CHECK(!report->lines[i].place || fuzz_is_printable(report->lines[i].place));
	}
}

static size_t split(const char *text, size_t size, struct exchange_text texts[TEXTS_MAX])
{
	static const char mark[] = "\n%%\n";
	size_t count = 0;

	while (count < TEXTS_MAX) {
		const char *end =
			count + 1 < TEXTS_MAX ? memmem(text, size, mark, strlen(mark)) : NULL;
		size_t length = end ? (size_t)(end - text) : size;

		texts[count++] = (struct exchange_text) { text, length, "peers.conf" };
		if (!end)
			break;
		text += length + strlen(mark);
		size -= length + strlen(mark);
	}
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct exchange_text texts[TEXTS_MAX];
	size_t count = split((const char *)data, size, texts);
	CLEANUP(exchange_result_done) struct exchange_result result = { 0 };
	CLEANUP(report_done) struct report report = { 0 };
	struct exchange_options options = { .organization = "home" };
	struct error error = { 0 };
	struct ip_prefix pool;
	int status;

	FUZZ_CHECK(ip_prefix_parse("fd66::/16", &pool) == 0);
	options.pool = &pool;
	status = exchange_import(texts, count, &options, &report, &result, &error);
	if (status < 0 && error.code == ERROR_USAGE) {
		options.organization = NULL; /* the text has organizations of its own */
		status = exchange_import(texts, count, &options, &report, &result, &error);
	}
	check_report(&report);
	if (status < 0) {
		fuzz_check_refusal(status, &error);
		FUZZ_CHECK(!result.organizations);
		return 0;
	}
	FUZZ_CHECK(result.nodes_count > 0);
	for (size_t i = 0; i < result.count; i++) {
		check_organization(&result.organizations[i]);
		for (size_t j = 0; j < i; j++)
			check_separation(&result.organizations[j], &result.organizations[i]);
	}
	return 0;
}
