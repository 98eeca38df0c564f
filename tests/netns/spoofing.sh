#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Packets that pretend to be from the overlay, or want its segment identifiers, are dropped and
# counted; so are packets of a member that pretends to be another node.
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin spoofing
mesh_up moon sun earth mars
# Another node on the way would drop what moon is to drop.
earth_is_direct() { sends_directly earth moon && sends_directly moon earth; }
check "earth and moon talk directly" wait_until 60 earth_is_direct

# counter SPACE NAME Packets that moon dropped.
counter() {
	"$1" moon nft -j list counter inet aronet "$2" |
		jq '[.nftables[].counter.packets? // empty] | add'
}

# dropped TEXT SPACE COUNTER COMMAND... The command sends five packets.
dropped() {
	local text=$1 space=$2 name=$3 before
	shift 3
	before=$(counter "$space" "$name")
	"$@" >/dev/null 2>&1 || true
	check "$name in the ${space/host/underlay} counts $text" \
		test "$(counter "$space" "$name")" -ge $((before + 5))
}

# send SPACE NODE FROM TO
send() {
	"$1" "$2" ping -n -q -c 5 -i 0.02 -W 1 -I "$3" "$4"
}

# From the internet: moon's neighbour there is the router.
ip -n "$RUN-inet" -6 addr add fd67::bad/128 dev lo
ip -n "$RUN-inet" addr add 192.168.129.99/32 dev lo
ip -n "$RUN-inet" -6 route add fd66::/64 via 2001:db8:1::2
packets_watch moon host "ip6 saddr fd67::bad"
dropped "another node's IPv6 source" host spoofed_source \
	send host inet fd67::bad 2001:db8:1::2
dropped "another node's IPv4 source" host spoofed_source \
	send host inet 192.168.129.99 198.51.100.2
dropped "packets to a decapsulating SID" host sid_from_outside \
	send host inet 2001:db8:1::1 "$(sid_decap4 moon)"
dropped "packets to a waypoint" host sid_from_outside \
	send host inet 2001:db8:1::1 "$(sid_end moon)"
check_equal "the host saw none of it" "$(packets_seen moon host)" 0

# From a member that lies: earth sends with addresses that are not its own, past its own checks. In a
# VRF it has to do without these.
if node_is earth vrf; then
	node_signal earth TERM
	host earth nft delete table inet aronet
fi
packets_watch moon host "ip6 saddr fd66::bad"
ip -n "$RUN-earth-overlay" -6 addr add fd66::bad/128 dev lo
ip -n "$RUN-earth-overlay" addr add 203.0.113.99/32 dev lo
dropped "moon's own addresses from a tunnel" overlay spoofed_source \
	send overlay earth fd66::bad "$(address6 moon)"
dropped "addresses of nobody from a tunnel" overlay unknown_source \
	send overlay earth 203.0.113.99 "$(address4 moon)"
# In a VRF the host is where they are dropped.
node_is moon vrf || check_equal "the host saw none of it, either" "$(packets_seen moon host)" 0

# From moon's own host, with an address that moon may not use.
ip -n "$RUN-moon" addr add 192.168.131.77/32 dev lo
dropped "a source that is not this node's" overlay unauthorized_source \
	send host moon 192.168.131.77 "$(address4 earth)"

# Routing headers (RFC 8754) are for tunnels. The host looks at none, whatever they say.
host_takes_no_segments() { ! host moon sysctl -a -r 'net.ipv6.conf.*.seg6_enabled' | grep -v ' = 0$'; }
tunnels_take_segments() {
	local interface
	for interface in $(node_interfaces moon); do
		equal "$(overlay moon sysctl -n "net.ipv6.conf.$interface.seg6_enabled")" 1 || return 1
	done
}
check "no interface of the host takes routing headers" host_takes_no_segments
# In a VRF only segment identifiers are segments, see docs/decisions/0014-vrf.md.
node_is moon vrf || check "every tunnel does" tunnels_take_segments

check "honest traffic still passes" reaches moon "$(address4 earth)"
scenario_end
