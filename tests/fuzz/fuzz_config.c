// SPDX-License-Identifier: GPL-2.0-or-later
/* config.json. Files that it names are those of no_files.c. */
#include "config/config.h"
#include "fuzz.h"
#include "registry/name.h"

#include <string.h>

static void check_prefixes(const struct ip_prefix *prefixes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		FUZZ_CHECK(!ip_prefix_has_host_bits(&prefixes[i]));
}

static void check_endpoints(const struct config *config)
{
	FUZZ_CHECK(config->endpoints_count > 0 && config->endpoints_count <= NODE_ENDPOINTS_MAX);
	for (unsigned i = 0; i < config->endpoints_count; i++) {
		const struct endpoint *endpoint = &config->endpoints[i];

		FUZZ_CHECK(endpoint->port);
		FUZZ_CHECK(endpoint->family == AF_INET || endpoint->family == AF_INET6);
		for (unsigned j = 0; j < i; j++)
			FUZZ_CHECK(config->endpoints[j].serial_number != endpoint->serial_number);
	}
}

/* What comes behind relies on this. */
static void check_promises(const struct config *config)
{
	FUZZ_CHECK(name_is_valid(config->self.organization));
	FUZZ_CHECK(name_is_valid(config->self.common_name));
	FUZZ_CHECK(config->ifname[0] && strnlen(config->ifname, IFNAME_SIZE) < IFNAME_SIZE);
	FUZZ_CHECK(!strpbrk(config->ifname, "/ \t\n\"'"));
	FUZZ_CHECK(config->netns_name[0] && !strchr(config->netns_name, '/'));
	FUZZ_CHECK(config->runtime_dir[0] == '/' &&
		   strlen(config->runtime_dir) <= CONFIG_RUNTIME_DIR_MAX);
	FUZZ_CHECK(config->state_dir[0] == '/' &&
		   strlen(config->state_dir) <= CONFIG_STATE_DIR_MAX);
	FUZZ_CHECK(config->network.address.family == AF_INET6 && config->network.length <= 64);
	check_prefixes(&config->network, 1);
	check_prefixes(config->prefixes, config->prefixes_count);
	check_prefixes(config->registry.accept, config->registry.accept_count);
	check_prefixes(config->registry.deny, config->registry.deny_count);
	check_endpoints(config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(config_free) struct config *config = NULL;
	CLEANUP(warnings_done) struct warnings warnings = { 0 };
	struct error error = { 0 };
	int result = config_parse((const char *)data, size, "/etc/aronet/config.json", &warnings,
				  &config, &error);

	for (size_t i = 0; i < warnings.count; i++)
		FUZZ_CHECK(fuzz_is_printable(warnings.items[i].text));
	if (result == 0) {
		check_promises(config);
		return 0;
	}
	fuzz_check_refusal(result, &error);
	FUZZ_CHECK(!config);
	return 0;
}
