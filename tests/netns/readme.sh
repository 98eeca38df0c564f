#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# README.md is true: its sessions are run exactly as they are written.
source "$(dirname "$0")/../support/scenario.sh"
# shellcheck source=../support/readme.sh
source "$SUPPORT/readme.sh"
run_isolate
readme_isolate
scenario_begin readme
mkdir "$RUN_DIR/bin"
ln -s "$ARONET" "$RUN_DIR/bin/aronet"
underlay_begin
for node in moon sun earth; do
	underlay_attach "$node"
done

# session NAME HOST... Runs a block in a fresh directory, on fresh hosts.
session() {
	local name=$1 node
	shift
	mkdir "$RUN_DIR/$name"
	cd "$RUN_DIR/$name"
	for node in "$@"; do
		rm -f "$RUN_DIR/$node.ready"
		readme_host "$node"
	done
	readme_run "$name"
	for node in "$@"; do
		check "$name: $node is taken down" readme_command "$node" "aronet down --forget"
		kill "${README_HOLDER[$node]}"
	done
	README_HOLDER=()
}

check "a home user needs at most four registry commands" \
	at_most "$(readme_count home '^aronet (registry|keygen signing)')" 4
session home moon sun earth
session federation moon earth
scenario_end
