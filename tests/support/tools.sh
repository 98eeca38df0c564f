# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Tests of the registry's tools, as people use them: a directory of their own, commands as they stand in
# a manual, and what they said. To be sourced; ARONET is the program.
#
#   tools_begin
#   key alice bob
#   says "bob is no stranger" "mesh 1: 1 of 2 signatures|0" aronet registry -C fed sign mesh ...
#   tools_end

SUPPORT=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CHECKS=0
CHECKS_FAILED=0

tools_begin() {
	export ARONET
	# Keys are refused in directories that others may write, such as /tmp.
	TOOLS_DIR=$(mktemp -d /run/aronet-tools-XXXXXX)
	trap 'rm -rf "$TOOLS_DIR"' EXIT
	cd "$TOOLS_DIR" || exit 1
	mkdir bin
	ln -s "$ARONET" bin/aronet
	PATH=$TOOLS_DIR/bin:$PATH
}

tools_end() {
	echo "1..$CHECKS"
	[ "$CHECKS_FAILED" -eq 0 ]
}

# check TEXT FOUND EXPECTED
check() {
	CHECKS=$((CHECKS + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $CHECKS - $1"
		return
	fi
	CHECKS_FAILED=$((CHECKS_FAILED + 1))
	printf 'not ok %d - %s\n' "$CHECKS" "$1"
	printf '# found:    %s\n# expected: %s\n' "${2//$'\n'/$'\n'#           }" "${3//$'\n'/$'\n'#           }"
}

# says TEXT EXPECTED COMMAND... The last line that a command says, and its exit code: "LINE|CODE".
says() {
	local text=$1 expected=$2 status=0 output
	shift 2
	output=$("$@" 2>&1 </dev/null) || status=$?
	check "$text" "$(tail -n 1 <<<"$output")|$status" "$expected"
}

# tells TEXT PART COMMAND... A command succeeds and says, among other things, PART.
tells() {
	local text=$1 part=$2 status=0 output
	shift 2
	output=$("$@" 2>&1 </dev/null) || status=$?
	if [ "$status" -eq 0 ] && grep -qF -- "$part" <<<"$output"; then
		check "$text" "$part" "$part"
	else
		check "$text" "$output|$status" "... $part ...|0"
	fi
}

# refuses TEXT PART COMMAND... A command fails and says PART.
refuses() {
	local text=$1 part=$2 status=0 output
	shift 2
	output=$("$@" 2>&1 </dev/null) || status=$?
	if [ "$status" -ne 0 ] && grep -qF -- "$part" <<<"$output"; then
		check "$text" "$part" "$part"
	else
		check "$text" "$output|$status" "... $part ...|not 0"
	fi
}

# person COMMAND... On a terminal, where somebody types passphrases and says yes.
person() {
	"$SUPPORT/terminal.py" "$@"
}

# key NAME... Signing keys, not encrypted.
key() {
	local name
	for name in "$@"; do
		aronet keygen signing "$name.key" --no-passphrase >/dev/null
	done
}

# keyid NAME The first digits of a key's id, as messages show it.
keyid() {
	openssl pkey -pubin -in "$1.pub" -outform DER | tail -c 32 | sha256sum | cut -c 1-8
}

# request ORGANIZATION NAME NETWORK ADDRESS NAME.req of a node with an endpoint at ADDRESS, or null.
request() {
	local address=null
	[ "$4" = null ] || address="\"$4\""
	cat >"$2.json" <<-END
		{ "organization": "$1", "common_name": "$2", "private_key": "$2.key",
		  "daemon": { "mode": "netns", "network": "$3" },
		  "endpoints": [ { "address": $address, "address_family": "ip4", "port": 12025 } ] }
	END
	[ -e "$2.key" ] || aronet keygen node -o "$2.key" >/dev/null
	aronet request -c "$2.json" >"$2.req"
}

# bundle ... See bundle.py.
bundle() {
	"$SUPPORT/bundle.py" "$@"
}
