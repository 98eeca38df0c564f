# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Nodes that run aronet. To be sourced after topology.sh.
#
# ARONET   path of the program under test
# VARIANT  what the nodes are made of, see node_variant; "netns" if it is not set

CONFIGS=$(cd "$(dirname "${BASH_SOURCE[0]}")/../config" && pwd)
declare -A NODE_PID=()
declare -A NETWORK=([moon]=fd66 [sun]=fd67 [earth]=fd68 [mars]=fd69 [venus]=fd6a)
declare -A PREFIX4=([moon]=192.168.128 [sun]=192.168.129 [earth]=192.168.130 [mars]=192.168.131
	[venus]=192.168.132)

# The addresses of a node in the overlay.
address6() { echo "${NETWORK[$1]}::ffff:0:0:1"; }
address4() { echo "${PREFIX4[$1]}.1"; }
sid_end() { echo "${NETWORK[$1]}::ffff:0:0:a"; }
sid_decap4() { echo "${NETWORK[$1]}::ffff:0:0:b"; }
sid_decap6() { echo "${NETWORK[$1]}::ffff:0:0:c"; }

# node_variant NODE What this node is made of, as words: netns or vrf, and babeld, bird or go (the
# program instead of the kernel's WireGuard) where it is not what aronet chooses by itself; ipsec or
# both for other transports than WireGuard; userspace for IPsec without the kernel's ESP.
node_variant() {
	case ${VARIANT:-netns} in
	mixed)
		case $1 in
		moon) echo vrf ;;
		sun) echo netns babeld ;;
		earth) echo netns bird ;;
		*) echo netns babeld go ;;
		esac
		;;
	bird) echo netns bird ;;
	ipsec | both) echo netns "$VARIANT" ;;
	*-userspace) echo netns "${VARIANT%-userspace}" userspace ;;
	vrf-*) echo vrf "${VARIANT#vrf-}" ;;
	*) echo "${VARIANT:-netns}" ;;
	esac
}

# node_is NODE WORD Is that one of its variant's words?
node_is() {
	[[ " $(node_variant "$1") " == *" $2 "* ]]
}

# node_edit NODE Makes the example configuration, which it reads, that of the node's variant.
node_edit() {
	local edits=()
	if node_is "$1" vrf; then
		edits+=(-e 's/"mode": "netns"/"mode": "vrf"/' -e '/"netns_name":/d')
	fi
	if node_is "$1" bird || node_is "$1" babeld; then
		edits+=(-e "s/^  \"wireguard\": {/  \"babel\": { \"backend\": \"$(node_babel "$1")\" },\n&/")
	fi
	if node_is "$1" go; then
		edits+=(-e 's/"backend": "auto"/"backend": "userspace"/')
	fi
	if node_is "$1" ipsec; then
		edits+=(-e 's/"port": 12025/&, "transports": ["ipsec"]/')
	elif node_is "$1" both; then
		edits+=(-e 's/"port": 12025/&, "transports": ["wireguard", "ipsec"]/')
	fi
	if node_is "$1" userspace; then
		edits+=(-e 's/^  "wireguard": {/  "ipsec": { "backend": "userspace" },\n&/')
	fi
	sed "${edits[@]}" -e ''
}

# node_charon NODE What the files of its IKE daemon begin with. AppArmor's profiles want them there.
node_charon() {
	charon_files "$RUN_DIR/$1"
}

# charon_pid NODE
charon_pid() {
	status "$1" .ike.pid
}

# swan NODE COMMAND... Asks its IKE daemon, past aronet.
swan() {
	local node=$1
	shift
	touch "$RUN_DIR/strongswan.conf" # it refuses to start without one
	STRONGSWAN_CONF=$RUN_DIR/strongswan.conf \
		host "$node" swanctl "$@" --uri "unix://$(node_charon "$node").vici"
}

node_babel() {
	if node_is "$1" bird || node_is "$1" vrf; then
		echo bird
	else
		echo babeld
	fi
}

# speaker_value NODE KEY What is on record of its routing daemon: pid, router-id.
speaker_value() {
	local stem=babel
	[ "$(node_babel "$1")" = babeld ] || stem=bird
	sed -n "s/^$2 //p" "$RUN_DIR/$1/private/$stem.generation"
}

# speaker_routes NODE What it has in the kernel.
speaker_routes() {
	local family protocol=babel
	[ "$(node_babel "$1")" = babeld ] || protocol=bird
	for family in -6 -4; do
		ip -n "$RUN-$1-overlay" "$family" route show table "$(node_table "$1")" proto "$protocol"
	done
}

# node_table NODE The routing table of its overlay.
node_table() {
	if node_is "$1" vrf; then
		echo 128
	else
		echo main
	fi
}

# node_prepare NODE Puts the example configuration into the run's directory, under its names.
node_prepare() {
	local dir=$RUN_DIR/$1
	mkdir -p "$dir"
	[ -n "${UNSIGNED:-}" ] || registry_begin
	sed "s/aronet-demo/$RUN/g${UNSIGNED:+;s|\"mesh\": .*|\"allow_unsigned\": true,|}" \
		"$CONFIGS/$1/config.json" | node_edit "$1" >"$dir/config.json"
	if node_is "$1" vrf; then
		namespace_alias "$1-overlay" "$1"
	fi
	# A checkout does not keep the mode of a private file.
	install -m 0600 -t "$dir" "$CONFIGS/$1"/*.key
}

# node_start NODE [OPTION...] Starts the daemon and waits until it answers.
node_start() {
	local node=$1
	shift
	# A background job of a script ignores SIGINT; a daemon in the foreground must not.
	host_exec "$node" env --default-signal=INT,QUIT "$ARONET" daemon run \
		-c "$RUN_DIR/$node/config.json" "$@" >>"$RUN_DIR/$node/daemon.log" 2>&1 &
	NODE_PID[$node]=$!
	if ! wait_until 60 node_answers_or_ended "$node" || ! node_answers "$node"; then
		echo "the daemon of $node does not answer:" >&2
		tail -n 15 "$RUN_DIR/$node/daemon.log" >&2
		return 1
	fi
}

# aronet NODE COMMAND... Runs a command of aronet against the daemon of a node.
aronet() {
	local node=$1
	shift
	host "$node" "$ARONET" "$@" -c "$RUN_DIR/$node/config.json"
}

node_answers() {
	local status=0
	aronet "$1" status >/dev/null 2>&1 || status=$?
	# 1: it answers that something is not (yet) as intended.
	[ "$status" -le 1 ]
}

node_answers_or_ended() {
	node_answers "$1" || ! process_lives "${NODE_PID[$1]}"
}

# node_signal NODE SIGNAL Ends the daemon by a signal and returns its exit status.
node_signal() {
	local pid=${NODE_PID[$1]}
	kill "-$2" "$pid"
	unset "NODE_PID[$1]"
	# The shell reports a killed job on standard error; that is not news here.
	wait "$pid" 2>/dev/null
}

# node_load NODE [ARRAY [OPTION...]] Loads a registry, see registry_file.
node_load() {
	local node=$1 registry
	registry=$(registry_file "${2:-$CONFIGS/registry.json}") || return
	shift
	[ $# -eq 0 ] || shift
	aronet "$node" load -r "$registry" ${UNSIGNED:+--allow-unsigned} "$@"
}

# status NODE FILTER A value from the daemon's own report, by a jq filter.
status() {
	local text
	text=$(aronet "$1" status --json) || [ $? -eq 1 ]
	jq -r "$2" <<<"$text"
}

# plan_length NODE ARRAY How many operations a load of this registry would need.
plan_length() {
	node_load "$1" "$2" --plan --json 2>/dev/null | jq '.plan | length'
}

# sends_directly NODE TO Do packets take the tunnel between the two, or a way through others?
sends_directly() {
	[ "$(status "$1" "[.routes[] | select(.installed and (.node | endswith(\"/$2\"))) |
		.node == .peer] | length > 0 and all")" = true ]
}

# node_interfaces NODE The tunnel interfaces of a node.
node_interfaces() {
	overlay "$1" ip -j link show |
		jq -r '.[].ifname | select(test("^ar[a-z2-7]{10}$"))'
}

# node_transports NODE How many tunnels there are between two endpoints.
node_transports() {
	if node_is "$1" both; then
		echo 2
	else
		echo 1
	fi
}

# node_handshakes NODE "INTERFACE PEER TIME" of every tunnel, from WireGuard itself, and "IF_ID SPI 1" of every
# SA in the kernel.
node_handshakes() {
	local interface
	for interface in $(status "$1" '.tunnels[] | select(.transport == "wireguard").interface'); do
		overlay "$1" wg show "$interface" latest-handshakes | sed "s/^/$interface /"
	done
	host "$1" ip xfrm state 2>/dev/null |
		sed -n 's/.* spi \(0x[0-9a-f]*\).*/\1/p; s/.*if_id \(0x[0-9a-f]*\).*/\1/p' |
		paste -d " " - - | awk '{ print $2, $1, 1 }'
}

# mesh_begin NODE... Underlay, daemons and registry.
mesh_begin() {
	local node
	underlay_begin
	for node in "$@"; do
		underlay_attach "$node"
		node_prepare "$node"
	done
	for node in "$@"; do
		node_start "$node"
		node_load "$node" >"$RUN_DIR/$node/load.log" 2>&1
	done
}

# mesh_reaches NODE... Does every node reach every other one, by IPv4 and IPv6?
mesh_reaches() {
	local from to
	for from in "$@"; do
		for to in "$@"; do
			[ "$from" != "$to" ] || continue
			reaches "$from" "$(address4 "$to")" || return 1
			reaches "$from" "$(address6 "$to")" || return 1
		done
	done
}

# mesh_up NODE... A mesh in which everybody reaches everybody.
mesh_up() {
	mesh_begin "$@"
	if ! wait_until 60 mesh_reaches "$@"; then
		echo "not every node reaches every other one after 60 s" >&2
		return 1
	fi
}
