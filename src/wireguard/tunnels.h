/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "wireguard/go.h"
#include "wireguard/wireguard.h"

/* Inside of the folder only. */
struct wireguard_tunnels {
	struct spaces *spaces;
	struct go *go;
	uint64_t writes;
};
