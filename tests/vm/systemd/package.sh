#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The Debian package under systemd: installed, started, loaded, restarted, killed, stopped and purged.
# moon is the guest itself; earth is a network namespace with a daemon of its own. package@vrf does the
# same with the unit for VRF mode, whose daemon is not root.
source "$(dirname "$0")/../../support/scenario.sh"
# systemd's services have to see the namespaces, and nobody else is here.
export RUN_IS_ISOLATED=1
mkdir -p /run/netns
scenario_begin systemd
PACKAGE=$(find /build/package -name 'aronet_*.deb')
UNIT=aronet.service
! node_is moon vrf || UNIT=aronet-vrf.service

# The guest's own namespace, under the name of a node.
MOON=/run/netns/$RUN-moon
touch "$MOON"
mount --bind /proc/1/ns/net "$MOON"
let_go() {
	local status=$?
	systemctl stop "$UNIT" 2>/dev/null || true # it may be purged
	# Not for run_end: it ends what runs in a namespace of the run, and this is everybody's.
	umount "$MOON" "$MOON-overlay" 2>/dev/null || true
	rm -f "$MOON" "$MOON-overlay"
	run_end "$status"
}
trap let_go EXIT

unit() { systemctl show -P "$1" "$UNIT"; }
unit_is() { equal "$(unit ActiveState)" "$1"; }
journal() { journalctl -u "$UNIT" -o cat --no-pager; }
gone() { [ ! -e "$1" ]; }

note "$(dpkg-deb -W "$PACKAGE" | tr '\t' ' ')"
check "the package is installed" dpkg -i "$PACKAGE"
ARONET=/usr/sbin/aronet
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
node_prepare moon
mkdir -p /etc/aronet
sed -i 's|"runtime_dir": .*|"runtime_dir": "/run/aronet",|; s|"state_dir": .*|"state_dir": "/var/lib/aronet",|' \
	"$RUN_DIR/moon/config.json"
install -m 0644 "$RUN_DIR/moon/config.json" /etc/aronet/config.json
! node_is moon vrf || chown aronet: "$RUN_DIR"/moon/*.key
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

# during COMMAND... How many of a thousand packets are lost while the command runs?
during() {
	ping_begin moon "$(address4 earth)" 1000 0.005
	sleep 1
	"$@" >"$RUN_DIR/during.log" 2>&1 || return
	lost=$(ping_end moon "$(address4 earth)")
}
pid=$(unit MainPID)
lost=all
check "systemctl restart" during systemctl restart "$UNIT"
check_equal "loses nothing" "$lost" 0
check "it is another process" fails equal "$(unit MainPID)" "$pid"
check "systemctl reload" systemctl reload "$UNIT"
lost=all
check "kill -9" during systemctl kill -s KILL --kill-whom=main "$UNIT"
check_equal "loses nothing" "$lost" 0
check "systemd has started it again" wait_until 30 equal "$(unit NRestarts)" 1
check "and it works" wait_until 30 unit_is active
lost=all
check "systemctl stop" during systemctl stop "$UNIT"
check_equal "loses nothing: traffic does not depend on the daemon" "$lost" 0
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
