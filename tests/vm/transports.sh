#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Two nodes move from WireGuard to IPsec and back, by the registry, each at another time: nothing is lost.
export VARIANT=${VARIANT:-both}
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin transports
# More than are sent until a move is over; from moon more than 1000 a second, and answers.
PACKETS=500000

# with TRANSPORT... The registry of moon and venus with these at all endpoints.
with() {
	local transports=$*
	jq --arg transports "$transports" '.[].nodes |= map(select(.common_name | IN("moon", "venus")))
		| .[].nodes[].endpoints |= map(select(.address_family == "ip4")
			| .transports = ($transports | split(" ")))' \
		"$CONFIGS/registry-five.json" >"$RUN_DIR/${transports// /-}.json"
	echo "$RUN_DIR/${transports// /-}.json"
}
tunnels() { status "$1" '[.tunnels[] | "\(.transport) \(.state)"] | sort | join(", ")'; }
tunnels_are() { [ "$(tunnels "$1")" = "$2" ]; }
# moves FROM TO moon learns of it first, and keeps what it has until venus has learned of it, too.
moves() {
	local from=$1 to=$2
	ping_begin moon "$(address4 venus)" "$PACKETS" 0.0007
	ping_begin venus "$(address6 moon)" "$PACKETS" 0.02
	sleep 1
	local begin
	begin=$(now_ms)
	check "moon loads a registry with $to" node_load moon "$(with "$to")"
	sleep 5
	check "moon still has $from" grep -q "$from up" <(tunnels moon)
	note "venus loads $(($(now_ms) - begin + 1000)) ms after the first packet"
	check "venus loads it, too" node_load venus "$(with "$to")"
	check "moon has $to then, and nothing else" wait_until 120 tunnels_are moon "$to up"
	note "moon has moved $(($(now_ms) - begin + 1000)) ms after the first packet"
	check "so has venus" wait_until 120 tunnels_are venus "$to up"
	sleep 1
	check_equal "from $from to $to: of the packets from moon none is lost" \
		"$(ping_stop moon "$(address4 venus)")" 0
	check_equal "from $from to $to: nor of those from venus" \
		"$(ping_stop venus "$(address6 moon)")" 0
	note "from $from to $to: moon sent $(ping_rate moon "$(address4 venus)")," \
		"venus $(ping_rate venus "$(address6 moon)")"
	note "gaps, from the first packet on: $(ping_gaps moon "$(address4 venus)"); $(ping_gaps venus "$(address6 moon)")"
}

underlay_begin
for node in moon venus; do
	underlay_attach "$node"
	node_prepare "$node"
	node_start "$node" -r "$(registry_file "$(with wireguard)")"
done
check "the two have WireGuard" wait_until 60 tunnels_are moon "wireguard up"
check "and reach each other" wait_until 60 mesh_reaches moon venus
moves wireguard ipsec
moves ipsec wireguard

for node in moon venus; do
	check "$node loads a registry with both" node_load "$node" "$(with wireguard ipsec)"
done
check "both are up" wait_until 120 tunnels_are moon "ipsec up, wireguard up"
check "a second load is no change" equal "$(plan_length moon "$(with wireguard ipsec)")" 0
scenario_end
