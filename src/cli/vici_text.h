/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/strbuf.h"
#include "vici/message.h"

#include <stdint.h>

/* What charon says, for people. Only printable ASCII is put out. Pure. */

/*
 * An IKE_SA in the form of `swanctl --list-sas`: what begins at the start of a line is the name of
 * its connection. @sa is its section in an event "list-sa". What charon leaves out is left out.
 */
void vici_print_sa(const char *name, const struct vici_section *sa, struct strbuf *out);

/* An event "log" as a line "TIME GROUP LEVEL CONNECTION[ID] TEXT"; one for each line of its text.
 */
void vici_print_log(int64_t time, const struct vici_section *message, struct strbuf *out);
