#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Two nodes behind different NATs can have no tunnel: neither tries, status says why, and what they send
# to each other goes through a third node.
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin two-nats

jq '.[].nodes |= map(select(.common_name | IN("moon", "sun", "venus")))
	| .[].nodes[].endpoints |= map(select(.address_family == "ip4"))
	| .[1].nodes[0].endpoints[0].address = null' "$CONFIGS/registry-five.json" >"$RUN_DIR/nats.json"
nodes=(moon sun venus)
underlay_begin
underlay_attach moon
underlay_attach sun
namespace_add venus
underlay_attach_behind_nat venus nat2 # with the same addresses inside as the NAT of sun
for node in "${nodes[@]}"; do
	node_prepare "$node"
done
sed -i 's/"198.51.100.6"/null/' "$RUN_DIR/venus/config.json"

packets_watch inet host "ip saddr { 203.0.113.2, 203.0.113.6 } ip daddr { 203.0.113.2, 203.0.113.6 }"
for node in "${nodes[@]}"; do
	node_start "$node" -r "$(registry_file "$RUN_DIR/nats.json")"
done
check "everybody reaches everybody" wait_until 60 mesh_reaches "${nodes[@]}"

unreachable() { status "$1" ".unreachable[] | select(.node == \"$2\").reason"; }
why="both ends only dial out (behind NAT); its traffic goes through others"
check_equal "sun says why it has no tunnel to venus" "$(unreachable sun example2/venus)" "$why"
check_equal "venus says why it has no tunnel to sun" "$(unreachable venus example/sun)" "$why"
check "so does status for people" prints "example2/venus  $why" aronet sun status
check_equal "moon lacks no tunnel" "$(status moon '.unreachable | length')" 0
check_equal "sun has one tunnel" "$(node_interfaces sun | wc -l)" 1
check_equal "venus has one tunnel" "$(node_interfaces venus | wc -l)" 1
check_equal "moon sees both at their NATs" \
	"$(status moon '[.tunnels[].endpoint | split(":")[0]] | sort | join(" ")')" "203.0.113.2 203.0.113.6"
check_equal "sun is well" "$(status sun .state)" ok

packets_watch moon overlay "ip saddr $(address4 sun) ip daddr $(address4 venus)"
check "sun reaches venus" reaches sun "$(address4 venus)"
check_equal "by way of moon" "$(packets_seen moon overlay)" 1
check_equal "nobody tried to dial" "$(packets_seen inet host)" 0
reaches nat 203.0.113.6 || true
check "an attempt would have been seen" test "$(packets_seen inet host)" -gt 0

underlay_carrier moon down
check "without moon they do not reach each other" wait_until 20 fails reaches sun "$(address4 venus)"
underlay_carrier moon up
check "with moon they do" wait_until 40 mesh_reaches "${nodes[@]}"
scenario_end
