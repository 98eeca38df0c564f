#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# After a key was stolen or lost (registry specification, section 16.3). What the thief makes is made by
# openssl where our tools refuse to; what a node keeps is computed by bundle.py. Manifests and versions
# up to 9007199254740991 are signed by the thief. ARONET is the program.
set -euo pipefail
# shellcheck source=../support/tools.sh
source "$(cd "$(dirname "$0")/../support" && pwd)/tools.sh"
tools_begin
LAST=9007199254740991

# publish FOLDER FILE KEY...
publish() {
	local folder=$1 file=$2 key
	local -a keys=()
	shift 2
	for key in "$@"; do keys+=(--key "$key.key"); done
	aronet registry -C "$folder" publish "${keys[@]}" -o "$file" --yes
}

# sign_mesh KEY...
sign_mesh() {
	local key
	for key in "$@"; do
		aronet registry -C fed sign mesh --key "$key.key" --yes
	done | tail -n 1
}

# node_accepts FILE What the node says of a registry; if it accepts it, it keeps that in mind.
node_accepts() {
	local output
	output=$(aronet registry verify "$1" --state trust.json 2>&1) || {
		echo "$output"
		return 1
	}
	bundle trust "$1" >trust.json
	cut -d ';' -f 1 <<<"$output"
}

key alice bob carol ci north south
request north n1 fd66:1:1::/64 198.51.100.2
request south s1 fd66:2:1::/64 192.0.2.2
request south thief fd66:2:66::/64 192.0.2.66
aronet registry init fed --mesh fed --key alice.key --key bob.pub --key carol.pub --threshold 2 \
	--manifest-key ci.pub --pool fd66::/16 >/dev/null
aronet registry -C fed member add north --key north.pub --grant fd66:1::/32-64 --yes >/dev/null
aronet registry -C fed member add south --key south.pub --grant fd66:2::/32-64 --yes >/dev/null
sign_mesh alice bob >/dev/null
aronet registry -C fed add --request n1.req s1.req --yes >/dev/null
aronet registry -C fed sign --key north.key --yes >/dev/null
aronet registry -C fed sign --key south.key --yes >/dev/null
publish fed fed.json ci >/dev/null
bundle trust fed.json >trust.json
says "a node has accepted the first registry" "mesh fed 1, manifest 1, 2 nodes|0" node_accepts fed.json

## The key of manifests is stolen. The thief uses up all their versions.
cp -r fed thief
sed -i "s/\"version\": 1, \"issued\"/\"version\": $((LAST - 1)), \"issued\"/" thief/manifest.json
bundle sign manifest thief/manifest.json ci.key >thief/manifest.json.sig
publish thief thief.json ci >/dev/null
says "the node follows the thief, whose key is good" "mesh fed 1, manifest $LAST, 2 nodes|0" \
	node_accepts thief.json
publish fed late.json ci >/dev/null
says "and refuses the owners" "aronet: manifest 2 is older than $LAST, which this node already accepted|1" \
	node_accepts late.json
key ci2
aronet registry -C fed role manifest --key ci2.pub --yes >/dev/null
says "two holders replace the key" "mesh 2: signed|0" sign_mesh alice carol
says "the old one publishes no more" "aronet: key $(keyid ci)... may not sign manifest 3|3" \
	publish fed fed.json ci
says "the new one does" "fed.json: manifest 3, 2 nodes|0" publish fed fed.json ci2
says "and the node goes on, behind the lower version" "mesh fed 2, manifest 3, 2 nodes|0" \
	node_accepts fed.json
bundle payload thief.json manifest >forged
jq -c --slurpfile m <(bundle payload fed.json manifest) '.mesh = $m[0].mesh' forged >forged.2
bundle replace fed.json manifest forged.2 ci.key >thief.json
says "what the thief signs counts no more" \
	"aronet: manifest: 0 of 1 required signatures are good (1 by unknown key $(keyid ci)...)|1" \
	node_accepts thief.json

## The key of south is stolen. The thief adds a node of its own, in the last version that there is.
rm -rf thief
cp -r fed thief
sed -i "s/\"version\": 1,/\"version\": $((LAST - 1)),/" thief/org/south.json
bundle sign org thief/org/south.json south.key >thief/org/south.json.sig
aronet registry -C thief add --request thief.req --yes >/dev/null
aronet registry -C thief sign org/south.json --key south.key --yes >/dev/null
check "the thief has used up the versions" "$(jq .version thief/org/south.json)" "$LAST"
says "CI publishes it: it cannot know" "thief.json: manifest 4, 3 nodes|0" publish thief thief.json ci2
says "the node has a tunnel to the thief" "mesh fed 2, manifest 4, 3 nodes|0" node_accepts thief.json
cp thief/manifest.json* fed/ # what was published last
key south2
aronet registry -C fed member set south --key south2.pub --yes >/dev/null
aronet registry -C fed member revoke south --key south.pub --reason "lost laptop" --yes >/dev/null
stolen=$(jq -r .payload thief.req | base64 -d | jq -r '.node.wireguard[0].public_key')
aronet registry -C fed member revoke "$stolen" --yes >/dev/null
says "the mesh replaces the key and revokes the old one" "mesh 3: signed|0" sign_mesh bob carol
says "the old key signs nothing" "aronet: key $(keyid south)... may not sign org \"south\"|3" \
	aronet registry -C fed sign org/south.json --key south.key --yes
aronet registry -C fed sign org/south.json --key south2.key --yes >/dev/null
check "the new one may begin with any version" "$(jq .version fed/org/south.json)" 2
says "CI publishes" "fed.json: manifest 5, 2 nodes|0" publish fed fed.json ci2
says "the thief's node is gone" "mesh fed 3, manifest 5, 2 nodes|0" node_accepts fed.json
bundle payload thief.json south >forged
bundle replace fed.json south forged south.key >thief.json
bundle payload fed.json manifest | jq -c --arg sha "$(sha256sum <forged | cut -d ' ' -f 1)" \
	--argjson size "$(stat -c %s forged)" --argjson version "$LAST" \
	'.version = 6 | .organizations[1] += {version: $version, size: $size, sha256: $sha}' >forged.2
bundle replace thief.json manifest forged.2 ci2.key >thief.2.json
says "documents by the revoked key are told as such" \
	"aronet: org \"south\" is signed by revoked key $(keyid south)... (lost laptop)|1" \
	node_accepts thief.2.json
aronet registry -C fed sign org/south.json --key south2.key --expiry 1y --yes >/dev/null
sed -i 's/"nodes": \[/&/' fed/org/south.json
aronet registry -C fed add --request thief.req --yes >/dev/null 2>&1
aronet registry -C fed sign org/south.json --key south2.key --yes >/dev/null
refuses "a revoked node is left out even if its organization lists it" "E_KEY_REVOKED" bash -c \
	'aronet registry -C fed publish --key ci2.key -o fed.json --yes; false'
tells "and everybody is told" "manifest 6, 2 nodes" aronet registry verify fed.json --state trust.json

## One of three keys of the mesh is stolen, two have to sign.
key alice2
aronet registry -C fed role mesh --key alice2.pub --key bob.pub --key carol.pub --yes >/dev/null
says "the other two replace it" "mesh 4: signed|0" sign_mesh bob carol
aronet registry -C fed member set north --max-nodes 65 --yes >/dev/null
says "what the thief signs counts no more" "aronet: key $(keyid alice)... may not sign mesh 5|3" \
	aronet registry -C fed sign mesh --key alice.key --yes
rm fed/mesh.json
publish fed fed.json ci2 >/dev/null
says "nodes follow" "mesh fed 4, manifest 7, 2 nodes|0" node_accepts fed.json
pin=$(sha256sum fed/mesh.1.json | cut -d ' ' -f 1)
tells "also those that had nothing but the first pin" "mesh fed 4, manifest 7" \
	aronet registry verify fed.json --mesh-sha256 "$pin"
check "openssl agrees with every signature" "$(bundle verify fed.json)" "11 of 11"

## The only key of a home user is stolen; the owner is first.
key me
request home moon fd66:1::/64 203.0.113.5
aronet registry init home --mesh home --key me.key --org home --pool fd66::/16 >/dev/null
aronet registry -C home add --request moon.req --yes >/dev/null
publish home home.json me >/dev/null
bundle trust home.json >trust.json
cp -r home thief-home
key new
aronet registry -C home role mesh --key new.pub --yes >/dev/null
aronet registry -C home role manifest --key new.pub --yes >/dev/null
aronet registry -C home member set home --key new.pub --yes >/dev/null
says "the new key alone is not enough" "aronet: key $(keyid new)... may not sign manifest 2|3" \
	publish home home.json new
says "old and new key together are" "home.json: manifest 2, 1 node|0" publish home home.json me new
check "the old key is in no role any more" "$(jq -c '.keys | length' home/mesh.2.json)" 1
says "the node follows" "mesh home 2, manifest 2, 1 node|0" node_accepts home.json
limit=100
for name in second third; do
	aronet registry -C thief-home member set home --max-nodes "$((++limit))" --yes >/dev/null
	publish thief-home "thief-$name.json" me >/dev/null
done
refuses "the thief's mesh 2 leads it nowhere" "mesh 2" node_accepts thief-second.json
says "the thief's mesh 3 neither" \
	"aronet: mesh 3: 0 of 1 required signatures are good (1 by unknown key $(keyid me)...)|1" \
	node_accepts thief-third.json

## The only key is lost, or the thief was first: a new mesh, and each node is told so.
mkdir state
chmod 700 state
bundle trust thief-third.json >trust.json
install -m 600 trust.json state/trust.json
key other
aronet registry init new --mesh home --key other.key --org home --pool fd66::/16 >/dev/null
aronet registry -C new add --request moon.req --yes >/dev/null
publish new new.json other >/dev/null
jq --arg dir "$PWD/state" '.daemon.state_dir = $dir' moon.json >node.json
refuses "a node of the old mesh refuses the new one" "belongs to mesh" node_accepts new.json
says "to start over has to be meant" \
	"aronet: registry reset-trust: gives up what this node has learned of rollbacks and of the keys of its mesh; pass --i-know if that is meant|2" \
	aronet registry reset-trust -c node.json --mesh new/mesh.1.json
says "then it is told whom to trust" "trusted from now on; tunnels stay as they are until the next load|0" \
	aronet registry reset-trust -c node.json --mesh new/mesh.1.json --i-know
tells "and takes the new mesh" "mesh home 1, manifest 1, 1 node" \
	aronet registry verify new.json --state state/trust.json
refuses "and no longer the old one" "belongs to mesh" \
	aronet registry verify home.json --state state/trust.json
says "or it forgets whom it trusted" \
	"nothing is trusted any more; the pin in config.json decides about the next load|0" \
	aronet registry reset-trust -c node.json --i-know
check "nothing is left" "$(ls state)" ""
tools_end
