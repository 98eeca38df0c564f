#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A node gets another address while it talks, or the NAT in front of it another mapping: its tunnels
# follow without a new handshake, nobody throws them back, and status shows where they lead.
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin roaming

# IPv4 only, so that there is one tunnel between any two.
jq '.[].nodes |= map(select(.common_name | IN("moon", "sun", "venus")))
	| .[].nodes[].endpoints |= map(select(.address_family == "ip4"))' "$CONFIGS/registry-five.json" \
	>"$RUN_DIR/roaming.json"
jq '.[1].nodes[0].endpoints[0].address = "203.0.113.6"' "$RUN_DIR/roaming.json" >"$RUN_DIR/moved.json"
jq '.[1].nodes[0].remarks.prefixs += ["192.168.133.0/24"]' "$RUN_DIR/roaming.json" >"$RUN_DIR/prefix.json"
nodes=(moon sun venus)
underlay_begin
for node in "${nodes[@]}"; do
	underlay_attach "$node"
	node_prepare "$node"
	node_start "$node" -r "$(registry_file "$RUN_DIR/roaming.json")"
done
check "the mesh is up" wait_until 60 mesh_reaches "${nodes[@]}"

# endpoint NODE PEER Where the tunnel leads; configured: where the registry says that it should.
endpoint() { status "$1" ".tunnels[] | select(.peer | endswith(\"/$2\")) | .endpoint"; }
configured() { status "$1" ".tunnels[] | select(.peer | endswith(\"/$2\")) | .configured"; }
# shellcheck disable=SC2053 # a pattern
leads_to() { [[ $(endpoint "$1" "$2") == $3 ]]; }
handshakes() { node_handshakes moon | awk '$3 > 0' | sort; }
unchanged() { [ -z "$(comm -23 <(echo "$before") <(handshakes))" ]; }
all_directly() {
	sends_directly moon venus && sends_directly venus moon && sends_directly moon sun && sends_directly sun moon
}
# talk NODE Packets from moon to that node all the time; heard says how long there was no answer.
talk() { ping_begin moon "$(address4 "$1")" 100000 0.05; }
talks() { ping_still_answered moon "$(address4 "$1")"; }
heard() { ping_stop moon "$(address4 "$1")" >/dev/null && ping_gap moon "$(address4 "$1")"; }

check "moon talks directly with both" wait_until 60 all_directly
before=$(handshakes)
check_equal "moon's tunnel to venus leads where the registry says" "$(endpoint moon venus)" 198.51.100.6:20001

talk venus
sleep 1
underlay_move venus 203.0.113.6 203.0.113.5
check "the tunnel follows venus to another address" wait_until 20 leads_to moon venus 203.0.113.6:20001
check "moon and venus talk" wait_until 20 talks venus
sleep 2
gap=$(heard venus)
note "the gap was $gap ms"
check "the gap was short" at_most "$gap" 5000
check_equal "the registry still says another one" "$(configured moon venus)" 198.51.100.6:20001
check "the tunnels had no new handshake" unchanged
# The NAT of sun lets nobody in who has not been spoken to, so sun does not hear where venus is now.
tunnel_state() { status "$1" ".tunnels[] | select(.peer | endswith(\"/$2\")) | .state"; }
is_deaf() { [ "$(tunnel_state "$1" "$2")" = "no hellos" ]; }
check "sun hears nothing of venus" wait_until 20 is_deaf sun venus
check "the two reach each other by way of moon" wait_until 20 reaches sun "$(address4 venus)"

# Nothing that happens to moon sends the tunnel back to where venus is not any more.
check "moon loads a registry with another prefix of venus" node_load moon "$RUN_DIR/prefix.json"
check_equal "which leaves the tunnel alone" "$(endpoint moon venus)" 203.0.113.6:20001
node_signal moon KILL || true
node_start moon
check_equal "so does a new daemon" "$(endpoint moon venus)" 203.0.113.6:20001
check "they still talk" wait_until 20 reaches moon "$(address4 venus)"
check "the tunnels still had no new handshake" unchanged

# The registry catches up, and is ahead of the node when that moves again.
for node in moon sun; do
	check "$node loads the registry with the new address" node_load "$node" "$RUN_DIR/moved.json"
done
check_equal "moon has it" "$(configured moon venus)" 203.0.113.6:20001
check "moon and venus talk" wait_until 20 reaches moon "$(address4 venus)"
check_equal "sun sends to where venus is now" "$(endpoint sun venus)" 203.0.113.6:20003
check "sun and venus talk directly" wait_until 60 sends_directly sun venus
underlay_move venus 198.51.100.6 198.51.100.5
check "the tunnel follows venus back, against the registry" \
	wait_until 20 leads_to moon venus 198.51.100.6:20001
check "they talk there" wait_until 20 reaches moon "$(address4 venus)"

# The NAT in front of sun forgets everything and takes other ports, as after a restart.
check_equal "moon sees sun at its NAT" "$(endpoint moon sun | sed 's/:.*//')" 203.0.113.2
port=$(endpoint moon sun)
talk sun
sleep 1
ip -n "$RUN-nat" link set wan down
host nat nft flush chain ip nat outgoing
host nat nft add rule ip nat outgoing oifname wan meta l4proto udp masquerade to :40000-40999
host nat nft add rule ip nat outgoing oifname wan masquerade
ip -n "$RUN-nat" link set wan up
underlay_address nat wan
check "the tunnel follows sun to another port of its NAT" wait_until 20 leads_to moon sun "203.0.113.2:40???"
note "$port became $(endpoint moon sun)"
check "moon and sun talk" wait_until 20 talks sun
sleep 2
gap=$(heard sun)
note "the gap was $gap ms"
check "the gap was short" at_most "$gap" 5000
check "the tunnels had no new handshake" unchanged
check "everybody reaches everybody" wait_until 40 mesh_reaches "${nodes[@]}"
scenario_end
