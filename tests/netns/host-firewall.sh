#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The host of a node drops what it forwards, as with Docker: status says so as soon as it does, the
# command that it names helps, and nothing of it is aronet's to change.
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin host-firewall

underlay_begin
for node in moon earth; do
	underlay_attach "$node"
	node_prepare "$node"
done
jq '.[].nodes |= map(select(.common_name | IN("moon", "earth")))' "$CONFIGS/registry.json" >"$RUN_DIR/two.json"
for node in moon earth; do
	node_start "$node"
	node_load "$node" "$RUN_DIR/two.json" >"$RUN_DIR/$node/load.log" 2>&1
done
check "moon and earth reach each other" wait_until 60 mesh_reaches moon earth

# A network behind moon.
namespace_add lan
ip link add lan netns "$RUN-moon" type veth peer name eth0 netns "$RUN-lan"
ip -n "$RUN-moon" link set lan up
ip -n "$RUN-moon" addr add 192.168.128.129/25 dev lan
ip -n "$RUN-lan" link set eth0 up
ip -n "$RUN-lan" addr add 192.168.128.130/25 dev eth0
ip -n "$RUN-lan" route add default via 192.168.128.129
check "earth reaches a network behind moon" wait_until 20 reaches earth 192.168.128.130

warnings() { status moon '[.warnings[] | select(.code == "W07").message] | join("\n")'; }
warned() { [ -n "$(warnings)" ]; }
# The command of the warning, and the same for the other way.
both_ways() {
	local command
	command=$(warnings | grep -o 'nft insert rule [^;]*')
	host moon sh -c "$command && ${command/iifname/oifname}"
}
check_equal "there is nothing to warn of" "$(warnings)" ""

host moon nft 'table ip filter {
	chain DOCKER-USER {
	}
	chain FORWARD {
		type filter hook forward priority filter; policy drop;
		jump DOCKER-USER
	}
}'
check "a host that drops what it forwards cuts the network off" fails reaches earth 192.168.128.130
check "moon's log says so" wait_until 5 grep -q -F 'event=host code=W07 what="chain ip filter FORWARD' \
	"$RUN_DIR/moon/daemon.log"
check_equal "status names the chain and what to do" "$(warnings)" \
	"chain ip filter FORWARD drops by default and may drop the overlay's packets; unless a rule accepts them: \
iptables -I DOCKER-USER -i aronet -j ACCEPT; iptables -I DOCKER-USER -o aronet -j ACCEPT"
check "so it does in plain text" prints "W07  chain ip filter FORWARD drops" aronet moon status
check_equal "nothing of moon's own is broken" "$(status moon .state)" ok
host moon nft 'insert rule ip filter DOCKER-USER iifname "aronet" accept
	insert rule ip filter DOCKER-USER oifname "aronet" accept'
check "with such rules the network is back" reaches earth 192.168.128.130
check_equal "and there is nothing to warn of" "$(warnings)" ""
host moon nft flush chain ip filter DOCKER-USER
check "without them status warns again" warned
host moon nft delete table ip filter
check_equal "without the table there is nothing to warn of" "$(warnings)" ""

host moon nft 'table inet mine { chain forward { type filter hook forward priority filter; policy drop; }; }'
check "another table cuts it off, too" fails reaches earth 192.168.128.130
check "status warns" warned
check "the command that it names works" both_ways
check "and helps" reaches earth 192.168.128.130
check_equal "and there is nothing to warn of" "$(warnings)" ""
host moon nft flush chain inet mine forward
check "without its rules status warns again" warned
host moon nft 'chain inet mine forward { policy accept; }'
check_equal "where the policy is to accept there is nothing to warn of" "$(warnings)" ""
check_equal "each time was logged once" "$(grep -c 'event=host' "$RUN_DIR/moon/daemon.log")" 4
check_equal "nothing is left to do" "$(plan_length moon "$RUN_DIR/two.json")" 0
scenario_end
