# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Names of endpoints, for scenarios that change what they resolve to. To be sourced after scenario.sh.

# names_begin The names of this run are in $RUN_DIR/hosts; no question leaves it.
names_begin() {
	echo "127.0.0.1 localhost" >"$RUN_DIR/hosts"
	: >"$RUN_DIR/resolv.conf"
	mount --bind "$RUN_DIR/hosts" /etc/hosts
	mount --bind "$RUN_DIR/resolv.conf" /etc/resolv.conf
}

# rename FROM TO Changes an address in place: a new file would not be the one that is mounted.
rename() {
	sed "s/$1/$2/" "$RUN_DIR/hosts" >"$RUN_DIR/hosts.new"
	cat "$RUN_DIR/hosts.new" >"$RUN_DIR/hosts"
}
