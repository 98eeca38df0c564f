#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What every scenario relies on to see that nothing of the overlay crosses the underlay in clear: it sees
# what is readable, in any encapsulation, nothing else, and when it saw too little.
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin clear-text
[ -n "$CLEAR_TEXT" ] || scenario_skip "the build has no tests (-Dtests=enabled)"
underlay_begin
for node in moon earth; do
	underlay_attach "$node"
done
check "moon reaches earth" wait_until 10 reaches moon 2001:db8:3::2

# send TIMES PYTHON From moon to earth, in UDP, so many times: random bytes to both sides of what the
# expression yields. a(), an address as bytes.
send() {
	host moon python3 - "$@" <<-'SEND'
		import ipaddress, os, socket, sys
		def a(text):
		    return ipaddress.ip_address(text).packed
		udp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
		for _ in range(int(sys.argv[1])):
		    udp.sendto(os.urandom(33) + eval(sys.argv[2]) + os.urandom(300), ("2001:db8:3::2", 2000))
	SEND
}
# seen COMMAND... How many frames in clear enter the router while the command runs?
seen() {
	clear_text_begin
	"$@" >"$RUN_DIR/seen.log"
	clear_text_end
	clear_text_count clear
}
described() { grep -q -F -- "$1" "$RUN_DIR/clear-text" || { cat "$RUN_DIR/clear-text" && return 1; }; }
# Otherwise it sends back what nobody wants, in an ICMP error.
host earth nft 'table inet quiet { chain input { type filter hook input priority filter; udp dport { 2000, 4789 } drop; }; }'
clear_text_end

# What may be there.
check_equal "random bytes are not in clear" "$(seen send 1000 "b''")" 0
check "all of them were seen" test "$(clear_text_count frames)" -ge 1000
check_equal "nor is the text of an address" "$(seen send 3 "b'$(address6 moon) $(address4 moon)'")" 0
check_equal "nor a single IPv4 address" "$(seen send 3 "a('$(address4 moon)')")" 0
check_equal "nor one with others between" \
	"$(seen send 3 "a('$(address4 moon)') + a('192.0.2.2') + a('$(address4 earth)')")" 0
check_equal "nor the addresses of the underlay" "$(seen host moon ping -q -c 3 -i 0.2 192.0.2.2)" 0

# What must not be there.
check_equal "an IPv6 address is, at any offset" "$(seen send 3 "a('$(address6 moon)')")" 3
check "it is said where" described "on to-moon, 2001:db8:1::2 to 2001:db8:3::2, protocol 17, port "
check "and in which byte" described "in clear from byte $((14 + 40 + 8 + 33)) on:"
check_equal "a segment identifier is" "$(seen send 3 "a('$(sid_decap4 earth)')")" 3
check_equal "two IPv4 addresses are" "$(seen send 3 "a('$(address4 earth)') + a('$(address4 moon)')")" 3
check_equal "and Babel" "$(seen send 3 "a('ff02::1:6')")" 3

# Packets as the kernel makes them: without a tunnel, in IPv6, and in VXLAN.
ip -n "$RUN-moon" addr add "$(address4 moon)/32" dev lo
ip -n "$RUN-moon" addr add "$(address6 moon)/128" dev lo
try() { host moon ping -q -c 3 -i 0.2 -W 1 -I "$@" || [ $? -eq 1 ]; }
ip -n "$RUN-moon" route add "$(address4 earth)/32" via 198.51.100.1
check_equal "a packet of IPv4 is" "$(seen try "$(address4 moon)" "$(address4 earth)")" 3
ip -n "$RUN-moon" -6 route add "$(address6 earth)/128" via 2001:db8:1::1
check_equal "one of IPv6 is" "$(seen try "$(address6 moon)" "$(address6 earth)")" 3
ip -n "$RUN-moon" link add vxlan type vxlan id 1 remote 192.0.2.2 dstport 4789
ip -n "$RUN-moon" link set vxlan up
ip -n "$RUN-moon" route replace "$(address4 earth)/32" dev vxlan
ip -n "$RUN-moon" neigh add "$(address4 earth)" lladdr 02:00:00:00:00:01 dev vxlan
check_equal "one in VXLAN is" "$(seen try "$(address4 moon)" "$(address4 earth)")" 3

# What the check of a scenario makes of it.
clear_text_begin
send 1 "a('$(address6 moon)')"
clear_text_end
check "one frame in clear fails a scenario" fails clear_text_absent
clear_text_begin
kill -STOP "$(cat "$RUN_DIR/clear-text.pid")"
send 150000 "b''"
kill -CONT "$(cat "$RUN_DIR/clear-text.pid")"
clear_text_end
check "frames that could not be looked at are counted" test "$(clear_text_count lost)" -gt 0
check_equal "though none was in clear" "$(clear_text_count clear)" 0
check "they fail a scenario, too" fails clear_text_absent

clear_text_begin
send 1 "a('$(address6 moon)')"
clear_text_expected "this scenario is about that"
scenario_end
