#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# No private key gets anywhere but into its own file: not into a log, an argument, an environment,
# an answer, a state file, a generated configuration or a core file, also not while things go wrong.
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin secrets
OUTPUT=$RUN_DIR/output
mkdir "$OUTPUT"

# secret NAME FILE Remembers a WireGuard key or a key in PEM, in the forms in which it could leak.
secret() {
	local name=$1 file=$2 base64
	base64=$(grep -v -e '-----' "$file" | tr -d '\n')
	# The last 32 bytes are the key itself, also in PKCS#8.
	base64 -d <<<"$base64" | tail -c 32 >"$RUN_DIR/raw.secret"
	{
		base64 -w 0 <"$RUN_DIR/raw.secret"
		echo
		od -A n -v -t x1 "$RUN_DIR/raw.secret" | tr -d ' \n'
		echo
		od -A n -v -t x1 "$RUN_DIR/raw.secret" | tr -d ' \n' | tr a-f A-F
		echo
		# In PKCS#8 its base64 is aligned otherwise than that of the key alone.
		cut -c 24- <<<"$base64"
	} >>"$RUN_DIR/secrets.list"
	cp "$RUN_DIR/raw.secret" "$RUN_DIR/$name.secret"
}

# finds FILE... Which of them hold a secret, as text or as raw bytes?
finds() {
	local raw
	grep -l -a -F -f "$RUN_DIR/secrets.list" -- "$@" 2>/dev/null || true
	for raw in "$RUN_DIR"/*.secret; do
		python3 - "$raw" "$@" <<-'SEARCH'
			import sys
			secret = open(sys.argv[1], "rb").read()
			for path in sys.argv[2:]:
			    try:
			        if secret in open(path, "rb").read():
			            print(path)
			    except OSError:
			        pass
		SEARCH
	done
}

# holds_none TEXT FILE...
holds_none() {
	local text=$1
	shift
	[ $# -gt 0 ] || set -- /nonexistent
	check_equal "$text" "$(finds "$@" | sort -u)" ""
}

# record NAME COMMAND... What a command says, however it ends.
record() {
	local name=$1
	shift
	"$@" >>"$OUTPUT/$name" 2>&1 || true
}

for node in moon sun; do
	for key in identity wireguard; do
		secret "$node-$key" "$CONFIGS/$node/$key.key"
	done
done
holds_none "the search finds nothing where nothing is" "$CONFIGS/moon/config.json"
check_equal "the search finds a key in its own file" \
	"$(finds "$CONFIGS/moon/wireguard.key" | sort -u)" "$CONFIGS/moon/wireguard.key"
check_equal "the search finds a key in PKCS#8" \
	"$(finds "$CONFIGS/moon/identity.key" | sort -u)" "$CONFIGS/moon/identity.key"

underlay_begin
for node in moon sun; do
	underlay_attach "$node"
	node_prepare "$node"
done
node_start moon --log-level debug
node_start sun --log-level debug
record load node_load moon
record load node_load sun
check "moon reaches sun" wait_until 30 reaches moon "$(address4 sun)"

# Everything that a command can say, also about what is wrong.
for option in "" --json; do
	record status aronet moon status $option
	record info aronet moon daemon info $option
	record check aronet moon check $option
	record plan node_load moon "$CONFIGS/registry.json" --plan $option
	record refused aronet moon load -r "$CONFIGS/moon/wireguard.key" $option
	record refused aronet moon load -r "$CONFIGS/moon/identity.key" $option
done
sed "s|\"private_key\": \".*wireguard.key\"|\"private_key\": \"$(tr -d '\n' <"$CONFIGS/moon/wireguard.key")x\"|" \
	"$RUN_DIR/moon/config.json" >"$RUN_DIR/damaged.json"
chmod 600 "$RUN_DIR/damaged.json"
record damaged host moon "$ARONET" check -c "$RUN_DIR/damaged.json"
check "a damaged inline key is refused" grep -q "private_key" "$OUTPUT/damaged"
rm "$RUN_DIR/damaged.json"

mapfile -t said < <(find "$OUTPUT" -type f)
holds_none "no command says a key" "${said[@]}"
mapfile -t logs < <(find "$RUN_DIR" -name '*.log')
holds_none "no log holds a key" "${logs[@]}"
for pid in $(run_processes); do
	for file in cmdline environ; do
		cat "/proc/$pid/$file" >>"$OUTPUT/processes-$file" 2>/dev/null || true
	done
done
check "there are helpers to look at" test "$(run_processes | wc -l)" -ge 6
holds_none "no argument holds a key" "$OUTPUT/processes-cmdline"
holds_none "no environment holds a key" "$OUTPUT/processes-environ"
mapfile -t files < <(find "$RUN_DIR/moon" "$RUN_DIR/sun" -type f ! -name '*.key')
holds_none "no state and no generated file holds a key" "${files[@]}"

# A daemon that dies by a signal that dumps core leaves none.
check_equal "the daemon may not dump core" \
	"$(awk '/^Max core file size/ { print $5, $6 }' "/proc/${NODE_PID[moon]}/limits")" "0 0"
(cd "$RUN_DIR" && kill -ABRT "${NODE_PID[moon]}")
check "the daemon ends" wait_until 5 fails process_lives "${NODE_PID[moon]}"
{ wait "${NODE_PID[moon]}" || true; } 2>/dev/null
check_equal "it leaves no core file" "$(find "$RUN_DIR" -name 'core*')" ""
node_start moon
check "moon reaches sun again" wait_until 30 reaches moon "$(address4 sun)"

record down aronet moon down --forget
record down aronet sun down --forget
holds_none "taking down says no key" "$OUTPUT/down"
scenario_end
