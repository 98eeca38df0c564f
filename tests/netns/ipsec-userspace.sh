#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# IPsec without the kernel's ESP: nodes talk, in ESP and in nothing else; what breaks comes back without
# anybody's help, with one SA for each tunnel; and nothing stays.
export VARIANT=${VARIANT:-ipsec-userspace}
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin ipsec-userspace
scenario_need charon-systemd swanctl

# sun is behind NAT. Between moon and venus there are two tunnels, one over IPv6.
jq '.[].nodes |= map(select(.common_name | IN("moon", "sun", "venus")))' "$CONFIGS/registry-five.json" \
	>"$RUN_DIR/three.json"
nodes=(moon sun venus)
underlay_begin
for node in "${nodes[@]}"; do
	underlay_attach "$node"
	node_prepare "$node"
	snapshot_node "$node" >"$RUN_DIR/$node.before"
done

tunnels_up() { status "$1" '[.tunnels[] | select(.state == "up")] | length'; }
all_up() { [ "$(tunnels_up moon) $(tunnels_up sun) $(tunnels_up venus)" = "3 2 3" ]; }
sas() { status "$1" '[.ike.tunnels[].sas] | map(tostring) | join(" ")'; }
one_each() { [ "$(sas moon)/$(sas sun)/$(sas venus)" = "1 1 1/1 1/1 1 1" ]; }
# inner NODE The addresses between which ESP goes.
inner() { host "$1" ip -j -6 addr show to fd61:726f:6e65:7400::/64 | jq -r '.[].addr_info[].local // empty'; }
vxlans() { overlay "$1" ip -j -d link show type vxlan | jq -r '.[].ifname'; }

for node in "${nodes[@]}"; do
	node_start "$node" -r "$(registry_file "$RUN_DIR/three.json")"
done
check "everybody reaches everybody" wait_until 60 mesh_reaches "${nodes[@]}"
check "every tunnel is up" wait_until 60 all_up
check "with one SA" wait_until 30 one_each
for node in "${nodes[@]}"; do
	check_equal "$node has ESP by charon" \
		"$(grep -c kernel-libipsec "$(node_charon "$node").conf")" 1
	check_equal "$node has an address in ESP for each tunnel" "$(inner "$node" | wc -l)" \
		"$(vxlans "$node" | wc -l)"
	check_equal "the load of the same registry at $node is no change" \
		"$(plan_length "$node" "$RUN_DIR/three.json")" 0
done

# The size of the overlay, and of the tunnels.
mtu=$(ip -n "$RUN-moon" -j link show aronet | jq '.[0].mtu')
for node in sun venus; do
	for size in 100 700 $((mtu - 28)); do
		check "$((size + 28)) bytes pass to $node by IPv4" \
			host moon ping -q -c 3 -i 0.2 -W 1 -M "do" -s "$size" "$(address4 "$node")"
	done
	check "and $mtu by IPv6" \
		host moon ping -q -c 3 -i 0.2 -W 1 -M "do" -s $((mtu - 48)) "$(address6 "$node")"
done
fragments() { host inet nft list counter inet sizes fragments | sed -n 's/.*packets \([0-9]*\).*/\1/p'; }
host inet nft -f - <<-'RULES'
	table inet sizes {
		counter fragments {}
		chain prerouting {
			type filter hook prerouting priority -450;
			ip frag-off & 0x3fff != 0 counter name fragments
			exthdr frag exists counter name fragments
		}
	}
RULES
# hears_neighbour INTERFACE Its link-local address is $neighbour then. The kernel forgets those that nobody asks for.
hears_neighbour() {
	neighbour=$(overlay moon ip -6 -j neigh show dev "$1" |
		jq -r '[.[].dst | select(startswith("fe80:"))][0] // empty')
	[ -n "$neighbour" ]
}
for interface in $(vxlans moon); do
	mtu=$(overlay moon ip -j link show "$interface" | jq '.[0].mtu')
	check "moon hears a neighbour on $interface" wait_until 20 hears_neighbour "$interface"
	check "$mtu bytes pass the tunnel $interface" \
		overlay moon ping -q -c 3 -i 0.2 -W 1 -M "do" -s $((mtu - 48)) "$neighbour%$interface"
done
check_equal "no packet of the underlay was fragmented" "$(fragments)" 0

# Nobody else gets in, and nothing gets out past ESP.
dropped() { host moon nft list counter inet aronet vxlan_without_esp | sed -n 's/.*packets \([0-9]*\).*/\1/p'; }
before=$(dropped)
reaches moon "$(address4 sun)"
check_equal "what is in ESP passes" "$(dropped)" "$before"
host inet bash -c 'echo hello >/dev/udp/198.51.100.2/24946'
check_equal "what comes from outside is dropped" "$(dropped)" $((before + 1))
host moon bash -c 'echo hello 2>/dev/null >/dev/udp/192.0.2.2/24946' || true
check_equal "what would leave in clear, too" "$(dropped)" $((before + 2))

# A daemon that is killed leaves charon alone.
before=$(charon_pid moon)
ping_begin moon "$(address4 venus)" 600 0.01
node_signal moon KILL || true
sleep 1
node_start moon
check_equal "of 600 packets none is lost when the daemon is killed" \
	"$(ping_end moon "$(address4 venus)")" 0
check_equal "the next one has taken charon over" "$(charon_pid moon)" "$before"
check_equal "it had nothing to do" "$(status moon .stats.operations)" 0
# An address that somebody takes away comes back.
first=$(inner moon | head -n 1)
ip -n "$RUN-moon" addr del "$first/128" dev ipsec0
has_first() { inner moon | grep -q -F -x -- "$first"; }
check "an inner address that was taken away comes back" wait_until 20 has_first

talk() { ping_begin moon "$(address4 "$1")" 100000 0.05; }
talks() { ping_still_answered moon "$(address4 "$1")"; }
gap() { ping_stop moon "$(address4 "$1")" >/dev/null && ping_gap moon "$(address4 "$1")"; }
kill_charon() {
	local node
	for node in "$@"; do
		kill -KILL "$(charon_pid "$node")"
	done
}
# comes_back TEXT NODE... Before the peers notice that it is gone (dead peer detection: 31 s), because who
# has lost its charon dials them.
comes_back() {
	local text=$1 peer
	shift
	for peer in sun venus; do talk "$peer"; done
	sleep 1
	kill_charon "$@"
	sleep 2
	for peer in sun venus; do
		check "charon killed $text: moon and $peer talk again" wait_until 20 talks "$peer"
	done
	sleep 1
	for peer in sun venus; do
		note "charon killed $text: the gap to $peer was $(gap "$peer") ms"
	done
	check "charon killed $text: every tunnel is up" wait_until 120 all_up
	check "charon killed $text: with one SA" wait_until 60 one_each
}
comes_back "at one end" venus
comes_back "at the other end" moon
comes_back "at both ends" moon venus
comes_back "behind the NAT" sun
check "everybody reaches everybody" wait_until 60 mesh_reaches "${nodes[@]}"

# A node that leaves the registry takes its addresses with it.
jq '.[].nodes |= map(select(.common_name != "venus"))' "$RUN_DIR/three.json" >"$RUN_DIR/two.json"
check "moon loads a registry without venus" node_load moon "$RUN_DIR/two.json"
check_equal "the addresses for it are gone" "$(inner moon | wc -l)" 1
check "moon still reaches sun" wait_until 30 reaches moon "$(address4 sun)"

# Nothing stays.
restored() {
	snapshot_node "$1" >"$RUN_DIR/$1.after"
	snapshot_same <(sed '/^== files/,$d' "$RUN_DIR/$1.before") \
		<(sed '/^== files/,$d' "$RUN_DIR/$1.after")
}
clear_text_check
clear_text_begin
for node in "${nodes[@]}"; do
	file=$(node_charon "$node")
	check "$node is taken down" aronet "$node" down
	check "and is as it was before" restored "$node"
	check_equal "without charon" "$(ip netns pids "$RUN-$node")" ""
	check_equal "and without its files" "$(find /run -maxdepth 1 -path "$file.*")" ""
done
scenario_end
