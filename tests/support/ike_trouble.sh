# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Something that moon's IKE daemon needs is missing: status names it and says what to do, the tunnel of
# WireGuard beside it loses nothing, and IKE comes up by itself when that is over. moon has one peer, and a
# tunnel of each transport to it. To be sourced after scenario.sh.

problems() { status moon '.problems[] | select(.object == "ike-daemon charon") | .text'; }
told() { problems | grep -q -F -- "$1"; }
ike_is_up() { [ "$(status moon '.ike | select(.trouble == null) | .tunnels[0].state')" = ESTABLISHED ]; }
is_well() { ike_is_up && [ -z "$(problems)" ]; }
end_charon() { kill -KILL "$(charon_pid moon)"; }

# Through the tunnel of WireGuard itself, wherever routes lead. A slow machine may just have missed some
# of its hellos, so that Babel does not know who is there.
talk_begin() {
	wait_until 60 talk_finds_peer || echo "# Babel knows no neighbour on the tunnel of WireGuard" >&2
	(exec nsenter --net="/run/netns/$RUN-moon-overlay" -- ping -n -D -i 0.02 "$talk_peer") >"$RUN_DIR/talk" 2>&1 &
	talk=$!
}
talk_finds_peer() {
	local address interface
	interface=$(status moon '.tunnels[] | select(.transport == "wireguard") | .interface')
	address=$(status moon "[.neighbours[] | select(.interface == \"$interface\") | .address][0] // empty")
	talk_peer=$address%$interface
	[ -n "$address" ]
}
talk_end() {
	kill -INT "$talk"
	wait "$talk" || true
	ping_lost "$RUN_DIR/talk" 1 # the last one may have been under way
}

# trouble TEXT CAUSE UNDO EXPECTED... charon ends, and the next one has this trouble, which status tells in
# these words.
trouble() {
	local text=$1 cause=$2 undo=$3 words
	shift 3
	talk_begin
	"$cause"
	for words in "$@"; do
		check "$text: status says so: $words" wait_until 60 told "$words"
	done
	note "in words: $(problems)"
	check_equal "$text: in one problem" "$(problems | wc -l)" 1
	check_equal "$text: the node is not well" "$(status moon .state)" degraded
	sleep 2
	"$undo"
	check "$text: IKE comes up by itself when that is over" wait_until 90 is_well
	check_equal "$text: WireGuard has lost nothing meanwhile" "$(talk_end)" 0
}
