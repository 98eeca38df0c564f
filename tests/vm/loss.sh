#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# An underlay that loses three packets of ten. Nodes stay neighbours or become so again, TCP passes, and
# whatever way Babel chooses, nothing goes in circles. For the guest, because it needs netem.
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin loss
nodes=(moon sun earth mars)
mesh_up "${nodes[@]}"
modprobe -q sch_netem || scenario_skip "the kernel has no netem (CONFIG_NET_SCH_NETEM)"

# lose_between A B In both directions, each packet for itself.
lose_between() {
	lose_one_way ip "${UNDERLAY4[$1]%/*}" "${UNDERLAY4[$2]%/*}"
	lose_one_way ip "${UNDERLAY4[$2]%/*}" "${UNDERLAY4[$1]%/*}"
	lose_one_way ip6 "${UNDERLAY6[$1]}" "${UNDERLAY6[$2]}"
	lose_one_way ip6 "${UNDERLAY6[$2]}" "${UNDERLAY6[$1]}"
}
lose_one_way() {
	host inet nft add rule inet underlay cut "$1" saddr "$2" "$1" daddr "$3" numgen random mod 10 "<" 3 drop
}

# tcp_passes FROM TO BYTES
tcp_passes() {
	local server status=0
	host_exec "$2" iperf3 -s -1 -B "$(address4 "$2")" >"$RUN_DIR/iperf3-$2.log" 2>&1 &
	server=$!
	wait_until 10 listens "$2" 5201
	timeout 60 nsenter --net="/run/netns/$RUN-$1" -- iperf3 -c "$(address4 "$2")" -n "$3" || status=$?
	process_end "$server"
	return "$status"
}

# With half of all round trips lost, TCP may wait for minutes, or give up; another connection need not.
tcp_passes_at_last() {
	local try
	for try in 1 2 3 4; do
		! tcp_passes "$@" || return 0
		echo "try $try of 4 failed"
	done
	return 1
}

# No way in this mesh has more than three tunnels.
watch_circles() {
	host_exec moon stdbuf -oL ping -n -D -i 0.1 -t 6 "$(address4 earth)" >"$RUN_DIR/circles" 2>&1 &
	watcher=$!
}
watch_ends() {
	kill -INT "$watcher"
	wait "$watcher" || true
	tail -n 2 "$RUN_DIR/circles" | sed 's/^/# /'
}
no_circles() { ! grep "Time to live exceeded" "$RUN_DIR/circles"; }
is_neighbour() {
	[ "$(status "$1" "[.neighbours[] | select((.peer | endswith(\"/$2\")) and .reach != \"0000\" and
		.cost < 65535)] | length")" -gt 0 ]
}
both_directly() { sends_directly moon earth && sends_directly earth moon; }

check "moon and earth talk directly" wait_until 60 both_directly
watch_circles
lose_between moon earth
sleep 20
check "moon and earth are neighbours, or will be again" wait_until 20 is_neighbour moon earth
check "TCP passes from moon to earth" tcp_passes_at_last moon earth 200K
check "TCP passes from earth to moon" tcp_passes_at_last earth moon 200K
sleep 10
watch_ends
check "nothing went in circles" no_circles
check "most of the pings came back" test "$(grep -c "bytes from" "$RUN_DIR/circles")" -gt 100
underlay_restore
check "without losses they talk directly again" wait_until 60 both_directly
ping_begin moon "$(address4 earth)" 200 0.02
check_equal "and lose nothing" "$(ping_end moon "$(address4 earth)")" 0

# Now on all ways to earth, with packets that overtake each other.
host inet tc qdisc add dev to-earth root netem loss 30% delay 20ms 10ms
host earth tc qdisc add dev eth0 root netem loss 30% delay 20ms 10ms
watch_circles
sleep 20
check "earth has neighbours, or will have" wait_until 30 is_neighbour earth moon
check "TCP passes to earth" tcp_passes_at_last moon earth 20K
check "TCP passes from earth" tcp_passes_at_last earth moon 20K
watch_ends
check "nothing went in circles" no_circles
check "some of the pings came back" grep -q "bytes from" "$RUN_DIR/circles"
check "those who lose nothing are not disturbed" mesh_reaches moon sun
host inet tc qdisc del dev to-earth root
host earth tc qdisc del dev eth0 root
check "without losses all reach each other" wait_until 60 mesh_reaches "${nodes[@]}"
check "moon and earth talk directly" wait_until 60 both_directly
for node in "${nodes[@]}"; do
	check_equal "$node is well" "$(status "$node" .state)" ok
done
scenario_end
