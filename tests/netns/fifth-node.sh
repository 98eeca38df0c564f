#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A node joins and leaves while the others talk: nobody else notices.
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin fifth-node
old=(moon sun earth mars)
PACKETS=100000 # more than it takes
mesh_up "${old[@]}"
underlay_attach venus
node_prepare venus

# Only handshakes that happened; WireGuard repeats them after 120 s, which this does not last.
handshakes() { node_handshakes moon | awk '$3 > 0' | sort; }
before=$(handshakes)
unchanged() { [ -z "$(comm -23 <(echo "$before") <(handshakes))" ]; }

address=$(address4 earth)
under_way() { process_lives "$(cat "$RUN_DIR/ping/moon-$address.pid")"; }
both_directly() { sends_directly moon earth && sends_directly earth moon; }
check "moon and earth talk directly" wait_until 60 both_directly
ping_begin moon "$address" "$PACKETS" 0.005
# These two have no tunnel: what is between them changes its filters, too.
ping_begin sun "$(address4 mars)" "$PACKETS" 0.005
sleep 0.3
node_start venus -r "$(registry_file "$CONFIGS/registry-five.json")"
for node in "${old[@]}"; do
	check "$node accepts the registry with venus" node_load "$node" "$CONFIGS/registry-five.json"
done
check "packets were under way all that time" under_way
check_equal "of the packets between moon and earth none is lost" \
	"$(ping_stop moon "$address")" 0
check_equal "nor of those between sun and mars, by way of others" \
	"$(ping_stop sun "$(address4 mars)")" 0
check "existing tunnels had no new handshake" unchanged
check "all five reach each other" wait_until 40 mesh_reaches "${old[@]}" venus
check_equal "moon has tunnels for two endpoint pairs more" "$(node_interfaces moon | wc -l)" \
	$((6 * $(node_transports moon)))

# What went through venus has to find another way, so look at what does not.
check "moon and earth still talk directly" wait_until 60 both_directly
ping_begin moon "$address" "$PACKETS" 0.005
sleep 0.3
for node in "${old[@]}"; do
	check "$node accepts the registry without venus" node_load "$node"
done
check "packets were under way all that time" under_way
check_equal "none is lost when venus leaves" "$(ping_stop moon "$address")" 0
check_equal "its tunnels are gone" "$(node_interfaces moon | wc -l)" $((4 * $(node_transports moon)))
check "venus is not reached any more" fails reaches moon "$(address4 venus)"
check_equal "its route is gone" "$(ip -n "$RUN-moon" route show "${PREFIX4[venus]}.0/24")" ""
scenario_end
