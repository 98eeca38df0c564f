#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# IPsec: nodes that are restarted, that hang, and that dial at the same moment.
export VARIANT=${VARIANT:-ipsec}
source "$(dirname "$0")/../support/scenario.sh"
# shellcheck source=../support/ipsec.sh
source "$SUPPORT/ipsec.sh"
scenario_begin ipsec-restart

ipsec_up

restart_both() {
	local node
	kill_charon moon venus
	node_signal moon KILL || true
	node_signal venus KILL || true
	node_start moon
	node_start venus
}
comes_back "both nodes restarted at once" 90 restart_both

hang() { kill -STOP "$(charon_pid venus)"; }
hung=$(charon_pid venus)
is_replaced() { [ "$(charon_pid venus)" != "$hung" ] && [ "$(charon_pid venus)" != 0 ]; }
hang
check "a charon that hangs is replaced" wait_until 120 is_replaced
check "every tunnel is up" wait_until 90 all_up
check "with one SA" wait_until 60 one_each

# Both ends dial at the same moment.
dial_at_once() {
	local moon venus
	moon=$(name moon venus)
	venus=$(name venus moon)
	swan moon --terminate --ike "$moon" >/dev/null || true
	swan moon --initiate --child default --ike "$moon" >/dev/null 2>&1 &
	swan venus --initiate --child default --ike "$venus" >/dev/null 2>&1 || true
	wait $! || true
}
comes_back "both ends dial at once" 60 dial_at_once
# charon is killed, and never comes back: there is none any more.
charon=$(command -v charon-systemd)
mount --bind /dev/null "$charon"
kill_charon moon
check "SAs of the killed one are in the kernel" test "$(states moon)" -gt 0
check "moon is taken down without charon" aronet moon down
check_equal "no SA is left" "$(states moon || true)" 0
check_equal "nor a policy" "$(host moon ip xfrm policy | grep -c if_id || true)" 0
check_equal "nor a file" "$(find /run -maxdepth 1 -path "$(node_charon moon).*")" ""
umount "$charon"
scenario_end
