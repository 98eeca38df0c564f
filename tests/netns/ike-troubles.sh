#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What IKE needs is missing on moon, one thing after the other: status names it and says what to do, the
# tunnels of WireGuard lose nothing, and IKE comes up by itself when it is there again. Also where the
# kernel has no ESP, since it is IKE that matters here.
export VARIANT=both
PLUGINS=/usr/lib/ipsec/plugins
source "$(dirname "$0")/../support/scenario.sh"
# shellcheck source=../support/ike_trouble.sh
source "$SUPPORT/ike_trouble.sh"
scenario_begin ike-troubles
scenario_need python3
charon=$(command -v charon-systemd) || scenario_skip "charon-systemd is not installed"
[ -e "$PLUGINS/libstrongswan-vici.so" ] || scenario_skip "$PLUGINS has no plugins"

# One tunnel of each transport.
jq '.[].nodes |= map(select(.common_name | IN("moon", "venus"))) | .[].nodes[].endpoints |=
	map(select(.address_family == "ip4") | .transports = ["wireguard", "ipsec"])' \
	"$CONFIGS/registry-five.json" >"$RUN_DIR/two.json"
underlay_begin
for node in moon venus; do
	underlay_attach "$node"
	node_prepare "$node"
	node_start "$node" -r "$(registry_file "$RUN_DIR/two.json")"
done

check "WireGuard works" wait_until 60 mesh_reaches moon venus
check "IKE is up" wait_until 60 is_well

hide_program() { mount --bind /dev/null "$charon" && end_charon; }
show_program() { umount "$charon"; }
trouble "no charon" hide_program show_program \
	"charon-systemd: is not installed; install the packages charon-systemd, strongswan-swanctl and"

# Plugins of our own, to leave one out or to change it.
replace_plugins() {
	cp -rL "$PLUGINS" "$RUN_DIR/plugins"
	mount -t tmpfs tmpfs "$PLUGINS"
	cp "$RUN_DIR/plugins"/* "$PLUGINS"
}
restore_plugins() {
	umount -l "$PLUGINS"
	rm -r "$RUN_DIR/plugins"
}
hide_plugin() { replace_plugins && rm "$PLUGINS/libstrongswan-openssl.so" && end_charon; }
trouble "no plugin openssl" hide_plugin restore_plugins \
	"its plugin openssl is not installed; install the package libstrongswan-standard-plugins"
break_plugin() { replace_plugins && : >"$PLUGINS/libstrongswan-openssl.so" && end_charon; }
trouble "plugin that cannot be loaded" break_plugin restore_plugins \
	"cannot load its plugin openssl (package libstrongswan-standard-plugins)"
# What charon tells of itself is in that one.
version=$(status moon .ike.version)
age_plugin() { replace_plugins && sed -i "s/\b$version\b/5.8.${version##*.}/" "$PLUGINS/libstrongswan-vici.so" && end_charon; }
trouble "an old charon" age_plugin restore_plugins "strongSwan 5.8.${version##*.} is too old; install" \
	"of 5.9 or later"
forget_event() { replace_plugins && sed -i 's/child-rekey/child-rekex/' "$PLUGINS/libstrongswan-vici.so" && end_charon; }
trouble "a charon without an event" forget_event restore_plugins \
	'does not know the event "child-rekey"; strongSwan 5.9 or later is needed'

# Without the daemon, which holds the port when charon ends.
take_port() {
	local before
	before=$(charon_pid moon)
	node_signal moon KILL || true
	kill -KILL "$before"
	wait_until 10 fails process_lives "$before"
	host_exec moon python3 -c 'import socket, time
taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
taken.bind(("", 12025))
time.sleep(3600)' &
	holder=$!
	is_taken() { host moon ss -Hlun "sport = :12025" | grep -q .; }
	wait_until 10 is_taken
	node_start moon
}
free_port() { process_end "$holder"; }
trouble "the port taken" take_port free_port "UDP port 12025 is taken by python3"

scenario_end
