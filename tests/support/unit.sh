# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034 # ARONET and LOST are for those who source this
#
# The guest itself as the node moon, which the Debian package's unit runs under systemd. To be sourced
# after scenario.sh.
#
# UNIT     the unit: aronet.service, or in VRF mode aronet-vrf.service
# PACKAGE  the package's file
# LOST     what "during" has counted

# unit_begin NAME Instead of scenario_begin.
unit_begin() {
	# systemd's services have to see the namespaces, and nobody else is here.
	export RUN_IS_ISOLATED=1
	mkdir -p /run/netns
	scenario_begin "$1"
	PACKAGE=$(find /build/package -name 'aronet_*.deb')
	UNIT=aronet.service
	! node_is moon vrf || UNIT=aronet-vrf.service
	# The guest's own namespace, under the name of a node.
	MOON=/run/netns/$RUN-moon
	touch "$MOON"
	mount --bind /proc/1/ns/net "$MOON"
	trap unit_end EXIT
}

unit_end() {
	local status=$?
	mkdir -p "$RUN_DIR/moon"
	journal >"$RUN_DIR/moon/journal.log" 2>/dev/null || true
	cp /run/charon.aronet.log "$RUN_DIR/moon/charon.log" 2>/dev/null || true
	dpkg --purge aronet >/dev/null 2>&1 || true # of a run that has ended early
	rm -rf "/run/systemd/system/$UNIT.d"
	# Not for run_end: it ends what runs in a namespace of the run, and this is everybody's.
	umount "$MOON" "$MOON-overlay" 2>/dev/null || true
	rm -f "$MOON" "$MOON-overlay" /etc/aronet/config.json
	run_end "$status"
}

unit() { systemctl show -P "$1" "$UNIT"; }
unit_is() { equal "$(unit ActiveState)" "$1"; }
journal() { journalctl -u "$UNIT" -o cat --no-pager; }

# unit_install
unit_install() {
	note "$(dpkg-deb -W "$PACKAGE" | tr '\t' ' ')"
	check "the package is installed" dpkg -i "$PACKAGE"
	ARONET=/usr/sbin/aronet
}

# unit_prepare Instead of node_prepare.
unit_prepare() {
	node_prepare moon
	sed -i 's|"runtime_dir": .*|"runtime_dir": "/run/aronet",|; s|"state_dir": .*|"state_dir": "/var/lib/aronet",|' \
		"$RUN_DIR/moon/config.json"
	unit_configure
	! node_is moon vrf || chown aronet: "$RUN_DIR"/moon/*.key
}

# unit_configure The configuration in the run's directory is the unit's.
unit_configure() {
	install -D -m 0644 "$RUN_DIR/moon/config.json" /etc/aronet/config.json
}

# unit_option OPTION... Starts it anew with options of the operator's own; without: none any more.
unit_option() {
	local file=/run/systemd/system/$UNIT.d/test.conf
	mkdir -p "$(dirname "$file")"
	rm -f "$file"
	[ $# -eq 0 ] || printf '%s\n' '[Service]' "$@" >"$file"
	systemctl daemon-reload
	systemctl reset-failed "$UNIT"
	systemctl restart "$UNIT"
}

# during COMMAND... How many of a thousand packets to earth are lost while the command runs?
during() {
	LOST=all
	ping_begin moon "$(address4 earth)" 1000 0.005
	sleep 1
	"$@" >"$RUN_DIR/during.log" 2>&1 || return
	LOST=$(ping_end moon "$(address4 earth)")
}
