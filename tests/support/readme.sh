# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Runs commands of README.md exactly as they stand there. To be sourced after topology.sh.
#
# A block that begins with "<!-- run NAME -->" and a fence is a session of several people and hosts:
#
#   moon# aronet load -r registry.json      a command of host moon, in its network namespace
#   me$ aronet keygen signing me.key        a command of somebody who runs no node
#   loaded: 3 nodes                         output, for the reader only
#
# A command may go on behind "\" and hold a here-document that ends with "END". All share one working
# directory, for the files that people would carry from one to another. Each host has /etc/aronet,
# /run and /var/lib of its own.

README=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/README.md
declare -A README_HOLDER=()

# readme_isolate Hides the machine's /etc, /run and /var/lib behind private ones; before run_begin.
readme_isolate() {
	local etc
	etc=$(mktemp -d)
	mount -t tmpfs -o mode=0755 tmpfs "$etc"
	cp -a /etc/. "$etc"
	mount --bind "$etc" /etc
	umount -l "$etc"
	rmdir "$etc"
	mount -t tmpfs -o mode=0755 tmpfs /var/lib
	mount -t tmpfs -o mode=0755 tmpfs /run
	mkdir -p /run/netns /run/wireguard /etc/aronet /var/lib/aronet
}

# readme_host NAME A host of the simulated internet; its namespace has been made.
readme_host() {
	local name=$1
	# What follows is the host's own: a namespace of mounts that a process keeps alive.
	# shellcheck disable=SC2016 # expanded by the inner shell
	nsenter --net="/run/netns/$RUN-$name" -- unshare --mount -- "$BASH" -c '
		mount -t tmpfs -o mode=0755 tmpfs /etc/aronet
		mount -t tmpfs -o mode=0755 tmpfs /var/lib
		mount -t tmpfs -o mode=0755 tmpfs /run/netns
		mount -t tmpfs -o mode=0755 tmpfs /run/wireguard
		mkdir -p /run/aronet
		mount -t tmpfs -o mode=0755 tmpfs /run/aronet
		: >"$1"
		exec sleep infinity' host "$RUN_DIR/$name.ready" &
	README_HOLDER[$name]=$!
	wait_until 10 test -e "$RUN_DIR/$name.ready"
}

# readme_enter NAME COMMAND... Runs a command as NAME: on its host, or, for a person without one, here.
readme_enter() {
	local name=$1 holder=${README_HOLDER[$1]:-}
	shift
	if [ -z "$holder" ]; then
		"$@"
		return
	fi
	nsenter --mount="/proc/$holder/ns/mnt" --net="/proc/$holder/ns/net" --wdns="$PWD" -- "$@"
}

# readme_commands NAME The block's commands as "PERSON<tab>COMMAND", ended by a zero byte each.
readme_commands() {
	awk -v name="$1" '
		$0 == "<!-- run " name " -->" { wanted = 1; next }
		wanted && /^```/ { wanted = 0; inside = 1; next }
		inside && /^```/ { exit }
		!inside { next }
		more { command = command "\n" $0 }
		!more && match($0, /^[a-z0-9]+[#$] /) {
			person = substr($0, 1, RLENGTH - 2)
			command = substr($0, RLENGTH + 1)
			started = 1
			document = command ~ /<<.?END/
		}
		!more && !started { next }
		{
			if (document)
				more = $0 != "END"
			else
				more = command ~ /\\$/
			if (!more) {
				printf "%s\t%s%c", person, command, 0
				started = document = 0
			}
		}' "$README"
}

# readme_count NAME PATTERN How many commands of a block match.
readme_count() {
	readme_commands "$1" | tr '\n\0' ' \n' | cut -f 2- | grep -c -E -- "$2"
}

# readme_run NAME One check for each command of the block.
readme_run() {
	local person command
	while IFS=$'\t' read -r -d '' person command; do
		check "$1: $person: ${command%%$'\n'*}" readme_command "$person" "$command"
	done < <(readme_commands "$1")
}

# Questions (passphrases, y/N) are asked on a terminal, and answered there. A daemon in the background
# is waited for, as a person would.
readme_command() {
	readme_enter "$1" env PATH="$RUN_DIR/bin:$PATH" \
		python3 "$MESH/terminal.py" "$BASH" -e -o pipefail -c "$2" || return
	case $2 in
	"aronet daemon run"*"&") wait_until 10 readme_enter "$1" test -S /run/aronet/control ;;
	esac
}
