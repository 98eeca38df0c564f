#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The overlay as a VRF: what programs of the host, networks behind it, other VRFs and a second overlay
# with the same prefixes notice of it.
export VARIANT=vrf
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin vrf

# What the host had before, and shall have afterwards. The policy rule is the kernel's own: it comes
# with the first VRF of a namespace and stays.
settings() {
	ip -n "$RUN-moon" route show default
	ip -n "$RUN-moon" -6 route show default | sed 's/ expires.*//'
	host moon sysctl net.ipv6.conf.eth0.accept_ra net.ipv6.conf.default.accept_ra \
		net.ipv6.conf.all.forwarding net.ipv4.ip_forward net.ipv4.tcp_l3mdev_accept net.vrf.strict_mode
}

underlay_begin
for node in moon sun earth mars; do
	underlay_attach "$node"
	node_prepare "$node"
done

# A VRF of somebody else.
ip -n "$RUN-moon" link add management type vrf table 128
check "a table that is another VRF's is refused" exits_with 9 \
	"table 128 is that of another VRF, management" \
	host moon "$ARONET" daemon run -c "$RUN_DIR/moon/config.json"
check_equal "and nothing was made" "$(ip -n "$RUN-moon" -j link show type vrf | jq -r '.[].ifname')" management
ip -n "$RUN-moon" link delete management
ip -n "$RUN-moon" link add management type vrf table 77
ip -n "$RUN-moon" link set management up

# A default route that moon has learned: type, code, checksum by the kernel, hop limit, flags, lifetime,
# reachable time, retransmission timer (RFC 4861 section 4.2).
host inet python3 - to-moon <<-'ADVERTISE'
	import socket, struct, sys
	router = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
	router.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
	router.sendto(struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 9000, 0, 0),
	              ("ff02::1", 0, 0, socket.if_nametoindex(sys.argv[1])))
ADVERTISE
learned() { ip -n "$RUN-moon" -6 route show default proto ra | grep -q .; }
check "moon has learned a default route" wait_until 5 learned
settings >"$RUN_DIR/before"
for node in moon sun earth mars; do
	node_start "$node"
	node_load "$node" >"$RUN_DIR/$node/load.log" 2>&1
done
check "everybody reaches everybody, from the host's own table" wait_until 120 mesh_reaches moon sun earth mars

# The host's own ways.
check_equal "the default routes are as before" "$(settings | sed -n 1,3p)" "$(sed -n 1,3p "$RUN_DIR/before")"
check "the one that moon has learned, too" learned
check_equal "and moon goes on to learn" "$(host moon sysctl -n net.ipv6.conf.eth0.accept_ra)" 2
check "moon reaches the internet as before" reaches moon 192.0.2.2
check "and its own address in the overlay" reaches moon "$(address4 moon)"
check "by IPv6, too" reaches moon "$(address6 moon)"

# Programs that know of no VRF. A server that wants one address only has to be started in the VRF.
tcp() {
	host_exec earth iperf3 -s -1 >"$RUN_DIR/iperf3.log" 2>&1 &
	wait_until 10 listens earth 5201
	host moon iperf3 -c "$1" -t 1 >"$RUN_DIR/iperf3-moon.log" 2>&1
}
check "TCP from host to host by IPv4" tcp "$(address4 earth)"
check "by IPv6, too" tcp "$(address6 earth)"

# What the overlay has no answer for does not go to the internet.
ip -n "$RUN-earth" route add 198.51.100.1/32 dev aronet
tunnel=$(ip -n "$RUN-earth" -j route show "192.168.128.0/24" table 128 | jq -r '.[0].dev')
ip -n "$RUN-earth" route add 198.51.100.1/32 dev "$tunnel" table 128
packets_watch inet host "ip saddr $(address4 earth)"
check "a member cannot use moon's default route" fails \
	host earth ping -n -q -c 3 -i 0.2 -W 1 -I "$(address4 earth)" 198.51.100.1
check_equal "the router saw nothing of it" "$(packets_seen inet host)" 0

# A network behind earth.
namespace_add lan
ip link add lan netns "$RUN-earth" type veth peer name eth0 netns "$RUN-lan"
ip -n "$RUN-lan" link set eth0 up
ip -n "$RUN-earth" link set lan up
ip -n "$RUN-earth" addr add 192.168.130.129/25 dev lan
ip -n "$RUN-lan" addr add 192.168.130.130/25 dev eth0
ip -n "$RUN-lan" route add default via 192.168.130.129
ip -n "$RUN-earth" -6 addr add fd68::1:0:0:1/80 dev lan nodad
ip -n "$RUN-lan" -6 addr add fd68::1:0:0:2/80 dev eth0 nodad
ip -n "$RUN-lan" -6 route add default via fd68::1:0:0:1
check "mars reaches a network behind earth" wait_until 10 reaches mars 192.168.130.130
check "by IPv6, too" wait_until 10 reaches mars fd68::1:0:0:2
check "it reaches mars" reaches lan "$(address4 mars)"
check "by IPv6, too" reaches lan "$(address6 mars)"
ip -n "$RUN-lan" addr add 10.99.0.1/32 dev lo
check "but not with a source that earth may not announce" fails \
	host lan ping -n -q -c 2 -i 0.2 -W 1 -I 10.99.0.1 "$(address4 mars)"
check "which is counted" test "$(status earth \
	'[.counters[] | select(.name == "unauthorized_source").packets] | add')" -ge 2

# Hosts that drop what they forward. Between sun and mars there is only the way by moon or earth.
warns() { status "$1" '.warnings[].code' | grep -q -x W07; }
check "a node that forwards is not warned where all is accepted" fails warns earth
for node in moon earth; do
	host "$node" nft 'table inet mine { chain forward { type filter hook forward priority filter; policy drop; }; }'
done
check "mars does not reach a network behind a host that drops" fails reaches mars 192.168.130.130
check "nor does sun reach mars" fails reaches sun "$(address4 mars)"
check "by IPv6, neither" fails reaches sun "$(address6 mars)"
check "earth warns" warns earth
check_equal "and nothing of its own is broken" "$(status earth .state)" ok
for node in moon earth; do
	host "$node" nft 'insert rule inet mine forward iifname aronet accept
		insert rule inet mine forward oifname aronet accept'
done
check "with the rules that it names mars reaches the network" reaches mars 192.168.130.130
check "the network reaches mars" reaches lan "$(address4 mars)"
check "sun reaches mars" reaches sun "$(address4 mars)"
check "by IPv6, too" reaches sun "$(address6 mars)"
for node in moon earth; do
	host "$node" nft delete table inet mine
done
check "then there is nothing to warn of" fails warns earth

# A reverse path filter asks by which tunnel a packet came. mars sends to earth straight, and earth to mars
# by way of moon, as Babel does where a path is worse in one direction.
warning() { status "$1" '[.warnings[] | select(.code == "W08").message] | join(" ")'; }
read -r gateway interface < <(ip -n "$RUN-earth" -j route show 192.168.128.0/24 table 128 |
	jq -r '.[0] | "\(.via.host) \(.dev)"')
ip -n "$RUN-earth" route add 192.168.131.0/24 table 128 metric 1 via inet6 "$gateway" dev "$interface"
check "mars reaches earth, which answers by way of moon" reaches mars "$(address4 earth)"
check_equal "there is nothing to warn of" "$(warning earth)" ""
for filter in 1 2; do
	host earth sysctl -qw "net.ipv4.conf.all.rp_filter=$filter"
	check "a filter of the host cuts mars off" fails reaches mars "$(address4 earth)"
	check_equal "earth warns" "$(warning earth)" "net.ipv4.conf.all.rp_filter is $filter: IPv4 packets \
that come by another tunnel than the one that leads back are dropped; set it to 0, and that of other links \
to what they need"
done
host earth sysctl -qw net.ipv4.conf.all.rp_filter=0
check "with 0 mars reaches earth" reaches mars "$(address4 earth)"
check_equal "then there is nothing to warn of" "$(warning earth)" ""
ip -n "$RUN-earth" route delete 192.168.131.0/24 table 128 metric 1

# A second overlay with the same prefixes: other keys, other ports, moon and earth only.
second_prepare() {
	wg genkey >"$RUN_DIR/$1/second.key"
	chmod 0600 "$RUN_DIR/$1/second.key"
	sed -e 's/"ifname": "aronet"/"ifname": "second", "route_table": 129/' \
		-e "s|\"runtime_dir\": .*|\"runtime_dir\": \"$RUN_DIR/$1/second\",|" \
		-e "s|\"state_dir\": .*|\"state_dir\": \"$RUN_DIR/$1/second/state\",|" \
		-e 's/"send_port": 2000/"send_port": 2100/' \
		-e "s|\"private_key\": \"[^\"]*wireguard.key\"|\"private_key\": \"$RUN_DIR/$1/second.key\"|" \
		-e 's|"mesh": .*|"allow_unsigned": true,|' \
		"$RUN_DIR/$1/config.json" >"$RUN_DIR/$1/second.json"
}
second() {
	local node=$1
	shift
	host "$node" "$ARONET" "$@" -c "$RUN_DIR/$node/second.json"
}
for node in moon earth; do
	second_prepare "$node"
done
jq --arg moon "$(wg pubkey <"$RUN_DIR/moon/second.key")" --arg earth "$(wg pubkey <"$RUN_DIR/earth/second.key")" '
	[.[] | .nodes |= [.[0]]] |
	.[].nodes[].endpoints[].send_port += 1000 |
	.[0].nodes[0].wireguard[0].public_key = $moon |
	.[1].nodes[0].wireguard[0].public_key = $earth' "$CONFIGS/registry.json" >"$RUN_DIR/second.json"
for node in moon earth; do
	host_exec "$node" env --default-signal=INT,QUIT "$ARONET" daemon run \
		-c "$RUN_DIR/$node/second.json" >>"$RUN_DIR/$node/second.log" 2>&1 &
	# shellcheck disable=SC2016 # for the inner shell
	wait_until 60 second "$node" load -r "$RUN_DIR/second.json" --allow-unsigned
done
second_reaches() {
	host moon ip vrf exec second ping -n -q -c 1 -W 1 "$1"
}
check "a program in the second VRF reaches earth there" wait_until 60 second_reaches "$(address4 earth)"
check "by IPv6, too" wait_until 10 second_reaches "$(address6 earth)"
check "the second overlay has no way to sun" fails second_reaches "$(address4 sun)"
check "the first one has" reaches moon "$(address4 sun)"
in_order() { [ "$(status moon .state)" = ok ] && [ "$(second moon status --json | jq -r .state)" = ok ]; }
check "both are in order" wait_until 30 in_order
check_equal "the first one has nothing to do" "$(plan_length moon "$CONFIGS/registry.json")" 0
second moon down
second earth down
check "the first one does not mind that the second one goes" wait_until 20 mesh_reaches moon sun earth mars

# Away.
for node in moon sun earth mars; do
	check "$node leaves" aronet "$node" down
done
check_equal "moon's settings are as before" "$(settings)" "$(cat "$RUN_DIR/before")"
check_equal "no link of the overlay is left" \
	"$(ip -n "$RUN-moon" -j link show | jq -c '[.[].ifname | select(startswith("ar"))]')" "[]"
check_equal "nor a route in its table" \
	"$(ip -n "$RUN-moon" route show table 128 2>/dev/null; ip -n "$RUN-moon" -6 route show table 128 2>/dev/null)" ""
check "the other VRF is as it was" test "$(ip -n "$RUN-moon" -j -d link show management | jq '.[0].linkinfo.info_data.table')" = 77
scenario_end
