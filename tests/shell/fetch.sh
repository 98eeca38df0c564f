#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# aronet-fetch against a real https server, on loopback: what it accepts, what it refuses and says, and
# that it has no rights while it does. FETCH is the program.
set -euo pipefail
SUPPORT=$(cd "$(dirname "$0")/../support" && pwd)
# shellcheck source=../support/https.sh
source "$SUPPORT/https.sh"

DIR=$(mktemp -d)
CHECKS=0
FAILED=0
SERVERS=()
trap 'end $?' EXIT

end() {
	[ ${#SERVERS[@]} -eq 0 ] || kill "${SERVERS[@]}" 2>/dev/null || true
	rm -rf "$DIR"
	exit "$1"
}

# check TEXT FOUND EXPECTED
check() {
	CHECKS=$((CHECKS + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $CHECKS - $1"
		return
	fi
	FAILED=$((FAILED + 1))
	printf 'not ok %d - %s\n# found:    %s\n# expected: %s\n' "$CHECKS" "$1" "$2" "$3"
}

# serve NAME PORT Sets URL to that of the server with the certificate NAME.
serve() {
	https_serve "$DIR/$1.log" 127.0.0.1 "$2" "$DIR/$1.pem" "$DIR/$1.key" "$DIR/www"
	SERVERS+=("$HTTPS_PID")
	URL=https://127.0.0.1:$HTTPS_PORT
}

# fetch PATH [ETAG] Its output, "|" and its error with the URL shortened, and the exit code.
fetch() {
	local status=0
	"$FETCH" "$URL$1" "${2:-}" "$DIR/ca.pem" >"$DIR/out" 2>"$DIR/err" </dev/null || status=$?
	echo "$(head -c 200 "$DIR/out" | tr -d '\0')|$(sed "s|$URL|URL|g; s| (.*)\$||" "$DIR/err")|$status"
}

mkdir "$DIR/www"
chmod 755 "$DIR"
https_ca "$DIR"
https_certificate "$DIR" good IP:127.0.0.1
https_certificate "$DIR" other DNS:other.test
https_certificate "$DIR" expired IP:127.0.0.1 -days -1
echo "the registry" >"$DIR/www/registry.json"
etag="\"$(sha256sum "$DIR/www/registry.json" | cut -c 1-16)\""

serve good 0
check "a file is fetched" "$(fetch /registry.json)" "ok $etag"$'\n'"the registry||0"
check "a copy that is there is not fetched again" "$(fetch /registry.json "$etag")" "not modified||0"
check "an old copy is" "$(fetch /registry.json '"old"')" "ok $etag"$'\n'"the registry||0"
check "it says who it is" "$(grep -c 'aronet/[0-9]' "$DIR/good.log")" 3
check "a compressed file is unpacked" "$(fetch /hostile/compressed)" 'ok "z"'$'\n'"a registry||0"
check "a redirect is followed" "$(fetch /hostile/once)" 'ok "z"'$'\n'"a registry||0"
check "an empty file is an answer" "$(fetch /hostile/empty)" "ok ||0"
check "a long ETag is not kept" "$(fetch /hostile/long-etag)" "ok "$'\n'"a registry||0"
check "an ETag with a blank is not kept" "$(fetch /hostile/split-etag)" "ok "$'\n'"a registry||0"

check "a page that is not there" "$(fetch /missing)" \
	"|URL/missing: the server answers with HTTP status 404|4"
check "a redirect to http" "$(fetch /hostile/to-http)" \
	"|URL/hostile/to-http: redirects to something else than https|4"
check "a redirect to a file" "$(fetch /hostile/to-file)" \
	"|URL/hostile/to-file: redirects to something else than https|4"
check "a redirect without an end" "$(fetch /hostile/loop)" \
	"|URL/hostile/loop: redirects more than 3 times|4"
fetch /hostile/endless >"$DIR/endless"
check "an endless file" "$(tail -n 1 "$DIR/endless" | tr -d '\0' | grep -o '|.*')" \
	"|URL/hostile/endless: is larger than the limit of 33554432 bytes|4"
check "no more than the limit is taken from it" \
	"$(test "$(stat -c %s "$DIR/out")" -le 33554600 && echo yes)" yes
fetch /hostile/bomb >"$DIR/bomb"
check "a file that unpacks to more than the limit" \
	"$(tail -n 1 "$DIR/bomb" | tr -d '\0' | grep -o '|.*')" \
	"|URL/hostile/bomb: is larger than the limit of 33554432 bytes|4"
check "a damaged compressed file" "$(fetch /hostile/damaged | grep -o '|.*')" \
	"|URL/hostile/damaged: the compressed body is damaged|4"
check "a file that ends too early" "$(fetch /hostile/truncated | grep -o '|.*')" \
	"|URL/hostile/truncated: the connection ended before all was there|4"
check "a server that says nothing" "$(fetch /hostile/nothing | grep -o '|.*' | cut -d : -f 1)" \
	"|URL/hostile/nothing"
check "a server that sends a byte a second" "$(fetch /hostile/slow | grep -o '|.*')" \
	"|URL/hostile/slow: took too long, or was too slow|4"

# What it is while it runs: the slow server gives time to look.
"$FETCH" "$URL/hostile/slow" "" "$DIR/ca.pem" >/dev/null 2>&1 </dev/null 7<"$DIR/ca.key" &
pid=$!
until grep -q CapEff "/proc/$pid/status" && [ "$(awk '/^NoNewPrivs/ { print $2 }' "/proc/$pid/status")" = 1 ]; do
	sleep 0.05
done
if [ "$(id -u)" -eq 0 ]; then
	check "it is nobody" "$(awk '/^[UG]id/ { print $2, $3, $4, $5 }' "/proc/$pid/status" | sort -u)" \
		"65534 65534 65534 65534"
	check "it is in no group" "$(awk '/^Groups/ { $1 = ""; print }' "/proc/$pid/status")" ""
	check "it has none of our descriptors" \
		"$(find "/proc/$pid/fd" -mindepth 1 -lname "$DIR/*" | wc -l)" 0
	check "it may not dump core" "$(awk '/^Max core/ { print $5, $6 }' "/proc/$pid/limits")" "0 0"
fi
check "it has no capabilities" \
	"$(awk '/^Cap(Eff|Prm|Inh|Amb)/ { print $2 }' "/proc/$pid/status" | sort -u)" 0000000000000000
kill "$pid"
wait "$pid" 2>/dev/null || true

URL=https://127.0.0.1:1
check "nobody there" "$(fetch /)" "|URL/: nobody answers there|4"
URL=https://nowhere.invalid
check "a name that does not resolve" "$(fetch / | cut -d ';' -f 1)" \
	"|URL/: the host's name does not resolve"
serve other 0
check "a certificate of another name" "$(fetch /registry.json)" \
	"|URL/registry.json: the server's certificate is not good|4"
serve expired 0
check "an expired certificate" "$(fetch /registry.json)" \
	"|URL/registry.json: the server's certificate is not good|4"
check "its expiry is told" "$(grep -c expired "$DIR/err")" 1
cp "$DIR/ca.pem" "$DIR/old-ca.pem"
https_ca "$DIR"
serve good 0
check "a certificate of an unknown authority" "$(fetch /registry.json)" \
	"|URL/registry.json: the server's certificate is not good|4"

URL=http://127.0.0.1
check "http is not fetched" "$(fetch /)" "|URL/: only https:// is fetched|4"
URL=file:///etc/passwd
check "neither are files" "$(fetch "")" "|URL: only https:// is fetched|4"
URL=https://user:secret@127.0.0.1
fetch / >/dev/null
check "a password in the URL is refused and not repeated" "$(cat "$DIR/err")" \
	"the URL has a user or password in it; others could see it in the process list, and a signed registry is no secret"

echo "1..$CHECKS"
[ "$FAILED" -eq 0 ]
