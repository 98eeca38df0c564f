#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# earth is an exit for IPv4. mars, which has IPv6 only, reaches the IPv4 internet through it; moon
# keeps its own way, and falls back to the exit without sending its tunnels through tunnels. A node
# that does not accept an exit refuses the registry.
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin exit

jq '(.[].nodes[] | select(.common_name == "earth") | .remarks.prefixs) += ["0.0.0.0/0"]
	| .[0].nodes |= map(select(.common_name == "moon"))' "$CONFIGS/registry.json" \
	>"$RUN_DIR/exit.json"
underlay_begin
for node in moon earth mars; do
	underlay_attach "$node"
	node_prepare "$node"
done
sed -i 's/"192.168.130.0\/24"/&, "0.0.0.0\/0"/' "$RUN_DIR/earth/config.json"
# A default route is granted out of the pool like everything else.
jq '.pool += ["0.0.0.0/0"]' "$RUN_DIR/registry/mesh.2.json" >"$RUN_DIR/registry/mesh.json"
check "example2 may have exits" registry_member grant example2 --grant 0.0.0.0/0-0

# What the way out takes is the host's business.
host earth nft -f - <<-'RULES'
	table ip out {
		chain out {
			type nat hook postrouting priority srcnat;
			ip saddr 192.168.128.0/17 oifname "eth0" masquerade
		}
	}
RULES
INTERNET=198.18.0.1
ip -n "$RUN-inet" addr add "$INTERNET/32" dev lo

node_start mars
check "a node that names no exit refuses the registry" exits_with 5 \
	'example2/earth: 0.0.0.0/0 refused by local policy (default route)' \
	node_load mars "$RUN_DIR/exit.json"
node_signal mars TERM
for node in moon mars; do
	sed -i 's|"registry": {|"policy": { "accept_default_from": ["example2/earth"] },\n&|' \
		"$RUN_DIR/$node/config.json"
done
for node in moon earth mars; do
	node_start "$node"
	check "$node accepts the exit" node_load "$node" "$RUN_DIR/exit.json"
done

check "mars reaches the IPv4 internet through earth" wait_until 60 reaches mars "$INTERNET"
check "and nodes of the overlay as before" wait_until 30 reaches mars "$(address4 moon)"
check "and earth itself" reaches mars "$(address4 earth)"

way() { host "$1" ip -j route get "$INTERNET" | jq -r '.[0].dev'; }
check_equal "moon takes its own default route" "$(way moon)" eth0
check "and reaches the internet by it" reaches moon "$INTERNET"

# Without it the tunnels of IPv4 have no way, and must not try the one through a tunnel.
looped() {
	host moon nft -j list counter inet aronet tunnel_in_tunnel |
		jq -e '[.nftables[].counter.packets? // empty] | add > 0' >/dev/null
}
ip -n "$RUN-moon" -4 route del default
check "without one moon falls back to the exit" wait_until 60 reaches moon "$INTERNET"
check_equal "by the overlay" "$(way moon)" aronet
check "packets of tunnels were kept out of tunnels" wait_until 30 looped
check "moon still reaches mars" reaches moon "$(address4 mars)"
ip -n "$RUN-moon" route add default via 198.51.100.1
check_equal "its own way is taken again" "$(way moon)" eth0
scenario_end
