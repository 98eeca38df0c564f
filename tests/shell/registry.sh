#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The tools of a registry, as people use them: one person with one key, and a federation of two
# organizations, both by the commands of the specification (section 16) as they stand there; then what
# is refused. ARONET is the program.
set -euo pipefail
# shellcheck source=../support/tools.sh
source "$(cd "$(dirname "$0")/../support" && pwd)/tools.sh"
tools_begin

## One person with one key, which is encrypted: four commands until the nodes have a registry.
request home moon fd66:1::/64 203.0.113.5
request home sun fd66:2::/64 null
request home earth fd66:3::/64 192.0.2.2
person aronet keygen signing me.key >keygen.out
check "a key is encrypted and private" "$(stat -c %a me.key me.pub | tr '\n' ' ')$(head -n 1 me.key)" \
	"600 644 -----BEGIN ENCRYPTED PRIVATE KEY-----"
check "nobody sees the passphrase" "$(grep -c 'horse' keygen.out me.key me.pub | tr '\n' ' ')" \
	"keygen.out:0 me.key:0 me.pub:0 "
person aronet registry init home --mesh home --key me.key --org home --pool fd66::/16 \
	--pool 192.168.128.0/17 --expiry 1y >init.out
person aronet registry -C home add --request moon.req sun.req earth.req >add.out
person aronet registry -C home publish --key me.key -o registry.json >publish.out
pin=$(sed -n 's/^pin this: mesh_sha256 //p' init.out)
check "init prints the pin" "$pin" "$(sha256sum home/mesh.1.json | cut -d ' ' -f 1)"
check "and whose mesh this is" "$(grep -c 'threshold 1: whoever has me.key owns this mesh' init.out)" 1
check "add shows what is added" "$(grep -c '^+ node home/' add.out)" 3
check "publish says what it made" "$(tail -n 1 publish.out)" "registry.json: manifest 1, 3 nodes"
tells "a node with the pin takes it" "mesh home 1, manifest 1, 3 nodes" \
	aronet registry verify registry.json --mesh-sha256 "$pin"
check "each endpoint has a send_port of its own" \
	"$(jq -c '[.nodes[].endpoints[] | .send_port // .port] | unique' home/org/home.json)" \
	"[12025,12026,12027]"
check "openssl agrees with every signature" "$(bundle verify registry.json)" "3 of 3"
bundle payload registry.json home | sed 's/moon/MOON/' >changed
jq --arg p "$(base64 -w 0 changed)" '.envelopes[2].payload = $p' registry.json >changed.json
check "and not after one change" "$(bundle verify changed.json)" "2 of 3"
check "the folder is at home in git" "$(cat home/.gitattributes)" "* -text"
check "all is signed and published" \
	"$(aronet registry -C home status | tail -n 1 | sed -E 's/ in [0-9]+d[0-9]+h / in TIME /')" \
	"  manifest.json        1  $(jq -r .expires home/manifest.json), in TIME  signed      yes"
check "a manifest may live for a year" "$(jq .manifest_max_days home/mesh.1.json)" 366

## Later: remove, publish.
cp registry.json registry.1.json
person aronet registry -C home remove home/earth >remove.out
check "remove shows what goes" "$(grep -c '^- node home/earth' remove.out)" 1
says "then something waits" "org/home.json waits for me: aronet registry sign org/home.json --key FILE, or publish|1" \
	aronet registry -C home status
person aronet registry -C home publish --key me.key -o registry.json >publish.out
check "publish shows what is new" "$(grep -c '^- node home/earth' publish.out)" 1
check "the next manifest" "$(tail -n 1 publish.out)" "registry.json: manifest 2, 2 nodes"

## Look at it.
says "the same folder is no difference to its file" "|0" aronet registry diff home registry.json
jq 'to_entries | reverse | from_entries' registry.json >reordered.json
says "neither is another order of members" "|0" aronet registry diff registry.json reordered.json
says "what was removed is a difference" "- node home/earth|1" \
	aronet registry diff registry.1.json registry.json
check "and ends a tunnel" "$(aronet registry diff registry.1.json registry.json -c moon.json |
	grep tunnel | head -n 1)" "- tunnel home/earth/0 (from endpoint 0) goes down"
check "as JSON it is the same" "$(aronet registry diff registry.1.json registry.json -c moon.json --json |
	jq -c '.changes[-1].subject, (.impact.tunnels[0] | [.change, .tunnel, .interrupts]), (.impact.operations > 0)')" \
	'"node home/earth"
["down","home/earth/0",false]
true'
check "without a node there are only the changes" \
	"$(aronet registry diff registry.1.json registry.json --json | jq -c keys)" '["changes"]'
says "unsigned registries can be compared" "+ node example2/venus|1" bash -c \
	"aronet registry diff '$SUPPORT/../config/registry.json' '$SUPPORT/../config/registry-five.json' |
		grep '^[+~-] node' | tail -n 1; exit \${PIPESTATUS[0]}"
tells "show tells grants and nodes" "    grant fd66::/16: prefixes to /64" aronet registry show registry.json
check "as JSON it has the documents" \
	"$(aronet registry show home --json | jq -c '[.mesh.version, .manifest.version, .organizations[0].version]')" \
	"[1,2,2]"
tells "log tells who signed" "signed by me" aronet registry -C home log
tells "trust shows whose keys they are" "$(sed -n 's/^fingerprint  //p' keygen.out | tr -d '\r')  me" \
	aronet registry trust registry.json -o pin.json --yes
check "and writes the pin" "$(sha256sum pin.json | cut -d ' ' -f 1)" "$pin"

## What is refused.
says "a key is never overwritten" "aronet: me.key: exists already; a key is never overwritten|3" \
	aronet keygen signing me.key --no-passphrase
says "init begins nothing twice" "aronet: home: holds a registry already; nothing was changed|4" \
	aronet registry init home --mesh home --key me.pub --pool fd66::/16
says "without a terminal nobody is asked" \
	'aronet: there is no terminal to ask "Add this?" on; pass --yes to do it without asking|2' \
	setsid aronet registry -C home add --request earth.req
says "a node is added once" \
	'aronet: home/moon: is in the registry already; to replace it, remove it first|4' \
	aronet registry -C home add --request moon.req --yes
request away mars fd66:4::/64 null
says "a request of an organization that is no member" \
	'aronet: organization "away" is no member of this mesh; aronet registry member add "away" makes it one|4' \
	aronet registry -C home add --request mars.req --yes
request home mars fd67:4::/64 null
says "a prefix outside the grants is refused at once" \
	'aronet: home/mars: fd67:4::/64 is outside the grants of "home"|5' \
	aronet registry -C home add --request mars.req --yes
request home mars fd66:1::/64 null
says "and one that another node has" 'aronet: fd66:1::/64 is announced by home/mars and home/moon|5' \
	aronet registry -C home add --request mars.req --yes
jq --arg p "$(jq -r .payload earth.req | base64 -d | sed 's/fd66:3:/fd66:9:/' | base64 -w 0)" \
	'.payload = $p' earth.req >forged.req
refuses "a request that was changed" "0 of 1 required signatures are good" \
	aronet registry -C home add --request forged.req --yes
PASSPHRASE=wrong person aronet registry -C home publish --key me.key -o registry.json >wrong.out || status=$?
check "a wrong passphrase" "$(tail -n 1 wrong.out)|$status" "aronet: me.key: wrong passphrase|3"
before=$(sha256sum home/*.json home/*.sig home/org/* registry.json)
PASSPHRASE=$'\003' person aronet registry -C home publish --key me.key -o registry.json >ctrl-c.out || status=$?
check "Ctrl-C ends it by the signal" "$status" 130
check "and nothing is half written" "$(sha256sum home/*.json home/*.sig home/org/* registry.json)" "$before"
check "no file is left over" "$(find home . -maxdepth 1 -name '*.new')" ""
exec 7<<<"correct horse battery staple"
says "scripts name a descriptor" "registry.json: manifest 3, 2 nodes|0" \
	aronet registry -C home publish --key me.key -o registry.json --yes --passphrase-fd 7
says "not with another pin" \
	"aronet: no mesh document in this bundle matches the pinned mesh_sha256 000000000000...|4" \
	aronet registry verify registry.json --mesh-sha256 "$(printf '0%.0s' {1..64})"
bundle trust registry.json >trust.json
says "an old registry is refused by who has the new one" \
	"aronet: manifest 1 is older than 3, which this node already accepted|4" \
	aronet registry verify registry.1.json --state trust.json

## Two organizations; the keys of the mesh have alice (north), bob (south) and carol.
key alice bob carol ci north south
request north n1 fd66:1:1::/64 198.51.100.2
request north n2 fd66:1:2::/64 null
request south s1 fd66:2:1::/64 192.0.2.2
person aronet registry init fed --mesh fed --key alice.key --key bob.pub --key carol.pub --threshold 2 \
	--manifest-key ci.pub --pool fd66::/16 >init.out
check "init says what comes next" "$(tail -n 1 init.out)" \
	"mesh 1 is a draft: 1 of 2 signatures. Next: aronet registry -C fed sign mesh --key FILE"
person aronet registry -C fed member add north --key north.pub --grant fd66:1::/32-64 >/dev/null
person aronet registry -C fed member add south --key south.pub --grant fd66:2::/32-64 --transit no >/dev/null
person aronet registry -C fed sign mesh --key alice.key >sign.out
check "one signature is not enough" "$(tail -n 1 sign.out)" "mesh 1: 1 of 2 signatures"
refuses "status says for whom it waits" "mesh.json waits for bob, carol" aronet registry -C fed status
cp fed/mesh.json signed
person aronet registry -C fed sign mesh --key bob.key >sign.out
check "the second changes no byte" "$(cmp signed fed/mesh.1.json && echo equal)" equal
check "and prints the pin" "$(tail -n 1 sign.out)" \
	"pin this: mesh_sha256 $(sha256sum signed | cut -d ' ' -f 1)"
pin=$(sha256sum fed/mesh.1.json | cut -d ' ' -f 1)
person aronet registry -C fed add --request n1.req n2.req >/dev/null &&
	person aronet registry -C fed sign org/north.json --key north.key >/dev/null
person aronet registry -C fed add --request s1.req >/dev/null
says "only its own keys sign for an organization: E_KEY_ROLE" \
	"aronet: key $(keyid south)... may not sign org \"north\"|3" \
	aronet registry -C fed sign org/north.json --key south.key --yes
says "publish needs the members' signatures" \
	'aronet: org "south" has 0 of 1 signatures; whoever has a key for it runs aronet registry sign org/south.json --key FILE|4' \
	aronet registry -C fed publish --key ci.key -o fed.json --yes
person aronet registry -C fed sign org/south.json --key south.key >/dev/null
person aronet registry -C fed publish --key ci.key -o fed.json >publish.out
check "the federation is published" "$(tail -n 1 publish.out)" "fed.json: manifest 1, 3 nodes"
check "openssl agrees with every signature of it" "$(bundle verify fed.json)" "5 of 5"
cp -r fed fed.before

## South moves an endpoint: no key of the mesh is needed.
sed -i 's/192\.0\.2\.2/192.0.2.7/' fed/org/south.json
person aronet registry -C fed sign >sign.out --key south.key
check "sign finds what waits for the key" "$(grep -c '~ endpoint 0: 192.0.2.2, ip4' sign.out)" 1
check "and gives it the next version" "$(jq .version fed/org/south.json)" 2
says "CI publishes it" "fed.json: manifest 2, 3 nodes|0" \
	aronet registry -C fed publish --key ci.key -o fed.json --yes
tells "nodes with the first pin follow" "mesh fed 1, manifest 2, 3 nodes" \
	aronet registry verify fed.json --mesh-sha256 "$pin"

## What nodes would refuse is not published, and changes nothing.
says "a key without a role signs nothing" "aronet: key $(keyid north)... may not sign org \"south\"|3" \
	aronet registry -C fed sign org/south.json --key north.key --yes
key stranger
says "nor does a stranger" "aronet: key $(keyid stranger)... may not sign any document of this registry|3" \
	aronet registry -C fed sign --key stranger.key --yes
says "nor publish" "aronet: key $(keyid stranger)... may not sign manifest 3|3" \
	aronet registry -C fed publish --key stranger.key -o fed.json --yes
sed -i 's/fd66:2:1::/fd66:1:5::/' fed/org/south.json
aronet registry -C fed sign org/south.json --key south.key --yes >/dev/null
says "a prefix outside the grants is not published" \
	'aronet: south/s1: fd66:1:5::/64 is outside the grants of "south"|5' \
	aronet registry -C fed publish --key ci.key -o fed.json --yes
tells "the file for the nodes is what it was" "manifest 2" aronet registry verify fed.json
rm fed/org/south.json fed/org/south.json.sig
says "nobody is left out" \
	'aronet: organization "south" is a member but there is no org/south.json; add its nodes, or suspend it|4' \
	aronet registry -C fed publish --key ci.key -o fed.json --yes

## Two administrators sign different versions 2; one of them is published.
rm -rf fed
cp -r fed.before fed
sed -i 's/192\.0\.2\.2/192.0.2.8/' fed/org/south.json
aronet registry -C fed sign org/south.json --key south.key --yes >/dev/null
aronet registry -C fed publish --key ci.key -o fed.json --yes >/dev/null
for suffix in "" .sig; do cp "fed.before/org/south.json$suffix" "fed/org/south.json$suffix"; done
sed -i 's/192\.0\.2\.2/192.0.2.9/' fed/org/south.json
aronet registry -C fed sign org/south.json --key south.key --yes >/dev/null
refuses "the other is not" "two registries are in circulation" \
	aronet registry -C fed publish --key ci.key -o fed.json --yes

## What cannot be read is not signed.
rm -rf fed
cp -r fed.before fed
sed -i 's/"endpoints"/"endpoint"/' fed/org/south.json
refuses "a slip of the pen" 'unknown member "endpoint"; did you mean "endpoints"?' \
	aronet registry -C fed sign org/south.json --key south.key --yes
sed -i 's/"spec": 1,/"spec": 1,,/' fed/org/south.json
refuses "nor text that is no JSON" "fed/org/south.json:3:" \
	aronet registry -C fed sign org/south.json --key south.key --yes
refuses "status tells it" "org/south.json:3:" aronet registry -C fed status

## Who makes a mesh of several holders signs its first organization.
aronet registry init club --mesh club --key alice.key --key bob.pub --threshold 2 --org club \
	--pool fd66::/16 >/dev/null
check "the first organization is that of who made it" \
	"$(jq -r '.organizations[0].keys[].id' club/mesh.json | cut -c 1-8)" "$(keyid alice)"

## Time.
rm -rf fed
cp -r fed.before fed
aronet registry -C fed sign org/south.json --key south.key --expiry 1d --yes >/dev/null
later=$(date -u -d '+2 days' +%Y-%m-%dT%H:%M:%SZ)
refuses "what has expired is named" 'org "south" expired' \
	aronet registry -C fed publish --key ci.key --at "$later" -o fed.json --yes
says "signed anew it is good" "fed.json: manifest 2, 3 nodes|0" \
	aronet registry -C fed publish --key ci.key --key south.key --at "$later" -o fed.json --yes
tells "a suspension needs nothing from the organization" "fed.json: manifest 3, 2 nodes" bash -c '
	aronet registry -C fed member suspend south --yes &&
	aronet registry -C fed sign mesh --key alice.key --yes &&
	aronet registry -C fed sign mesh --key bob.key --yes &&
	aronet registry -C fed publish --key ci.key -o fed.json --yes'
check "every version of the mesh is told" "$(aronet registry -C fed log | grep -c '^mesh [12],')" 2
tools_end
