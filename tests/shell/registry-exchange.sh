#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The registries of other programs come in, and go out again. ARONET is the program.
set -euo pipefail
# shellcheck source=../support/tools.sh
source "$(cd "$(dirname "$0")/../support" && pwd)/tools.sh"
tools_begin

key mover
mkdir peers
cat >peers.conf <<-'END'
	peers {
	  public_key = "rCOdBo/VRxc2ulTM3TzQ9UmHYRAGR4mkN15rs7rmMiY="
	  name       = "one"
	  endpoint {
	    address_family = "ip4"
	    send_port      = 50180
	    address        = "192.0.2.1"
	  }
	  remarks {
	    region = "x"
	  }
	}
	peers {
	  public_key = "broken"
	}
END
cat >peers/two.conf <<-'END'
	PublicKey = "GMi1N+cqxgplru+WvQgAYFmC1SdpFljptGbLS2gL80g="
	SendPort = 50342
END
cat >ranet.json <<-'END'
	[{"public_key": "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----",
	  "organization": "acme corp", "nodes": [{"common_name": "local", "endpoints": [
	  {"serial_number": "0", "address_family": "ip4", "port": 13000}],
	  "remarks": {"prefix": "fd67:0:0:10::/60"}}]}]
END
aronet registry init move --mesh move --key mover.key --pool fd66::/15 >/dev/null
says "a peer without an organization is none" \
	"aronet: peers.conf: peers have no organization; say with --org which one they become|2" \
	aronet registry import -C move peers.conf --yes
says "strangers are not let in tacitly" \
	'aronet: organization "acme corp" is no member of this mesh; with --key FILE.pub it becomes one, and --plan tells which grants it needs|4' \
	aronet registry import -C move ranet.json --yes
says "--plan tells what they need, without a folder" \
	'  aronet registry member add "acme corp" --key FILE.pub --grant fd67:0:0:10::/60-64|0' \
	aronet registry import -C nowhere --plan ranet.json
says "with a key they are members" "next: aronet registry publish, or sign what is changed|0" \
	aronet registry import -C move ranet.json --key mover.pub --yes
says "twice is refused" \
	"aronet: acme corp/local is in the registry already; to replace it, remove it first|4" \
	aronet registry import -C move ranet.json --yes
says "files and folders of peers are one organization" \
	"next: aronet registry publish, or sign what is changed|0" \
	aronet registry import -C move peers.conf peers --org rait --key mover.pub --yes
check "what is left out is told" "$(aronet registry import --plan peers.conf --org rait --pool fd66::/16 2>&1 |
	grep 'left out')" "aronet: note: peers.conf:14:16: /peers/1/public_key: a WireGuard key is 44 characters of base64 (32 bytes), as printed by wg pubkey; peer left out"
says "all of it is published" "move.json: manifest 1, 3 nodes|0" \
	aronet registry publish -C move --key mover.key -o move.json --yes
check "networks follow from the keys" "$(jq -r '.nodes[].remarks.network' move/org/rait.json | tr '\n' ' ')" \
	"fd66:c17f:eff6:2441::/64 fd67:379d:ac72:db46::/64 "
aronet registry export move.json --ranet -o again.json 2>/dev/null
check "ranet gets its nodes back" "$(jq -c '.[].nodes[] | [.common_name, .endpoints[0].serial_number,
	.remarks.prefix]' again.json)" '["local","0","fd67:0:0:10::/60"]'
aronet registry export move.json --rait 2>/dev/null >again.conf
aronet registry init moved --mesh moved --key mover.key --org rait --pool fd66::/15 >/dev/null
aronet registry import -C moved again.conf --yes >/dev/null 2>&1
check "RAIT's nodes survive the way out and in" "$(jq -S .nodes moved/org/rait.json)" \
	"$(jq -S .nodes move/org/rait.json)"
says "a format has to be chosen" \
	"aronet: registry export: expected one of --legacy, --ranet, --rait, --rait-toml|2" \
	aronet registry export move.json
tools_end
