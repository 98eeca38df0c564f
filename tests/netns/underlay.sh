#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The simulated internet and the means of observation, before anything is concluded from them.
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin underlay

underlay_begin
for node in moon sun earth mars; do
	underlay_attach "$node"
done

check "moon reaches earth by IPv4" reaches moon 192.0.2.2
check "moon reaches mars by IPv6" reaches moon 2001:db8:4::2
check "sun reaches moon through its NAT" reaches sun 198.51.100.2
check "nobody reaches sun from outside" fails reaches moon 10.0.0.2
check "the NAT forwards nothing unsolicited" fails reaches inet 10.0.0.2
check "sun and mars have no address family in common" fails reaches sun 2001:db8:4::2

# Each looks while nsenter and stdbuf give way to the next program.
lives_while_it_becomes_another_program() {
	local try look pid
	local -a pids=()
	for try in {1..100}; do
		host_exec moon stdbuf -oL sleep 1 &
		pid=$!
		pids+=("$pid")
		for look in {1..40}; do
			process_lives "$pid" || { echo "try $try, look $look" && return 1; }
		done
	done
	wait "${pids[@]}"
}
check "a process lives while it becomes another program" lives_while_it_becomes_another_program

ping_begin moon 192.0.2.2 100 0.01
check_equal "nothing is lost on a good path" "$(ping_end moon 192.0.2.2)" 0
ping_begin moon 192.0.2.2 100 0.01
sleep 0.3
underlay_cut moon earth
sleep 0.2
underlay_restore
lost=$(ping_end moon 192.0.2.2)
check "a cut loses packets" test "$lost" -gt 5
check "a cut ends" test "$lost" -lt 60
check "the gap is measured" test "$(ping_gap moon 192.0.2.2)" -ge 200
underlay_cut moon sun
check "a cut hits the address of the NAT" fails reaches sun 198.51.100.2
check "a cut hits one pair only" reaches moon 192.0.2.2
underlay_restore

mkdir "$RUN_DIR/earth"
snapshot_node earth >"$RUN_DIR/before"
underlay_carrier earth down
check "a pulled cable is seen" fails reaches moon 192.0.2.2
snapshot_node earth >"$RUN_DIR/after"
check "a snapshot shows the pulled cable" fails snapshot_same "$RUN_DIR/before" "$RUN_DIR/after"
underlay_carrier earth up
check "the cable is back" wait_until 5 reaches moon 2001:db8:3::2
snapshot_node earth >"$RUN_DIR/after"
check "the snapshot is the same again" snapshot_same "$RUN_DIR/before" "$RUN_DIR/after"
host earth sysctl -qw net.ipv4.conf.eth0.rp_filter=2
snapshot_node earth >"$RUN_DIR/after"
check "a snapshot shows a sysctl" fails snapshot_same "$RUN_DIR/before" "$RUN_DIR/after"

ip netns add "$RUN-earth-overlay"
watch_begin earth
check_equal "a watch of nothing shows nothing" "$(watch_end earth)" ""
watch_begin earth
host earth nft add table inet foreign
ip -n "$RUN-earth-overlay" link set lo up
check_equal "a watch shows a link, its addresses and routes, and a table" \
	"$(watch_end earth | sed 's/:.*//' | sort -u | tr '\n' ' ')" \
	"earth-host-nft earth-overlay-ip "

check "iperf3 measures" test "$(iperf3_mbits moon earth 192.0.2.2 1)" -gt 0
scenario_end
