#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A charon that the operator runs, with a connection of his own: moon uses it, venus has its own. What he does
# to it is noticed and made good, and nothing of his is touched. By itself with ESP by charon, so that this
# runs anywhere; ipsec-system@ipsec is with that of the kernel.
export VARIANT=${VARIANT:-ipsec-userspace}
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin ipsec-system
scenario_need charon-systemd swanctl

jq '.[].nodes |= map(select(.common_name | IN("moon", "venus")))
	| .[].nodes[].endpoints |= map(select(.address_family == "ip4"))' \
	"$CONFIGS/registry-five.json" >"$RUN_DIR/two.json"
nodes=(moon venus)
underlay_begin
for node in "${nodes[@]}"; do
	underlay_attach "$node"
	node_prepare "$node"
done

# The operator's: the lines that docs/operations.md asks for, and a connection.
PLUGINS=(pubkey)
BACKEND=kernel
if node_is moon userspace; then
	PLUGINS+=(kernel-libipsec)
	BACKEND=userspace
fi
OPERATOR=$RUN_DIR/operator
OPERATOR_FILES=$(charon_files "$OPERATOR")
mkdir -p "$OPERATOR"
# operator_configure PORT [PLUGIN...] With these plugins beside those that do not matter here.
operator_configure() {
	local port=$1
	shift
	cat >"$OPERATOR_FILES.conf" <<-CONF
		charon {
			load = random nonce openssl hmac kdf pem pkcs1 pkcs8 $* kernel-netlink socket-default vici
			port_nat_t = $port
			port = 0
			retransmit_timeout = 2
			retransmit_base = 1.5
			retransmit_tries = 4
			install_routes = no
			plugins {
				vici {
					socket = unix://$OPERATOR_FILES.vici
				}
			}
		}
	CONF
}
cat >"$OPERATOR/swanctl.conf" <<-'CONF'
	connections {
		theirs {
			remote_addrs = 192.0.2.99
			local {
				auth = psk
			}
			remote {
				auth = psk
			}
			children {
				theirs {
				}
			}
		}
	}
CONF
operator_swan() {
	STRONGSWAN_CONF=$OPERATOR_FILES.conf SWANCTL_DIR=$OPERATOR host moon \
		swanctl "$@" --uri "unix://$OPERATOR_FILES.vici"
}
operator_answers() { operator_swan --version --daemon >/dev/null 2>&1; }
operator_start() {
	STRONGSWAN_CONF=$OPERATOR_FILES.conf host_exec moon charon-systemd >>"$OPERATOR/log" 2>&1 &
	OPERATOR_PID=$!
	wait_until 10 operator_answers
	operator_swan --load-all >>"$OPERATOR/log" 2>&1
}
operator_stop() {
	kill -TERM "$OPERATOR_PID"
	wait "$OPERATOR_PID" 2>/dev/null || true
}
connections() { operator_swan --list-conns | grep -c "^$1" || true; }
connections_are() { [ "$(connections aronet-)" -eq "$1" ]; }

# use_charon KIND What moon is configured to use.
use_charon() {
	local system=", \"charon\": \"system\", \"vici_socket\": \"$OPERATOR_FILES.vici\""
	[ "$1" = system ] || system=
	sed -i -e '/^  "ipsec": {/d' \
		-e "s|^  \"wireguard\": {|  \"ipsec\": { \"backend\": \"$BACKEND\"$system },\n&|" \
		"$RUN_DIR/moon/config.json"
}
problem() { status moon '[.problems[].text] | join("; ")'; }
has_problem() { problem | grep -q -F -- "$1"; }
is_up() { [ "$(status moon '.tunnels[0].state')" = up ]; }
talk() { wait_until "$1" reaches moon "$(address4 venus)" && wait_until 30 is_up; }

use_charon system
for node in "${nodes[@]}"; do
	node_start "$node" -r "$(registry_file "$RUN_DIR/two.json")"
done
check "moon says that nobody answers at the socket" wait_until 20 has_problem \
	"no charon answers here; start it"
operator_configure 12000 "${PLUGINS[@]}"
operator_start
check "and of one with another port, which it has to have" wait_until 40 has_problem \
	"does not have UDP port 12025 of the endpoints; set port_nat_t = 12025"
operator_stop
operator_configure 12025
operator_start
check "and of one without a plugin, which" wait_until 60 has_problem \
	"has not loaded its plugin pubkey; install the package libstrongswan"
check_equal "those have got nothing" "$(connections aronet-)" 0
operator_stop
operator_configure 12025 "${PLUGINS[@]}"
operator_start
check "moon and venus talk when all is well" talk 90
check_equal "status tells whose charon it is" "$(status moon '.ike | "\(.charon) \(.pid) \(.socket)"')" \
	"system $OPERATOR_PID $OPERATOR_FILES.vici"
check_equal "and nothing is wrong" "$(problem)" ""
check_equal "the load of the same registry is no change" "$(plan_length moon "$RUN_DIR/two.json")" 0

# The operator at work.
operator_swan --load-all >>"$OPERATOR/log" 2>&1
check_equal "swanctl --load-all takes away what is not in its files" "$(connections aronet-)" 0
check "moon gives it again" wait_until 30 connections_are 1
check "and talks" talk 30
operator_stop
sleep 1
operator_start
check "moon and venus talk again when it was restarted" talk 90
check_equal "by the new one" "$(charon_pid moon)" "$OPERATOR_PID"
check_equal "the operator's connection is there" "$(connections theirs)" 1

# A daemon that is killed leaves it alone.
before=$(operator_swan --list-sas | grep -c ESTABLISHED)
node_signal moon KILL || true
node_start moon
check "the next daemon talks" talk 30
check_equal "by the same SA" "$(operator_swan --list-sas | grep -c ESTABLISHED)" "$before"
check_equal "and had nothing to do" "$(status moon .stats.operations)" 0

# To a charon of aronet's own and back, while the daemon runs.
use_charon private
kill -HUP "${NODE_PID[moon]}"
check "moon leaves it" wait_until 20 connections_are 0
check_equal "without an SA" "$(operator_swan --list-sas)" ""
check_equal "the operator's connection is there" "$(connections theirs)" 1
check "and says who has the port" wait_until 30 has_problem "UDP port 12025 is taken by charon-systemd"
operator_stop
check "moon talks by a charon of its own" talk 90
check_equal "as status tells" "$(status moon .ike.charon)" private
use_charon system
kill -HUP "${NODE_PID[moon]}"
gone() { [ "$(find /run -maxdepth 1 -path "$(node_charon moon).*")" = "" ]; }
check "which is ended when the operator's is to be used again" wait_until 30 gone
operator_start
check "moon and venus talk" talk 90

check "moon is taken down" aronet moon down
check_equal "nothing of it stays in the kernel" \
	"$(host moon ip xfrm state; host moon ip xfrm policy | grep if_id || true)" ""
check_equal "nothing of it stays in the operator's charon" \
	"$(connections aronet-) $(operator_swan --list-sas)" "0 "
check "which runs" process_lives "$OPERATOR_PID"
check_equal "no record stays" "$(find "$RUN_DIR/moon" -name charon.system)" ""
check "venus is taken down" aronet venus down
operator_stop
scenario_end
