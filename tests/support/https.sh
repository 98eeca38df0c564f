# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Certificates and https servers for tests. To be sourced.

HTTPS_SUPPORT=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# https_ca DIRECTORY Makes a certificate authority: ca.pem, ca.key.
https_ca() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-subj "/CN=aronet test CA" -keyout "$1/ca.key" -out "$1/ca.pem" 2>/dev/null
}

# https_certificate DIRECTORY NAME SUBJECT [OPTION...] Makes NAME.pem and NAME.key for a name or
# address ("DNS:mirror.test", "IP:127.0.0.1"), signed by the CA of the directory. Options are those of
# "openssl x509 -req", "-days 2" unless given.
https_certificate() {
	local dir=$1 name=$2 subject=$3
	shift 3
	[ $# -gt 0 ] || set -- -days 2
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" \
		-keyout "$dir/$name.key" -out "$dir/$name.csr" 2>/dev/null
	openssl x509 -req -in "$dir/$name.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" \
		-CAcreateserial -extfile <(echo "subjectAltName=$subject") -out "$dir/$name.pem" "$@" \
		2>/dev/null
}

# https_serve LOG ADDRESS PORT CERTIFICATE KEY DIRECTORY In the background; sets HTTPS_PID and
# HTTPS_PORT when it answers.
https_serve() {
	local log=$1 line=
	shift
	: >"$log"
	: >"$log.ready"
	python3 "$HTTPS_SUPPORT/https_server.py" "$@" >"$log.ready" 2>"$log" &
	HTTPS_PID=$!
	until read -r _ line <"$log.ready" && [ -n "$line" ]; do
		kill -0 "$HTTPS_PID" || return 1
		sleep 0.05
	done
	# shellcheck disable=SC2034 # for those who source this
	HTTPS_PORT=$line
}
