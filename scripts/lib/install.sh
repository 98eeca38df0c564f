# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034 # the lists are for those who source this
#
# Installs what is missing on a Debian (or derived) machine. To be sourced.

PACKAGES_BUILD=(gcc meson ninja-build pkg-config git libuv1-dev libmnl-dev libjson-c-dev libssl-dev
	libnftables-dev libcurl4-openssl-dev)
PACKAGES_RUN=(babeld wireguard-go)
PACKAGES_SCENARIO=(iproute2 nftables iputils-ping iperf3 jq procps util-linux wireguard-tools)
PACKAGES_TEST=(clang libclang-rt-dev libcmocka-dev libfaketime libnl-route-3-dev openssl python3
	shellcheck charon-systemd strongswan-swanctl libstrongswan-standard-plugins
	libcharon-extra-plugins)
PACKAGES_VM=(mmdebstrap qemu-system-x86 cpio kmod xz-utils e2fsprogs)

# What Debian starts when it installs them. Tests and nodes run such programs by themselves.
declare -A SERVICES=([babeld]=babeld.service [charon-systemd]=strongswan.service)

# install_packages PACKAGE... Does nothing if all of them are there.
install_packages() {
	if ! command -v dpkg-query >/dev/null; then
		echo "This is not Debian or a derived system, so nothing is installed. Needed are the" \
			"equivalents of: $*" >&2
		return 0
	fi
	local package missing=()
	for package in "$@"; do
		package_installed "$package" || missing+=("$package")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	if [ "$(id -u)" -ne 0 ]; then
		echo "Packages are missing. As root: apt-get install ${missing[*]}" >&2
		return 1
	fi
	echo "Installing: ${missing[*]}"
	local log
	log=$(mktemp)
	if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y \
		--no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
		tail -n 15 "$log" >&2
		rm -f "$log"
		echo "apt-get could not install: ${missing[*]}" >&2
		return 1
	fi
	rm -f "$log"
	services_disable "${missing[@]}"
}

# services_disable PACKAGE... Those that were not there before.
services_disable() {
	local package
	[ -d /run/systemd/system ] || return 0
	for package in "$@"; do
		[ -z "${SERVICES[$package]:-}" ] || systemctl --quiet disable --now "${SERVICES[$package]}"
	done
}

package_installed() {
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}
