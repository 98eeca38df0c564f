// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What does verification cost? Prints, for several shapes of a mesh, the time from the bytes of a
 * bundle to a checked registry: cold, and with the trust state that the first run leaves, where the
 * digests of unchanged documents are known; of both, the part that only reads the bundle. The least
 * of several runs; nothing is judged. With two arguments only that shape: organizations, nodes in
 * each.
 *
 * Times are the processor's, not the wall clock's: other work on the machine makes a run take
 * longer, but costs it little.
 */
#include "registry/test_bundle.h"
#include "registry/verify.h"

#include "base/memory.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define ROUNDS 5

static const struct {
	unsigned organizations, nodes;
} shapes[] = {
	{ 1, 1000 },
	{ 100, 100 },
	{ 1, 10000 },
	{ 10000, 1 },
};

static double now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

struct cost {
	double bundle_ms; /* bytes to envelopes */
	double all_ms;	  /* bytes to registry */
	unsigned signatures;
};

/* The trust state goes to *@ret_trust. */
static struct cost verify_once(const char *text, size_t size, const struct verify_options *options,
			       struct trust **ret_trust)
{
	CLEANUP(verified_done) struct verified verified = { 0 };
	CLEANUP(bundle_free) struct bundle *bundle = NULL;
	struct error error = { 0 };
	struct cost cost = { 0 };
	double start = now_ms();
	int result = bundle_parse(text, size, "registry.json", &bundle, &error);

	cost.bundle_ms = now_ms() - start;
	if (result == 0)
		result = registry_verify(bundle, options, NULL, &verified, &error);
	cost.all_ms = now_ms() - start;
	if (result < 0) {
		(void)fprintf(stderr, "%s: %s\n", error.place, error.text);
		exit(1);
	}
	cost.signatures = verified.signatures_checked;
	*ret_trust = TAKE(verified.trust);
	return cost;
}

static struct cost verify_best(const char *text, size_t size, const struct verify_options *options,
			       struct trust **ret_trust)
{
	struct cost best = { 0 };

	*ret_trust = NULL;
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct cost cost;

		trust_free(*ret_trust);
		cost = verify_once(text, size, options, ret_trust);
		if (i == 0 || cost.all_ms < best.all_ms)
			best = cost;
	}
	return best;
}

static void measure(unsigned organizations, unsigned nodes)
{
	CLEANUP(test_bundle_free) struct test_bundle *t = test_bundle_new(organizations, nodes);
	CLEANUP(trust_free) struct trust *trust = NULL;
	CLEANUP(trust_free) struct trust *again = NULL;
	CLEANUP(free) char *text = NULL;
	uint8_t pin[KEY_SIZE];
	struct verify_options options = {
		.mesh_sha256 = pin,
		.clock = TEST_NOW,
		.build_date = TEST_BUILD_DATE,
	};
	struct cost cold, known;
	size_t size;

	for (size_t i = 0; i < t->meshes[0].organizations_count; i++)
		t->meshes[0].organizations[i].max_nodes = nodes;
	text = test_bundle_text(t, &size);
	test_bundle_pin(t, 1, pin);
	cold = verify_best(text, size, &options, &trust);
	options.trust = trust;
	known = verify_best(text, size, &options, &again);
	(void)printf("%7u x %-6u %9.2f %10.1f %10.1f %8u %10.1f %10.1f %8u\n", organizations, nodes,
		     (double)size / 1e6, cold.bundle_ms, cold.all_ms, cold.signatures,
		     known.bundle_ms, known.all_ms, known.signatures);
}

int main(int argc, char *argv[])
{
	(void)printf("Bundle to checked registry, one thread, ms of CPU, the best of %d runs\n"
		     "%7s   %-6s %9s %10s %10s %8s %10s %10s %8s\n",
		     ROUNDS, "orgs", "nodes", "MB", "cold read", "cold all", "Ed25519",
		     "known read", "known all", "Ed25519");
	if (argc == 3) {
		measure((unsigned)strtoul(argv[1], NULL, 10), (unsigned)strtoul(argv[2], NULL, 10));
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++)
		measure(shapes[i].organizations, shapes[i].nodes);
	return 0;
}
