/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

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

/* @message: a line of charon's log. False if it tells of no trouble that we know. */
bool trouble_find(const char *message, struct trouble *ret);
