#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Whatever somebody takes away or changes is back within two seconds, and counted as a repair.
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin heals
mesh_up moon sun earth mars

# heals TEXT DAMAGE INTACT The commands are names of functions.
heals() {
	local text=$1 damage=$2 intact=$3 repairs start
	check "intact at first: $text" "$intact"
	repairs=$(status moon .stats.repairs)
	"$damage"
	start=$(now_ms)
	check "back within 2 s: $text" wait_until 2 "$intact"
	note "$text: $(($(now_ms) - start)) ms"
	check "counted as a repair: $text" wait_until 2 repaired_since "$repairs"
}
repaired_since() { [ "$(status moon .stats.repairs)" -gt "$1" ]; }
in_overlay() { ip -n "$RUN-moon-overlay" "$@"; }
on_host() { ip -n "$RUN-moon" "$@"; }
shows() { grep -q . < <("$@"); }

tunnel=$(node_interfaces moon | head -n 1)
tunnel_intact() { shows in_overlay -6 addr show dev "$tunnel" up scope link; }
tunnel_delete() { in_overlay link delete "$tunnel"; }
tunnel_down() { in_overlay link set "$tunnel" down; }
tunnel_flush() { in_overlay -6 addr flush dev "$tunnel"; }
heals "a deleted tunnel" tunnel_delete tunnel_intact
heals "a tunnel set down" tunnel_down tunnel_intact
heals "a tunnel's address" tunnel_flush tunnel_intact

route_intact() { shows on_host -6 route show fd68::/64; }
route_delete() { on_host -6 route delete fd68::/64; }
heals "a route of the host" route_delete route_intact

address_intact() { shows on_host addr show dev aronet to 192.168.128.1; }
address_delete() { on_host addr delete 192.168.128.1/32 dev aronet; }
heals "an address of the host" address_delete address_intact

sid_intact() { shows in_overlay -6 route show "$(sid_decap4 moon)" table "$(node_table moon)"; }
sid_delete() { in_overlay -6 route delete "$(sid_decap4 moon)" table "$(node_table moon)"; }
heals "a segment identifier" sid_delete sid_intact

table_intact() { overlay moon nft list table inet aronet; }
table_delete() { overlay moon nft delete table inet aronet; }
heals "the overlay's nft table" table_delete table_intact
underlay_table_intact() { host moon nft list table inet aronet; }
ruleset_flush() { host moon nft flush ruleset; }
heals "the host's whole ruleset" ruleset_flush underlay_table_intact

forwarding_intact() { [ "$(overlay moon sysctl -n net.ipv6.conf.all.forwarding)" = 1 ]; }
forwarding_reset() { overlay moon sysctl -qw net.ipv6.conf.all.forwarding=0; }
heals "a sysctl" forwarding_reset forwarding_intact

speaker=$(node_babel moon)
speaker_pid() {
	ip netns pids "$RUN-moon-overlay" | xargs -r ps -o pid=,comm= -p |
		awk -v name="$speaker" '$2 == name { print $1 }'
}
before=$(speaker_pid)
speaker_intact() { process_lives "$(speaker_pid)"; }
speaker_kill() { kill -KILL "$before"; }
heals "a killed $speaker" speaker_kill speaker_intact
check "it is another process" test "$(speaker_pid)" != "$before"

check "everybody reaches everybody again" wait_until 40 mesh_reaches moon sun earth mars
check_equal "nothing is left to do" "$(plan_length moon "$CONFIGS/registry.json")" 0
scenario_end
