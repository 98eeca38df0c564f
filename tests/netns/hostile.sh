#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A member that announces what the registry does not give it: nothing of it gets into a routing
# table, it is counted and named, the others do not suffer, and when it is honest again that is
# forgotten.
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin hostile
SPEAKER=$(dirname "$ARONET")/../../tests/support/hostile-speaker
[ -x "$SPEAKER" ] || scenario_skip "the build has no tests (-Dtests=enabled)"
OTHERS=(moon sun mars)
mesh_up moon sun earth mars

declare -A ID=()
for node in moon sun earth mars; do
	ID[$node]=$(speaker_value "$node" router-id)
done

# A sequence number that is newer than earth's last one. babeld's goes by the clock, as the speaker's
# does by itself; BIRD's begins at 1, and is asked for a few newer ones at most.
SEQNO=1000
# earth_says [OPTION...] -- ANNOUNCEMENT... A hostile speaker in the place of earth's daemon; its
# tunnels and addresses stay. The one before is killed without a word.
earth_says() {
	local options=() pid
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	for pid in $(pgrep -f -- "$SPEAKER" || true); do
		process_end "$pid"
	done
	if [ "$(node_babel earth)" = bird ]; then
		options+=(-q $((SEQNO += 1000)))
	fi
	# shellcheck disable=SC2046 # one interface a word
	nsenter --net="/run/netns/$RUN-earth-overlay" -- "$SPEAKER" "${options[@]}" \
		$(node_interfaces earth) "$@" >>"$RUN_DIR/speaker.log" 2>&1 &
}
OWN=("fd68::/64=${ID[earth]}=0" "192.168.130.0/24=${ID[earth]}=0")

# What earth may announce is left out: in a flood of its own making it may get lost.
declare -A GRANTED=([moon]="" [sun]="" [mars]="")
for node in "${OTHERS[@]}"; do
	for other in "${OTHERS[@]}"; do
		[ "$node" = "$other" ] ||
			GRANTED[$node]+="${NETWORK[$other]}::/64 ${PREFIX4[$other]}.0/24 "
	done
done
# babel_prefixes NODE To which prefixes has it routes of Babel's in the kernel, but those of earth?
babel_prefixes() {
	speaker_routes "$1" | grep -v '^[[:space:]]' | sed 's/^unreachable //' | cut -d ' ' -f 1 |
		grep -vxF -e fd68::/64 -e 192.168.130.0/24
}
sorted() { tr ' ' '\n' | grep . | sort -u | tr '\n' ' '; }
tables_are_clean() {
	local node
	for node in "${OTHERS[@]}"; do
		equal "$(babel_prefixes "$node" | sorted)" "$(sorted <<<"${GRANTED[$node]}")" || return 1
	done
}

# names_earth NODE KIND Is that a problem, for all to see?
names_earth() {
	status "$1" '.audit.findings[] | select(.problem and .node == "example2/earth").kind' |
		grep -qx "$2"
}
counts_prefixes() {
	local found
	found=$(status moon '.audit.findings[] | select(.kind == "ungranted").prefixes')
	[ "$found" -ge "$1" ] && [ "$found" -le "$2" ]
}
names_nobody() {
	local node
	for node in "${OTHERS[@]}"; do
		equal "$(status "$node" '.audit.findings | length')" 0 || return 1
	done
}

# Hundredths of a second of processor time that both daemons of moon have used.
moon_ticks() {
	awk '{ sum += $14 + $15 } END { print sum * 100 / hertz }' hertz="$(getconf CLK_TCK)" \
		"/proc/$(speaker_value moon pid)/stat" "/proc/${NODE_PID[moon]}/stat"
}

PAIRS=("moon sun" "sun moon" "moon mars" "mars moon" "sun mars" "mars sun")
# others_do_not_suffer TEXT Pings of ten seconds between all others, and what it costs moon. sun and mars
# have no tunnel to each other: they may have gone through earth, and each may ask once for a new
# sequence number (RFC 8966, section 3.8.2) when it goes by way of moon.
others_do_not_suffer() {
	local pair before used lost lost_directly=0 lost_on_the_way=0
	before=$(moon_ticks)
	for pair in "${PAIRS[@]}"; do
		ping_begin "${pair% *}" "$(address6 "${pair#* }")" 50 0.2
	done
	for pair in "${PAIRS[@]}"; do
		lost=$(ping_end "${pair% *}" "$(address6 "${pair#* }")")
		[ "$lost" -eq 0 ] || note "from ${pair% *} to ${pair#* } $lost of 50 are lost"
		case $pair in
		*moon*) lost_directly=$((lost_directly + lost)) ;;
		*) lost_on_the_way=$((lost_on_the_way + lost)) ;;
		esac
	done
	used=$(($(moon_ticks) - before))
	check_equal "$1: of 200 packets over tunnels of the others none is lost" "$lost_directly" 0
	check "$1: of 100 packets by way of others two are lost at most" at_most "$lost_on_the_way" 2
	note "both daemons of moon used $used hundredths of a second in ten seconds"
	check "$1: both daemons use less than one core" test "$used" -lt 1000
}

# Does moon take earth's own prefixes from earth?
believes_earth() {
	[ "$(status moon '[.routes[] | select(.node == "example2/earth" and .peer == "example2/earth" and
		.metric < 65535 and (.refused | not)).prefix] | unique | length')" -eq 2 ]
}
honest() { wait_until 30 mesh_reaches "${OTHERS[@]}"; }

# The daemon ends, the routing daemon is killed, and somebody else speaks in the name of earth.
node_signal earth TERM || true
kill -KILL "$(speaker_value earth pid)"
earth_says -n 100000 -- "${OWN[@]}" "0.0.0.0/0=${ID[earth]}=0" "::/0=${ID[earth]}=0" \
	"fd66::/64=${ID[earth]}=0" "192.168.128.0/24=${ID[mars]}=0" "fd67::/64=${ID[moon]}=0" \
	"fd66::ffff:0:0:0/112=${ID[earth]}=0" "192.168.129.128/25=${ID[sun]}=0" \
	"10.9.0.0/16=0123456789abcdef=0"
check "the others still reach each other" honest
others_do_not_suffer "lies and 100,000 prefixes"
for node in "${OTHERS[@]}"; do
	for kind in default-route part wrong-origin too-many; do
		check "$node names earth for $kind" wait_until 30 names_earth "$node" "$kind"
	done
done
check "only what the registry grants is in routing tables" tables_are_clean
# Otherwise nothing of the above would mean anything. A speaker that is busy with lying answers late,
# which costs: the way through another may be the better one.
check "what is earth's is believed" wait_until 30 believes_earth
aronet moon status >"$RUN_DIR/status.txt" || true
for text in 'announces ::/0, which the registry gives to nobody: refused' \
	'announces fd67::/64 of example/sun as if it were that of example/moon: refused' \
	'announces 192.168.129.128/25, a part of 192.168.129.0/24 of example/sun: refused' \
	'announces more than 10000 prefixes that it may not: refused'; do
	check "status says: $text" grep -F "example2/earth  $text" "$RUN_DIR/status.txt"
done
check "the log says so, too" grep -q 'event=refused node="example2/earth"' "$RUN_DIR/moon/daemon.log"
check "somebody should look" test "$(status moon .state)" = degraded
# Queues do not hold all of them, and not all that they hold is looked at.
check "the prefixes are counted" wait_until 30 counts_prefixes 20000 110000

# The documented limit: earth may carry transit, and nobody can tell who really said this. It is no
# better than a tunnel of one's own.
earth_says -- "${OWN[@]}" "fd66::/64=${ID[moon]}=0" "192.168.128.0/24=${ID[moon]}=0"
sleep 6
check "a forged router-id does not beat the tunnel to its owner" sends_directly sun moon
check "nor does it on mars" sends_directly mars moon

# As fast as it goes, from all addresses that it can think of.
earth_says -s -f 100000 -n 1000 -- "${OWN[@]}"
others_do_not_suffer "a flood from many addresses"
check "moon names earth for flood" wait_until 30 names_earth moon flood
check "each stranger is dropped and counted" \
	test "$(status moon '.counters[] | select(.name == "babel_stranger").packets')" -gt 1000
neighbours=$(status moon '.neighbours | length')
check "it has no neighbours but those of its tunnels" at_most "$neighbours" 4

# The same from its own address, and nothing but rubbish.
earth_says -m -f 100000 -- "${OWN[@]}"
others_do_not_suffer "a flood of malformed packets"
check "moon names earth for malformed" wait_until 30 names_earth moon malformed
check "what is too much is dropped and counted" \
	test "$(status moon '.counters[] | select(.name == "babel_flood").packets')" -gt 1000
check "the log of moon's routing daemon does not fill the memory" \
	at_most "$(stat -c %s "$RUN_DIR/moon/private/log/$(node_babel moon).log")" $((1 << 20))
check "only what the registry grants is in routing tables" tables_are_clean

# Honest again.
process_end "$(pgrep -f -- "$SPEAKER")"
node_start earth
check "all reach each other again" wait_until 60 mesh_reaches moon sun earth mars
check "nobody is named any more" wait_until 90 names_nobody
check_equal "moon is well" "$(status moon .state)" ok
check "the log says that it is over" \
	grep -q 'event=refused-ended node="example2/earth"' "$RUN_DIR/moon/daemon.log"
scenario_end
