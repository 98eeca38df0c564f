/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/cleanup.h"

#include <stddef.h>

/*
 * Things in an accepted document, or on this host, that an operator should know. Codes are stable:
 * W01 nodes share their organization's key, W02 host bits were masked, W03 a name does not resolve,
 * W07 the host's firewall may drop what it forwards, W08 so may its reverse path filter, W09 nobody
 * hears what neighbours announce, W10 the host has got what another node has, E_SELF this node and
 * the registry disagree.
 */
struct warning {
	char code[16];
	char text[256];
};

struct warnings {
	struct warning *items;
	size_t count;
};

void warnings_done(struct warnings *warnings);
CLEANUP_DEFINE_IN_PLACE(struct warnings, warnings_done);

/* @warnings may be NULL. At most WARNINGS_MAX are kept. Texts are made printable, see error_set().
 */
void warnings_add(struct warnings *warnings, const char *code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
#define WARNINGS_MAX 1000
