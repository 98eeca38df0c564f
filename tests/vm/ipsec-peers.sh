#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A peer that is no aronet of ours: a charon that was configured by hand as original aronet and as ranet do
# it. Registry and key are of their kind: one key for the organization, and nothing of WireGuard.
export UNSIGNED=1
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin ipsec-peers
scenario_need charon-systemd swanctl openssl
IF_ID=66

jq 'map(.public_key = (.nodes[0].public_key // .public_key)) | .[].nodes |= (map(select(.common_name
	| IN("moon", "earth"))) | map(del(.wireguard, .public_key)
	| .endpoints |= map(select(.address_family == "ip4") | del(.send_port, .transports))))' \
	"$CONFIGS/registry-five.json" >"$RUN_DIR/registry.json"
underlay_begin
underlay_attach moon
underlay_attach earth
node_prepare moon
sed -i '/"wireguard": {/,/^ *},/d' "$RUN_DIR/moon/config.json"

# The peer proposes what its strongSwan thinks best, and as the responder goes by that.
# hand STYLE The files of earth's charon, with what the two programs give it.
hand() {
	local dir=$RUN_DIR/earth own="O=example2,CN=earth,serialNumber=0" peer="O=example,CN=moon,serialNumber=0"
	local delay=5 action=none key=own.pem
	mkdir -p "$dir/private" "$dir/pubkey"
	if [ "$1" = ranet ]; then
		own="asn1dn:#$(identity example2 earth)" peer="asn1dn:#$(identity example moon)"
		delay=10 action=restart
	fi
	[ -e "$dir/private/$key" ] || openssl genpkey -algorithm ed25519 -out "$dir/private/$key" 2>/dev/null
	openssl pkey -in "$dir/private/$key" -pubout -out "$dir/pubkey/own.pem"
	openssl pkey -in "$RUN_DIR/moon/identity.key" -pubout -out "$dir/pubkey/moon.pem"
	cat >"$dir/strongswan.conf" <<-CONF
		charon {
			port = 0
			port_nat_t = 12025
			install_routes = no
			retransmit_timeout = 30
			retransmit_base = 1
			filelog {
				stderr {
					default = 1
				}
			}
			plugins {
				vici {
					socket = unix://$(hand_files).vici
				}
			}
		}
	CONF
	cp "$dir/strongswan.conf" "$(hand_files).conf"
	cat >"$dir/swanctl.conf" <<-CONF
		connections {
			hand {
				version = 2
				local_addrs = ${UNDERLAY4[earth]%/*}
				remote_addrs = 0.0.0.0/0, ${UNDERLAY4[moon]%/*}
				local_port = 12025
				remote_port = 12025
				encap = yes
				mobike = no
				keyingtries = 0
				unique = replace
				dpd_delay = $delay
				if_id_in = $IF_ID
				if_id_out = $IF_ID
				local {
					auth = pubkey
					id = "$own"
					pubkeys = own.pem
				}
				remote {
					auth = pubkey
					id = "$peer"
					pubkeys = moon.pem
				}
				children {
					default {
						mode = tunnel
						local_ts = 0.0.0.0/0, ::/0
						remote_ts = 0.0.0.0/0, ::/0
						start_action = none
						close_action = none
						dpd_action = $action
					}
				}
			}
		}
	CONF
}
# So that AppArmor's profiles let charon read and make them.
hand_files() { charon_files "$RUN_DIR/earth"; }
# identity ORGANIZATION COMMON-NAME In DER, as hexadecimal digits.
identity() {
	local hex
	hex=$(rdn 0a 0c "$1")$(rdn 03 0c "$2")$(rdn 05 13 0)
	printf '30%02x%s' $((${#hex} / 2)) "$hex"
}
# rdn LAST-OF-OID TYPE TEXT
rdn() {
	local length=${#3}
	printf '31%02x30%02x06035504%s%s%02x%s' $((length + 9)) $((length + 7)) "$1" "$2" "$length" \
		"$(printf %s "$3" | od -An -v -tx1 | tr -d ' \n')"
}
hand_swan() { SWANCTL_DIR=$RUN_DIR/earth swan earth "$@"; }
hand_start() {
	STRONGSWAN_CONF=$(hand_files).conf host_exec earth charon-systemd >>"$RUN_DIR/earth/charon.log" 2>&1 &
	HAND=$!
	wait_until 30 hand_swan --stats >/dev/null 2>&1
	hand_swan --load-all >>"$RUN_DIR/earth/load.log" 2>&1
}
hand_end() {
	kill -TERM "$HAND"
	wait "$HAND" || true
}
dial() { hand_swan --initiate --child default --ike hand --timeout 20 >>"$RUN_DIR/earth/dial.log" 2>&1; }

tunnel() { status moon ".tunnels[0].$1"; }
sas() { status moon '.ike.tunnels[0].sas'; }
sas_are() { [ "$(sas)" = "$1" ]; }
link_local() { "$@" | jq -r '[.[].addr_info[]? | select(.scope == "link") | .local] | first'; }
talks() { overlay moon ping -n -q -c 1 -W 1 "fe80::42%$(tunnel interface)" >/dev/null; }
hears() { host earth ping -n -q -c 1 -W 1 "$moon%hand" >/dev/null; }

hand aronet
jq --rawfile key "$RUN_DIR/earth/pubkey/own.pem" --rawfile moon "$RUN_DIR/earth/pubkey/moon.pem" \
	'map(.public_key = if .organization == "example2" then $key else $moon end)' \
	"$RUN_DIR/registry.json" >"$RUN_DIR/legacy.json"
node_start moon -r "$RUN_DIR/legacy.json" --allow-unsigned
check_equal "moon has one tunnel of IPsec" "$(status moon '.tunnels | map(.transport) | join(" ")')" ipsec
ip -n "$RUN-earth" link add hand type xfrm dev lo if_id "$IF_ID"
ip -n "$RUN-earth" addr add fe80::42/64 dev hand nodad
ip -n "$RUN-earth" link set hand mtu 1400 multicast on up
moon=$(link_local overlay moon ip -j addr show dev "$(tunnel interface)")

for style in aronet ranet; do
	hand "$style"
	hand_start
	check "$style: a dial of the peer's is taken" dial
	check "$style: moon reaches the peer" wait_until 60 talks
	check "$style: the peer reaches moon" wait_until 60 hears
	note "$style: moon says $(tunnel state), and of the peer" \
		"$(status moon '.ike.tunnels[0] | "\(.identity), \(.encryption), \(.group), \(.esp)"')"

	# Both dial, again and again.
	(exec nsenter --net="/run/netns/$RUN-earth" -- ping -n -D -i 0.02 "$moon%hand") >"$RUN_DIR/talk" 2>&1 &
	talk=$!
	{ swan moon --initiate --child default --ike "$(swan moon --list-conns |
		sed -n 's/^\(aronet-[^:]*\):.*/\1/p')" >/dev/null || true; } &
	dial || true
	wait $! || true
	dial || true
	note "$style: moon has $(sas) SAs"
	sleep 30
	note "$style: and $(sas) half a minute later"
	kill -INT "$talk"
	wait "$talk" || true
	check "$style: duplicates cost hardly a packet" at_most "$(ping_lost "$RUN_DIR/talk")" 5
	note "$style: $(ping_lost "$RUN_DIR/talk") packets were lost"
	check "$style: and the two still talk" talks

	# It comes back by itself, whoever dials.
	hand_end
	check "$style: moon notices that the peer has ended" wait_until 60 sas_are 0
	note "in words: $(tunnel state)"
	hand_start
	check "$style: moon dials when it is there again" wait_until 120 talks
	hand_end
	check "$style: moon notices that it has ended" wait_until 60 sas_are 0
done
scenario_end
