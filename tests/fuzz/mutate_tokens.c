// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A mutator for JSON texts (meson.build, tokens): two of three mutations exchange whole strings,
 * numbers and words, so that the text mostly stays JSON and its meaning changes: a key for another,
 * a name for another, a version for the largest. Linked with libFuzzer only.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define TOKENS_MAX 2048

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

struct token {
	size_t at;
	size_t length;
};

static const char *const interesting[] = {
	"0",
	"1",
	"-1",
	"2",
	"24",
	"33",
	"64",
	"65",
	"128",
	"129",
	"65535",
	"65536",
	"366",
	"367",
	"8388608",
	"8388609",
	"9007199254740991",
	"null",
	"true",
	"false",
	"[]",
	"{}",
	"\"\"",
	"\"0\"",
	"\"x\"",
	"\"::/0\"",
	"\"0.0.0.0/0\"",
	"\"2026-11-21T00:00:00Z\"",
	"\"9999-12-31T23:59:59Z\"",
};

static unsigned next(unsigned *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* Length of the token at @at; 0 if none begins there. */
static size_t token_length(const uint8_t *data, size_t size, size_t at)
{
	size_t end = at + 1;

	if (data[at] == '"') {
		while (end < size && data[end] != '"')
			end += data[end] == '\\' ? 2 : 1;
		return end < size ? end + 1 - at : 0;
	}
	if (!strchr("-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGH", data[at]) || !data[at])
		return 0;
	while (end < size && data[end] &&
	       strchr("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGH", data[end]))
		end++;
	return end - at;
}

static size_t find_tokens(const uint8_t *data, size_t size, struct token tokens[TOKENS_MAX])
{
	size_t count = 0;

	for (size_t at = 0; at < size && count < TOKENS_MAX;) {
		size_t length = token_length(data, size, at);

		if (length)
			tokens[count++] = (struct token) { at, length };
		at += length ? length : 1;
	}
	return count;
}

/* Puts @text in the place of @token. Returns the new size, or 0 if there is no room. */
static size_t replace(uint8_t *data, size_t size, size_t max_size, const struct token *token,
		      const char *text, size_t length)
{
	size_t behind = token->at + token->length;

	if (size - token->length + length > max_size)
		return 0;
	memmove(data + token->at + length, data + behind, size - behind);
	memcpy(data + token->at, text, length);
	return size - token->length + length;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
	struct token tokens[TOKENS_MAX];
	unsigned state = seed | 1;
	size_t count = next(&state) % 3 ? find_tokens(data, size, tokens) : 0;
	const struct token *token, *donor;
	char copy[512];
	size_t result;

	if (!count)
		return LLVMFuzzerMutate(data, size, max_size);
	token = &tokens[next(&state) % count];
	donor = &tokens[next(&state) % count];
	if (next(&state) % 2) {
		const char *text =
			interesting[next(&state) % (sizeof(interesting) / sizeof(*interesting))];

		result = replace(data, size, max_size, token, text, strlen(text));
	} else if (donor->length <= sizeof(copy)) {
		memcpy(copy, data + donor->at, donor->length);
		result = replace(data, size, max_size, token, copy, donor->length);
	} else {
		result = 0;
	}
	return result ? result : LLVMFuzzerMutate(data, size, max_size);
}
