#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Kernel arguments: module_blacklist=vrf
#
# A kernel without VRFs, whose module cannot be taken out once it is in. A node whose overlay is to be one
# says so before it touches anything; the other mode does without.
source "$(dirname "$0")/../../support/scenario.sh"
source "$(dirname "$0")/../refusal.sh"
scenario_begin no-vrf

check "ip agrees that there are no VRFs" fails ip link add vrf-probe type vrf table 77
namespace_add moon
VARIANT=vrf node_prepare moon
changes_nothing "a node in VRF mode refuses" "/daemon/mode: this kernel has no VRF devices (CONFIG_NET_VRF); \
set it to \"netns\" to keep the overlay in a network namespace, or use a kernel that has them"
umount "/run/netns/$RUN-moon-overlay"
rm "/run/netns/$RUN-moon-overlay"
ip netns delete "$RUN-moon"
mesh_up moon earth
check "nodes in netns mode reach each other" mesh_reaches moon earth
scenario_end
