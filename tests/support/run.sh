# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# One run of a scenario: a name that nobody else has, a directory, and the certainty that all of
# it is gone afterwards. To be sourced.
#
# A run has its own /run/netns and /var/run/wireguard, in a mount namespace of its own. Otherwise
# two runs on one machine would meet there: wireguard-go names its sockets after interfaces only,
# and the same nodes have the same interfaces in each run.
#
# RUN_POLL milliseconds between two looks at what is waited for, at least, for slow machines (50)
# RUN      name of this run, and prefix of all its namespaces: aronet-PURPOSE-PID
# RUN_DIR  its directory: logs, keys, configurations, runtime directories of the nodes

# run_isolate ARGUMENT... Starts the script anew in a mount namespace of its own; to be called first,
# with the arguments of the script. A second call does nothing.
run_isolate() {
	[ -z "${RUN_IS_ISOLATED:-}" ] || return 0
	if [ "$(id -u)" -ne 0 ]; then
		echo "$0 makes network namespaces: it has to run as root" >&2
		exit 77
	fi
	if [ -z "${RUN_ISOLATED:-}" ]; then
		RUN_ISOLATED=$$ exec unshare --mount -- "$BASH" "$0" "$@"
	fi
	local dir
	for dir in /run/netns /var/run/wireguard; do
		mkdir -p "$dir"
		mount -t tmpfs -o mode=0755,nosuid,nodev tmpfs "$dir"
	done
	unset RUN_ISOLATED
	RUN_IS_ISOLATED=1
}

# run_begin PURPOSE
run_begin() {
	RUN="aronet-$1-$$"
	# Not below /tmp: a private key in a world-writable directory is refused, and the path of a
	# control socket has room for 107 bytes only.
	RUN_DIR="/run/$RUN"
	RUN_FAILED=
	mkdir -m 0755 "$RUN_DIR"
	trap 'run_end $?' EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

# Removes everything. Logs are shown first if the run failed. Only the scenario itself does that, or
# RUN_OWNER: a child that gets a signal before it has put back its traps comes here, too.
run_end() {
	local status=$1
	[ "$BASHPID" -eq "${RUN_OWNER:-$$}" ] || exit "$status"
	trap - EXIT
	trap '' HUP INT TERM
	set +e
	if [ "$status" -ne 0 ] && [ "$status" -ne 77 ] || [ -n "$RUN_FAILED" ]; then
		run_show_logs >&2
	fi
	[ -z "${RUN_SHELL:-}" ] || run_shell
	# shellcheck disable=SC2046
	process_end $(run_processes)
	local name
	for name in $(run_namespaces); do
		ip netns delete "$name"
	done
	# shellcheck disable=SC2046
	rm -f $(run_charon_files)
	if [ -n "${KEEP_LOGS:-}" ]; then
		mkdir -p "$KEEP_LOGS"
		(cd "$RUN_DIR" && find . -name '*.log' -exec cp --parents -t "$KEEP_LOGS" {} +)
	fi
	rm -rf "$RUN_DIR"
	exit "$status"
}

# charon_files RUNTIME_DIR What the files of the IKE daemon with that runtime directory begin with.
charon_files() {
	echo "/run/charon.aronet-$(printf %s "$1" | sha256sum | cut -c1-10)"
}

# Those of all nodes of this run.
run_charon_files() {
	local dir
	for dir in "$RUN_DIR"/*/; do
		find /run -maxdepth 1 -path "$(charon_files "${dir%/}").*"
	done
}

# Leaves a person inside the topology. RUN_SHELL is the command of the shell.
run_shell() {
	echo "# the namespaces of this run: $(run_namespaces | tr '\n' ' ')"
	echo "# ip netns exec $RUN-moon bash, for one; what they run: $RUN_DIR; exit removes all of it"
	# shellcheck disable=SC2086 # a command and its options
	RUN=$RUN RUN_DIR=$RUN_DIR $RUN_SHELL
}

run_show_logs() {
	local log
	{
		find "$RUN_DIR" -name '*.log' -size +0
		run_charon_files | sed -n '/\.log$/p'
	} | sort | while read -r log; do
		echo "--- the end of ${log#"$RUN_DIR"/}"
		tail -n "${LOG_LINES:-25}" "$log"
	done
}

# The namespaces of this run, one per line.
run_namespaces() {
	find /run/netns -mindepth 1 -printf '%f\n' | sort
}

# Every process in a namespace of this run or with its directory in the command line. Helpers
# outlive the daemon and are nobody's children, so they have to be found this way.
run_processes() {
	{
		local name
		for name in $(run_namespaces); do
			ip netns pids "$name"
		done
		pgrep -f -- "$RUN_DIR/"
	} 2>/dev/null | sort -un | grep -vx "$$" || true
}

# process_end PID... Ends processes and waits until they are gone.
process_end() {
	[ $# -gt 0 ] || return 0
	kill "$@" 2>/dev/null || true
	local pid deadline=$((SECONDS + 5))
	for pid in "$@"; do
		while process_lives "$pid" && [ "$SECONDS" -lt "$deadline" ]; do
			poll_pause
		done
		kill -KILL "$pid" 2>/dev/null || true
	done
}

# A zombie does not count: it waits for its parent only. Without a process of its own, because it is asked
# again and again. One line is read at once; several could be of different times, because the kernel
# writes them anew for each read, and a name that changes length with exec() moves what follows it.
process_lives() {
	local stat
	read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
	stat=${stat##*) } # a name may hold what separates fields
	[ "${stat%% *}" != Z ]
}

# poll_pause [MILLISECONDS] Between two looks at what was waited for so long: a tenth of that, but RUN_POLL at
# least. A look has its price, and others run beside it.
poll_pause() {
	local pause=$((${1:-0} / 10))
	if [ "$pause" -gt 500 ]; then
		pause=500
	fi
	if [ "$pause" -lt "${RUN_POLL:-50}" ]; then
		pause=${RUN_POLL:-50}
	fi
	sleep "$((pause / 1000)).$(printf %03d $((pause % 1000)))"
}

# wait_until SECONDS COMMAND... Repeats a command until it succeeds; fails after the deadline.
wait_until() {
	local limit=$(($1 * 1000)) begin waited
	begin=$(now_ms)
	shift
	until "$@" >/dev/null 2>&1; do
		waited=$(($(now_ms) - begin))
		[ "$waited" -lt "$limit" ] || return 1
		poll_pause "$waited"
	done
}

now_ms() {
	local now=$EPOCHREALTIME
	echo $((${now/[.,]/} / 1000))
}
