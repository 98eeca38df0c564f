#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The data plane outlives the daemon: killed without warning and started again, it finds everything
# in place and has nothing to do.
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin kill-nine
mesh_up moon sun earth mars

handshakes() { node_handshakes moon | awk '$3 > 0' | sort; }
before=$(handshakes)
unchanged() { [ -z "$(comm -23 <(echo "$before") <(handshakes))" ]; }
helpers() { run_processes | xargs -r ps -o pid=,comm= -p | grep -E 'babeld|bird|wireguard|charon' | sort; }
helpers_before=$(helpers)

ping_begin moon "$(address4 earth)" 1000 0.005
ping_begin sun "$(address6 moon)" 1000 0.005
sleep 0.5
node_signal moon KILL || true
sleep 1
watch_begin moon
node_start moon
sleep 1
check_equal "the restarted daemon plans nothing" \
	"$(plan_length moon "$CONFIGS/registry.json")" 0
check_equal "of 1000 packets to earth none is lost" "$(ping_end moon "$(address4 earth)")" 0
check_equal "of 1000 packets from sun none is lost" "$(ping_end sun "$(address6 moon)")" 0
check_equal "the restarted daemon changed nothing" "$(watch_end moon)" ""
check_equal "it carried out no operation by its own count" "$(status moon .stats.operations)" 0
check "no tunnel had a new handshake" unchanged
check_equal "the helpers were adopted" "$(helpers)" "$helpers_before"

# The same for an orderly stop, as for an upgrade.
ping_begin moon "$(address4 earth)" 600 0.005
check "SIGTERM ends the daemon with success" node_signal moon TERM
sleep 0.5
node_start moon
check_equal "nothing is lost over a restart" "$(ping_end moon "$(address4 earth)")" 0
check_equal "the helpers were adopted again" "$(helpers)" "$helpers_before"
scenario_end
