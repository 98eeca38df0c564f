#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# moon and earth, of two organizations with a shared grant, both announce 192.168.200.0/24 and answer
# at 192.168.200.1. Others reach one of the two, the other one when that is gone; each of the two keeps
# to itself, and passes on what the other one sends.
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin anycast

SERVICE=192.168.200.1
jq '(.[].nodes[] | select(.common_name == "moon" or .common_name == "earth")) |=
	(.remarks.prefixs += ["192.168.200.0/24"] | .anycast = ["192.168.200.0/24"])' \
	"$CONFIGS/registry.json" >"$RUN_DIR/anycast.json"
underlay_begin
for node in moon sun earth mars; do
	underlay_attach "$node"
	node_prepare "$node"
done
for organization in example example2; do
	check "$organization may share the prefix" \
		registry_member grant "$organization" --grant 192.168.200.0/24 --shared
done
sed -i 's/"192.168.128.0\/24"/&, "192.168.200.0\/24"/; s/"192.168.128.1"/&, "192.168.200.1"/' \
	"$RUN_DIR/moon/config.json"
sed -i 's/"192.168.130.0\/24"/&, "192.168.200.0\/24"/; s/"192.168.130.1"/&, "192.168.200.1"/' \
	"$RUN_DIR/earth/config.json"
for node in moon sun earth mars; do
	node_start "$node"
	check "$node accepts the registry" node_load "$node" "$RUN_DIR/anycast.json"
done
check "everybody reaches everybody" wait_until 60 mesh_reaches moon sun earth mars
check "sun reaches the service" wait_until 30 reaches sun "$SERVICE"
check "mars reaches the service" wait_until 30 reaches mars "$SERVICE"

check_equal "moon has no way out to its own prefix" \
	"$(ip -n "$RUN-moon" -j route show 192.168.200.0/24 dev aronet | jq length)" 0
check_equal "the second load plans nothing" "$(plan_length moon "$RUN_DIR/anycast.json")" 0

# From the service of earth to sun by way of moon: a source that is moon's own, too, is not forged.
underlay_cut earth sun
around() { sends_directly earth moon && fails sends_directly earth sun; }
check "earth's way to sun leads through moon" wait_until 60 around
check "earth reaches sun through moon" wait_until 30 reaches earth "$(address4 sun)"
packets_watch sun host "ip saddr $SERVICE ip daddr $(address4 sun)"
host earth ping -n -q -c 5 -i 0.05 -W 1 -I "$SERVICE" "$(address4 sun)" >/dev/null 2>&1 || true
check_equal "sun sees what earth's service sent" "$(packets_seen sun host)" 5
underlay_restore

# Both stand in for each other.
for gone in moon earth; do
	check "$gone leaves the overlay" aronet "$gone" down
	wait "${NODE_PID[$gone]}" || true
	unset "NODE_PID[$gone]"
	check "sun reaches the service without $gone" wait_until 60 reaches sun "$SERVICE"
	check "mars reaches the service without $gone" wait_until 60 reaches mars "$SERVICE"
	node_start "$gone"
	check "$gone is back" node_load "$gone" "$RUN_DIR/anycast.json"
	check "mars reaches $gone again" wait_until 60 reaches mars "$(address4 "$gone")"
done
scenario_end
