// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

void *memory_zalloc(size_t count, size_t size_bytes)
{
	void *pointer = calloc(count ? count : 1, size_bytes ? size_bytes : 1);

	if (!pointer)
		abort();
	return pointer;
}

void *memory_grow(void *pointer, size_t count, size_t size_bytes)
{
	pointer = reallocarray(pointer, count ? count : 1, size_bytes);
	if (!pointer)
		abort();
	return pointer;
}

char *memory_strdup(const char *text)
{
	return memory_dup(text, strlen(text) + 1);
}

void *memory_dup(const void *bytes, size_t size_bytes)
{
	void *copy = memory_zalloc(1, size_bytes);

	if (size_bytes)
		memcpy(copy, bytes, size_bytes);
	return copy;
}

void *memory_append(void *array, size_t count, size_t size_bytes)
{
	const size_t first = 4;

	/* Sizes are 4, 8, 16, ...: a full array is one whose count is such a power of two. */
	if (count == 0)
		array = memory_grow(array, first, size_bytes);
	else if (count >= first && (count & (count - 1)) == 0)
		array = memory_grow(array, count * 2, size_bytes);
	memset((char *)array + count * size_bytes, 0, size_bytes);
	return array;
}
