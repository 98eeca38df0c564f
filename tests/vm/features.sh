#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A kernel that lacks something. The daemon says in one message what, and what to do, before it touches
# anything; without WireGuard it uses wireguard-go. Modules are taken out of the kernel for it, so this
# is for the guest only; without/ has what cannot be taken out.
source "$(dirname "$0")/../support/scenario.sh"
source "$(dirname "$0")/refusal.sh"
scenario_begin features
BLOCKED=/etc/modprobe.d/aronet-features.conf
trap 'status=$?; rm -f "$BLOCKED"; run_end "$status"' EXIT

# without MODULE... Takes modules and those that use them out of the kernel, and keeps them out.
without() {
	local module
	for module in "$@"; do
		echo "install $module /bin/false"
	done >"$BLOCKED"
	for module in "$@"; do
		remove "$module"
	done
}

remove() {
	local user
	[ -e "/sys/module/$1" ] || return 0
	for user in "/sys/module/$1/holders"/*; do
		[ ! -e "$user" ] || remove "$(basename "$user")"
	done
	# What was in namespaces that have been deleted takes its time.
	wait_until 120 rmmod "$1"
}

# with MODULE... They may be loaded again.
with() {
	rm -f "$BLOCKED"
	modprobe -a "$@"
}

# A PATH without one program.
path_without() {
	local directory=$RUN_DIR/bin
	mkdir -p "$directory"
	find /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin -maxdepth 1 ! -type d ! -name "$1" \
		-exec ln -sf -t "$directory" {} +
	echo "$directory"
}

# Its sysctl comes with the module, for which the daemon asks.
modprobe -q vrf || true
namespace_add moon
node_prepare moon

# Without a router: that has rules itself.
without nf_tables
check "nft agrees that there are no nf_tables" fails nft list ruleset
WITHOUT_NF_TABLES=1 changes_nothing "without nf_tables the daemon refuses" "this kernel has no nf_tables (CONFIG_NF_TABLES), \
and without its filters anybody could send into the overlay; load the module nf_tables, or use a kernel \
that has it"
with nf_tables
node_start moon
check "with nf_tables it starts" node_answers moon
check "and goes" aronet moon down

without wireguard
check "ip agrees that there is no WireGuard" fails ip link add wg-probe type wireguard
sed -i 's/"backend": "auto"/"backend": "kernel"/' "$RUN_DIR/moon/config.json"
changes_nothing "without WireGuard a node that wants the kernel's refuses" "/wireguard/backend: this kernel \
has no WireGuard (CONFIG_WIREGUARD); set \"backend\": \"userspace\" and install wireguard-go"
sed -i 's/"backend": "kernel"/"backend": "auto"/' "$RUN_DIR/moon/config.json"
PATH=$(path_without wireguard-go) changes_nothing "without wireguard-go, too, any node refuses" \
	"this kernel has no WireGuard (CONFIG_WIREGUARD) and there is no wireguard-go; install the package \
wireguard-go"
mv /dev/net/tun "$RUN_DIR/tun"
sed -i 's/"backend": "auto"/"backend": "userspace"/' "$RUN_DIR/moon/config.json"
changes_nothing "without TUN a node that wants wireguard-go refuses" "/wireguard/backend: wireguard-go or \
/dev/net/tun is missing; install the package wireguard-go, or set \"backend\": \"auto\""
mv "$RUN_DIR/tun" /dev/net/tun
sed -i 's/"backend": "userspace"/"backend": "auto"/' "$RUN_DIR/moon/config.json"

# What is left is enough.
ip netns delete "$RUN-moon"
mesh_up moon earth
for node in moon earth; do
	check_equal "$node says that it uses wireguard-go" "$(status "$node" .wireguard)" wireguard-go
done
check "status for people says it, too" prints "wireguard wireguard-go" aronet moon status
check "the two reach each other" mesh_reaches moon earth
check "their links are not the kernel's" fails test -e /sys/module/wireguard

# WireGuard comes back while they run: nothing changes until the next start, which takes it.
with wireguard
node_signal moon TERM
node_start moon
check_equal "a new daemon uses the kernel's WireGuard" "$(status moon .wireguard)" kernel
check "the two reach each other again" wait_until 60 mesh_reaches moon earth
check "no wireguard-go of moon is left" fails grep wireguard-go <(snapshot_processes moon)
scenario_end
