#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A node that follows a file, then a URL: changes are taken, what is hostile or broken does no harm.
source "$(dirname "$0")/../support/scenario.sh"
source "$(dirname "$0")/../support/https.sh"
scenario_begin follow
scenario_need openssl python3
SIGN=$(dirname "$ARONET")/../../tests/support/sign_registry
[ -x "$SIGN" ] || scenario_skip "sign_registry is not built (meson option tests)"
NOW=$(date +%s)
FILES=$RUN_DIR/files
SERVED=$RUN_DIR/served
LOG=$RUN_DIR/moon/daemon.log
SERVER=198.51.100.1

# bundle FILE MANIFEST A signed registry, renamed into its place.
bundle() {
	"$SIGN" "$CONFIGS/registry.json" at=$((NOW - 3600)) manifest="$2" >"$1.part"
	mv "$1.part" "$1"
}

# follow SOURCE [INTERVAL] Writes the member "registry"; everything else in config.json stays as it is.
follow() {
	sed -i "/\"registry\": {/,/}/c\\  \"registry\": {\n    \"mesh_sha256\": \"$PIN\", \"source\": \"$1\", \"interval\": \"${2:-1s}\", \"ca_file\": \"$RUN_DIR/ca.pem\"\n  }," \
		"$RUN_DIR/moon/config.json"
}

# busy COMMAND... Does it again and again, until busy_end.
busy() {
	while :; do
		"$@"
		sleep 0.05
	done &
	BUSY=$!
}

busy_end() {
	kill "$BUSY"
	wait "$BUSY" || true
}

log_line() { echo line >>"$FILES/log"; }

# The first byte, so that it is whole all the time.
rewrite() { dd if="$FILES/registry.json" of="$FILES/registry.json" bs=1 count=1 conv=notrunc status=none; }

reload() { kill -HUP "${NODE_PID[moon]}"; }
has_manifest() { [ "$(status moon .registry.manifest)" = "$1" ]; }
has_problem() { status moon '.problems[].text' | grep -q -F -- "$1"; }
is_well() { [ "$(status moon '[.problems[] | select(.text | startswith("source "))] | length')" = 0 ]; }
told() { grep -c -F -- "$1" "$LOG" || true; }
has_asked() { [ "$(requests)" -ge "$1" ]; }
requests() { wc -l <"$RUN_DIR/server.log"; }
descriptors() { find "/proc/${NODE_PID[moon]}/fd" -mindepth 1 | wc -l; }
# shellcheck disable=SC2009 # pgrep does not tell a zombie
children() { ps -o stat=,comm= --ppid "${NODE_PID[moon]}" | grep aronet-fetch || true; }
zombies() { children | grep -c '^Z' || true; }
fetcher() { pgrep -P "${NODE_PID[moon]}" -x aronet-fetch; }
loads() { told "event=registry source=load"; }

PIN=$("$SIGN" "$CONFIGS/registry.json" at=$((NOW - 3600)) pin)
mkdir "$FILES" "$SERVED"
underlay_begin
underlay_attach moon
node_prepare moon
follow "file:$FILES/registry.json"
node_start moon

check "a file that is missing is told" wait_until 10 has_problem "source file:$FILES/registry.json (never worked)"
bundle "$FILES/registry.json" 1
check "a file that appears is taken" wait_until 10 has_manifest 1
check "and clears the problem" wait_until 10 is_well
bundle "$FILES/registry.json" 2
check "a file that is renamed over it is taken" wait_until 5 has_manifest 2
before=$(loads)
touch "$FILES/registry.json"
sleep 2
check_equal "touch does nothing" "$(loads)" "$before"

# Directories and files that never come to rest.
busy log_line
bundle "$FILES/registry.json" 3
check "a file beside a log that is written all the time is taken" wait_until 5 has_manifest 3
busy_end
busy rewrite
bundle "$FILES/registry.json" 4
check "a file that is rewritten all the time is taken" wait_until 5 has_manifest 4
follow "file:$FILES/registry.json" 1h
reload
bundle "$FILES/registry.json" 5
check "long before the interval is over" wait_until 5 has_manifest 5
busy_end

mkdir "$FILES/old" "$FILES/new"
bundle "$FILES/old/registry.json" 6
bundle "$FILES/new/registry.json" 7
ln -s old "$FILES/current"
ln -s current/registry.json "$FILES/link"
mv -T "$FILES/link" "$FILES/registry.json"
check "a link is followed" wait_until 5 has_manifest 6
ln -s new "$FILES/link"
mv -T "$FILES/link" "$FILES/current"
check "also when another link on its way is changed" wait_until 5 has_manifest 7
follow "file:$FILES/registry.json"
reload

mkdir "$RUN_DIR/other"
bundle "$RUN_DIR/other/registry.json" 8
mv "$FILES" "$FILES.old"
mv "$RUN_DIR/other" "$FILES"
check "another directory in its place is followed" wait_until 10 has_manifest 8
head -c 3000 "$FILES/registry.json" >"$FILES/cut"
mv "$FILES/cut" "$FILES/registry.json"
check "a file that is cut is told" wait_until 10 has_problem "source file:$FILES/registry.json (last worked"
sleep 4
check_equal "once" "$(told "state=failed")" 2
check_equal "and changes nothing" "$(status moon .registry.manifest)" 8

https_ca "$RUN_DIR"
https_certificate "$RUN_DIR" server "IP:$SERVER"
bundle "$SERVED/registry.json" 9
: >"$RUN_DIR/server.ready"
host_exec inet python3 "$SUPPORT/https_server.py" "$SERVER" 8443 "$RUN_DIR/server.pem" \
	"$RUN_DIR/server.key" "$SERVED" >"$RUN_DIR/server.ready" 2>"$RUN_DIR/server.log" &
check "the server is ready" wait_until 10 grep -q ready "$RUN_DIR/server.ready"
follow "https://$SERVER:8443/registry.json"
reload
check "another source takes effect by SIGHUP" wait_until 10 has_manifest 9
check "it is shown" equal "$(status moon .source.source)" "https://$SERVER:8443/registry.json"
bundle "$SERVED/registry.json" 10
check "a change is taken within seconds" wait_until 10 has_manifest 10
before=$(loads)
asked=$(requests)
sleep 4
check "the server is asked again" test "$(requests)" -gt "$asked"
check "and says that nothing is new" grep -q ' 304$' "$RUN_DIR/server.log"
check_equal "which loads nothing" "$(loads)" "$before"

held=$(descriptors)
for path in endless slow; do
	follow "https://$SERVER:8443/hostile/$path"
	reload
	if [ "$path" = slow ]; then
		check "a slow server is waited for by one fetcher" wait_until 10 fetcher
		sleep 2
		check_equal "only one" "$(fetcher | wc -l)" 1
		kill -9 "$(fetcher)"
		check "a fetcher that is killed is told" wait_until 10 has_problem "was it killed?"
	else
		check "a server without an end is told" wait_until 30 has_problem "/hostile/endless (never worked)"
	fi
	check_equal "the registry stays" "$(status moon .registry.manifest)" 10
done
follow "https://$SERVER:8443/missing.json"
reload
check "a server that has nothing is told" wait_until 10 has_problem "404"
sleep 5
check_equal "once" "$(told "source=https://$SERVER:8443/missing.json state=failed")" 1

follow "https://$SERVER:8443/registry.json"
reload
bundle "$SERVED/registry.json" 11
check "it goes on" wait_until 10 has_manifest 11
check "without a problem" wait_until 10 is_well
check_equal "no zombie is left" "$(zombies)" 0
check "descriptors do not grow" at_most "$(descriptors)" $((held + 4))
node_signal moon KILL || true
loaded=$(loads)
asked=$(requests)
node_start moon
check "after kill -9 it asks again" wait_until 10 has_asked "$((asked + 1))"
check_equal "and still knows the ETag" \
	"$(tail -n "+$((asked + 1))" "$RUN_DIR/server.log" | grep -c -v ' 304$' || true)" 0
check_equal "so that nothing is loaded" "$(loads)" "$loaded"
bundle "$SERVED/registry.json" 12
check "and the next one is taken" wait_until 10 has_manifest 12
scenario_end
