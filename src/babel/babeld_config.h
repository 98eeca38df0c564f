/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "babel/generation.h"
#include "babel/policy.h"
#include "base/strbuf.h"
#include "core/object.h"

/*
 * Configuration of babeld 1.12 or later. Pure.
 *
 * Filters cannot be taken back at run time, so each policy is a new process, a generation.
 */
/*
 * The end of the configuration, for gate_open(). babeld refuses to start without an interface, but
 * takes one that does not exist.
 */
#define BABELD_CONFIG_END "interface aro-none\n"

struct babeld_parameters {
	uint8_t router_id[BABEL_ROUTER_ID_SIZE];
	uint64_t generation;
};

/*
 * All but BABELD_CONFIG_END. Interfaces are not named: on those that are up when it starts, babeld
 * takes back all that it ever announced ("wildcard retraction"), and whoever routed through us
 * waits for its next full update. They are added through the control socket and begin with a hello.
 */
void babeld_config_format(const struct babeld_parameters *parameters,
			  const struct babel_policy *policy, struct strbuf *buffer);

/* The command that adds an interface, without newline. */
void babeld_config_format_interface(const struct babel_interface *interface, struct strbuf *buffer);
