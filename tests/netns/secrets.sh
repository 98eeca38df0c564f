#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# No private key and no secret of the mesh gets anywhere but into its own file: not into a log, an
# argument, an environment, an answer, a state file, a generated configuration or a core file, also not
# while things go wrong.
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
	grep -l -a -F -f "$RUN_DIR/secrets.list" -- "$@" 2>/dev/null || true
	python3 - "$RUN_DIR" "$@" <<-'SEARCH'
		import pathlib, sys
		secrets = [path.read_bytes() for path in pathlib.Path(sys.argv[1]).glob("*.secret")]
		for path in sys.argv[2:]:
		    try:
		        content = open(path, "rb").read()
		    except OSError:
		        continue
		    if any(secret in content for secret in secrets):
		        print(path)
	SEARCH
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

# psk FILE The pre-shared key of moon and sun that follows from a secret of the mesh today.
psk() {
	python3 - "$1" "$(jq -r .mesh_id "$RUN_DIR/mesh.json")" \
		"$(jq -r '.[].nodes[] | select(.common_name == "moon" or .common_name == "sun") |
			.wireguard[0].public_key' "$CONFIGS/registry.json" | tr '\n' ' ')" <<-'DERIVE'
		import base64, hashlib, hmac, sys, time
		secret = base64.b64decode(open(sys.argv[1]).read().splitlines()[1])
		keys = b"".join(sorted(base64.b64decode(key) for key in sys.argv[3].split()))
		salt = b"aronet psk v1" + bytes.fromhex(sys.argv[2])
		epoch = (int(time.time()) // 86400).to_bytes(8, "big")
		prk = hmac.new(salt, secret, hashlib.sha256).digest()
		print(hmac.new(prk, keys + epoch + b"\x01", hashlib.sha256).hexdigest())
	DERIVE
}

# mesh_secret NAME Makes a secret of the mesh, and gives it to both nodes.
mesh_secret() {
	local node
	"$ARONET" keygen mesh -o "$RUN_DIR/$1.key" >>"$OUTPUT/keygen"
	secret "$1" "$RUN_DIR/$1.key"
	psk "$RUN_DIR/$1.key" | tee "$RUN_DIR/$1.psk" >>"$RUN_DIR/secrets.list"
	for node in moon sun; do
		install -m 0600 -t "$RUN_DIR/$node" "$RUN_DIR/$1.key"
	done
}

# psk_secrets NAME... What both configurations name.
psk_secrets() {
	local node names
	names=$(printf '"%s.key", ' "$@")
	for node in moon sun; do
		sed -i -e '/"psk/d' -e "0,/{/s//{\n  \"psk\": \"mesh\",\n  \"psk_secrets\": [${names%, }],/" \
			"$RUN_DIR/$node/config.json"
	done
}

# tunnel_psks NODE What WireGuard has as pre-shared keys, in hexadecimal.
tunnel_psks() {
	if [ "$(status "$1" .wireguard)" = kernel ]; then
		overlay "$1" wg show all preshared-keys | while read -r _ _ key; do
			base64 -d <<<"$key" | od -A n -v -t x1 | tr -d ' \n'
			echo
		done
	else
		wireguard_go_psks "$1"
	fi
}

# wireguard_go_psks NODE The sockets are in its mount namespace.
wireguard_go_psks() {
	local interface
	for interface in $(status "$1" '.tunnels[] | select(.transport == "wireguard").interface'); do
		python3 - "/var/run/wireguard/$interface.sock" <<-'ASK' | sed -n 's/^preshared_key=//p'
			import socket, sys
			talk = socket.socket(socket.AF_UNIX)
			talk.connect(sys.argv[1])
			talk.sendall(b"get=1\n\n")
			text = b""
			while not text.endswith(b"\n\n"):
			    text += talk.recv(65536)
			print(text.decode())
		ASK
	done
}
use_secret() {
	[ "$(status moon '[.tunnels[] | select(.peer == "example/sun").preshared_key] |
		length > 0 and all')" = true ]
}
has_psk() { tunnel_psks moon | grep -x -F -f "$RUN_DIR/$1.psk" >/dev/null; }
lacks_secret() { status moon '.problems[] | select(.object == "psk") | .text' | grep -q -F 'this node does not have'; }

underlay_begin
for node in moon sun; do
	underlay_attach "$node"
	node_prepare "$node"
done
mesh_secret first
psk_secrets first
check "the mesh uses a secret" registry_secret "$RUN_DIR/first.key"
node_start moon --log-level debug
node_start sun --log-level debug
record load node_load moon
record load node_load sun
check "moon reaches sun" wait_until 30 reaches moon "$(address4 sun)"
check "all tunnels to sun use the secret" wait_until 30 use_secret
check_equal "moon knows the secret" "$(status moon '[.problems[], .warnings[]] | map(tostring) |
	map(select(test("secret"))) | length')" 0
check "the key is the one that the specification gives" wait_until 5 has_psk first

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
# Of each node: the daemon and its speaker of Babel.
check "there are helpers to look at" test "$(run_processes | wc -l)" -ge 4
holds_none "no argument holds a key" "$OUTPUT/processes-cmdline"
holds_none "no environment holds a key" "$OUTPUT/processes-environ"
mapfile -t files < <(find "$RUN_DIR/moon" "$RUN_DIR/sun" -type f ! -name '*.key')
holds_none "no state and no generated file holds a key" "${files[@]}"

# The next secret, in use from the load on: first moon does not have it.
"$ARONET" keygen mesh -o "$RUN_DIR/second.key" >>"$OUTPUT/keygen"
secret second "$RUN_DIR/second.key"
check "the mesh has the next secret" registry_secret "$RUN_DIR/second.key" --from 2026-01-01T00:00:00Z
record load node_load moon
check "moon tells that it lacks the secret" wait_until 10 lacks_secret
check_equal "the node is not well" "$(status moon .state)" degraded
check "aronet check would have told" prints 'which this node does not have: no tunnel' \
	aronet moon check -r "$RUN_DIR/signed.json"
for node in moon sun; do
	install -m 0600 -t "$RUN_DIR/$node" "$RUN_DIR/second.key"
done
psk_secrets first second
for node in moon sun; do
	kill -HUP "${NODE_PID[$node]}"
done
record load node_load sun
check "with its file all is well" wait_until 10 fails lacks_secret
check "moon reaches sun with the next secret" wait_until 30 reaches moon "$(address4 sun)"
mapfile -t logs < <(find "$RUN_DIR" -name '*.log')
holds_none "no log holds the next secret" "${logs[@]}"

# A daemon that dies by a signal that dumps core leaves none.
check_equal "the daemon may not dump core" \
	"$(awk '/^Max core file size/ { print $5, $6 }' "/proc/${NODE_PID[moon]}/limits")" "0 0"
(cd "$RUN_DIR" && kill -ABRT "${NODE_PID[moon]}")
check "the daemon ends" wait_until 5 fails process_lives "${NODE_PID[moon]}"
{ wait "${NODE_PID[moon]}" || true; } 2>/dev/null
check_equal "it leaves no core file" "$(find "$RUN_DIR" -name 'core*')" ""
node_start moon
check "moon reaches sun again" wait_until 30 reaches moon "$(address4 sun)"
check_equal "the next daemon knew the keys that were there" "$(status moon .stats.operations)" 0

record down aronet moon down --forget
record down aronet sun down --forget
holds_none "taking down says no key" "$OUTPUT/down"
scenario_end
