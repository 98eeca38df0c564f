# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The kernel's state as text, for comparison. To be sourced after topology.sh.

# snapshot_node NODE Prints all that a node could have changed: both of its namespaces, the list of
# namespaces, the processes of the run and the files in the node's directory.
snapshot_node() {
	echo "== namespaces"
	run_namespaces
	snapshot_namespace "$RUN-$1"
	if [ -e "/run/netns/$RUN-$1-overlay" ]; then
		snapshot_namespace "$RUN-$1-overlay"
	fi
	echo "== processes of $1"
	snapshot_processes "$1"
	echo "== files of $1"
	snapshot_files "$1"
}

# snapshot_namespace NAME With WITHOUT_NF_TABLES=1 it is no error that there are none.
snapshot_namespace() {
	local name=$1 family
	local -a families=(-4)
	[ ! -e /proc/sys/net/ipv6 ] || families+=(-6)
	echo "== $name: links"
	ip -n "$name" -d -j link show | jq -S '.[]'
	echo "== $name: addresses"
	ip -n "$name" -j addr show | jq -S '.[] | {ifname, addr_info}'
	echo "== $name: routes"
	for family in "${families[@]}"; do
		ip -n "$name" "$family" -d route show table all | sort
	done
	# The kernel makes a rule of its own for the first VRF, and keeps it.
	echo "== $name: rules"
	for family in "${families[@]}"; do
		ip -n "$name" "$family" rule show | grep -v l3mdev-table
	done
	echo "== $name: nftables"
	nsenter --net="/run/netns/$name" nft -s list ruleset || [ -n "${WITHOUT_NF_TABLES:-}" ]
	echo "== $name: sysctls"
	snapshot_sysctls "$name"
}

# The number of tracked connections is not a setting, those of VRFs come with the kernel's module, and
# not every file can be read.
snapshot_sysctls() {
	{ nsenter --net="/run/netns/$1" grep -r -H . /proc/sys/net 2>/dev/null || true; } |
		grep -v -e nf_conntrack_count -e /net/vrf/ | sort
}

snapshot_processes() {
	local name pid
	{
		for name in "$RUN-$1" "$RUN-$1-overlay"; do
			ip netns pids "$name" 2>/dev/null || true
		done
		pgrep -f -- "$RUN_DIR/$1/" || true
	} | sort -un | while read -r pid; do
		# A measurement (ping, iperf3) is not part of the node.
		tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -E 'aronet|babeld|wireguard' || true
	done | sort
}

# Logs are ours, not the node's; locks may stay.
snapshot_files() {
	(cd "$RUN_DIR/$1" && find . ! -name '*.log' | sort)
}

# snapshot_same FILE FILE Prints what differs.
snapshot_same() {
	diff -U0 "$1" "$2" | sed -n '/^[-+]/p' | sed 's/^/# /' | head -n 60
	cmp -s "$1" "$2"
}

# watch_begin NODE Records every change in both namespaces of a node, as the kernel reports it,
# except for what the kernel does by itself (neighbour entries) and Babel decides (its routes).
watch_begin() {
	mkdir -p "$RUN_DIR/watch"
	local side name
	for side in host overlay; do
		name=$RUN-$1
		[ "$side" = host ] || name=$name-overlay
		nsenter --net="/run/netns/$name" ip -ts monitor link address route rule netconf nexthop \
			>"$RUN_DIR/watch/$1-$side-ip" 2>&1 &
		echo $! >>"$RUN_DIR/watch/$1.pids"
		nsenter --net="/run/netns/$name" stdbuf -oL nft monitor \
			>"$RUN_DIR/watch/$1-$side-nft" 2>&1 &
		echo $! >>"$RUN_DIR/watch/$1.pids"
	done
	# The monitors have no way to say that they are subscribed.
	sleep 0.5
}

# watch_end NODE Prints what was recorded: nothing if nothing changed.
watch_end() {
	sleep 0.3
	local pid
	while read -r pid; do
		kill "$pid" 2>/dev/null || true
	done <"$RUN_DIR/watch/$1.pids"
	rm "$RUN_DIR/watch/$1.pids"
	{ grep -H -v -e 'proto babel' -e 'proto bird' -e '^Timestamp:' -e '^$' -- "$RUN_DIR/watch/$1"-* || true; } |
		sed "s|^$RUN_DIR/watch/||"
}
