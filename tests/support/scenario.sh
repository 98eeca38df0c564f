# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What every scenario needs, and its report in the Test Anything Protocol. To be sourced:
#
#   source "$(dirname "$0")/../support/scenario.sh"
#   scenario_begin all-pairs
#   mesh_up moon sun earth mars
#   check "moon reaches sun" reaches moon "$(address4 sun)"
#   scenario_end

set -euo pipefail
SUPPORT=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=mesh.sh
source "$SUPPORT/mesh.sh"
# shellcheck source=clear_text.sh
source "$SUPPORT/clear_text.sh"

CHECKS=0
CHECKS_FAILED=0

# scenario_begin NAME
scenario_begin() {
	# shellcheck disable=SC2119 # a scenario has no arguments
	run_isolate
	scenario_need ip nsenter nft jq ping
	if [ -z "${ARONET:-}" ] || [ ! -x "$ARONET" ]; then
		echo "$0: set ARONET to the path of the program under test" >&2
		exit 2
	fi
	run_begin "$1"
	CLEAR_TEXT=$(clear_text_program)
	UNDERLAY_WATCH=clear_text_begin
	trap 'echo "Bail out! $0: line $LINENO: $BASH_COMMAND" >&2' ERR
	set -E
}

# scenario_need PROGRAM... What cannot run here is skipped, with the reason.
scenario_need() {
	local program
	for program in "$@"; do
		command -v "$program" >/dev/null || scenario_skip "$program is not installed"
	done
	if [ ! -e /proc/sys/net/ipv6/conf/all/seg6_enabled ]; then
		scenario_skip "the kernel has no SRv6 (CONFIG_IPV6_SEG6_LWTUNNEL)"
	fi
	if [ ! -c /dev/net/tun ]; then
		scenario_skip "there is no /dev/net/tun (CONFIG_TUN)"
	fi
}

scenario_skip() {
	echo "1..0 # SKIP $*"
	[ -z "${ARONET_TESTS_MUST_RUN:-}" ] || exit 1
	exit 77
}

# check TEXT COMMAND... One result: does the command succeed? It runs in this shell, so that it may
# wait for background jobs.
check() {
	local text=$1 status=0
	shift
	CHECKS=$((CHECKS + 1))
	"$@" >"$RUN_DIR/check.output" 2>&1 || status=$?
	if [ "$status" -eq 0 ]; then
		echo "ok $CHECKS - $text"
		return
	fi
	echo "not ok $CHECKS - $text"
	[ "$1" = equal ] || echo "# failed with status $status: $*"
	head -n 60 "$RUN_DIR/check.output" | sed 's/^/# /'
	CHECKS_FAILED=$((CHECKS_FAILED + 1))
	RUN_FAILED=1
}

# check_equal TEXT ACTUAL EXPECTED
check_equal() {
	check "$1" equal "$2" "$3"
}

# check_skip TEXT REASON
check_skip() {
	if [ -n "${ARONET_TESTS_MUST_RUN:-}" ]; then
		check "$1 (skipped: $2)" false
		return
	fi
	CHECKS=$((CHECKS + 1))
	echo "ok $CHECKS - $1 # SKIP $2"
}

# For checks of what must not succeed.
fails() {
	! "$@"
}

equal() {
	[ "$1" = "$2" ] || {
		printf 'found:    %s\nexpected: %s\n' "$1" "$2"
		return 1
	}
}

# at_most ACTUAL LIMIT
at_most() {
	[ "$1" -le "$2" ] || {
		echo "found $1, at most $2 was expected"
		return 1
	}
}

# exits_with STATUS TEXT COMMAND... Does the command fail with this exit status and this in its message?
exits_with() {
	local expected=$1 text=$2 status=0 message
	shift 2
	message=$("$@" 2>&1) || status=$?
	if [ "$status" != "$expected" ] || ! grep -q -F -- "$text" <<<"$message"; then
		printf 'found:    exit %s\n%s\nexpected: exit %s\n%s\n' "$status" "$message" "$expected" "$text"
		return 1
	fi
}

# prints TEXT COMMAND... Does the command print this? 1 is the status of a report of problems.
prints() {
	local text=$1 output
	shift
	output=$("$@" 2>&1) || [ $? -eq 1 ]
	grep -q -F -- "$text" <<<"$output" || {
		echo "$output"
		return 1
	}
}

note() {
	echo "# $*"
}

# Reports what crossed the underlay in clear and what sanitizers found in the daemons, and ends.
scenario_end() {
	clear_text_check
	check "no daemon reported a memory error" sanitizers_are_silent
	echo "1..$CHECKS"
	[ "$CHECKS_FAILED" -eq 0 ] || exit 1
	exit 0
}

sanitizers_are_silent() {
	! grep -r -h -A 20 -E --include='*.log' \
		'(Address|Leak|UndefinedBehavior)Sanitizer|runtime error:' "$RUN_DIR"
}
