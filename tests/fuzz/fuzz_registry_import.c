// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Registries of other programs in any format. What import makes of them can be signed and loaded:
 * the documents pass the strict scanner and node_read(), and the grants cover all that is
 * announced.
 */
#include "exchange/import.h"
#include "fuzz.h"
#include "registry/node.h"
#include "json/json.h"

#include <string.h>

static bool is_granted(const struct exchange_organization *organization,
		       const struct ip_prefix *prefix)
{
	for (size_t i = 0; i < organization->grants_count; i++)
		if (ip_prefix_contains(&organization->grants[i].prefix, prefix) &&
		    prefix->length <= organization->grants[i].max_length)
			return true;
	return false;
}

static void check_node(const struct json_cursor *cursor,
		       const struct exchange_organization *organization)
{
	CLEANUP(registry_node_done) struct registry_node node = { 0 };
	const struct node_context context = { .organization = organization->name };
	struct error error;

	FUZZ_CHECK(node_read(cursor, &context, &node, &error) == 0);
	for (size_t i = 0; i < node.prefixes_count; i++)
		FUZZ_CHECK(is_granted(organization, &node.prefixes[i]));
}

static void check_organization(const struct exchange_organization *organization)
{
	const char *text = json_object_to_json_string_ext(
		organization->body, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	CLEANUP(json_document_free) struct json_document *document = NULL;
	struct json_cursor root, nodes;
	struct error error;

	FUZZ_CHECK(json_document_parse(text, strlen(text), JSON_STRICT, "again", &document,
				       &error) == 0);
	root = json_document_root(document);
	FUZZ_CHECK(json_cursor_member(&root, "nodes", &nodes) == 0);
	for (size_t i = 0; i < organization->nodes_count; i++) {
		struct json_cursor node = json_cursor_item(&nodes, i);

		check_node(&node, organization);
	}
}

static void check_report(const struct report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		FUZZ_CHECK(fuzz_is_printable(report->lines[i].text));
		FUZZ_CHECK(!report->lines[i].place || fuzz_is_printable(report->lines[i].place));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct exchange_text text = { (const char *)data, size, "peers.conf" };
	CLEANUP(exchange_result_done) struct exchange_result result = { 0 };
	CLEANUP(report_done) struct report report = { 0 };
	struct exchange_options options = { .organization = "home" };
	struct error error = { 0 };
	struct ip_prefix pool;
	int status;

	FUZZ_CHECK(ip_prefix_parse("fd66::/16", &pool) == 0);
	options.pool = &pool;
	status = exchange_import(&text, 1, &options, &report, &result, &error);
	if (status < 0 && error.code == ERROR_USAGE) {
		options.organization = NULL; /* the text has organizations of its own */
		status = exchange_import(&text, 1, &options, &report, &result, &error);
	}
	check_report(&report);
	if (status < 0) {
		fuzz_check_refusal(status, &error);
		return 0;
	}
	FUZZ_CHECK(result.nodes_count > 0);
	for (size_t i = 0; i < result.count; i++)
		check_organization(&result.organizations[i]);
	return 0;
}
