// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/signers.h"

#include "base/memory.h"

#include <time.h>

void signers_done(struct signers *signers)
{
	cli_keys_done(&signers->keys);
	free(signers->items);
	*signers = (struct signers) { 0 };
}

int signers_read(const struct cli_options *options, struct signers *signers,
		 struct signing_keys *ret, struct error *error)
{
	int result = cli_keys_read(options, &options->keys, CLI_KEY_PRIVATE, &signers->keys, error);

	if (result < 0)
		return result;
	signers->items = memory_zalloc(signers->keys.count + 1, sizeof(*signers->items));
	for (size_t i = 0; i < signers->keys.count; i++)
		signers->items[i] = &signers->keys.items[i].key;
	*ret = (struct signing_keys) { signers->items, signers->keys.count };
	return 0;
}

int64_t cli_clock(const struct cli_options *options)
{
	return options->has_at ? options->at : time(NULL);
}
