/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Questions to the person at the controlling terminal, whatever standard input and output are. A
 * signal that ends the program (Ctrl-C) does so after the terminal has its settings back.
 */

/*
 * @question and "[y/N]"; anything but y or yes is no. E_USAGE if there is no terminal: scripts say
 * --yes.
 */
int terminal_confirm(const char *question, bool *ret_yes, struct error *error);

/*
 * A line that is not shown while it is typed, without its end, into @buffer, which the caller wipes
 * in any case. @place is for errors: no terminal, longer than @size - 1 bytes, E_KEYFILE.
 */
int terminal_read_secret(const char *prompt, const char *place, char *buffer, size_t size,
			 struct error *error);
