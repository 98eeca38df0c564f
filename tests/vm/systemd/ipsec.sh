#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# IPsec from the Debian package, in the sandbox of its unit, with Debian's AppArmor profile of charon-systemd
# enforced. moon is the guest itself; earth is a network namespace with a daemon of its own. Then with a
# profile that denies charon what it needs.
export VARIANT=ipsec
source "$(dirname "$0")/../../support/scenario.sh"
# shellcheck source=../../support/unit.sh
source "$SUPPORT/unit.sh"
# shellcheck source=../../support/ike_trouble.sh
source "$SUPPORT/ike_trouble.sh"
PROFILE=/usr/sbin/charon-systemd
PROFILE_FILE=/etc/apparmor.d/usr.sbin.charon-systemd
LOCAL_FILE=/etc/apparmor.d/local/usr.sbin.charon-systemd
unit_begin ipsec-unit
scenario_need apparmor_parser aa-exec

# What the kernel has logged of it. Rules that say "deny" are not logged.
denials() { dmesg | grep "apparmor=\"DENIED\".*profile=\"$PROFILE\"" || true; }
label() { cat "/proc/$(charon_pid "$1")/attr/current"; }
# Security associations of this namespace, ours of both directions.
spis() { ip xfrm state | sed -n 's/.*spi \(0x[0-9a-f]*\).*/\1/p' | sort; }
charon_and_sas() { echo "$(charon_pid moon)" "$(spis)"; }
packets() { overlay moon ip -s -j link show type xfrm | jq '[.[].stats64 | .rx.packets, .tx.packets] | min'; }
transports() { status "$1" '[.tunnels[] | "\(.transport) \(.state)"] | sort | join(", ")'; }
transports_are() { [ "$(transports "$1")" = "$2" ]; }

check "the kernel has AppArmor" grep -q Y /sys/module/apparmor/parameters/enabled
# Debian ships it in complain mode, in which what is not allowed is only logged.
sed -i 's/flags=(complain,/flags=(/' "$PROFILE_FILE"
check "the profile is loaded" apparmor_parser -r "$PROFILE_FILE"
check "what it does not allow is denied" fails aa-exec -p "$PROFILE" -- cat /etc/hostname
check "and the kernel logs that" test -n "$(denials)"
DENIED_BEFORE=$(denials)

unit_install
jq '.[].nodes |= map(select(.common_name | IN("moon", "earth"))) | .[].nodes[].endpoints |=
	map(select(.address_family == "ip4") | .transports = ["wireguard", "ipsec"])' \
	"$CONFIGS/registry.json" >"$RUN_DIR/two.json"
underlay_begin
underlay_attach earth
underlay_connect moon eth0
node_prepare earth
unit_prepare
check "systemctl start comes back when the node is made" systemctl start "$UNIT"
check "a registry is loaded" node_load moon "$RUN_DIR/two.json"
node_start earth -r "$(registry_file "$RUN_DIR/two.json")"
check "moon and earth reach each other" wait_until 120 mesh_reaches moon earth
# The route to a neighbour itself is there before Babel's hellos are.
check "by IPsec alone" wait_until 30 transports_are moon "ipsec up"
check_equal "the daemon hears who announces what it may not" "$(status moon .audit.listening)" true
check_equal "charon of the unit is confined" "$(label moon)" "$PROFILE (enforce)"
check_equal "so is that of the other daemon" "$(label earth)" "$PROFILE (enforce)"

before=$(charon_and_sas)
check "systemctl restart" during systemctl restart "$UNIT"
check_equal "loses nothing" "$LOST" 0
check_equal "charon and its SAs are the same" "$(charon_and_sas)" "$before"
check "packets cross by the kernel's xfrm interface" test "$(packets)" -ge 1000
check "strongSwan's own service is started" during systemctl start strongswan
check_equal "and is in nobody's way" "$LOST" 0
check "and stopped" during systemctl stop strongswan
check_equal "and takes nothing along" "$LOST" 0
check "systemctl stop" during systemctl stop "$UNIT"
check_equal "loses nothing" "$LOST" 0
check "charon is still there" process_lives "${before%% *}"
check_equal "with its SAs" "$(spis)" "${before#* }"
check "systemctl start finds it" systemctl start "$UNIT"
check_equal "and leaves it alone" "$(charon_and_sas)" "$before"
check "moon and earth reach each other" wait_until 60 mesh_reaches moon earth

nothing_is_left() {
	check "charon has ended" fails process_lives "${before%% *}"
	check_equal "no SA is left" "$(spis)" ""
	check_equal "nor a policy" "$(ip xfrm policy | grep -c if_id || true)" 0
	check_equal "nor a file of charon" "$(find /run -maxdepth 1 -name 'charon.aronet.*')" ""
	check "nor the overlay" fails test -e "/run/netns/$RUN-moon-overlay"
}
check "systemctl stop" systemctl stop "$UNIT"
check "aronet down" aronet moon down
nothing_is_left
check_equal "AppArmor has denied charon nothing" "$(denials)" "$DENIED_BEFORE"
check "charon has told systemd nothing in our name" fails grep -q "notification message" <(journal)

# WireGuard beside it.
sed -i 's/"transports": \["ipsec"\]/"transports": ["wireguard", "ipsec"]/' "$RUN_DIR"/{moon,earth}/config.json
unit_configure
kill -HUP "${NODE_PID[earth]}"
# By hand first: root has more capabilities than the unit, which has to find the helpers all the same.
helpers() { pgrep -x 'babeld|charon-systemd'; }
check "a daemon is started by hand, with both transports" node_start moon
check "both are up" wait_until 120 transports_are moon "ipsec up, wireguard up"
before=$(helpers)
check "SIGTERM ends it" node_signal moon TERM
check "systemctl start takes over" systemctl start "$UNIT"
check_equal "from its helpers" "$(helpers)" "$before"
check "both are up" wait_until 120 transports_are moon "ipsec up, wireguard up"

# A mirror that takes connections and says nothing.
python3 -c 'import socket, time
server = socket.create_server(("127.0.0.1", 8443))
time.sleep(600)' &
mirror=$!
cp /etc/aronet/config.json "$RUN_DIR/config.json"
sed -i 's|"mesh": |"source": "https://127.0.0.1:8443/r.json", "interval": "1s", &|' /etc/aronet/config.json
check "a unit that follows a mirror starts" unit_option TimeoutStopSec=6s
check "it fetches" wait_until 30 pgrep -x aronet-fetch
check "it is stopped meanwhile" systemctl stop "$UNIT"
check_equal "and has not to be killed" "$(unit Result)" success
check "nor does the fetcher stay" fails pgrep -x aronet-fetch
kill "$mirror"
cp "$RUN_DIR/config.json" /etc/aronet/config.json
check "without a mirror it starts again" unit_option
check "both are up" wait_until 120 transports_are moon "ipsec up, wireguard up"
check "IKE is well" wait_until 60 is_well

# deny RULE [OPTION...] By a rule of the operator's own, for the next charon of moon.
deny() {
	echo "$1" >"$LOCAL_FILE"
	shift
	apparmor_parser -r "$@" "$PROFILE_FILE"
	end_charon
}
allow() {
	: >"$LOCAL_FILE"
	apparmor_parser -r "$PROFILE_FILE"
}
deny_config() { deny "deny /run/charon.aronet.conf r,"; }
trouble "a profile that denies the configuration" deny_config allow \
	"cannot read its configuration; AppArmor denies it that by the profile $PROFILE (enforce)" \
	"correct $LOCAL_FILE and run apparmor_parser -r $PROFILE_FILE"
# "deny" counts in complain mode, too.
deny_socket() { deny "deny /run/charon.aronet.vici w," --Complain; }
trouble "a profile that denies the socket" deny_socket allow \
	"may not open its control socket" "AppArmor denies it that by the profile $PROFILE (complain)"
check_equal "charon is confined again" "$(label moon)" "$PROFILE (enforce)"
check_equal "AppArmor has denied it nothing else" "$(denials)" "$DENIED_BEFORE"

before=$(charon_and_sas)
check "the package is removed" dpkg --purge aronet
nothing_is_left
scenario_end
