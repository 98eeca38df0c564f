#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A thousand loads, and a hundred that add and remove a node: the daemon keeps no memory, descriptor
# or child of any of them.
# Not with sanitizers: they keep freed memory for a while.
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin no-growth
underlay_begin
underlay_attach moon
node_prepare moon
node_start moon -r "$(registry_file "$CONFIGS/registry.json")"

descriptors() { find "/proc/${NODE_PID[moon]}/fd" -mindepth 1 | wc -l; }
memory_kib() { awk '/^VmRSS:/ { print $2 }' "/proc/${NODE_PID[moon]}/status"; }
helpers() { run_processes | xargs -r ps -o comm= -p | grep -c -E 'babeld|bird|wireguard'; }
loads() { # COUNT REGISTRY...
	local i count=$1
	shift
	for ((i = 0; i < count; i++)); do
		node_load moon "${@:i % $# + 1:1}" >>"$RUN_DIR/load.log" 2>&1 || return 1
	done
}
same=$CONFIGS/registry.json
five=$CONFIGS/registry-five.json

check "loads are accepted" loads 50 "$same"
check "alternating loads are accepted" loads 10 "$five" "$same"
sleep 1
descriptors_before=$(descriptors)
memory_before=$(memory_kib)
helpers_before=$(helpers)

start=$(now_ms)
check "1000 loads of the same registry" loads 1000 "$same"
note "1000 loads took $(($(now_ms) - start)) ms"
check "100 loads of two registries" loads 100 "$five" "$same"
sleep 1
check_equal "descriptors do not grow" "$(descriptors)" "$descriptors_before"
check_equal "helpers do not accumulate" "$(helpers)" "$helpers_before"
check_equal "no zombie is left" "$(pgrep -c -r Z -P "${NODE_PID[moon]}" || true)" 0
note "memory: $memory_before KiB before, $(memory_kib) KiB after"
check "memory does not grow" at_most "$(memory_kib)" $((memory_before + 1024))
scenario_end
