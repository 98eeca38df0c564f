# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Whether anything of the overlay crosses the simulated internet in clear. To be sourced by scenario.sh,
# which begins it with the underlay, and checks what it found at the end.
#
# CLEAR_TEXT  the program that looks; empty if it was not built

# clear_text_program Where it is, beside the program under test; nothing without a build of tests.
clear_text_program() {
	local program
	program=$(dirname "$ARONET")/../../tests/support/clear-text
	[ ! -x "$program" ] || realpath "$program"
}

# What must not be readable: the addresses and segment identifiers of all nodes, and the group to which
# they speak Babel.
clear_text_addresses() {
	local node
	echo ff02::1:6
	for node in "${!NETWORK[@]}"; do
		address6 "$node"
		address4 "$node"
		sid_end "$node"
		sid_decap4 "$node"
		sid_decap6 "$node"
	done
}

# clear_text_begin Looks at all that enters the router of the underlay. It is no job of the scenario,
# whose "wait" would wait for it.
clear_text_begin() {
	local -a addresses
	CLEAR_TEXT_BEGUN=1
	[ -n "$CLEAR_TEXT" ] || return 0
	mapfile -t addresses < <(clear_text_addresses)
	: >"$RUN_DIR/clear-text"
	(
		host_exec inet "$CLEAR_TEXT" "${addresses[@]}" >"$RUN_DIR/clear-text" 2>&1 &
		echo $! >"$RUN_DIR/clear-text.pid"
	)
	if ! wait_until 20 grep -q listening "$RUN_DIR/clear-text"; then
		cat "$RUN_DIR/clear-text" >&2
		return 1
	fi
}

# clear_text_end Ends it; what it has to say is then in $RUN_DIR/clear-text.
clear_text_end() {
	process_end "$(cat "$RUN_DIR/clear-text.pid")"
	rm "$RUN_DIR/clear-text.pid"
}

# clear_text_count frames|clear|lost
clear_text_count() {
	awk -v name="$1" '$1 == "frames" { for (i = 1; i < NF; i += 2) if ($i == name) print $(i + 1) }' \
		"$RUN_DIR/clear-text"
}

# clear_text_absent Did nothing cross the underlay in clear, and has it seen all that did?
clear_text_absent() {
	cat "$RUN_DIR/clear-text"
	[ "$(clear_text_count clear) $(clear_text_count lost)" = "0 0" ]
}

# clear_text_expected REASON For a scenario that has a node send in clear. Instead of this, packets that
# pretend to be of the overlay can come from the router.
clear_text_expected() {
	CLEAR_TEXT_REASON=$1
}

# clear_text_check The check of a scenario that had an underlay.
clear_text_check() {
	[ -n "${CLEAR_TEXT_BEGUN:-}" ] || return 0
	if [ -z "$CLEAR_TEXT" ]; then
		check_skip "nothing crossed the underlay in clear" "the build has no tests (-Dtests=enabled)"
		return
	fi
	clear_text_end
	note "into the router of the underlay: $(grep "^frames" "$RUN_DIR/clear-text" || true)"
	if [ -n "${CLEAR_TEXT_REASON:-}" ]; then
		check "what crossed the underlay in clear was to do so: $CLEAR_TEXT_REASON" \
			test "$(clear_text_count clear)" -gt 0
	else
		check "nothing crossed the underlay in clear" clear_text_absent
	fi
}
