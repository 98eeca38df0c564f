# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A small internet of network namespaces, with addresses that are reserved for documentation
# (RFC 5737, RFC 3849). To be sourced after run.sh.
#
#   moon   198.51.100.2  2001:db8:1::2 --+
#   earth  192.0.2.2     2001:db8:3::2 --+-- inet
#   mars                 2001:db8:4::2 --+    |
#   venus  198.51.100.6  2001:db8:5::2 --+   nat (203.0.113.2, masquerade) -- sun 10.0.0.2

declare -A UNDERLAY4=([moon]=198.51.100.2/30 [earth]=192.0.2.2/30 [venus]=198.51.100.6/30
	[nat]=203.0.113.2/30 [nat2]=203.0.113.6/30)
declare -A UNDERLAY4_ROUTER=([moon]=198.51.100.1/30 [earth]=192.0.2.1/30 [venus]=198.51.100.5/30
	[nat]=203.0.113.1/30 [nat2]=203.0.113.5/30)
declare -A UNDERLAY6=([moon]=2001:db8:1::2 [earth]=2001:db8:3::2 [mars]=2001:db8:4::2
	[venus]=2001:db8:5::2)

# host NODE COMMAND... Runs a command in the namespace of a node. The mount namespace stays, unlike
# with "ip netns exec": namespaces that the command makes must be visible to everybody.
host() {
	local node=$1
	shift
	nsenter --net="/run/netns/$RUN-$node" -- "$@"
}

# host_exec NODE COMMAND... For background jobs: "host_exec moon ping ... &" makes $! the pid of the
# command, where "host" would leave a shell in between.
host_exec() {
	local node=$1
	shift
	exec nsenter --net="/run/netns/$RUN-$node" -- "$@"
}

# overlay NODE COMMAND... The same as "host" in the node's overlay namespace, which for a VRF is that
# of the host.
overlay() {
	local node=$1
	shift
	nsenter --net="/run/netns/$RUN-$node-overlay" -- "$@"
}

# Makes the router. UNDERLAY_WATCH, a command, begins to look at it before anybody is attached.
underlay_begin() {
	namespace_add inet
	host inet sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	host inet nft -f - <<-'RULES'
		table inet underlay {
			chain cut {
				type filter hook forward priority 0; policy accept;
			}
		}
	RULES
	${UNDERLAY_WATCH:-true}
}

# underlay_attach NODE
underlay_attach() {
	namespace_add "$1"
	if [ "$1" = sun ]; then
		underlay_attach_behind_nat "$1" nat
	else
		underlay_connect "$1" eth0
	fi
}

namespace_add() {
	ip netns add "$RUN-$1"
	ip -n "$RUN-$1" link set lo up
}

# namespace_alias NAME OTHER Another name for a namespace.
namespace_alias() {
	touch "/run/netns/$RUN-$1"
	mount --bind "/run/netns/$RUN-$2" "/run/netns/$RUN-$1"
}

# underlay_connect NODE INTERFACE Joins a namespace to the router.
underlay_connect() {
	local node=$1 interface=$2
	ip link add "$interface" netns "$RUN-$node" type veth peer name "to-$node" netns "$RUN-inet"
	host inet sysctl -qw "net.ipv6.conf.to-$node.accept_dad=0"
	host "$node" sysctl -qw "net.ipv6.conf.$interface.accept_dad=0"
	ip -n "$RUN-inet" link set "to-$node" up
	ip -n "$RUN-$node" link set "$interface" up
	underlay_address "$node" "$interface"
}

# underlay_address NODE INTERFACE
underlay_address() {
	local node=$1 interface=$2
	if [ -n "${UNDERLAY4[$node]:-}" ]; then
		ip -n "$RUN-inet" addr replace "${UNDERLAY4_ROUTER[$node]}" dev "to-$node"
		ip -n "$RUN-$node" addr replace "${UNDERLAY4[$node]}" dev "$interface"
		ip -n "$RUN-$node" route replace default via "${UNDERLAY4_ROUTER[$node]%/*}"
	fi
	if [ -n "${UNDERLAY6[$node]:-}" ]; then
		ip -n "$RUN-inet" addr replace "${UNDERLAY6[$node]%2}1/64" dev "to-$node"
		ip -n "$RUN-$node" addr replace "${UNDERLAY6[$node]}/64" dev "$interface"
		ip -n "$RUN-$node" -6 route replace default via "${UNDERLAY6[$node]%2}1"
	fi
}

# underlay_move NODE ADDRESS ROUTER Another network of IPv4 on the same cable; the old addresses are gone.
underlay_move() {
	UNDERLAY4[$1]=$2/30
	UNDERLAY4_ROUTER[$1]=$3/30
	ip -n "$RUN-inet" -4 addr flush dev "to-$1"
	ip -n "$RUN-$1" -4 addr flush dev eth0
	underlay_address "$1" eth0
}

# underlay_attach_behind_nat NODE NAT The NAT has an address in UNDERLAY4; all have the same ones inside.
underlay_attach_behind_nat() {
	namespace_add "$2"
	underlay_connect "$2" wan
	ip link add eth0 netns "$RUN-$1" type veth peer name lan netns "$RUN-$2"
	ip -n "$RUN-$2" addr add 10.0.0.1/24 dev lan
	ip -n "$RUN-$2" link set lan up
	ip -n "$RUN-$1" addr add 10.0.0.2/24 dev eth0
	ip -n "$RUN-$1" link set eth0 up
	ip -n "$RUN-$1" route add default via 10.0.0.1
	host "$2" sysctl -qw net.ipv4.ip_forward=1
	host "$2" nft -f - <<-'RULES'
		table ip nat {
			chain outgoing {
				type nat hook postrouting priority srcnat;
				oifname "wan" masquerade
			}
			chain unsolicited {
				type filter hook forward priority filter;
				iifname "wan" ct state established,related accept
				iifname "wan" drop
			}
		}
	RULES
}

# underlay_cut A B Silently loses all packets between two nodes, as a broken path does.
underlay_cut() {
	local a=$1 b=$2
	[ "$a" != sun ] || a=nat
	[ "$b" != sun ] || b=nat
	underlay_drop ip "${UNDERLAY4[$a]:-}" "${UNDERLAY4[$b]:-}"
	underlay_drop ip6 "${UNDERLAY6[$a]:-}" "${UNDERLAY6[$b]:-}"
}

# underlay_drop ip|ip6 ADDRESS ADDRESS
underlay_drop() {
	local family=$1 a=${2%/*} b=${3%/*}
	if [ -z "$a" ] || [ -z "$b" ]; then
		return 0
	fi
	host inet nft add rule inet underlay cut "$family" saddr "$a" "$family" daddr "$b" drop
	host inet nft add rule inet underlay cut "$family" saddr "$b" "$family" daddr "$a" drop
}

# Ends every underlay_cut.
underlay_restore() {
	host inet nft flush chain inet underlay cut
}

# underlay_carrier NODE up|down Plugs a node's cable in or pulls it.
underlay_carrier() {
	local node=$1
	[ "$node" != sun ] || node=nat
	ip -n "$RUN-inet" link set "to-$node" "$2"
	if [ "$2" = up ]; then
		underlay_address "$node" "$([ "$node" = nat ] && echo wan || echo eth0)"
	fi
}
