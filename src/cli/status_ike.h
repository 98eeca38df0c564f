/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/strbuf.h"

#include <json-c/json.h>
#include <stdbool.h>

/* The parts of status about IPsec, from its member "ike". Nothing is printed if no tunnel uses it.
 */

/* ", strongswan 6.0.1", or why it cannot be asked. */
void status_ike_print_program(struct json_object *status, struct strbuf *out);

/* The table of IKE_SAs, a row for each tunnel: algorithms, ages, what is wrong. */
void status_ike_print_sas(struct json_object *status, bool with_colour, struct strbuf *out);
