# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# To be sourced by a script that has set SOURCE, the root of the source tree.

# build DIRECTORY MESON-OPTION... Configures and builds; quiet unless it fails. BUILD_TARGETS says what
# to build if not everything.
build() {
	local dir=$1 log
	shift
	mkdir -p "$dir"
	log=$dir/build.log
	if [ -e "$dir/build.ninja" ]; then
		set -- setup --reconfigure "$@"
	else
		set -- setup "$@"
	fi
	# shellcheck disable=SC2086 # names of targets without blanks
	if ! { meson "$@" "$dir" "$SOURCE" && ninja -C "$dir" ${BUILD_TARGETS:-}; } >"$log" 2>&1; then
		grep -n -A 8 -E 'error:|ERROR|FAILED' "$log" | head -n 40 >&2
		echo "the build in $dir failed; all of it is in $log" >&2
		return 1
	fi
}

# build_program DIRECTORY Prints the path of aronet in a build directory.
build_program() {
	find "$1" -type f -name aronet -perm -u+x | head -n 1
}
