/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/*
 * Repeatable random numbers for property tests. A run has a seed (ARONET_SEED, or the clock), each
 * case of the run one that follows from it; a failing case is replayed alone with
 * ARONET_CASE=<its seed>.
 */
struct random {
	uint64_t state;
};

/* splitmix64, public domain algorithm by Sebastiano Vigna */
static inline uint64_t random_u64(struct random *random)
{
	uint64_t z = (random->state += 0x9e3779b97f4a7c15ull);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

/* 0 to @limit - 1 */
static inline unsigned random_below(struct random *random, unsigned limit)
{
	return (unsigned)(random_u64(random) % limit);
}

static inline bool random_chance(struct random *random, unsigned percent)
{
	return random_below(random, 100) < percent;
}

static inline uint64_t random_seed_of_run(void)
{
	const char *text = getenv("ARONET_SEED");

	return text ? strtoull(text, NULL, 0) : (uint64_t)time(NULL);
}

/* Sanitizers look at each case more closely, and take eight times as long. */
#ifdef __SANITIZE_ADDRESS__
#define RANDOM_CASES_DIVISOR 5
#else
#define RANDOM_CASES_DIVISOR 1
#endif

/* Run @check for @cases cases and say how to repeat one that fails. */
typedef bool random_check_fn(struct random *random);
static inline bool random_check(const char *name, unsigned cases, random_check_fn *check)
{
	const char *only = getenv("ARONET_CASE");
	struct random run = { random_seed_of_run() };

	cases = only ? 1 : cases / RANDOM_CASES_DIVISOR;
	printf("# %s: ARONET_SEED=%llu, %u cases\n", name, (unsigned long long)run.state, cases);
	for (unsigned i = 0; i < cases; i++) {
		uint64_t seed = only ? strtoull(only, NULL, 0) : random_u64(&run);
		struct random random = { seed };

		if (!check(&random)) {
			printf("# %s failed: repeat with ARONET_CASE=%llu\n", name,
			       (unsigned long long)seed);
			return false;
		}
	}
	return true;
}
