/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "firewall/text.h"

/*
 * The sets that say what may come out of tunnels to nodes without transit: limited, limited4,
 * limited6, limited_exits4, limited_exits6. Nothing if there is no such tunnel. Private to
 * firewall.
 */
void limited_format_sets(const struct firewall_rules *rules, struct strbuf *ret);
