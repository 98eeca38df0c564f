/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "babel/audit.h"
#include "babel/listener.h"
#include "babel/status.h"
#include "base/warning.h"
#include "core/state.h"

#include <json-c/json.h>

/*
 * Neighbours that announce what the registry does not grant: from what is intended to the audit,
 * and from the audit to log and status.
 */
struct auditing;

struct auditing *auditing_new(uv_loop_t *loop, struct spaces *spaces);
void auditing_free(struct auditing *auditing); /* the loop has to run once more */

/* Judge by the filters of @intended; without a speaker everybody is left alone. */
void auditing_set_intended(struct auditing *auditing, const struct registry *registry,
			   const struct state *intended);

/* Listen where the overlay is now. Returns true if auditing_warn() has to say something else. */
bool auditing_follow_overlay(struct auditing *auditing);

/* W09: it cannot, and nobody who announces what it may not is found out. */
void auditing_warn(const struct auditing *auditing, struct warnings *warnings);

bool auditing_has_problems(const struct auditing *auditing);

/* As audit_refuses(). */
bool auditing_refuses(const struct auditing *auditing, const struct babel_route *route);

/* Appends {"object": NODE, "text": ...} for what has become a problem. */
void auditing_put_problems(const struct auditing *auditing, struct json_object *problems);

/* "audit": all that was found, in numbers. */
void auditing_put_status(const struct auditing *auditing, struct json_object *status);
