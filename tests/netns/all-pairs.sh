#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Four nodes of two organizations: every one reaches every other one, also where there is no tunnel
# between the two, and through a waypoint of one's own choice.
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin all-pairs

nodes=(moon sun earth mars)
mesh_up "${nodes[@]}"

for from in "${nodes[@]}"; do
	for to in "${nodes[@]}"; do
		[ "$from" != "$to" ] || continue
		check "$from reaches $to by IPv4" reaches "$from" "$(address4 "$to")"
		check "$from reaches $to by IPv6" reaches "$from" "$(address6 "$to")"
	done
done

# moon and earth share both families; sun and mars none. expect_tunnels TEXT NODE PAIRS-OF-ENDPOINTS
expect_tunnels() {
	check_equal "$1" "$(node_interfaces "$2" | wc -l)" $(($3 * $(node_transports "$2")))
}
expect_tunnels "moon has a tunnel per endpoint pair and transport" moon 4
expect_tunnels "sun has a tunnel to moon and one to earth" sun 2
expect_tunnels "mars has a tunnel to moon and one to earth" mars 2

# Large packets: what enters the overlay fits, and Path MTU discovery tells the sender otherwise.
mtu=$(ip -n "$RUN-moon" -j link show aronet | jq '.[0].mtu')
check "a packet of the interface's size passes unfragmented" \
	host moon ping -q -c 1 -W 1 -M "do" -s $((mtu - 28)) "$(address4 sun)"

# What has a tunnel uses it, once Babel has measured it.
for from in "${nodes[@]}"; do
	for to in "${nodes[@]}"; do
		case $from-$to in
		sun-mars | mars-sun) ;;
		*)
			[ "$from" = "$to" ] ||
				check "$from sends to $to directly" wait_until 30 sends_directly "$from" "$to"
			;;
		esac
	done
done

# SRv6: moon sends to sun by way of earth, which counts what passes with a routing header.
packets_watch earth overlay "ip6 daddr $(sid_end earth)"
ip -n "$RUN-moon" route add "$(address4 sun)/32" encap seg6 mode encap \
	segs "$(sid_end earth),$(sid_decap4 sun)" dev aronet
check "IPv4 passes a waypoint" wait_until 5 reaches moon "$(address4 sun)"
check "the waypoint saw it" test "$(packets_seen earth overlay)" -ge 1
seen=$(packets_seen earth overlay)
ip -n "$RUN-moon" -6 route add "$(address6 sun)/128" encap seg6 mode encap \
	segs "$(sid_end earth),$(sid_decap6 sun)" dev aronet
check "IPv6 passes a waypoint" wait_until 5 reaches moon "$(address6 sun)"
check "the waypoint saw it" test "$(packets_seen earth overlay)" -gt "$seen"
check "a packet of the interface's size passes the waypoint" \
	host moon ping -q -c 1 -W 1 -M "do" -s $((mtu - 28 - 80)) "$(address4 sun)"
scenario_end
