# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A kernel that lacks something. To be sourced after scenario.sh.

# refuses MESSAGE Does the daemon of moon end at once with exit status 9 and this one message?
refuses() {
	local status=0 message
	message=$(host moon timeout 20 "$ARONET" daemon run -c "$RUN_DIR/moon/config.json" 2>&1) || status=$?
	[ "$status" = 9 ] && equal "$message" "aronet: $1"
}

# changes_nothing TEXT MESSAGE
changes_nothing() {
	snapshot_node moon >"$RUN_DIR/before"
	check "$1" refuses "$2"
	check_equal "and leaves a lock" "$(ls -A "$RUN_DIR/moon/private")" lock
	rm -r "$RUN_DIR/moon/private"
	snapshot_node moon >"$RUN_DIR/after"
	check "and nothing else" snapshot_same "$RUN_DIR/before" "$RUN_DIR/after"
}
