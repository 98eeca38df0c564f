/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "daemon/machine.h"
#include "daemon/names.h"
#include "intend/tunnel.h"

/*
 * Looks the names up again whose tunnels are dead, whatever their transport. Not so while another
 * tunnel lives at the address of the same name: that is right then, and would be changed under it.
 */
void liveness_check(const struct machine *machine, const struct tunnels *tunnels,
		    struct names *names, uint64_t now_usec);
