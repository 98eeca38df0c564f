#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# An endpoint of IPsec that is a name: left alone while a tunnel lives at its address, even if another to it
# is dead, and looked up again when the peer has moved.
# Not with sanitizers: it waits for minutes until a tunnel is dead.
export VARIANT=${VARIANT:-both-userspace}
source "$(dirname "$0")/../support/scenario.sh"
# shellcheck source=../support/ipsec.sh
source "$SUPPORT/ipsec.sh"
# shellcheck source=../support/names.sh
source "$SUPPORT/names.sh"
scenario_begin ipsec-names
scenario_need charon-systemd swanctl
names_begin
echo "198.51.100.6 hub.example" >>"$RUN_DIR/hosts"

# To the name of venus sun has a tunnel of IPsec only; moon also one of WireGuard, which is always dead.
[[ $VARIANT == both* ]] || scenario_skip "the variant has one transport only"
node_variant() {
	local transport=both
	[ "$1" != sun ] || transport=ipsec
	echo netns "$transport" userspace
}
ipsec_prepare
host inet nft add rule inet underlay cut udp dport 20001-20008 drop
jq '(.[].nodes[] | select(.common_name == "venus")).endpoints[0].address = "hub.example"' \
	"$RUN_DIR/three.json" >"$RUN_DIR/names.json"
for node in "${IPSEC_NODES[@]}"; do
	node_start "$node" -r "$(registry_file "$RUN_DIR/names.json")"
done

tunnel() { status "$1" ".tunnels[] | select(.transport == \"ipsec\" and (.peer | endswith(\"/venus\"))) | $2"; }
is_up() { [ "$(tunnel "$1" .state)" = up ]; }
leads_to() { [ "$(tunnel "$1" .configured)" = "$2" ]; }
for node in moon sun; do
	check "$node finds venus by its name" wait_until 60 is_up "$node"
	check "where it is" leads_to "$node" 198.51.100.6:12025
done

# Longer than it takes until a name may be looked up again, and until the next look at dead tunnels.
rename 198.51.100.6 203.0.113.6
sleep 50
for node in moon sun; do
	check "$node leaves a live tunnel where it is" leads_to "$node" 198.51.100.6:12025
done

underlay_move venus 203.0.113.6 203.0.113.5
begin=$(now_ms)
is_found() { leads_to "$1" 203.0.113.6:12025 && is_up "$1" && sas_are "$1" venus 1; }
for node in sun moon; do
	check "$node finds venus where it has moved" wait_until 240 is_found "$node"
	note "after $((($(now_ms) - begin) / 1000)) s"
done
check "sun talks with venus directly" wait_until 30 sends_directly sun venus
scenario_end
