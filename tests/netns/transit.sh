#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# "transit": false: the nodes of such an organization speak for themselves only, in Babel and in
# packets; whoever does not heed it is refused, counted and named; status says who is cut off.
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin transit
SPEAKER=$(dirname "$ARONET")/../../tests/support/hostile-speaker
[ -x "$SPEAKER" ] || scenario_skip "the build has no tests (-Dtests=enabled)"
NODES=(moon sun earth mars)
mesh_up "${NODES[@]}"

# let_transit ORGANIZATION yes|no The mesh lets its nodes carry transit, or not; all nodes load that.
let_transit() {
	local node
	registry_member set "$1" --transit "$2" || return
	for node in "${NODES[@]}"; do
		node_load "$node" || return
	done
}
counter() { status "$1" "[.counters[] | select(.name == \"$2\").packets] | add"; }
# routes_through NODE PEER To which other nodes is a neighbour the way, or could be?
routes_through() {
	status "$1" "[.routes[] | select((.peer | endswith(\"/$2\")) and (.node | endswith(\"/$2\") | not) and
		.metric < 65535 and (.refused | not)).node] | unique | length"
}
offers() { [ "$(routes_through "$1" "$2")" -ge 1 ]; }
offers_none() { [ "$(routes_through "$1" "$2")" -eq 0 ]; }
unreachable() { status "$1" ".unreachable[] | select(.node == \"$2\").reason"; }

check "earth and mars carry transit" wait_until 30 offers moon earth
underlay_cut moon mars
check "moon reaches mars by way of earth" wait_until 20 reaches moon "$(address6 mars)"
underlay_restore

check "example2 may not carry transit" let_transit example2 no
for node in moon sun; do
	for peer in earth mars; do
		check "$peer offers $node no way to others" wait_until 30 offers_none "$node" "$peer"
	done
done
check "all reach each other all the same, by way of moon" wait_until 30 mesh_reaches "${NODES[@]}"
check "moon is still a way" wait_until 30 offers sun moon
check_equal "status says how sun and mars reach each other" "$(unreachable sun example2/mars)" \
	"no address family in common; its traffic goes through others"

# Without moon's tunnel to mars there is only earth, which may not.
underlay_cut moon mars
cut_off() { fails reaches moon "$(address6 mars)"; }
check "moon does not reach mars by way of earth any more" wait_until 20 cut_off
sleep 6
check "nor later" cut_off
underlay_restore
check "with the tunnel it does" wait_until 30 reaches moon "$(address6 mars)"

# earth sends packets of others: with sources of mars, and from tunnel to tunnel.
packets_watch moon host "ip6 saddr fd69::bad"
ip -n "$RUN-earth-overlay" -6 addr add fd69::bad/128 dev lo
ip -n "$RUN-earth-overlay" addr add 192.168.131.99/32 dev lo
overlay earth ping -n -q -c 5 -i 0.02 -W 1 -I fd69::bad "$(address6 moon)" >/dev/null || true
overlay earth ping -n -q -c 5 -i 0.02 -W 1 -I 192.168.131.99 "$(address4 moon)" >/dev/null || true
check_equal "moon drops and counts the sources of mars that come from earth" \
	"$(counter moon relayed_source)" 10
check_equal "the host saw none of it" "$(packets_seen moon host)" 0
check "earth's own sources pass" reaches earth "$(address4 moon)"

read -r _ gateway _ tunnel _ < <(ip -n "$RUN-sun-overlay" -6 route show fd68::/64 |
	sed -n 's/^fd68::\/64 \(via [^ ]* dev [^ ]*\) .*metric 32768.*/\1/p')
ip -n "$RUN-sun-overlay" -6 route add "$(address6 mars)/128" via "$gateway" dev "$tunnel"
before=$(counter earth transit)
host sun ping -n -q -c 5 -i 0.02 -W 1 "$(address6 mars)" >/dev/null || true
check_equal "earth drops and counts what sun sends to mars through it" \
	"$(counter earth transit)" $((before + 5))
ip -n "$RUN-sun-overlay" -6 route del "$(address6 mars)/128" via "$gateway" dev "$tunnel"

# earth offers a way to mars, as if it had not heard of the registry.
mars_id=$(speaker_value mars router-id) earth_id=$(speaker_value earth router-id)
node_signal earth TERM || true
kill -KILL "$(speaker_value earth pid)"
# shellcheck disable=SC2046 # one interface a word
nsenter --net="/run/netns/$RUN-earth-overlay" -- "$SPEAKER" $(node_interfaces earth) -- \
	"fd68::/64=$earth_id=0" "192.168.130.0/24=$earth_id=0" "fd69::/64=$mars_id=0" \
	"192.168.131.0/24=$mars_id=0" >>"$RUN_DIR/speaker.log" 2>&1 &
speaker=$!
named() {
	status "$1" '.problems[] | select(.object == "example2/earth").text' |
		grep -E '^announces (192.168.131.0/24|fd69::/64) of example2/mars, but may not carry transit: refused$'
}
for node in moon sun; do
	check "$node names earth for it" wait_until 40 named "$node"
	check "$node has no such route" offers_none "$node" earth
done
check "sun sends to mars by way of moon" reaches sun "$(address6 mars)"
process_end "$speaker"
node_start earth
check "all reach each other again" wait_until 60 mesh_reaches "${NODES[@]}"

# Nobody between sun and mars is left.
check "example may not carry transit either" let_transit example no
check_equal "status says who is cut off" "$(unreachable sun example2/mars)" \
	"no address family in common; no nodes that carry transit join the two"
check_equal "also on the other side" "$(unreachable mars example/sun)" \
	"no address family in common; no nodes that carry transit join the two"
is_cut_off() { fails reaches sun "$(address6 mars)"; }
check "and it is so" wait_until 30 is_cut_off
check "who has a tunnel is not" wait_until 30 mesh_reaches moon earth

check "example2 may carry transit again" let_transit example2 yes
check "sun reaches mars by way of earth" wait_until 40 reaches sun "$(address6 mars)"
check "all reach each other" wait_until 30 mesh_reaches "${NODES[@]}"
scenario_end
