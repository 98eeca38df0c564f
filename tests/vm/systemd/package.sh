#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The Debian package under systemd: installed, started, loaded, restarted, killed, stopped and purged.
# moon is the guest itself; earth is a network namespace with a daemon of its own. package@vrf does the
# same with the unit for VRF mode, whose daemon is not root.
source "$(dirname "$0")/../../support/scenario.sh"
# shellcheck source=../../support/unit.sh
source "$SUPPORT/unit.sh"
unit_begin systemd

gone() { [ ! -e "$1" ]; }

unit_install
check_equal "its unit waits for a configuration" "$(systemctl is-enabled "$UNIT" || true)" disabled
check "systemd finds nothing wrong with the unit" systemd-analyze verify --man=no "$UNIT"
check "a start without a configuration fails" fails systemctl start "$UNIT"
check "and the log says why" grep -q "/etc/aronet/config.json" <(journal)
check "systemd does not try again" unit_is failed
systemctl reset-failed "$UNIT"

underlay_begin
underlay_attach earth
underlay_connect moon eth0
node_prepare earth
unit_prepare
node_start earth
node_load earth >"$RUN_DIR/earth/load.log" 2>&1

check "systemctl start comes back when the node is made" systemctl start "$UNIT"
check "the unit is active" unit_is active
check "a registry is loaded" node_load moon
check "moon and earth reach each other" wait_until 90 mesh_reaches moon earth

# What udev does for each new link, where a distribution filters by default.
filter_by_default() {
	local link
	echo "net.ipv4.conf.*.rp_filter = 2" >/etc/sysctl.d/50-default.conf
	for link in lo $(node_interfaces moon); do
		/usr/lib/systemd/systemd-sysctl --prefix="/net/ipv4/conf/$link" || return
	done
}
filters() { (cd /proc/sys/net/ipv4/conf && cat "$@") | sort -u; }
if node_is moon vrf; then
	check "a distribution's reverse path filter is set" filter_by_default
	check_equal "on other links" "$(filters lo/rp_filter)" 2
	# shellcheck disable=SC2046 # one link a word
	check_equal "but not on tunnels" "$(filters $(node_interfaces moon | sed 's|$|/rp_filter|'))" 0
fi

warnings() { status moon '.warnings[] | "\(.code) \(.message)"'; }
warned() { warnings | grep -q -F -- "$1"; }
check_equal "status warns of nothing" "$(warnings)" ""

check "a unit that denies packet sockets starts" unit_option RestrictAddressFamilies= \
	"RestrictAddressFamilies=AF_UNIX AF_NETLINK AF_INET AF_INET6"
check "status warns that it does not hear who announces what it may not" wait_until 30 warned \
	"W09 cannot listen to what neighbours announce: Address family not supported by protocol"
check "so does the log" grep -q "code=W09" <(journal)
check "one that does not is started" unit_option
check_equal "and warns of nothing" "$(warnings)" ""

# The control socket for a group.
groupadd --system aronet-test
sed -i 's/"daemon": {/& "control_group": "aronet-test",/' /etc/aronet/config.json
check "a group that the unit does not have is refused" fails systemctl restart "$UNIT"
check_equal "with the exit code of permissions" "$(unit ExecMainStatus)" 7
check "after which systemd does not try again" unit_is failed
check "with the group" unit_option SupplementaryGroups=aronet-test
check_equal "the control socket is its" "$(stat -c %G /run/aronet/control)" aronet-test
sed -i 's/"aronet-test"/"aronet-nobody"/' /etc/aronet/config.json
check "a group that does not exist is refused" fails systemctl restart "$UNIT"
check_equal "with the exit code of configurations" "$(unit ExecMainStatus)" 3
unit_configure
check "without one the unit starts" unit_option
groupdel aronet-test
check "moon and earth reach each other" wait_until 90 mesh_reaches moon earth

pid=$(unit MainPID)
check "systemctl restart" during systemctl restart "$UNIT"
check_equal "loses nothing" "$LOST" 0
check "it is another process" fails equal "$(unit MainPID)" "$pid"
check "systemctl reload" systemctl reload "$UNIT"
check "kill -9" during systemctl kill -s KILL --kill-whom=main "$UNIT"
check_equal "loses nothing" "$LOST" 0
check "systemd has started it again" wait_until 30 equal "$(unit NRestarts)" 1
check "and it works" wait_until 30 unit_is active
check "systemctl stop" during systemctl stop "$UNIT"
check_equal "loses nothing: traffic does not depend on the daemon" "$LOST" 0
check "and again systemctl start" systemctl start "$UNIT"

exposure=$(systemd-analyze security "$UNIT" --no-pager | tail -n 1)
note "$exposure"
if node_is moon vrf; then
	check "it is not root" equal "$(ps -o user= -p "$(unit MainPID)")" aronet
	check "its exposure is at most 2.0" \
		awk -v text="$exposure" 'BEGIN { sub(/.*: /, "", text); exit !(text + 0 > 0 && text + 0 <= 2.0) }'
fi

systemctl enable "$UNIT" >"$RUN_DIR/enable.log" 2>&1
check "the package is removed" dpkg --remove aronet
node_is moon vrf || check "with all of the overlay" gone "/run/netns/$RUN-moon-overlay"
check_equal "no link of it is left" "$(ip -j link show | jq -r '.[].ifname' | grep -c '^ar' || true)" 0
check_equal "no rule of it is left" "$(nft list tables | grep -c aronet || true)" 0
check "no helper of it is left" fails pgrep -f /run/aronet/
check "what it trusts is kept" test -e /var/lib/aronet/trust.json
check "the package is purged" dpkg --purge aronet
check "that is gone, too" gone /var/lib/aronet
check "the operator's configuration stays" test -e /etc/aronet/config.json
scenario_end
