#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# IPsec: who has another key than the registry says is refused, who has another address is followed, and
# nothing stays of a node that is taken down.
export VARIANT=${VARIANT:-ipsec}
source "$(dirname "$0")/../support/scenario.sh"
# shellcheck source=../support/ipsec.sh
source "$SUPPORT/ipsec.sh"
scenario_begin ipsec-moves

ipsec_up

# A key that the registry does not know.
openssl genpkey -algorithm ed25519 -out "$RUN_DIR/venus/other.key" 2>/dev/null
chmod 0600 "$RUN_DIR/venus/other.key"
sed -i 's|/venus/identity.key|/venus/other.key|' "$RUN_DIR/venus/config.json"
kill -HUP "${NODE_PID[venus]}"
swan venus --terminate --ike "$(name venus moon)" >/dev/null || true
is_refused() { says "$1" "$2" "refuses" || says "$1" "$2" "another key" || says "$1" "$2" "AUTH"; }
check "who has another key is refused, and moon says so" wait_until 120 is_refused moon venus
note "in words: $(tunnel_state moon venus); venus: $(tunnel_state venus moon)"
jq --arg key "$(openssl pkey -in "$RUN_DIR/venus/other.key" -pubout)" \
	'(.[].nodes[] | select(.common_name == "venus") | .public_key) = ($key + "\n")' \
	"$RUN_DIR/three.json" >"$RUN_DIR/other-key.json"
for node in "${IPSEC_NODES[@]}"; do
	check "$node loads the registry with that key" node_load "$node" "$RUN_DIR/other-key.json"
done
check "venus is let in then" wait_until 150 is_up moon venus
check "everybody reaches everybody" wait_until 60 mesh_reaches "${IPSEC_NODES[@]}"

# Another address, and another mapping of the NAT.
move_venus() {
	ip -n "$RUN-inet" addr flush dev to-venus scope global
	ip -n "$RUN-venus" -4 addr flush dev eth0
	ip -n "$RUN-inet" addr add 203.0.113.5/30 dev to-venus
	ip -n "$RUN-venus" addr add 203.0.113.6/30 dev eth0
	ip -n "$RUN-venus" route add default via 203.0.113.5
}
comes_back "another address" 60 move_venus
is_there() { ike moon venus .remote | grep -q -F 203.0.113.6; }
check "moon sees venus there" wait_until 30 is_there
rebind() {
	ip -n "$RUN-nat" link set wan down
	host nat nft flush chain ip nat outgoing
	host nat nft add rule ip nat outgoing oifname wan meta l4proto udp masquerade to :40000-40999
	host nat nft add rule ip nat outgoing oifname wan masquerade
	ip -n "$RUN-nat" link set wan up
	underlay_address nat wan
}
port=$(ike moon sun .remote)
talk sun
sleep 1
rebind
check "another mapping of the NAT: moon and sun talk" wait_until 60 talks sun
sleep 2
note "the gap was $(heard sun) ms; $port became $(ike moon sun .remote)"

# Nothing stays.
file=$(node_charon moon)
check "moon is taken down" aronet moon down
check_equal "no SA is left in its kernel" "$(states moon || true)" 0
check_equal "no policy either" "$(host moon ip xfrm policy | grep -c if_id || true)" 0
check "no charon" fails host moon pgrep -f "$file"
check_equal "and no file" "$(find /run -maxdepth 1 -path "$file.*")" ""
scenario_end
