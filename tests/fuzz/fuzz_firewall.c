// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Our tables as the kernel and libnftables tell them, and our record of them. Two texts, ended by
 * NUL: our record file, the counters as JSON. Then answers of netlink, as in fake_kernel.h.
 */
#include "base/memory.h"
#include "fake_kernel.h"
#include "firewall/backend.h"
#include "firewall/nft.h"

#include <errno.h>
#include <string.h>

int __wrap_nft_spaces_run(struct nft_spaces *nft, enum space space, unsigned flags,
			  const char *script, const char **ret_output, struct error *error);
int __wrap_nft_spaces_generation(struct nft_spaces *nft, enum space space, uint32_t *ret,
				 uint64_t *ret_namespace, struct error *error);
int __wrap_nft_spaces_netlink(struct nft_spaces *nft, enum space space, struct netlink **ret,
			      struct error *error);
int __wrap_file_read(const char *path, size_t limit_bytes, char **ret, size_t *ret_size,
		     struct error *error);

/* Functions that are replaced get no argument of ours, hence this. */
static struct {
	char *record;
	char *counters;
} said;

int __wrap_nft_spaces_run(struct nft_spaces *nft, enum space space, unsigned flags,
			  const char *script, const char **ret_output, struct error *error)
{
	(void)nft, (void)space, (void)flags, (void)error;
	FUZZ_CHECK(!strncmp(script, "list counters", strlen("list counters")));
	*ret_output = said.counters;
	return 0;
}

int __wrap_nft_spaces_generation(struct nft_spaces *nft, enum space space, uint32_t *ret,
				 uint64_t *ret_namespace, struct error *error)
{
	(void)nft, (void)space, (void)error;
	*ret = 1;
	*ret_namespace = 1;
	return 0;
}

int __wrap_nft_spaces_netlink(struct nft_spaces *nft, enum space space, struct netlink **ret,
			      struct error *error)
{
	(void)nft, (void)space, (void)error;
	*ret = fake_kernel_netlink();
	return 0;
}

int __wrap_file_read(const char *path, size_t limit_bytes, char **ret, size_t *ret_size,
		     struct error *error)
{
	if (!said.record[0])
		return error_set(error, -ENOENT, ERROR_FILE, path, "cannot open: no such file");
	if (strlen(said.record) > limit_bytes)
		return error_set(error, -EFBIG, ERROR_TOO_BIG, path, "too big");
	*ret = memory_strdup(said.record);
	*ret_size = strlen(said.record);
	return 0;
}

static void check_counters(struct firewall *firewall)
{
	CLEANUP(firewall_counters_done) struct firewall_counters counters = { 0 };
	struct error error = { 0 };
	int result = firewall_counters(firewall, SPACE_OVERLAY, &counters, &error);

	if (result < 0)
		fuzz_check_refusal(result, &error);
	for (size_t i = 0; i < counters.count; i++)
		FUZZ_CHECK(memchr(counters.items[i].name, '\0', sizeof(counters.items[i].name)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fake_kernel kernel = { .answers = { data, size }, .has_netns = true };
	struct spaces *spaces = fake_kernel_use(&kernel);
	CLEANUP(firewall_free) struct firewall *firewall = firewall_new(spaces, "/nonexistent");
	CLEANUP(state_free) struct state *intended = state_new();
	struct fuzz_input *input = &kernel.answers;
	const struct object ruleset = {
		.kind = OBJECT_RULESET,
		.ruleset = { .space = SPACE_OVERLAY, .name = "aronet", .body = "" }
	};
	struct backend backend = firewall_backend(firewall);

	said.record = fuzz_take_text(input, '\0');
	said.counters = fuzz_take_text(input, '\0');
	(void)state_add(intended, &ruleset);
	fake_kernel_observe(&backend, intended);
	check_counters(firewall);
	free(said.record);
	free(said.counters);
	return 0;
}
