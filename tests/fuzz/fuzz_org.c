// SPDX-License-Identifier: GPL-2.0-or-later
/* Organization documents, as if their signatures were good. */
#include "fuzz.h"
#include "registry/name.h"
#include "registry/org.h"
#include "registry_print.h"

#include <string.h>
#include <strings.h>

static void check_promises(const struct org_document *org)
{
	FUZZ_CHECK(name_is_valid(org->name));
	FUZZ_CHECK(org->header.expires > org->header.issued);
	FUZZ_CHECK(org->nodes_count <= REGISTRY_NODES_MAX);
	for (size_t i = 0; i < org->nodes_count; i++) {
		registry_check_node(&org->nodes[i]);
		FUZZ_CHECK(!strcmp(org->nodes[i].id.organization, org->name));
		for (size_t j = 0; j < i && i < 16; j++)
			FUZZ_CHECK(strcasecmp(org->nodes[i].id.common_name,
					      org->nodes[j].id.common_name) != 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(org_document_free) struct org_document *org = NULL;
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	struct error error = { 0 };
	int result = org_document_parse(data, size, "org", &warnings, &org, &error);

	for (size_t i = 0; i < warnings.count; i++)
		FUZZ_CHECK(fuzz_is_printable(warnings.items[i].text));
	if (result < 0) {
		fuzz_check_refusal(result, &error);
		FUZZ_CHECK(!org);
		return 0;
	}
	check_promises(org);
	return 0;
}
