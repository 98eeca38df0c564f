#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Loading the registry that is already in force writes nothing to the kernel: neither by the
# daemon's own account nor as seen from outside.
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin second-load
mesh_up moon sun earth mars

writes=$(status moon .stats.kernel_writes)
check "the first load wrote something" test "$writes" -gt 0
watch_begin moon
check "the second load is accepted" node_load moon
check_equal "the second load is planned as nothing" "$(plan_length moon "$CONFIGS/registry.json")" 0
changes=$(watch_end moon)
check_equal "nothing was written by the daemon's count" "$(status moon .stats.kernel_writes)" "$writes"
check_equal "nothing changed as the kernel sees it" "$changes" ""

# The order of organizations and nodes has no meaning.
jq 'reverse | map(.nodes |= reverse)' "$CONFIGS/registry.json" >"$RUN_DIR/reordered.json"
watch_begin moon
check "a reordered registry is accepted" node_load moon "$RUN_DIR/reordered.json"
check_equal "reordering changes nothing" "$(watch_end moon)" ""
scenario_end
