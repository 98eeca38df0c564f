#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A node whose clock is wrong: at 1970, as on a board without a battery, before it has seen a registry
# and after; and ten years ahead. The clock of its daemon alone is changed, by libfaketime; monotonic
# time goes on, as it does when a clock is set.
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin clock
# The signed registries here are made below, because their dates matter.
export UNSIGNED=1
SIGN=$(dirname "$ARONET")/../../tests/support/sign_registry
[ -x "$SIGN" ] || scenario_skip "sign_registry is not built (meson option tests)"
FAKETIME_LIBRARY=$(find /usr/lib /usr/lib64 -name libfaketime.so.1 -print -quit 2>/dev/null)
[ -n "$FAKETIME_LIBRARY" ] || scenario_skip "libfaketime is not installed"
NOW=$(date +%s)
MADE=$((NOW - 86400))
# Nodes accept what is a little ahead of their clock; so this is later than the date of any build.
SEEN=$((NOW + 3600))
STATE=$RUN_DIR/moon/state

# clock_set WHEN What time it is for moon: "@DATE" to go on from there, or "+0".
clock_set() { echo "$1" >"$RUN_DIR/clock"; }

# start Starts moon's daemon with that clock. With AddressSanitizer another library is loaded before
# its own, which it does not mind if told so.
start() {
	LD_PRELOAD=$FAKETIME_LIBRARY FAKETIME_TIMESTAMP_FILE=$RUN_DIR/clock FAKETIME_NO_CACHE=1 \
		FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1 \
		ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0" node_start moon
}

# bundle NAME OPTION... A signed registry of the four nodes, in $RUN_DIR/NAME.json.
bundle() {
	local name=$1
	shift
	"$SIGN" "$CONFIGS/registry.json" at="$MADE" "$@" >"$RUN_DIR/$name.json"
}

# load NAME [OPTION...] Loads such a registry into moon.
load() {
	local name=$1
	shift
	aronet moon load -r "$RUN_DIR/$name.json" "$@"
}

# pin NODE OPTION... The node believes the first mesh document that is made with these options.
pin() {
	local node=$1
	shift
	sed -i "/\"registry\": {/,/}/c\\  \"registry\": { \"mesh_sha256\": \"$("$SIGN" \
		"$CONFIGS/registry.json" "$@" pin)\"\n  }," "$RUN_DIR/$node/config.json"
}

utc() { date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ; }
manifest() { status moon .registry.manifest; }
expiry() { status moon .registry.expiry; }
is_stale() { [ "$(expiry)" = stale ]; }
is_fresh() { [ "$(expiry)" = fresh ]; }
last_seen() { jq -r .last_seen "$STATE/trust.json"; }

bundle five manifest=5 issued="$SEEN"
bundle six manifest=6 issued=$((NOW - 7200)) expires=$((NOW + 1800))
bundle seven manifest=7
bundle eight manifest=8
"$SIGN" "$CONFIGS/registry.json" at=1 >"$RUN_DIR/ancient.json"
underlay_begin
for node in moon earth; do
	underlay_attach "$node"
	node_prepare "$node"
done
pin earth at="$MADE"
node_start earth
check "earth, whose clock is right, accepts a registry" aronet earth load -r "$RUN_DIR/five.json"

# At 1970, and nothing is known but the date of the program.
clock_set "@1970-01-01 00:01:00"
pin moon at=1
start
check "at 1970 a registry that this clock calls fresh is refused: the program is newer" \
	exits_with 4 "mesh 1 expired 1971-01-01T00:00:01Z (now 20" load ancient
pin moon at="$MADE"
kill -HUP "${NODE_PID[moon]}"
check "a registry from long after this clock is accepted, with a warning" prints \
	"warning W06: clock 1970-01-01T00:0" load five
check "the warning tells which date is used" prints "is before this program's build date; using 20" \
	aronet moon status
check_equal "the node remembers the date of the registry, not of its clock" "$(last_seen)" "$(utc "$SEEN")"
check_equal "the registry is fresh" "$(expiry)" fresh
check "moon reaches earth" wait_until 60 reaches moon "$(address4 earth)"

# The same after a start: the date of that registry is known.
node_signal moon KILL || true
start
check_equal "at 1970 a node starts with the registry it had" "$(manifest)" 5
check "and says which date it uses" prints "is before last_seen; using $(utc "$SEEN")" aronet moon status
check "what expired before that date is refused" exits_with 4 \
	"manifest 6 expired $(utc $((NOW + 1800))) (now $(utc "$SEEN"))" load six
check "what did not is accepted" prints "manifest 7, 4 nodes" load seven
check "moon reaches earth" wait_until 60 reaches moon "$(address4 earth)"

# The clock jumps while the daemon runs: right, then ten years ahead.
clock_set "+0"
interfaces=$(node_interfaces moon)
state=$(cd "$STATE" && sha256sum -- *.json)
ping_begin moon "$(address4 earth)" 100000 0.02
clock_set "+3650d"
check "ten years ahead the registry is stale, a minute later at most" wait_until 65 is_stale
check "status says so" prints "stale since $(utc $((MADE + 14 * 86400)))" aronet moon status
check "the log, too" grep -q 'event=expiry document="manifest 7".*tunnels=kept' "$RUN_DIR/moon/daemon.log"
check "a registry that is fresh is refused" exits_with 4 \
	"mesh 1 expired $(utc $((MADE + 365 * 86400))) (now 203" load eight
node_signal moon KILL || true
start
check_equal "a node starts with its registry all the same" "$(manifest) $(expiry)" "7 stale"
check_equal "the tunnels are those from before" "$(node_interfaces moon)" "$interfaces"
check_equal "nothing was written to the kernel after the start" "$(status moon .stats.kernel_writes)" 0
check_equal "nor to the disk" "$(cd "$STATE" && sha256sum -- *.json)" "$state"

clock_set "+0"
check "with the right clock the registry is fresh again, a minute later at most" wait_until 65 is_fresh
check "the next one is accepted" prints "manifest 8, 4 nodes" load eight
check_equal "of all packets to earth none was lost" "$(ping_stop moon "$(address4 earth)")" 0
check_equal "the years ahead have left no trace" "$(last_seen)" "$(utc "$SEEN")"
scenario_end
