#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A node with a pinned mesh: which registries it takes, what it never goes back behind, and what it
# makes of its state after crashes, damage and disks that refuse.
source "$(dirname "$0")/../support/scenario.sh"
scenario_begin trust
# The signed registries here are made below; before them the nodes have an unsigned one.
export UNSIGNED=1
SIGN=$(dirname "$ARONET")/../../tests/support/sign_registry
[ -x "$SIGN" ] || scenario_skip "sign_registry is not built (meson option tests)"
NOW=$(date +%s)
STATE=$RUN_DIR/moon/state

# bundle NAME OPTION... A signed registry of the four nodes, in $RUN_DIR/NAME.json.
bundle() {
	local name=$1
	shift
	"$SIGN" "$CONFIGS/registry.json" at=$((NOW - 3600)) "$@" >"$RUN_DIR/$name.json"
}

# load NAME [OPTION...] Loads such a registry into moon.
load() {
	local name=$1
	shift
	aronet moon load -r "$RUN_DIR/$name.json" "$@"
}

manifest() { status moon .registry.manifest; }
state_files() { (cd "$STATE" && sha256sum -- *.json); }
tunnels() { node_interfaces moon | wc -l; }
has_tunnels() { [ "$(tunnels)" -gt 0 ]; }
# configure [MEMBERS] The member "registry"; everything else in config.json stays as it is.
configure() {
	sed -i "/\"registry\": {/,/}/c\\  \"registry\": {\n    \"mesh_sha256\": \"$PIN\", ${1:-}\n  }," \
		"$RUN_DIR/moon/config.json"
}

PIN=$("$SIGN" "$CONFIGS/registry.json" at=$((NOW - 3600)) pin)
bundle five manifest=5
bundle five-other manifest=5 expires=$((NOW + 86400))
bundle four manifest=4
bundle six manifest=6
bundle seven manifest=7 meshes=3
bundle other-mesh manifest=9 mesh_id=77aa000000000000000000000000bb02
bundle moon-alone manifest=6 org=2 without=sun without=earth without=mars

underlay_begin
for node in moon earth; do
	underlay_attach "$node"
	node_prepare "$node"
	node_start "$node"
done
node_load earth >/dev/null 2>&1

# Without a pin a node believes nobody. An unsigned registry is possible until the first signed one.
check "without a pin a signed registry is refused" \
	exits_with 4 "this node has no pinned mesh; see aronet registry trust" load five
check "an unsigned registry is accepted before a signed one" node_load moon
configure '"allow_unsigned": true,'
kill -HUP "${NODE_PID[moon]}"
check "another mesh is refused" exits_with 4 "no mesh document in this bundle matches the pinned" \
	load other-mesh
check "check accepts by the pin" prints "manifest 5, 4 nodes; checked against the pin)" \
	aronet moon check -r "$RUN_DIR/five.json"
writes=$(status moon .stats.kernel_writes)
check "the same nodes, signed, are accepted" prints "manifest 5, 4 nodes" load five
check_equal "nothing was written to the kernel for them" "$(status moon .stats.kernel_writes)" "$writes"
check "status tells the mesh, the manifest and the expiry" \
	prints "registry signed, mesh example 1, manifest 5, 4 nodes, expires in 13 days" aronet moon status
check "moon reaches earth" wait_until 60 reaches moon "$(address4 earth)"
check "check accepts by what was accepted" \
	prints "checked against what this node has accepted)" aronet moon check -r "$RUN_DIR/five.json"

# Never back, never two of one version, never unsigned.
before=$(state_files)
watch_begin moon
check "the same again is no change" prints "no change: manifest 5, 4 nodes" load five
check_equal "the same again writes nothing to the kernel" "$(status moon .stats.kernel_writes)" "$writes"
check "an older manifest is refused" \
	exits_with 4 "manifest 4 is older than 5, which this node already accepted" load four
check "another manifest of the same version is refused" \
	exits_with 4 "manifest 5 differs from the manifest 5 this node accepted" load five-other
check "an unsigned registry is refused in spite of both switches" \
	exits_with 4 "this node has already accepted signed manifest 5" node_load moon
check "another mesh is refused by its name" exits_with 4 "belongs to mesh 77aa" load other-mesh
sed 's/"payload": "eyJ0/"payload": "eyJ1/' "$RUN_DIR/six.json" >"$RUN_DIR/flipped.json"
check "a changed byte is refused" exits_with 4 "" load flipped
head -c 5000 "$RUN_DIR/six.json" >"$RUN_DIR/cut.json"
check "a registry that is cut is refused" exits_with 4 "" load cut
check "a plan is shown" prints delete load moon-alone --plan
check_equal "nothing of this left a trace on disk" "$(state_files)" "$before"
check_equal "nothing of this left a trace in the kernel" "$(watch_end moon)" ""
check "the next manifest is accepted" load six
check "a change of the mesh's keys is followed" prints "manifest 7, 4 nodes" load seven
check "what was signed with the old keys is refused" exits_with 4 "mesh 1 is older than 3" load six

# Expired: new loads must be fresh, what runs goes on, also after kill -9.
EXPIRES=$(($(date +%s) + 4))
bundle short manifest=8 meshes=3 expires=$EXPIRES
check "a registry that expires soon is accepted with a warning" \
	prints "warning W04: manifest 8 expires in less than a minute" load short
check "it becomes stale" wait_until 20 prints "stale since" aronet moon status
ping_begin moon "$(address4 earth)" 600 0.005
node_signal moon KILL || true
node_start moon
check_equal "of 600 packets none is lost over kill -9 and a start with an expired registry" \
	"$(ping_end moon "$(address4 earth)")" 0
check_equal "the restarted node runs on it" "$(manifest)" 8
check "the expired registry cannot be loaded again" exits_with 4 "manifest 8 expired" load short
bundle nine manifest=9 meshes=3
check "a fresh one is accepted" load nine
check_equal "and is not stale" "$(status moon .registry.expiry)" fresh

# For those who want the tunnels down when nobody signs any more.
configure '"on_expiry": "down", "expiry_grace": "1s",'
kill -HUP "${NODE_PID[moon]}"
EXPIRES=$(($(date +%s) + 4))
bundle ten manifest=10 meshes=3 expires=$EXPIRES
check "a registry that expires soon is accepted" load ten
check "there are tunnels" has_tunnels
check "the tunnels go down after the grace" wait_until 20 fails has_tunnels
check "status says why" prints "stale since" aronet moon status
check "status is degraded" exits_with 1 "tunnels down" aronet moon status
node_signal moon KILL || true
node_start moon
check_equal "they stay down after a start" "$(tunnels)" 0
bundle eleven manifest=11 meshes=3
check "a fresh registry is accepted" load eleven
check "it brings the tunnels back" wait_until 10 has_tunnels
check "moon reaches earth again" wait_until 60 reaches moon "$(address4 earth)"
configure
kill -HUP "${NODE_PID[moon]}"

# A disk that refuses: nothing is applied, the mesh runs.
bundle twelve manifest=12 meshes=3 org=2 without=mars
before=$(state_files)
watch_begin moon
# The daemon of a scenario is in the same mount namespace.
mount --bind "$STATE" "$STATE"
mount -o remount,ro,bind "$STATE"
check "a read-only state directory refuses the load" exits_with 8 \
	"cannot record trust state in $STATE: Read-only file system; registry not applied" load twelve
umount "$STATE"
mount -t tmpfs -o size=4k,mode=0700 tmpfs "$STATE"
check "a full disk refuses the load" exits_with 8 "No space left on device; registry not applied" load twelve
umount "$STATE"
check_equal "the state is the old one" "$(state_files)" "$before"
check_equal "the registry in force is the old one" "$(manifest)" 11
check_equal "nothing changed in the kernel" "$(watch_end moon)" ""
check "the same is accepted afterwards" load twelve
check_equal "a node less" "$(status moon .registry.nodes)" 3

# Ended in the middle of loads, by kill -9 and by SIGTERM: the old one or the new one, whole.
whole=0
ended=0
last=12
for version in $(seq 13 22); do
	bundle crash manifest="$version" meshes=3 org="$version"
	load crash >/dev/null 2>&1 &
	sleep "0.0$((version % 10))"
	if [ $((version % 2)) = 0 ]; then
		node_signal moon KILL || true
	else
		node_signal moon TERM && ended=$((ended + 1))
	fi
	wait $! || true
	node_start moon
	found=$(manifest)
	if { [ "$found" = "$version" ] || [ "$found" = "$last" ]; } &&
		[ "$(status moon '.problems | length')" = 0 ]; then
		whole=$((whole + 1))
	fi
	last=$found
done
check_equal "ended during a load a node has the old or the new registry" "$whole" 10
check_equal "SIGTERM during a load ends the daemon with success" "$ended" 5

# Two at once: in order, and the second sees the floors of the first. Signals in between.
bundle first manifest=24 meshes=3 org=24
bundle second manifest=25 meshes=3 org=25
load second >"$RUN_DIR/second.out" 2>&1 &
second=$!
load first >"$RUN_DIR/first.out" 2>&1 &
first=$!
kill -HUP "${NODE_PID[moon]}"
wait "$second"
wait "$first" || true
kill -HUP "${NODE_PID[moon]}"
check_equal "of two loads at once the newer one stays" "$(manifest)" 25
check "the newer one was accepted" grep -q "manifest 25, 4 nodes" "$RUN_DIR/second.out"
check "the older one was accepted before, or refused" \
	grep -q -e "manifest 24, 4 nodes" -e "manifest 24 is older than 25" "$RUN_DIR/first.out"
bundle last manifest=30 org=30 meshes=3
check "and takes the next one" load last

# Damaged state.
cp "$STATE/trust.json" "$RUN_DIR/trust.json"
node_signal moon TERM
head -c 77 "$RUN_DIR/trust.json" >"$STATE/trust.json"
node_start moon
check_equal "with damaged trust state a node runs on its last registry" "$(manifest)" 30
check "status says what to do" exits_with 1 "see aronet registry reset-trust" aronet moon status
bundle newer manifest=31 org=31 meshes=3
check "and refuses every load" exits_with 8 "no registry is accepted until aronet registry reset-trust" \
	load newer
check "also unsigned ones" exits_with 8 "is damaged" node_load moon
check "moon reaches earth all the same" reaches moon "$(address4 earth)"
node_signal moon TERM
rm "$STATE/trust.json"
node_start moon
check "missing trust state is rebuilt" test -s "$STATE/trust.json"
check "and says so" prints W05 aronet moon status
check "an unsigned registry is refused" exits_with 4 "refusing an unsigned registry" node_load moon
check "an older registry is refused" exits_with 4 "older" load five
node_signal moon TERM
sed -i 's/"payload": "eyJ0/"payload": "eyJ1/' "$STATE/last-good.json"
node_start moon
check "with a registry that was tampered with a node starts without peers" \
	exits_with 1 "running without peers; load a registry again" aronet moon status
check_equal "really" "$(status moon .registry.state) $(tunnels)" "none 0"
check "an older registry is refused still" exits_with 4 "older" load five
check "the next one is accepted" load newer
check "moon reaches earth at last" wait_until 60 reaches moon "$(address4 earth)"
scenario_end
