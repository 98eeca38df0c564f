#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every bad configuration and every bad registry of the collections is refused with its own message
# and exit status, and changes nothing in the kernel.
#
# The formats of the .expect files are told in tests/config-bad/README.md and src/registry/bad_test.c.
source "$(dirname "$0")/../support/scenario.sh"
export UNSIGNED=1
scenario_begin refusals
TESTS=$(cd "$(dirname "$0")/.." && pwd)
BAD=$RUN_DIR/bad
underlay_begin
underlay_attach moon
node_prepare moon

# refused STATUS TEXT COMMAND... Does the command fail with this exit status and message?
refused() {
	local expected_status=$1 text=$2 status=0 message
	shift 2
	message=$("$@" 2>&1) || status=$?
	if [ "$status" != "$expected_status" ] || ! grep -q -F -x -- "aronet: $text" <<<"$message"; then
		printf 'found:    exit %s\n%s\nexpected: exit %s\naronet: %s\n' \
			"$status" "$message" "$expected_status" "$text"
		return 1
	fi
}

# refused_once STATUS TEXT COMMAND... The same, and is that its only message?
refused_once() {
	refused "$@" && [ "$("${@:3}" 2>&1 | grep -c '^aronet: ')" = 1 ]
}

# Configurations, while there is no daemon. Some hold keys, so they must be private.
mkdir "$BAD"
cp -r "$TESTS"/config-bad/. "$BAD"
chmod -R u=rwX,go= "$BAD"
snapshot_node moon >"$RUN_DIR/before"
for file in "$BAD"/*.json; do
	name=$(basename "$file" .json)
	{
		read -r _ code
		read -r _
		read -r text
	} <"$BAD/$name.expect"
	text=${text//@CONFIG@/$file}
	text=${text//@DIR@/$BAD}
	check "check refuses the configuration $name" refused "$code" "$text" \
		host moon "$ARONET" check -c "$file"
	check "daemon run refuses the configuration $name" refused "$code" "$text" \
		host moon timeout 5 "$ARONET" daemon run -c "$file"
done

# A runtime directory that cannot be made is no mistake of the configuration: systemd tries again.
: >"$RUN_DIR/file"
while read -r directory text; do
	sed "s|\"runtime_dir\": .*|\"runtime_dir\": \"$directory\",|" "$RUN_DIR/moon/config.json" \
		>"$RUN_DIR/nowhere.json"
	for command in "daemon run" down; do
		# shellcheck disable=SC2086 # it is words
		check "$command cannot work in $directory" refused_once 8 "$directory: $text" \
			host moon timeout 5 "$ARONET" $command -c "$RUN_DIR/nowhere.json" </dev/null
	done
done <<END
$RUN_DIR/file is not a directory
$RUN_DIR/file/moon cannot make this directory: Not a directory
/proc/aronet cannot make this directory: No such file or directory
END
snapshot_node moon >"$RUN_DIR/after"
check "bad configurations change nothing" snapshot_same "$RUN_DIR/before" "$RUN_DIR/after"

# Registries, against a running daemon. Their messages name a file "registry.json".
node_start moon -r "$CONFIGS/registry.json" --allow-unsigned
check "a second daemon is refused" refused 3 "already running (pid $(cat "$RUN_DIR/moon/private/lock"))" \
	host moon timeout 5 "$ARONET" daemon run -c "$RUN_DIR/moon/config.json"
snapshot_node moon >"$RUN_DIR/before"
writes=$(status moon .stats.kernel_writes)
mkdir "$RUN_DIR/registry"
cd "$RUN_DIR/registry"
for file in "$TESTS"/registry-bad/*.json; do
	name=$(basename "$file" .json)
	{
		read -r _ code
		read -r text
	} <"${file%.json}.expect"
	cp "$file" registry.json
	check "check refuses the registry $name" refused "$code" "$text" \
		aronet moon check -r registry.json --allow-unsigned
	check "load refuses the registry $name" refused "$code" "$text" \
		node_load moon registry.json
done
snapshot_node moon >"$RUN_DIR/after"
check "bad registries change nothing" snapshot_same "$RUN_DIR/before" "$RUN_DIR/after"
check_equal "nothing was written for them" "$(status moon .stats.kernel_writes)" "$writes"
check "the registry in force is still accepted" node_load moon

# The two switches for an unsigned registry.
check "an unsigned registry needs --allow-unsigned" \
	fails aronet moon load -r "$CONFIGS/registry.json"
scenario_end
