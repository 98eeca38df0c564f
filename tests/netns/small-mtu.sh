#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A part of the underlay takes 1280 bytes only. The tunnels' packets are larger; they pass in fragments,
# and what is too large for the overlay itself is told to its sender.
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin small-mtu

for family in ip4 ip6; do
	jq --arg family $family '.[].nodes |= map(select(.common_name | IN("moon", "earth")))
		| .[].nodes[].endpoints |= map(select(.address_family == $family))' \
		"$CONFIGS/registry.json" >"$RUN_DIR/$family.json"
done
underlay_begin
for node in moon earth; do
	underlay_attach "$node"
	node_prepare "$node"
done
# earth knows; moon has to find out.
ip -n "$RUN-earth" link set eth0 mtu 1280
ip -n "$RUN-inet" link set to-earth mtu 1280

# A host of moon's network, which knows nothing either.
namespace_add lan
ip link add eth0 netns "$RUN-lan" type veth peer name lan netns "$RUN-moon"
ip -n "$RUN-moon" link set lan up
ip -n "$RUN-moon" addr add 192.168.128.254/24 dev lan
ip -n "$RUN-lan" link set eth0 up
ip -n "$RUN-lan" addr add 192.168.128.10/24 dev eth0
ip -n "$RUN-lan" route add default via 192.168.128.254
host moon sysctl -qw net.ipv4.ip_forward=1

for node in moon earth; do
	node_start "$node" -r "$(registry_file "$RUN_DIR/ip4.json")"
done

# passes FROM ADDRESS BYTES [OPTION...] Does a packet of that size pass?
passes() {
	local from=$1 address=$2 bytes=$3 header=28
	shift 3
	[[ $address != *:* ]] || header=48
	host "$from" ping -n -q -c 1 -W 1 -s $((bytes - header)) "$@" "$address"
}
# is_told_of ADDRESS One that it has not sent to before.
is_told_of() { prints "mtu = $mtu" host lan ping -n -c 1 -W 1 -M "do" -s $((mtu + 1 - 28)) "$1"; }

for family in ip4 ip6; do
	for node in moon earth; do
		check "$node has a tunnel by $family" node_load "$node" "$RUN_DIR/$family.json"
	done
	check "the two reach each other by $family" wait_until 60 mesh_reaches moon earth
	mtu=$(ip -n "$RUN-moon" -j link show aronet | jq '.[0].mtu')
	check "the overlay takes more than the underlay" test "$mtu" -gt 1280
	for size in 1200 1280 "$mtu"; do
		# What has to be found out costs a packet.
		check "$size bytes pass from moon to earth" \
			wait_until 5 passes moon "$(address4 earth)" "$size" -M "do"
		check "$size bytes pass from earth to moon" \
			wait_until 5 passes earth "$(address4 moon)" "$size" -M "do"
		check "$size bytes pass by IPv6" wait_until 5 passes moon "$(address6 earth)" "$size" -M "do"
	done
	check "5000 bytes pass in fragments" wait_until 5 passes moon "$(address4 earth)" 5000
	check "5000 bytes pass in fragments by IPv6" wait_until 5 passes moon "$(address6 earth)" 5000
	check "a host of the network is told what is too large" is_told_of "192.168.130.20${family#ip}"
	for way in "moon earth" "earth moon" "lan earth"; do
		read -r from to <<<"$way"
		mbits=$(iperf3_mbits "$from" "$to" "$(address4 "$to")" 2 || true)
		note "TCP from $from to $to: $mbits Mbit/s"
		check "TCP passes from $from to $to" test "${mbits:-0}" -gt 0
	done
	mbits=$(iperf3_mbits moon earth "$(address6 earth)" 2 || true)
	check "TCP passes by IPv6" test "${mbits:-0}" -gt 0
done
scenario_end
