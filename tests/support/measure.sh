# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Traffic between nodes and what became of it. To be sourced after topology.sh.

# reaches NODE ADDRESS Is there an answer within a second?
reaches() {
	host "$1" ping -n -q -c 1 -W 1 "$2" >/dev/null 2>&1
}

# ping_begin NODE ADDRESS COUNT INTERVAL Pings in the background; one at a time per NODE and
# ADDRESS. INTERVAL in seconds.
ping_begin() {
	mkdir -p "$RUN_DIR/ping"
	host_exec "$1" stdbuf -oL ping -n -D -c "$3" -i "$4" -W 1 "$2" >"$RUN_DIR/ping/$1-$2" 2>&1 &
	echo $! >"$RUN_DIR/ping/$1-$2.pid"
}

# ping_end NODE ADDRESS Waits for the end and prints how many packets were lost.
ping_end() {
	local pid
	pid=$(cat "$RUN_DIR/ping/$1-$2.pid")
	while process_lives "$pid"; do
		poll_pause
	done
	ping_lost "$RUN_DIR/ping/$1-$2"
}

# ping_stop NODE ADDRESS Ends a ping early and prints how many packets were lost. The last one, which may
# have been under way, is not lost.
ping_stop() {
	kill -INT "$(cat "$RUN_DIR/ping/$1-$2.pid")" 2>/dev/null || true
	ping_end "$1" "$2" >/dev/null
	ping_lost "$RUN_DIR/ping/$1-$2" 1
}

# ping_lost FILE [UNDER-WAY] How many, but for so many at the end.
ping_lost() {
	awk -v forgiven="${2:-0}" '
		/bytes from/ { match($0, /icmp_seq=[0-9]+/); last = substr($0, RSTART + 9, RLENGTH - 9) }
		/packets transmitted/ {
			lost = $1 - $4
			if (lost > 0 && $1 % 65536 == (last + forgiven) % 65536)
				lost -= forgiven
			print lost
			found = 1
		}
		END { if (!found) print "all" }' "$1"
}

# ping_rate NODE ADDRESS "20000 packets, 998/s": what was sent.
ping_rate() {
	awk '/packets transmitted/ { sub(/ms$/, "", $NF); printf "%d packets, %.0f/s\n", $1, $1 * 1000 / $NF }' \
		"$RUN_DIR/ping/$1-$2"
}

# ping_gap NODE ADDRESS The longest time without an answer, in milliseconds.
ping_gap() {
	awk '/bytes from/ {
		time = substr($1, 2) + 0
		if (last && time - last > gap) gap = time - last
		last = time
	} END { printf "%d\n", gap * 1000 }' "$RUN_DIR/ping/$1-$2"
}

# ping_gaps NODE ADDRESS Every time without an answer of more than 50 ms: "12.3 s: 310 ms".
ping_gaps() {
	awk '/bytes from/ {
		time = substr($1, 2) + 0
		if (!first) first = time
		if (last && time - last > 0.05)
			printf "%s%.1f s: %d ms", separator, last - first, (time - last) * 1000
		if (last && time - last > 0.05) separator = ", "
		last = time
	}' "$RUN_DIR/ping/$1-$2"
}

# ping_still_answered NODE ADDRESS Did the latest ping get an answer within the last second?
ping_still_answered() {
	local last
	last=$(awk '/bytes from/ { last = substr($1, 2) + 0 } END { printf "%.0f", last * 1000 }' \
		"$RUN_DIR/ping/$1-$2")
	[ $(($(now_ms) - last)) -lt 1000 ]
}

# iperf3_mbits FROM TO ADDRESS SECONDS [OPTION...] Throughput of TCP from a node to an address of
# another one, in Mbit/s.
iperf3_mbits() {
	local from=$1 to=$2 address=$3 seconds=$4 server
	shift 4
	host_exec "$to" iperf3 -s -1 -B "$address" >"$RUN_DIR/iperf3-$to.log" 2>&1 &
	server=$!
	if ! wait_until 5 listens "$to" 5201; then
		echo "iperf3 does not listen on $address in $to" >&2
		return 1
	fi
	if ! host "$from" iperf3 -c "$address" -t "$seconds" -J "$@" >"$RUN_DIR/iperf3-$from.json"; then
		process_end "$server"
		jq -r '.error // "iperf3 failed"' "$RUN_DIR/iperf3-$from.json" >&2
		return 1
	fi
	wait "$server" || true
	jq -r '.end.sum_received.bits_per_second / 1e6 | round' "$RUN_DIR/iperf3-$from.json"
}

# listens NODE PORT Does a TCP socket listen there?
listens() {
	host "$1" ss -Hltn "sport = :$2" | grep -q .
}

# packets_watch NODE host|overlay EXPRESSION Counts packets in a table of our own, after what is
# dropped at once (priority raw); one expression at a time per node and space.
packets_watch() {
	"$2" "$1" nft -f - <<-RULES
		table inet watch
		delete table inet watch
		table inet watch {
			counter seen {}
			chain seen {
				type filter hook prerouting priority mangle; policy accept;
				$3 counter name seen
			}
		}
	RULES
}

# packets_seen NODE host|overlay
packets_seen() {
	"$2" "$1" nft -j list counter inet watch seen | jq '[.nftables[].counter.packets? // empty] | add'
}
