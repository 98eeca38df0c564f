# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Boots the guest and brings back what its tests say. To be sourced by scripts/vm after image.sh.

# The guest's clock counts instructions, 2^CLOCK_SHIFT ns each, and follows the machine's clock while the
# guest is idle: for itself it is a processor of 500 MIPS, however slow the emulation is. By the machine's
# clock babeld would miss its hellos, and packets be lost, whenever the machine has something else to do.
# The emulation then has one processor, and does not run what another one is just patching ("int3"). If
# it goes wrong all the same, whatever has not ended runs again.
BOOTS_MAX=3
CLOCK_SHIFT=1
GUEST_MEMORY_MB=2048
SECONDS_PER_TEST=900

# guest_run TEST... Returns 0, 1 if a test failed, 2 if the guest did not work. In SHARE are then
# TEST.log and TEST.status of each test that ran, with "-" for "/", and console.log.
guest_run() {
	[ -z "$SHELL_WANTED" ] || touch "$SHARE/shell"
	local boot
	for ((boot = 1; boot <= BOOTS_MAX; boot++)); do
		guest_tests_left "$@" >"$SHARE/tests"
		guest_boot $((${TIMEOUT:-$((SECONDS_PER_TEST * $#))} + 60))
		guest_was_patched_wrongly || break
		echo "# the emulation went wrong; boot $boot of $BOOTS_MAX"
		mv "$SHARE/console.log" "$SHARE/console-$boot.log"
	done
	[ -n "$SHELL_WANTED" ] || guest_report "$@"
}

# guest_boot SECONDS Returns when the guest is off, or has been ended.
guest_boot() {
	local seconds=$1 console=(-serial "file:$SHARE/console.log")
	[ -z "$SHELL_WANTED" ] || console=(-serial mon:stdio)
	# shellcheck disable=SC2054 # the commas are QEMU's
	local mounts=(
		-fsdev "local,id=src,path=$SOURCE,security_model=none,readonly=on,multidevs=remap"
		-device virtio-9p-pci,fsdev=src,mount_tag=src
		-fsdev "local,id=build,path=$BUILD,security_model=none,readonly=on"
		-device virtio-9p-pci,fsdev=build,mount_tag=build
		-fsdev "local,id=share,path=$SHARE,security_model=none"
		-device virtio-9p-pci,fsdev=share,mount_tag=share
	)
	timeout --foreground -k 10 "$seconds" qemu-system-x86_64 \
		-machine q35 -accel tcg,thread=single,tb-size=512 -cpu max -smp 1 -m "$GUEST_MEMORY_MB" \
		-icount "shift=$CLOCK_SHIFT,sleep=on,align=off" -rtc clock=vm \
		-nographic -nodefaults -no-reboot "${console[@]}" \
		-kernel "$IMAGE/kernel" -initrd "$IMAGE/initrd" \
		-append "console=ttyS0 quiet panic=-1 mitigations=off nokaslr random.trust_cpu=on $KERNEL_ARGUMENTS" \
		-drive "file=$IMAGE/root.ext4,format=raw,if=virtio,readonly=on" \
		"${mounts[@]}" || true # what counts is what the share has
}

# Not any panic: one for which the emulation is to blame.
guest_was_patched_wrongly() {
	[ ! -e "$SHARE/done" ] && grep -q -a -E '(Oops|BUG).*int3' "$SHARE/console.log" 2>/dev/null
}

# guest_tests_left TEST... Those that have no result yet.
guest_tests_left() {
	local test
	for test in "$@"; do
		[ -e "$SHARE/${test//\//-}.status" ] || echo "$test"
	done
}

# guest_report TEST...
guest_report() {
	local test file result=0
	for test in "$@"; do
		file=$SHARE/${test//\//-}
		cat "$file.log" 2>/dev/null || true
		if [ -e "$file.status" ]; then
			echo "# GUEST $test $(cat "$file.status")"
			[ "$(cat "$file.status")" -eq 0 ] || result=1
		else
			echo "# GUEST $test none"
			result=1
		fi
	done
	[ ! -e "$SHARE/done" ] || return "$result"
	echo "# the guest hung or ended by itself; the end of its console:"
	tail -n 30 "$SHARE/console.log" | tr -d '\r' | sed 's/^/# /'
	return 2
}
