/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

/*
 * Files that are no JSON at all and are better told by their name than by their first wrong byte:
 * "gzip data", "HTML page", "byte order mark", "empty file" ... NULL if @text may be JSON.
 */
const char *sniff_wrong_kind(const char *text, size_t size);
