#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# "policy" in config.json: a denied key cuts its node off, without a new registry, and nobody else;
# a change that the registry in force violates is refused. A start with one waits for a better one, and an
# address that the host gets within a prefix of another node's is warned of.
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin policy
mesh_up moon earth mars

EARTH_KEY=u5X4NAsuEy3PqiF8yoKi5LB4Z1QZIA3fgOmFpmDCakQ=
cp "$RUN_DIR/moon/config.json" "$RUN_DIR/moon.json"

# policy TEXT Gives moon this policy.
policy() {
	sed "s|\"registry\": {|\"policy\": $1,\n&|" "$RUN_DIR/moon.json" >"$RUN_DIR/moon/config.json"
	kill -HUP "${NODE_PID[moon]}"
}

has_tunnel() { status moon '.tunnels[].peer' | grep -q "/$1\$"; }
lacks_tunnel() { fails has_tunnel "$1" && [ "$(status moon '.nodes // .registry.nodes')" = "$2" ]; }

address=$(address6 mars)
# What goes through earth will be lost for a moment, so look at what does not.
both_directly() { sends_directly moon mars && sends_directly mars moon; }
check "moon and mars talk directly" wait_until 60 both_directly
ping_begin moon "$address" 100000 0.02
check "moon has a tunnel to earth" has_tunnel earth
policy "{ \"deny_keys\": [\"$EARTH_KEY\"] }"
check "earth is cut off at once" wait_until 3 lacks_tunnel earth 3
check "moon does not reach earth" fails reaches moon "$(address4 earth)"
check_equal "mars noticed nothing" "$(ping_stop moon "$address")" 0
check "status says who is left out" prints \
	'example2/earth is left out: its WireGuard key is in "deny_keys" of this node' aronet moon status
denied() {
	node_load moon 2>&1 | grep -F \
		'example2/earth is left out: its WireGuard key is in "deny_keys" of this node'
}
check "a load says who is left out" denied
check "and leaves it out" lacks_tunnel earth 3

# A policy that the registry in force violates is not taken, and nothing changes.
refused() { tail -n 5 "$RUN_DIR/moon/daemon.log" | grep -F "$1"; }
policy '{ "deny": ["192.168.131.0/24"] }'
check "a policy against the registry in force is refused" wait_until 5 refused \
	'example2/mars: 192.168.131.0/24 refused by local policy (covers 192.168.131.0/24, which "deny" lists)'
check "the old one holds" lacks_tunnel earth 3

policy '{}'
check "earth is taken back" wait_until 60 reaches moon "$(address4 earth)"
check_equal "status warns of nothing any more" "$(status moon '.warnings | length')" 0

# The same policy at a start: nobody is followed, until the configuration is put right.
restart() { node_signal moon TERM && node_start moon; }
sed 's|"registry": {|"policy": { "deny": ["192.168.131.0/24"] },\n&|' "$RUN_DIR/moon.json" >"$RUN_DIR/moon/config.json"
check "a daemon starts with a policy against the stored registry" restart
check "which it does not follow" wait_until 10 fails has_tunnel mars
policy '{}'
check "SIGHUP with another policy follows it" wait_until 60 reaches moon "$(address4 earth)"

# The host gets what another node has; what is there goes on.
check "a bridge gets an address of mars" host moon sh -c \
	'ip link add br-test type bridge && ip address add 192.168.131.77/24 dev br-test && ip link set br-test up'
collision='example2/mars: 192.168.131.0/24 refused by local policy (covers 192.168.131.0/24, a network this host is attached to)'
warned() { status moon '.warnings[] | "\(.code) \(.message)"' | grep -q -F "W10 $collision"; }
check "status warns of it" wait_until 10 warned
ping_begin moon "$address" 100000 0.02
check "a restart" restart
check "leaves the tunnel to mars" has_tunnel mars
check_equal "and loses nothing" "$(ping_stop moon "$address")" 0
check "status still warns" warned
check "a load is refused" exits_with 5 "$collision" node_load moon
reloads() { grep -c "event=reload$" "$RUN_DIR/moon/daemon.log"; }
before=$(reloads)
kill -HUP "${NODE_PID[moon]}"
has_reloaded() { [ "$(reloads)" -gt "$before" ]; }
check "a reload is not" wait_until 5 has_reloaded
host moon ip link delete br-test
check "without the bridge nothing is warned of" wait_until 10 fails warned
check "and a load is taken" node_load moon
scenario_end
