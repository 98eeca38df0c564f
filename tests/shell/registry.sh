#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The tools of a registry, as people use them: one person with one key, a federation, and what comes
# after a key was stolen. ARONET is the program.
set -euo pipefail
export ARONET
DIR=$(mktemp -d /run/aronet-registry-XXXXXX)
CHECKS=0
FAILED=0
trap 'rm -rf "$DIR"' EXIT
cd "$DIR"

# check TEXT FOUND EXPECTED
check() {
	CHECKS=$((CHECKS + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $CHECKS - $1"
		return
	fi
	FAILED=$((FAILED + 1))
	printf 'not ok %d - %s\n' "$CHECKS" "$1"
	printf '# found:    %s\n# expected: %s\n' "${2//$'\n'/$'\n'#           }" "${3//$'\n'/$'\n'#           }"
}

# says TEXT EXPECTED COMMAND... The last line that a command says, and its exit code.
says() {
	local text=$1 expected=$2 status=0 output
	shift 2
	output=$("$@" 2>&1 </dev/null) || status=$?
	check "$text" "$(tail -n 1 <<<"$output")|$status" "$expected"
}

registry() {
	"$ARONET" registry "$@"
}

# key NAME... Signing keys.
key() {
	local name
	for name in "$@"; do
		"$ARONET" keygen signing "$name.key" --no-passphrase >/dev/null
	done
}

# keyid NAME The first digits of a key's id, as messages show it.
keyid() {
	openssl pkey -pubin -in "$1.pub" -outform DER | tail -c 32 | sha256sum | cut -c 1-8
}

# request ORGANIZATION NAME NETWORK ENDPOINT
request() {
	cat >"$2.json" <<-END
		{ "organization": "$1", "common_name": "$2", "private_key": "$2.key",
		  "daemon": { "mode": "netns", "network": "$3" },
		  "endpoints": [ $4 ] }
	END
	[ -e "$2.key" ] || "$ARONET" keygen node -o "$2.key" >/dev/null
	"$ARONET" request -c "$2.json" >"$2.req"
}

# verify_with_openssl BUNDLE PUBLIC-KEY How many envelopes openssl finds well signed by the key.
verify_with_openssl() {
	local count=0 i type
	for ((i = 0; i < $(jq '.envelopes | length' "$1"); i++)); do
		type=$(jq -r ".envelopes[$i].payloadType" "$1")
		jq -r ".envelopes[$i].payload" "$1" | base64 -d >payload
		jq -r ".envelopes[$i].signatures[0].sig" "$1" | base64 -d >sig
		{
			printf 'DSSEv1 %d %s %d ' "${#type}" "$type" "$(wc -c <payload)"
			cat payload
		} >pae
		openssl pkeyutl -verify -pubin -inkey "$2" -rawin -in pae -sigfile sig >/dev/null 2>&1 &&
			count=$((count + 1))
	done
	echo "$count"
}

## One person, one key.
key me
says "a key is never overwritten" "aronet: me.key: exists already; a key is never overwritten|3" \
	"$ARONET" keygen signing me.key --no-passphrase
check "a key is private" "$(stat -c %a me.key me.pub | tr '\n' ' ')" "600 644 "
registry init home --mesh home --key me.key --org home --pool fd66::/16 --pool 192.168.128.0/17 \
	--expiry 1y >init.out
pin=$(sed -n 's/^pin this: mesh_sha256 //p' init.out)
check "init prints the pin" "$pin" "$(sha256sum home/mesh.1.json | cut -d ' ' -f 1)"
says "init begins nothing twice" "aronet: home: holds a registry already; nothing was changed|4" \
	registry init home --mesh home --key me.key --pool fd66::/16
request home moon fd66:1::/64 '{ "address": "198.51.100.2", "port": 12025 }'
request home sun fd66:2::/64 '{ "address": null, "address_family": "ip4", "port": 12025 }'
request home earth fd66:3::/64 '{ "address": "192.0.2.2", "port": 12025 }'
says "without a terminal nobody is asked" \
	'aronet: there is no terminal to ask "Add this?" on; pass --yes to do it without asking|2' \
	setsid "$ARONET" registry add -C home --request moon.req
says "requests are added" "    wireguard: $(jq -r .payload sun.req | base64 -d |
	jq -r '.node.wireguard[0].public_key')|0" \
	registry add -C home --request moon.req sun.req earth.req --yes
says "a request is added once" \
	'aronet: home/moon: is in the registry already; to replace it, remove it first|4' \
	registry add -C home --request moon.req --yes
check "each endpoint has a send_port of its own" \
	"$(jq -c '[.nodes[].endpoints[] | .send_port // .port] | unique | length' home/org/home.json)" 3
says "publish makes the file" "registry.json: manifest 1, 3 nodes|0" \
	registry publish -C home --key me.key -o registry.json --yes
check "a node would take it" "$(registry verify registry.json --mesh-sha256 "$pin" | cut -d ';' -f 1)" \
	"mesh home 1, manifest 1, 3 nodes"
says "not with another pin" \
	"aronet: no mesh document in this bundle matches the pinned mesh_sha256 000000000000...|4" \
	registry verify registry.json --mesh-sha256 "$(printf '0%.0s' {1..64})"
check "openssl agrees with every signature" "$(verify_with_openssl registry.json me.pub)" 3
sed 's/moon/MOON/' <(jq -r '.envelopes[2].payload' registry.json | base64 -d) | base64 -w 0 >changed
jq --rawfile p changed '.envelopes[2].payload = $p' registry.json >changed.json
check "and not after one change" "$(verify_with_openssl changed.json me.pub)" 2
says "the same folder is no difference to its file" "|0" registry diff home registry.json
jq 'to_entries | reverse | from_entries' registry.json >reordered.json
says "neither is another order of members" "|0" registry diff registry.json reordered.json
cp registry.json registry.1.json
registry remove -C home home/earth --yes >/dev/null
says "what was removed is a difference" "- node home/earth|1" registry diff registry.json home
says "publish goes on" "registry.json: manifest 2, 2 nodes|0" \
	registry publish -C home --key me.key -o registry.json --yes
key stranger
says "a stranger cannot publish" "aronet: key $(keyid stranger)... may not sign manifest 3|3" \
	registry publish -C home --key stranger.key -o registry.json --yes
check "a refused publish writes nothing" "$(registry verify registry.json 2>/dev/null | grep -c 'manifest 2')" 1

## Two organizations, three people, one machine that publishes.
key alice bob carol ci north south
registry init fed --mesh fed --key alice.key --key bob.pub --key carol.pub --threshold 2 \
	--manifest-key ci.pub --pool fd66::/16 >init.out
registry member add north -C fed --key north.pub --grant fd66:1::/32-64 --yes >/dev/null
registry member add south -C fed --key south.pub --grant fd66:2::/32-64 --transit no --yes >/dev/null
says "one signature is not enough" "mesh 1: 1 of 2 signatures|0" \
	registry sign mesh -C fed --key alice.key --yes
says "a key without a role signs nothing" "aronet: key $(keyid south)... may not sign mesh 1|3" \
	registry sign mesh -C fed --key south.key --yes
says "the second completes it" "pin this: mesh_sha256 $(sha256sum fed/mesh.json | cut -d ' ' -f 1)|0" \
	registry sign mesh -C fed --key bob.key --yes
pin=$(sha256sum fed/mesh.1.json | cut -d ' ' -f 1)
request north n1 fd66:1:1::/64 '{ "address": "198.51.100.2", "port": 12025 }'
request south s1 fd66:2:1::/64 '{ "address": "192.0.2.2", "port": 12025 }'
registry add -C fed --request n1.req s1.req --yes >/dev/null
says "publish needs the members' signatures" \
	'aronet: org "north" has 0 of 1 signatures; whoever has a key for it runs aronet registry sign org/north.json --key FILE|4' \
	registry publish -C fed --key ci.key -o fed.json --yes
says "each organization signs its own" 'org "north": signed|0' \
	registry sign org/north.json -C fed --key north.key --yes
says "and no other" "aronet: key $(keyid north)... may not sign org \"south\"|3" \
	registry sign org/south.json -C fed --key north.key --yes
registry sign org/south.json -C fed --key south.key --yes >/dev/null
says "the federation is published" "fed.json: manifest 1, 2 nodes|0" \
	registry publish -C fed --key ci.key -o fed.json --yes
cp fed.json fed.1.json
cp -r fed fed.before
sed -i 's/fd66:2:1::/fd66:1:5::/' fed/org/south.json
registry sign org/south.json -C fed --key south.key --yes >/dev/null
says "a prefix outside the grants is not published" \
	'aronet: south/s1: fd66:1:5::/64 is outside the grants of "south"|5' \
	registry publish -C fed --key ci.key -o fed.json --yes
rm -rf fed
cp -r fed.before fed
# shellcheck disable=SC2016 # expanded by the inner shell
says "nobody is left out" \
	'aronet: organization "south" is a member but there is no org/south.json; add its nodes, or suspend it|4' \
	bash -c 'rm fed/org/south.json*; "$ARONET" registry publish -C fed --key ci.key -o fed.json --yes'
rm -rf fed
cp -r fed.before fed

## The manifest key is stolen: the mesh replaces it, and manifests begin anew.
key ci2
python3 - <<-'END'
	import json
	mesh = json.load(open("fed/mesh.1.json"))
	json.dump(mesh, open("fed/mesh.json", "w"))
END
jq --rawfile pem ci2.pub --arg id "$(openssl pkey -pubin -in ci2.pub -outform DER | tail -c 32 |
	sha256sum | cut -c 1-32)" '.keys += [{id: $id, public_key: $pem}] |
	(.roles.manifest.keys[0]) as $old | .roles.manifest.keys = [$id] |
	.keys |= map(select(.id != $old))' fed/mesh.1.json >fed/mesh.json
registry sign mesh -C fed --key alice.key --yes >/dev/null
says "a new manifest key takes two holders" "mesh 2: signed|0" \
	registry sign mesh -C fed --key carol.key --yes
says "the old one publishes no more" "aronet: key $(keyid ci)... may not sign manifest 2|3" \
	registry publish -C fed --key ci.key -o fed.json --yes
says "the new one does" "fed.json: manifest 2, 2 nodes|0" \
	registry publish -C fed --key ci2.key -o fed.json --yes
says "nodes with the first pin follow" "mesh fed 2, manifest 2, 2 nodes; manifest 2 expires first, $(
	jq -r .expires fed/manifest.json)|0" registry verify fed.json --mesh-sha256 "$pin"

## The key of an organization is stolen: it gets another one, the old one is revoked.
key south2
registry member set south -C fed --key south2.pub --yes >/dev/null
registry member set south -C fed --key south2.pub --key south.pub --yes >/dev/null
registry member revoke south -C fed --key south.pub --reason "lost laptop" --yes >/dev/null
registry sign mesh -C fed --key alice.key --yes >/dev/null
registry sign mesh -C fed --key bob.key --yes >/dev/null
says "the revoked key signs nothing" "aronet: key $(keyid south)... may not sign org \"south\"|3" \
	registry sign org/south.json -C fed --key south.key --yes
registry sign org/south.json -C fed --key south2.key --yes >/dev/null
says "the new one does" "fed.json: manifest 3, 2 nodes|0" \
	registry publish -C fed --key ci2.key -o fed.json --yes
# shellcheck disable=SC2016 # expanded by the inner shell
says "a suspension needs nothing from the organization" "fed.json: manifest 4, 1 node|0" bash -c '
	"$ARONET" registry member suspend south -C fed --yes &&
	"$ARONET" registry sign mesh -C fed --key alice.key --yes &&
	"$ARONET" registry sign mesh -C fed --key bob.key --yes &&
	"$ARONET" registry publish -C fed --key ci2.key -o fed.json --yes'
check "every version of the mesh is told" "$(registry log -C fed | grep -c '^mesh [1-4],')" 4

echo "1..$CHECKS"
[ "$FAILED" -eq 0 ]
