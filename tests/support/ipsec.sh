# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the scenarios of IPsec have in common: moon, sun behind NAT, and venus, with IPv4 only, so that there
# is one tunnel between any two. To be sourced after scenario.sh.

IPSEC_NODES=(moon sun venus)

# ipsec_prepare All of them, without a daemon; the registry is $RUN_DIR/three.json.
ipsec_prepare() {
	local node
	jq '.[].nodes |= map(select(.common_name | IN("moon", "sun", "venus")))
		| .[].nodes[].endpoints |= map(select(.address_family == "ip4"))' \
		"$CONFIGS/registry-five.json" >"$RUN_DIR/three.json"
	underlay_begin
	for node in "${IPSEC_NODES[@]}"; do
		underlay_attach "$node"
		node_prepare "$node"
	done
}

# ipsec_up A mesh of them.
ipsec_up() {
	local node
	ipsec_prepare
	for node in "${IPSEC_NODES[@]}"; do
		node_start "$node" -r "$(registry_file "$RUN_DIR/three.json")"
	done
	check "everybody reaches everybody" wait_until 120 mesh_reaches "${IPSEC_NODES[@]}"
	check "every tunnel is up" wait_until 90 all_up
	check "with one SA" wait_until 60 one_each
}

# ike NODE PEER FILTER What status tells of the tunnel to a peer.
ike() { status "$1" ".ike.tunnels[] | select(.peer | endswith(\"/$2\")) | $3"; }
tunnel_state() { status "$1" ".tunnels[] | select(.peer | endswith(\"/$2\")) | .state"; }
is_up() { [ "$(tunnel_state "$1" "$2")" = up ]; }
says() { tunnel_state "$1" "$2" | grep -q -F -- "$3"; }
sas_are() { [ "$(ike "$1" "$2" .sas)" = "$3" ]; }
all_up() { is_up moon sun && is_up moon venus && is_up sun moon && is_up venus moon; }
one_each() { sas_are moon venus 1 && sas_are venus moon 1 && sas_are moon sun 1 && sas_are sun moon 1; }
# name NODE PEER What charon calls the connection.
name() { swan "$1" --list-conns | sed -n "s/^\(aronet-$(ike "$1" "$2" .interface)-[^:]*\):.*/\1/p"; }
# SAs in the kernel: two for each tunnel, and none of a charon that is no more.
states() { host "$1" ip xfrm state | grep -c '^src'; }
states_are() { [ "$(states "$1")" -eq "$2" ]; }
talk() { ping_begin moon "$(address4 "$1")" 100000 "${2:-0.05}"; }
talks() { ping_still_answered moon "$(address4 "$1")"; }
heard() { ping_stop moon "$(address4 "$1")" >/dev/null && ping_gap moon "$(address4 "$1")"; }
# comes_back TEXT SECONDS COMMAND... Packets from moon to venus all the time; what the command breaks is
# whole again after so many seconds at most.
comes_back() {
	local text=$1 limit=$2
	shift 2
	talk venus
	sleep 1
	"$@"
	sleep 2
	check "$text: moon and venus talk again" wait_until "$limit" talks venus
	sleep 2
	note "$text: the gap was $(heard venus) ms"
	check "$text: every tunnel is up" wait_until 90 all_up
	check "$text: with one SA" wait_until 60 one_each
	check "$text: and nothing is left in the kernel" wait_until 60 states_are moon 4
}

kill_charon() {
	local node
	for node in "$@"; do
		kill -KILL "$(charon_pid "$node")"
	done
}
