#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The path between two nodes silently loses everything: traffic goes on through another node, and
# comes back.
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin failover
mesh_up moon sun earth mars

address=$(address4 sun)
ping_begin moon "$address" 100000 0.02
sleep 1
underlay_cut moon sun
sleep 2
check "traffic goes on through another node" wait_until 30 ping_still_answered moon "$address"
sleep 1
check "and stays" ping_still_answered moon "$address"
ping_stop moon "$address" >/dev/null
note "the gap was $(ping_gap moon "$address") ms"
check "the gap was short" at_most "$(ping_gap moon "$address")" 20000
check "by IPv6, too" wait_until 5 reaches moon "$(address6 sun)"

# Two tunnels between moon and earth: one family is enough.
ping_begin moon "$(address4 earth)" 100000 0.02
sleep 0.5
underlay_drop ip "${UNDERLAY4[moon]}" "${UNDERLAY4[earth]}"
sleep 2
check "the other family takes over" wait_until 30 ping_still_answered moon "$(address4 earth)"
ping_stop moon "$(address4 earth)" >/dev/null
note "the gap was $(ping_gap moon "$(address4 earth)") ms"

underlay_restore
direct() {
	local hops
	hops=$(host moon ping -n -c 1 -W 1 -t 3 "$address" 2>&1) && grep -q 'bytes from' <<<"$hops"
}
check "the direct path comes back" wait_until 60 direct
scenario_end
