#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# An underlay that loses three packets of ten. Nodes stay neighbours or become so again, TCP passes, and
# whatever way Babel chooses, nothing goes in circles. For the guest, because it needs netem.
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin loss
scenario_need python3
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

# check_tcp TEXT FROM TO BYTES
check_tcp() {
	check "$1" tcp_passes "$2" "$3" "$4"
	sed 's/^/# /' "$RUN_DIR/transfer"
}
# Over as many connections as it takes: no luck for five minutes is no luck any more.
tcp_passes() {
	local server status=0
	host_exec "$2" python3 "$SUPPORT/tcp_transfer.py" serve "$(address4 "$2")" 5201 \
		>"$RUN_DIR/transfer-$2.log" 2>&1 &
	server=$!
	wait_until 10 listens "$2" 5201
	host "$1" python3 "$SUPPORT/tcp_transfer.py" send "$(address4 "$2")" 5201 "$3" 300 \
		>"$RUN_DIR/transfer" 2>&1 || status=$?
	process_end "$server"
	return "$status"
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
is_well() { [ "$(status "$1" .state)" = ok ]; }
both_directly() { sends_directly moon earth && sends_directly earth moon; }

check "moon and earth talk directly" wait_until 60 both_directly
watch_circles
lose_between moon earth
sleep 20
check "moon and earth are neighbours, or will be again" wait_until 120 is_neighbour moon earth
check_tcp "TCP passes from moon to earth" moon earth 50000
check_tcp "TCP passes from earth to moon" earth moon 50000
sleep 10
watch_ends
check "nothing went in circles" no_circles
check "most of the pings came back" test "$(grep -c "bytes from" "$RUN_DIR/circles")" -gt 100
underlay_restore
check "without losses they talk directly again" wait_until 180 both_directly
ping_begin moon "$(address4 earth)" 200 0.02
check_equal "and lose nothing" "$(ping_end moon "$(address4 earth)")" 0

# Now on all ways to earth, with packets that overtake each other.
host inet tc qdisc add dev to-earth root netem loss 30% delay 20ms 10ms
host earth tc qdisc add dev eth0 root netem loss 30% delay 20ms 10ms
watch_circles
sleep 20
check "earth has neighbours, or will have" wait_until 120 is_neighbour earth moon
check_tcp "TCP passes to earth" moon earth 20000
check_tcp "TCP passes from earth" earth moon 20000
watch_ends
check "nothing went in circles" no_circles
check "some of the pings came back" grep -q "bytes from" "$RUN_DIR/circles"
check "those who lose nothing are not disturbed" mesh_reaches moon sun
host inet tc qdisc del dev to-earth root
host earth tc qdisc del dev eth0 root
check "without losses all reach each other" wait_until 180 mesh_reaches "${nodes[@]}"
check "moon and earth talk directly" wait_until 180 both_directly
for node in "${nodes[@]}"; do
	check "$node is well" wait_until 60 is_well "$node"
done
scenario_end
