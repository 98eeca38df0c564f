# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The guest: a root file system, its kernel, an initial ramdisk, and aronet built for it. To be
# sourced by scripts/vm, which has set SOURCE.
#
#   CACHE/KEY/root           the root file system, in which aronet is built
#   CACHE/KEY/root.ext4      the same as an image: programs start much faster from it than over 9p
#   CACHE/KEY/initrd         loads what is needed to mount that image
#   CACHE/KEY/build/SOURCE   aronet, by meson, for each source tree, so that two do not meet
#   CACHE/KEY/ccache         what they have in common
#
# KEY is the digest of all that it is made of: lists of packages and modules, and this file.

CACHE=${ARONET_VM_CACHE:-/var/cache/aronet-vm}
GUEST_SUITE=trixie
GUEST_PACKAGES=(linux-image-amd64 kmod busybox-static systemd systemd-sysv dbus
	iproute2 nftables iputils-ping iperf3 jq procps util-linux wireguard-tools
	babeld bird2 wireguard-go openssl python3 libfaketime
	charon-systemd strongswan-swanctl libstrongswan-standard-plugins apparmor
	debhelper dpkg-dev make gcc meson ninja-build pkg-config git ccache libuv1-dev libmnl-dev libjson-c-dev libssl-dev
	libnftables-dev libcurl4-openssl-dev libcmocka-dev libnl-route-3-dev)
# What it takes to reach the root file system and the share.
GUEST_MODULES=(virtio_pci virtio_blk ext4 overlay 9pnet_virtio 9p)
GUEST_IMAGE_MB=2048

# image_make Sets IMAGE, the directory of this guest, and BUILD. Only one at a time makes it.
image_make() {
	local key
	key=$(cat "$SOURCE/tests/vm/image.sh" "$SOURCE/tests/vm/initrd-init" | sha256sum | cut -c1-16)
	IMAGE=$CACHE/$key
	BUILD=$IMAGE/build/$(sha256sum <<<"$SOURCE" | cut -c1-16)
	mkdir -p "$IMAGE"
	exec 8>"$IMAGE/lock"
	flock 8
	if [ ! -e "$IMAGE/made" ]; then
		echo "# making the guest, once; the log is $IMAGE/make.log"
		# In the background, where set -e holds.
		image_make_anew >"$IMAGE/make.log" 2>&1 &
		if ! wait $!; then
			tail -n 20 "$IMAGE/make.log" >&2
			echo "$0: cannot make the guest" >&2
			return 1
		fi
		touch "$IMAGE/made"
	fi
	flock -u 8
}

image_make_anew() {
	image_remove_others
	rm -rf "$IMAGE/root" "$IMAGE/build" "$IMAGE/ccache"
	image_root
	image_initrd
	image_disk
}

# Older guests: nobody asks for them any more.
image_remove_others() {
	find "$CACHE" -mindepth 1 -maxdepth 1 -type d ! -path "$IMAGE" -mtime +7 -exec rm -rf {} +
}

# The machine's own mirror, whichever that is.
image_mirror() {
	# shellcheck disable=SC2016 # apt's own variable
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1
}

image_root() {
	local mirror packages
	mirror=$(image_mirror)
	packages=$(
		IFS=,
		echo "${GUEST_PACKAGES[*]}"
	)
	mmdebstrap --variant=minbase --include="$packages" \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		"$GUEST_SUITE" "$IMAGE/root" "${mirror:-https://deb.debian.org/debian}"
	# Nodes start charons of their own; that of Debian would have IKE's ports in a guest with systemd.
	chroot "$IMAGE/root" systemctl --quiet disable strongswan.service
	# A hundred profiles take their time; tests load those that matter to them.
	chroot "$IMAGE/root" systemctl --quiet disable apparmor.service
	mkdir -p "$IMAGE/root"/{src,build,share}
	rm -f "$IMAGE/root/.dockerenv"
	echo aronet-guest >"$IMAGE/root/etc/hostname"
}

image_kernel_version() {
	find "$IMAGE/root/lib/modules" -mindepth 1 -maxdepth 1 -printf '%f\n' | head -n 1
}

# busybox, the modules in the order in which they are loaded, and init.
image_initrd() {
	local tree=$IMAGE/initrd.d version module number=0 file
	version=$(image_kernel_version)
	rm -rf "$tree"
	mkdir -p "$tree"/{bin,modules,proc,sys,dev,lower,upper,root}
	cp "$IMAGE/root/usr/bin/busybox" "$tree/bin/busybox"
	install -m 0755 "$SOURCE/tests/vm/initrd-init" "$tree/init"
	for module in "${GUEST_MODULES[@]}"; do
		modprobe -d "$IMAGE/root" -S "$version" --show-depends "$module"
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r file; do
		number=$((number + 1))
		xz -dc "$file" >"$tree/modules/$(printf %02d "$number").ko"
	done
	(cd "$tree" && find . | cpio -o -H newc --quiet) >"$IMAGE/initrd"
	cp "$IMAGE/root/boot/vmlinuz-$version" "$IMAGE/kernel"
	rm -rf "$tree"
}

image_disk() {
	rm -f "$IMAGE/root.ext4"
	mke2fs -q -t ext4 -O ^has_journal -d "$IMAGE/root" "$IMAGE/root.ext4" "${GUEST_IMAGE_MB}M"
}

# image_build TEST... Builds the source tree in the root file system, with its libraries and its compiler:
# what scenarios need, and those of the tests that meson knows. Builds of trees that are gone, or that
# nobody has tested for a week, are removed.
image_build() {
	mkdir -p "$BUILD"
	echo "$SOURCE" >"$BUILD/source"
	local file
	for file in "$IMAGE"/build/*/source; do
		if [ ! -d "$(cat "$file")" ] || [ -n "$(find "$file" -mtime +7)" ]; then
			rm -rf "$(dirname "$file")"
		fi
	done
	# shellcheck disable=SC2016 # for the shell inside
	image_run configuration 'setup=setup
		[ ! -e /build/build.ninja ] || setup="setup --reconfigure"
		meson $setup -Dbuildtype=debugoptimized -Dwerror=true /build /src' || return
	image_run build "ninja -C /build scenarios $(image_tests "$@" | tr '\n' ' ')"
}

# image_tests TEST... The programs of those that meson knows, as ninja calls them.
image_tests() {
	jq -r '.[] | select(.name | IN($ARGS.positional[])) | .cmd[0] | select(startswith("/build/")) | .[7:]' \
		"$BUILD/meson-info/intro-tests.json" --args "$@"
}

# image_package Builds the Debian package, to BUILD/package.
image_package() {
	git -C "$SOURCE" ls-files -z >"$BUILD/package.files"
	image_run package 'rm -rf /build/package /tmp/aronet
		mkdir -p /build/package /tmp/aronet
		(cd /src && xargs -0 cp --parents -t /tmp/aronet </build/package.files)
		cd /tmp/aronet
		DEB_BUILD_OPTIONS=nocheck dpkg-buildpackage -b -us -uc -d
		cp /tmp/aronet_*.deb /build/package'
}

# image_run WHAT SCRIPT Runs a script in the root file system, with the source tree at /src, BUILD at
# /build and what the compiler keeps at /ccache. What it prints goes to BUILD/WHAT.log.
image_run() {
	local log=$BUILD/$1.log
	mkdir -p "$IMAGE/ccache" "$IMAGE/root/ccache"
	if ! unshare --mount "$BASH" -c "$(declare -f image_run_inside)"'; image_run_inside "$@"' \
		run "$SOURCE" "$IMAGE" "$2" "$BUILD" >"$log" 2>&1; then
		grep -n -A 8 -E 'error:|ERROR|FAILED' "$log" | head -n 40 >&2
		echo "$0: the $1 for the guest failed; all of it is in $log" >&2
		return 1
	fi
}

# image_run_inside SOURCE IMAGE SCRIPT BUILD In a mount namespace of its own.
image_run_inside() {
	set -e
	mount --make-rprivate /
	mount --bind -o ro "$1" "$2/root/src"
	mount --bind "$4" "$2/root/build"
	mount --bind "$2/ccache" "$2/root/ccache"
	mount -t proc proc "$2/root/proc"
	mount --bind /dev "$2/root/dev"
	mount -t tmpfs tmpfs "$2/root/tmp"
	env -i PATH=/usr/lib/ccache:/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp CCACHE_DIR=/ccache \
		LC_ALL=C.UTF-8 chroot "$2/root" sh -ec "cd /; $3"
}
