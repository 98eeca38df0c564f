#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# IPsec: a peer that comes late, new keys, and daemons that are killed. What breaks comes back without
# anybody's help, with one SA for each tunnel; for interruptions, how long they were.
export VARIANT=${VARIANT:-ipsec}
source "$(dirname "$0")/../support/scenario.sh"
# shellcheck source=../support/ipsec.sh
source "$SUPPORT/ipsec.sh"
scenario_begin ipsec

ipsec_prepare

# A peer that comes up later.
for node in moon sun; do
	node_start "$node" -r "$(registry_file "$RUN_DIR/three.json")"
done
check "moon and sun reach each other" wait_until 60 reaches moon "$(address4 sun)"
check "moon says that venus does not answer" wait_until 30 says moon venus "no answer"
note "in words: $(tunnel_state moon venus)"
node_start venus -r "$(registry_file "$RUN_DIR/three.json")"
check "everybody reaches everybody when venus has come" wait_until 120 mesh_reaches "${IPSEC_NODES[@]}"
check "every tunnel is up" wait_until 90 all_up
check "with one SA" wait_until 60 one_each
check_equal "with the strongest of all algorithms" "$(ike moon venus .esp)" AES_GCM_16-256
# Either is an answer, but which is right is charon's word.
mlkem=$(swan moon --list-algs | sed -n 's/^  \(ML_KEM_768\)\[.*/\1/p')
mlkem=${mlkem:-none}
note "strongSwan $(status moon .ike.version), ML-KEM: $mlkem"
check_equal "status knows whether strongSwan has ML-KEM" "$(status moon .ike.ml_kem)" \
	"$([ "$mlkem" = none ] && echo false || echo true)"
check_equal "keys are exchanged by ML-KEM, too, if it has" \
	"$(ike moon venus '.additional_exchange // "none"')" "$mlkem"
check_equal "of sun moon sees the NAT" "$(ike moon sun .remote | sed 's/:.*//')" 203.0.113.2
check_equal "the load of the same registry is no change" "$(plan_length moon "$RUN_DIR/three.json")" 0

# New keys, of both SAs.
ping_begin moon "$(address4 venus)" 6000 0.0007
sleep 1
swan moon --rekey --child default --ike "$(name moon venus)" >/dev/null
sleep 1
swan venus --rekey --ike "$(name venus moon)" >/dev/null
check_equal "of 6000 packets none is lost while both SAs are rekeyed" \
	"$(ping_end moon "$(address4 venus)")" 0
note "rekeying: $(ping_rate moon "$(address4 venus)")"
check "there is one SA again" wait_until 30 one_each

# A daemon that is killed leaves charon alone.
before=$(charon_pid moon)
ping_begin moon "$(address4 venus)" 600 0.01
node_signal moon KILL || true
sleep 1
node_start moon
check_equal "of 600 packets none is lost when the daemon is killed" \
	"$(ping_end moon "$(address4 venus)")" 0
check_equal "the next one has taken charon over" "$(charon_pid moon)" "$before"
check_equal "it had nothing to do" "$(status moon .stats.operations)" 0

comes_back "charon killed at one end" 60 kill_charon venus
comes_back "charon killed at the other end" 60 kill_charon moon
comes_back "charon killed at both ends" 60 kill_charon moon venus
comes_back "charon killed behind the NAT" 60 kill_charon sun
check "moon and sun talk" wait_until 60 reaches moon "$(address4 sun)"

# Who has lost its charon dials where the NAT was seen; what is behind it would take half a minute to
# notice that its peer does not know it any more.
talk sun
sleep 1
kill_charon moon
sleep 2
check "charon killed in front of the NAT: moon and sun talk again" wait_until 60 talks sun
check "charon killed in front of the NAT: every tunnel is up" wait_until 90 all_up
note "charon killed in front of the NAT: the gap was $(heard sun) ms"
check_equal "moon has dialled" "$(ike moon sun .initiator)" true
scenario_end
