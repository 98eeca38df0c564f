/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "wireguard/go.h"
#include "wireguard/wireguard.h"

/* Inside of the folder only. */
struct wireguard_tunnels {
	struct spaces *spaces;
	struct go *go;
	uint16_t family; /* of the kernel's generic netlink; 0: to be looked up */
	uint64_t writes;
};
