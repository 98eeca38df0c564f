#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A BIRD that shows its tables in a form that is not known: status and the answer to a load say so.
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin garbled-bird
scenario_need python3
mkdir "$RUN_DIR/bin"
ln -s "$SUPPORT/garbled_bird.py" "$RUN_DIR/bin/bird"
PATH=$RUN_DIR/bin:$PATH
# shellcheck disable=SC2034 # of node.sh
VARIANT="netns bird"

underlay_begin
underlay_attach moon
node_prepare moon
node_start moon
node_load moon >"$RUN_DIR/moon/load.log" 2>&1 || true

words='bird shows its tables in a way that is not understood: "two neighbours"'
told() { status moon '.problems[] | select(.object == "speaker babel").text' | grep -qF "$words"; }
check "status says what is not understood" wait_until 20 told
check_equal "and that not all is well" "$(status moon .state)" degraded
code=0
node_load moon >"$RUN_DIR/moon/load.log" 2>&1 || code=$?
check "the answer to a load says the same" grep -F "speaker babel: $words" "$RUN_DIR/moon/load.log"
check_equal "with the status of problems that are left" "$code" 9
scenario_end
