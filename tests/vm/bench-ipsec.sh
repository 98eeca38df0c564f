#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What do a hundred tunnels of IPsec cost on one node? Prints figures and judges nothing but that all of them
# come up, and that charon answers meanwhile. scripts/bench -g runs it, in the guest.
#
# Peers have to be real to make SAs. A node has at most eight endpoints, and between any two of two nodes
# there is a tunnel: moon has 64 with earth and 40 with venus.
export VARIANT=ipsec UNSIGNED=1
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin bench-ipsec
scenario_need python3
declare -A ENDPOINTS=([moon]=8 [earth]=8 [venus]=5)
TUNNELS=$((ENDPOINTS[moon] * (ENDPOINTS[earth] + ENDPOINTS[venus])))

# endpoints NODE As JSON, each with an address of its own.
endpoints() {
	local address
	address=$(address_of "$1" 0)
	jq -n --argjson count "${ENDPOINTS[$1]}" --arg first "${address%.*}" '[range($count) |
		{serial_number: ., address: "\($first).\(. + 10)", address_family: "ip4", port: 12025,
			transports: ["ipsec"]}]'
}
# address_of NODE NUMBER In a network behind its address in the underlay.
address_of() {
	local third
	case $1 in
	moon) third=1 ;;
	earth) third=2 ;;
	venus) third=3 ;;
	esac
	echo "100.64.$third.$(($2 + 10))"
}
attach() {
	local i
	underlay_attach "$1"
	ip -n "$RUN-inet" route add "$(address_of "$1" -10)/24" via "${UNDERLAY4[$1]%/*}"
	for ((i = 0; i < ENDPOINTS[$1]; i++)); do
		ip -n "$RUN-$1" addr add "$(address_of "$1" "$i")/32" dev eth0
	done
}
# registry NODE... These nodes. earth and venus are not told of each other.
registry() {
	local filter='.' node
	for node in "$@"; do
		filter+=" | (.[].nodes[] | select(.common_name == \"$node\")).endpoints = $(endpoints "$node")"
	done
	jq --arg nodes "$*" ".[].nodes |= map(select(.common_name | IN(\$nodes | split(\" \")[]))) | $filter" \
		"$CONFIGS/registry-five.json"
}
# prepare NODE PEER...
prepare() {
	attach "$1"
	node_prepare "$1"
	python3 - "$RUN_DIR/$1/config.json" "$(endpoints "$1" | tr '\n' ' ')" <<-'PYTHON'
		import re, sys
		path, endpoints = sys.argv[1:]
		text = re.sub(r'"endpoints": \[.*?\n  \]', '"endpoints": ' + endpoints, open(path).read(), flags=re.S)
		open(path, "w").write(text)
	PYTHON
	registry "$@" >"$RUN_DIR/$1/registry.json"
	node_start "$1"
}

# Asks charon for its version every 100 ms and for all SAs every second, on a connection of its own; what
# an answer took, in ms.
cat >"$RUN_DIR/poll.py" <<'PYTHON'
import socket, struct, sys, time
connection = socket.socket(socket.AF_UNIX)
connection.connect(sys.argv[1])

def send(kind, name):
    packet = bytes([kind, len(name)]) + name.encode()
    connection.sendall(struct.pack("!I", len(packet)) + packet)

def read(size):
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            sys.exit(0)
        data += part
    return data

def answer():
    while read(struct.unpack("!I", read(4))[0])[0] == 7:
        pass

def ask(name):
    begin = time.monotonic()
    send(0, name)
    answer()
    print(name, round((time.monotonic() - begin) * 1000, 1), flush=True)

send(3, "list-sa")
answer()
while True:
    for _ in range(10):
        ask("version")
        time.sleep(0.1)
    ask("list-sas")
PYTHON
# polled COMMAND "NUMBER MEDIAN MAXIMUM"
polled() {
	awk -v name="$1" '$1 == name { print $2 }' "$RUN_DIR/polled" | sort -n |
		awk '{ all[NR] = $1 } END { print NR, all[int((NR + 1) / 2)], all[NR] }'
}
cpu_ms() { awk '{ print ($14 + $15) * 10 }' "/proc/$1/stat"; }
memory() { awk '$1 == "VmRSS:" { print $2 }' "/proc/$1/status"; }
row() { printf '# %-52s %10s\n' "$@"; }
carrying() { status moon '[.ike.tunnels[] | select(.spi_in)] | length'; }
all_carry() { [ "$(carrying)" = "$TUNNELS" ]; }
ms_since() { echo $(($(now_ms) - $1)); }

underlay_begin
for node in earth venus; do
	prepare "$node" moon
	node_load "$node" "$RUN_DIR/$node/registry.json" >"$RUN_DIR/$node/load.log" 2>&1 || true
done
prepare moon earth venus
daemon=${NODE_PID[moon]}
cpu=$(cpu_ms "$daemon")
begin=$(now_ms)
(
	wait_until 120 test -S "$(node_charon moon).vici"
	python3 "$RUN_DIR/poll.py" "$(node_charon moon).vici"
) >"$RUN_DIR/polled" 2>"$RUN_DIR/poll.log" &
poll=$!
node_load moon "$RUN_DIR/moon/registry.json" >"$RUN_DIR/moon/load.log" 2>&1 || true
applied=$(ms_since "$begin")
check "all $TUNNELS tunnels carry" wait_until 600 all_carry
all=$(ms_since "$begin")
charon=$(charon_pid moon)
row "$TUNNELS tunnels of IPsec on one node" ""
row "from load to the intended state (ms)" "$applied"
row "from load until all carry (ms)" "$all"
row "  of that processor time of the daemon (ms)" $(($(cpu_ms "$daemon") - cpu))
row "  and of charon (ms)" "$(cpu_ms "$charon")"
read -r number median longest < <(polled version)
row "version, asked $number times meanwhile: median (ms)" "$median"
row "  the slowest (ms)" "$longest"
check "charon was not blocked: its slowest answer took less than 2 s" at_most "${longest%.*}" 2000
read -r number median longest < <(polled list-sas)
row "list-sas, asked $number times meanwhile: median (ms)" "$median"
row "  the slowest (ms)" "$longest"
row "memory of the daemon then (KiB)" "$(memory "$daemon")"
row "memory of charon then (KiB)" "$(memory "$charon")"

: >"$RUN_DIR/polled"
cpu=$(cpu_ms "$daemon") charon_cpu=$(cpu_ms "$charon")
sleep 30
row "a minute of rest: processor time of the daemon (ms)" $((($(cpu_ms "$daemon") - cpu) * 2))
row "  and of charon (ms), which is also asked by this" $((($(cpu_ms "$charon") - charon_cpu) * 2))
process_end "$poll" || true

node_signal moon KILL || true
begin=$(now_ms)
node_start moon
row "after kill -9: until the next daemon answers (ms)" "$(ms_since "$begin")"
check "it takes all of them over" wait_until 120 all_carry
row "  until it knows of all that they carry (ms)" "$(ms_since "$begin")"
check_equal "by the same charon" "$(charon_pid moon)" "$charon"
check_equal "adoption writes nothing" "$(status moon .stats.kernel_writes)" 0
scenario_end
