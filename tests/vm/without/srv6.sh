#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Kernel arguments: ipv6.disable=1
#
# A kernel without SRv6, which cannot be taken out otherwise. The daemon says so before it touches
# anything, in both modes.
source "$(dirname "$0")/../../support/scenario.sh"
source "$(dirname "$0")/../refusal.sh"
# Nothing is there that scenarios need.
scenario_need() { :; }
scenario_begin no-srv6

check "the kernel has no IPv6" fails test -e /proc/sys/net/ipv6
namespace_add moon
for VARIANT in netns vrf; do
	node_prepare moon
	changes_nothing "in $VARIANT mode the daemon refuses" "this kernel has no SRv6 (CONFIG_IPV6_SEG6_LWTUNNEL), \
or no IPv6 at all (ipv6.disable=1); use one that has both"
done
scenario_end
