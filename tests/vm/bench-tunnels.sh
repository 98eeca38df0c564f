#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What do TUNNELS tunnels of the kernel's WireGuard cost on one node? Prints figures and judges nothing.
# scripts/bench -g runs it, in the guest: peers do not exist, and the guest's clock counts instructions, so
# ratios are nearly the same every time.
source "$(dirname "$0")/../support/scenario.sh"
TUNNELS=${TUNNELS:-300}
BARE=$(dirname "$ARONET")/../../tests/bench/tunnels_bench
scenario_begin bench-tunnels
[ -x "$BARE" ] || scenario_skip "$BARE is not built"
modprobe -q wireguard || scenario_skip "the kernel has no WireGuard (CONFIG_WIREGUARD)"

# Each peer has one endpoint and one prefix.
peers() {
	jq --argjson count "$TUNNELS" '.[0].nodes |= map(select(.common_name == "moon"))
		| .[1].nodes = [range($count) | {
			common_name: "node-\(.)",
			wireguard: [{public_key: ("a key of the benchmark, \(10000000 + .)" | @base64)}],
			endpoints: [{serial_number: 0, address: "203.0.113.\(. % 120 + 130)",
				address_family: "ip4", port: (10000 + .), send_port: (30001 + .)}],
			remarks: {network: "fd70:0:0:\(1000 + .)::/64"}
		}]' "$CONFIGS/registry.json"
}

# The daemon's own account. What it says about itself begins with the time of the day, to the millisecond.
ms_of_day() { awk -F '[:.]' '{ print ((($1 * 60 + $2) * 60) + $3) * 1000 + $4 }'; }
# start TEXT... Starts moon and waits until its state is the intended one; sets READY_MS and CPU_MS.
start() {
	local since
	since=$(date +%T.%3N | ms_of_day)
	: >"$RUN_DIR/moon/daemon.log"
	host_exec moon "$ARONET" daemon run -c "$RUN_DIR/moon/config.json" "$@" >>"$RUN_DIR/moon/daemon.log" 2>&1 &
	# shellcheck disable=SC2154 # the array is an associative one
	NODE_PID[moon]=$!
	wait_until 600 grep -q event=ready "$RUN_DIR/moon/daemon.log"
	READY_MS=$(($(awk '/event=ready/ { print $1; exit }' "$RUN_DIR/moon/daemon.log" | ms_of_day) - since))
	CPU_MS=$(awk '{ print ($14 + $15) * 10 }' "/proc/${NODE_PID[moon]}/stat")
}
memory() { awk -v name="$1:" '$1 == name { print $2 }' "/proc/${NODE_PID[moon]}/status"; }
tunnels() { ip -n "$RUN-moon-overlay" -br link show type wireguard up | wc -l; }
# The kernel takes interfaces of a namespace down long after it is gone.
wireguard_is_unused() { [ "$(cat /sys/module/wireguard/refcnt)" = 0 ]; }

# bare Makes the tunnels without aronet; the milliseconds of each kind of request, and of all.
bare() {
	namespace_add bare
	namespace_add bare-overlay
	host bare "$BARE" "$TUNNELS" "/run/netns/$RUN-bare-overlay" >"$RUN_DIR/bare"
	ip netns delete "$RUN-bare-overlay"
	ip netns delete "$RUN-bare"
	wait_until 600 wireguard_is_unused
}

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
row() { printf '# %-44s %10s %10s\n' "$@"; }

underlay_begin
underlay_attach moon
node_prepare moon
peers >"$RUN_DIR/peers.json"
start -r "$(registry_file "$RUN_DIR/peers.json")"
check_equal "moon has $TUNNELS tunnels" "$(tunnels)" "$TUNNELS"
aronet moon down
wait_until 600 wireguard_is_unused

bare
bare_ms=$(awk '$1 == "total" { print $2 }' "$RUN_DIR/bare")
row "$TUNNELS tunnels" ms ratio
while read -r what ms; do
	row "bare requests: $what" "$ms" "$(ratio "$ms" "$bare_ms")"
done <"$RUN_DIR/bare"

start
check_equal "moon has $TUNNELS tunnels again" "$(tunnels)" "$TUNNELS"
cold_ms=$READY_MS
row "aronet, from its start to the intended state" "$cold_ms" "$(ratio "$cold_ms" "$bare_ms")"
row "  of that processor time of the daemon" "$CPU_MS" "$(ratio "$CPU_MS" "$bare_ms")"
row "  writes to the kernel" "$(status moon .stats.kernel_writes)" ""
row "  memory then, at most and now (KiB)" "$(memory VmHWM)" "$(memory VmRSS)"

node_signal moon KILL || true
start
check_equal "adoption writes nothing" "$(status moon .stats.kernel_writes)" 0
row "aronet, after kill -9: adoption" "$READY_MS" "$(ratio "$READY_MS" "$cold_ms")"
row "  of that processor time of the daemon" "$CPU_MS" "$(ratio "$CPU_MS" "$cold_ms")"
row "  memory then, at most and now (KiB)" "$(memory VmHWM)" "$(memory VmRSS)"
scenario_end
