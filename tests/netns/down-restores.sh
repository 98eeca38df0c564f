#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each way to take a node down leaves the machine as it was before aronet came.
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin down-restores

nodes=(moon sun earth mars)
underlay_begin
for node in "${nodes[@]}"; do
	underlay_attach "$node"
	node_prepare "$node"
done
# Settings and objects of others, which have to survive.
ip -n "$RUN-moon" link add foreign type veth peer name foreign-peer
host moon sysctl -qw net.ipv4.ip_forward=1
host moon nft add table inet foreign
ip -n "$RUN-moon" route add 203.0.113.128/25 dev eth0
for node in "${nodes[@]}"; do
	snapshot_node "$node" >"$RUN_DIR/$node.before"
done
for node in "${nodes[@]}"; do
	node_start "$node" -r "$(registry_file "$CONFIGS/registry.json")"
done
check "the mesh is up" wait_until 60 mesh_reaches "${nodes[@]}"

# restored NODE What is left may be files only: the accepted registry stays unless forgotten.
restored() {
	snapshot_node "$1" >"$RUN_DIR/$1.after"
	snapshot_same <(sed '/^== files/,$d' "$RUN_DIR/$1.before") \
		<(sed '/^== files/,$d' "$RUN_DIR/$1.after")
}

check "SIGTERM ends the daemon with success" node_signal earth TERM
check "and leaves the data plane" reaches moon "$(address4 earth)"
check "aronet down works without a daemon" aronet earth down
check "it restores earth" restored earth

check "SIGINT ends the daemon with success" node_signal moon INT
check "it restores moon and leaves what others made" restored moon

check "aronet down works with a daemon" aronet sun down --forget
check "the daemon ended" wait_until 5 fails process_lives "${NODE_PID[sun]}"
check "it restores sun" restored sun
snapshot_node sun >"$RUN_DIR/sun.after"
check "with --forget the registry is gone, too" \
	fails grep -q -F registry "$RUN_DIR/sun.after"

node_signal mars KILL || true
check "aronet down works after a crash" aronet mars down
check "it restores mars" restored mars
check "a second down is no error" aronet mars down
check_equal "no helper is left" "$(run_processes | xargs -r ps -o comm= -p | grep -E 'babeld|bird|wireguard|charon' || true)" ""
check_equal "no control socket of a tunnel is left" \
	"$(ls /var/run/wireguard)" ""

node_start moon -r "$(registry_file "$CONFIGS/registry.json")"
check_equal "a node comes up again after down" "$(node_interfaces moon | wc -l)" $((4 * $(node_transports moon)))
scenario_end
