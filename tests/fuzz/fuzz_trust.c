// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * trust.json, after whatever a disk or an administrator did to it: damage is told as such, and what
 * was read and is written reads the same again.
 */
#include "fuzz.h"
#include "registry/name.h"
#include "registry/trust.h"

#include <string.h>

static void check_promises(const struct trust *trust)
{
	FUZZ_CHECK(trust->mesh_version >= 1);
	FUZZ_CHECK(trust->mesh_keys.count >= 1 && trust->mesh_keys.count <= KEYSET_KEYS_MAX);
	FUZZ_CHECK(trust->mesh_keys.threshold >= 1 &&
		   trust->mesh_keys.threshold <= trust->mesh_keys.count);
	for (size_t i = 0; i < trust->organizations_count; i++) {
		FUZZ_CHECK(name_is_valid(trust->organizations[i].name));
		FUZZ_CHECK(trust_find_organization(trust, trust->organizations[i].name) ==
			   &trust->organizations[i]);
	}
}

static void check_round_trip(const struct trust *trust)
{
	CLEANUP(trust_free) struct trust *again = NULL;
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	CLEANUP(strbuf_done) struct strbuf text_again = { 0 };
	struct error error = { 0 };

	trust_format(trust, &text);
	if (trust_parse(text.bytes, text.length, "again", &again, &error) < 0)
		fuzz_fail(__FILE__, __LINE__, error.text);
	trust_format(again, &text_again);
	FUZZ_CHECK(!strcmp(text.bytes, text_again.bytes));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(trust_free) struct trust *trust = NULL;
	struct error error = { 0 };
	int result =
		trust_parse((const char *)data, size, "/var/lib/aronet/trust.json", &trust, &error);

	if (result < 0) {
		fuzz_check_refusal(result, &error);
		FUZZ_CHECK(error.code == ERROR_STATE_CORRUPT);
		FUZZ_CHECK(!trust);
		return 0;
	}
	check_promises(trust);
	check_round_trip(trust);
	return 0;
}
