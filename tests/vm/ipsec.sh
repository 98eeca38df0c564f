#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# IPsec: what breaks comes back without anybody's help, with one SA for each tunnel; who has another key
# than the registry says is refused; new keys cost no packet. For interruptions, how long they were.
export VARIANT=${VARIANT:-ipsec}
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin ipsec

# IPv4 only, so that there is one tunnel between any two. sun is behind NAT.
jq '.[].nodes |= map(select(.common_name | IN("moon", "sun", "venus")))
	| .[].nodes[].endpoints |= map(select(.address_family == "ip4"))' "$CONFIGS/registry-five.json" \
	>"$RUN_DIR/three.json"
nodes=(moon sun venus)
underlay_begin
for node in "${nodes[@]}"; do
	underlay_attach "$node"
	node_prepare "$node"
done

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

# A peer that comes up later.
for node in moon sun; do
	node_start "$node" -r "$(registry_file "$RUN_DIR/three.json")"
done
check "moon and sun reach each other" wait_until 60 reaches moon "$(address4 sun)"
check "moon says that venus does not answer" wait_until 30 says moon venus "no answer"
note "in words: $(tunnel_state moon venus)"
node_start venus -r "$(registry_file "$RUN_DIR/three.json")"
check "everybody reaches everybody when venus has come" wait_until 120 mesh_reaches "${nodes[@]}"
check "every tunnel is up" wait_until 90 all_up
check "with one SA" wait_until 60 one_each
check_equal "with the strongest of all algorithms" "$(ike moon venus .esp)" AES_GCM_16-256
check_equal "of sun moon sees the NAT" "$(ike moon sun .remote | sed 's/:.*//')" 203.0.113.2
check_equal "the load of the same registry is no change" "$(plan_length moon "$RUN_DIR/three.json")" 0

# New keys, of both SAs.
check_none_lost() { check_equal "$1: of 1500 packets none is lost" "$(ping_end moon "$(address4 venus)")" 0; }
ping_begin moon "$(address4 venus)" 1500 0.004
sleep 1
swan moon --rekey --child default --ike "$(name moon venus)" >/dev/null
sleep 1
swan venus --rekey --ike "$(name venus moon)" >/dev/null
check_none_lost "rekeying"
check "there is one SA again" wait_until 30 one_each

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

kill_charon() {
	local node
	for node in "$@"; do
		kill -KILL "$(charon_pid "$node")"
	done
}
comes_back "charon killed at one end" 60 kill_charon venus
comes_back "charon killed at the other end" 60 kill_charon moon
comes_back "charon killed at both ends" 60 kill_charon moon venus
comes_back "charon killed behind the NAT" 60 kill_charon sun
check "moon and sun talk" wait_until 60 reaches moon "$(address4 sun)"

restart_both() {
	local node
	kill_charon moon venus
	node_signal moon KILL || true
	node_signal venus KILL || true
	node_start moon
	node_start venus
}
comes_back "both nodes restarted at once" 90 restart_both

hang() { kill -STOP "$(charon_pid venus)"; }
hung=$(charon_pid venus)
is_replaced() { [ "$(charon_pid venus)" != "$hung" ] && [ "$(charon_pid venus)" != 0 ]; }
hang
check "a charon that hangs is replaced" wait_until 120 is_replaced
check "every tunnel is up" wait_until 90 all_up
check "with one SA" wait_until 60 one_each

# Both ends dial at the same moment.
dial_at_once() {
	local moon venus
	moon=$(name moon venus)
	venus=$(name venus moon)
	swan moon --terminate --ike "$moon" >/dev/null || true
	swan moon --initiate --child default --ike "$moon" >/dev/null 2>&1 &
	swan venus --initiate --child default --ike "$venus" >/dev/null 2>&1 || true
	wait $! || true
}
comes_back "both ends dial at once" 60 dial_at_once

# A key that the registry does not know.
openssl genpkey -algorithm ed25519 -out "$RUN_DIR/venus/other.key" 2>/dev/null
chmod 0600 "$RUN_DIR/venus/other.key"
sed -i 's|/venus/identity.key|/venus/other.key|' "$RUN_DIR/venus/config.json"
kill -HUP "${NODE_PID[venus]}"
swan venus --terminate --ike "$(name venus moon)" >/dev/null || true
is_refused() { says "$1" "$2" "refuses" || says "$1" "$2" "another key" || says "$1" "$2" "AUTH"; }
check "who has another key is refused, and moon says so" wait_until 120 is_refused moon venus
note "in words: $(tunnel_state moon venus); venus: $(tunnel_state venus moon)"
jq --arg key "$(openssl pkey -in "$RUN_DIR/venus/other.key" -pubout)" \
	'(.[].nodes[] | select(.common_name == "venus") | .public_key) = ($key + "\n")' \
	"$RUN_DIR/three.json" >"$RUN_DIR/other-key.json"
for node in "${nodes[@]}"; do
	check "$node loads the registry with that key" node_load "$node" "$RUN_DIR/other-key.json"
done
check "venus is let in then" wait_until 150 is_up moon venus
check "everybody reaches everybody" wait_until 60 mesh_reaches "${nodes[@]}"

# Another address, and another mapping of the NAT.
move_venus() {
	ip -n "$RUN-inet" addr flush dev to-venus scope global
	ip -n "$RUN-venus" -4 addr flush dev eth0
	ip -n "$RUN-inet" addr add 203.0.113.5/30 dev to-venus
	ip -n "$RUN-venus" addr add 203.0.113.6/30 dev eth0
	ip -n "$RUN-venus" route add default via 203.0.113.5
}
comes_back "another address" 60 move_venus
is_there() { ike moon venus .remote | grep -q -F 203.0.113.6; }
check "moon sees venus there" wait_until 30 is_there
rebind() {
	ip -n "$RUN-nat" link set wan down
	host nat nft flush chain ip nat outgoing
	host nat nft add rule ip nat outgoing oifname wan meta l4proto udp masquerade to :40000-40999
	host nat nft add rule ip nat outgoing oifname wan masquerade
	ip -n "$RUN-nat" link set wan up
	underlay_address nat wan
}
port=$(ike moon sun .remote)
talk sun
sleep 1
rebind
check "another mapping of the NAT: moon and sun talk" wait_until 60 talks sun
sleep 2
note "the gap was $(heard sun) ms; $port became $(ike moon sun .remote)"

# Nothing stays.
file=$(node_charon moon)
check "moon is taken down" aronet moon down
check_equal "no SA is left in its kernel" "$(states moon || true)" 0
check_equal "no policy either" "$(host moon ip xfrm policy | grep -c if_id || true)" 0
check "no charon" fails host moon pgrep -f "$file"
check_equal "and no file" "$(find /run -maxdepth 1 -path "$file.*")" ""
scenario_end
