#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Another program has the UDP port of a tunnel: status names both, other tunnels work, and the tunnel is
# there soon after the port is free.
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin taken-port
scenario_need python3

underlay_begin
for node in moon earth; do
	underlay_attach "$node"
	node_prepare "$node"
done
jq '.[].nodes |= map(select(.common_name | IN("moon", "earth")))' "$CONFIGS/registry.json" >"$RUN_DIR/two.json"

# To the first endpoint of earth moon listens on its send_port.
host_exec moon python3 -c 'import socket, time
taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
taken.bind(("", 20004))
time.sleep(3600)' &
holder=$!
is_taken() { host moon ss -Hlun "sport = :20004" | grep -q .; }
check "the port is taken" wait_until 10 is_taken
for node in earth moon; do
	node_start "$node"
	node_load "$node" "$RUN_DIR/two.json" >"$RUN_DIR/$node/load.log" 2>&1 || true
done

told() { status moon '.problems[].text' | grep -F "UDP port 20004 is taken by python3 (process $holder)"; }
well() { [ "$(status moon .state)" = ok ] && [ "$(status moon '[.tunnels[] | select(.state == "up")] | length')" = 2 ]; }
check "moon says which port is taken, and by whom" wait_until 20 told
check "the other tunnel works" wait_until 60 mesh_reaches moon earth
sleep 7
check "moon still says so when it has tried again" told
process_end "$holder"
check "the tunnel is made when the port is free" wait_until 60 well
check_equal "on that port" "$(status earth '.tunnels[] | select(.label | endswith("/0")).endpoint')" \
	198.51.100.2:20004
check "all is well" mesh_reaches moon earth
check_equal "nothing is left to do" "$(plan_length moon "$RUN_DIR/two.json")" 0
scenario_end
