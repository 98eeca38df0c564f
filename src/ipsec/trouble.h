/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/ip.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Why a peer is not reached, in words, from what charon logs about it. Pure.
 */
#define TROUBLE_TEXT_SIZE 192 /* words, and whom they are about */

struct trouble {
	const char *words; /* of static life */
	bool is_final;	   /* this try is over: nothing comes of it */
};

/*
 * @message: a line of charon's log. @uses_ppk: of a connection with PPKs, which may be the reason.
 * False if it tells of no trouble that we know.
 */
bool trouble_find(const char *message, bool uses_ppk, struct trouble *ret);

/* "no answer (203.0.113.5:12025)"; without the address if that is not known. Returns @buffer. */
const char *trouble_format(const struct trouble *trouble, const struct ip_endpoint *peer,
			   char buffer[TROUBLE_TEXT_SIZE]);
