#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# An endpoint that is a name: told while it does not resolve, used as soon as it does, and left alone
# while its tunnel lives.
source "$(dirname "$0")/../support/scenario.sh"
# shellcheck source=../support/names.sh
source "$SUPPORT/names.sh"
scenario_begin names

names_begin

# Only moon dials, and only by IPv4 and the name of earth.
jq '.[0].nodes |= map(select(.common_name == "moon"))
	| .[1].nodes |= map(select(.common_name == "earth"))
	| .[].nodes[].endpoints |= map(select(.address_family == "ip4"))
	| .[0].nodes[0].endpoints[0].address = null
	| .[1].nodes[0].endpoints[0].address = "earth.example"' "$CONFIGS/registry.json" \
	>"$RUN_DIR/names.json"
underlay_begin
for node in moon earth; do
	underlay_attach "$node"
	node_prepare "$node"
	node_start "$node"
	check "$node accepts a name that does not resolve" node_load "$node" "$RUN_DIR/names.json"
done

unresolved() { status moon '.unreachable[].node' | grep -qx earth.example; }
endpoint() { status moon '.tunnels[] | select(.peer == "example2/earth") | .configured'; }
check "moon tells that the name does not resolve" wait_until 10 unresolved
check_equal "its tunnel has no endpoint" "$(endpoint)" null
check "earth is out of reach" fails reaches moon "$(address4 earth)"

# An address of the overlay itself would make a tunnel inside a tunnel.
inside() { status moon '.unreachable[].reason' | grep -q "leads into the overlay"; }
echo "192.168.130.9 earth.example" >>"$RUN_DIR/hosts"
check "moon tells that the name leads into the overlay" wait_until 30 inside
check_equal "the tunnel has no endpoint then" "$(endpoint)" null
check "a load is not refused for it" node_load moon "$RUN_DIR/names.json"

rename 192.168.130.9 192.0.2.2
check "moon finds the address by itself" wait_until 90 reaches moon "$(address4 earth)"
check_equal "the tunnel has the endpoint" "$(endpoint)" 192.0.2.2:20001
check "nothing is told any more" fails unresolved

# A live tunnel is never moved by a name.
writes=$(status moon .stats.kernel_writes)
rename 192.0.2.2 192.0.2.99
sleep 16
check "a live tunnel stays where it is" reaches moon "$(address4 earth)"
check_equal "nothing was written" "$(status moon .stats.kernel_writes)" "$writes"
scenario_end
