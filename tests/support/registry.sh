# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The signed registry of a run, made with the tools that people use. To be sourced after run.sh.
#
# Scenarios describe a registry as the array of organizations in tests/config/registry.json, because
# that is easily changed with jq; what the nodes get is signed. With UNSIGNED=1 set before the nodes
# are prepared, they get the array itself, and their configurations allow it.
#
# ARONET  path of the program under test

REGISTRY_CONFIGS=$(cd "$(dirname "${BASH_SOURCE[0]}")/../config" && pwd)

# registry_begin Makes the source folder of the mesh, once; both organizations and all roles have one
# key. The pin of the nodes is $RUN_DIR/mesh.json.
registry_begin() {
	[ ! -e "$RUN_DIR/registry" ] || return 0
	install -m 0600 -t "$RUN_DIR" "$REGISTRY_CONFIGS"/signing.{key,pub}
	{
		"$ARONET" registry init "$RUN_DIR/registry" --mesh demo --key "$RUN_DIR/signing.key" \
			--org example --pool fd66::/15 --pool 192.168.128.0/23
		jq '.pool += ["fd00::/8", "192.168.128.0/17", "10.0.0.0/8", "172.16.0.0/12"] | .pool |= unique' \
			"$RUN_DIR/registry/mesh.1.json" >"$RUN_DIR/registry/mesh.json"
		"$ARONET" registry member add example2 -C "$RUN_DIR/registry" \
			--key "$RUN_DIR/signing.pub" --max-nodes 10000 --grant fd68::/13 \
			--grant fd70::/12 --grant 192.168.130.0/23 --grant 192.168.132.0/22 \
			--grant 10.0.0.0/8-32 --grant 172.16.0.0/12-32 --yes
		"$ARONET" registry sign mesh -C "$RUN_DIR/registry" --key "$RUN_DIR/signing.key" --yes
	} >>"$RUN_DIR/registry.log" 2>&1
	install -m 0644 "$RUN_DIR/registry/mesh.1.json" "$RUN_DIR/mesh.json"
}

# registry_file ARRAY The file that nodes load: the array signed. The array that was published last is
# not published again.
registry_file() {
	local array=$1 organization
	if [ -n "${UNSIGNED:-}" ]; then
		echo "$array"
		return
	fi
	if ! cmp -s "$array" "$RUN_DIR/published.json"; then
		while read -r organization; do
			registry_document "$array" "$organization"
		done < <(jq -r '.[].organization' "$array")
		"$ARONET" registry publish -C "$RUN_DIR/registry" --key "$RUN_DIR/signing.key" \
			-o "$RUN_DIR/signed.json" --yes >>"$RUN_DIR/registry.log" 2>&1 || return
		cp "$array" "$RUN_DIR/published.json"
	fi
	echo "$RUN_DIR/signed.json"
}

# registry_member COMMAND ORGANIZATION OPTION... Changes a member of the mesh. Nodes learn of it with what
# they load next.
registry_member() {
	{
		"$ARONET" registry member "$@" -C "$RUN_DIR/registry" --yes &&
			"$ARONET" registry sign mesh -C "$RUN_DIR/registry" --key "$RUN_DIR/signing.key" --yes
	} >>"$RUN_DIR/registry.log" 2>&1 || return
	rm -f "$RUN_DIR/published.json"
}

# registry_secret FILE [OPTION...] The mesh uses a pre-shared secret. Nodes learn of it with what they load
# next.
registry_secret() {
	{
		"$ARONET" registry secret add "$@" -C "$RUN_DIR/registry" --yes &&
			"$ARONET" registry sign mesh -C "$RUN_DIR/registry" --key "$RUN_DIR/signing.key" --yes
	} >>"$RUN_DIR/registry.log" 2>&1 || return
	rm -f "$RUN_DIR/published.json"
}

# registry_document ARRAY ORGANIZATION Writes the nodes of an organization into its document, whose
# version stays; publish gives it the next one.
registry_document() {
	local old=$RUN_DIR/registry/org/$2.json version=1
	[ ! -s "$old" ] || version=$(jq .version "$old")
	jq --arg organization "$2" --argjson version "$version" \
		--slurpfile mesh "$RUN_DIR/registry/mesh.1.json" '.[] |
		select(.organization == $organization) | {type: "aronet.org", spec: 1,
			mesh_id: $mesh[0].mesh_id, organization, version: $version,
			issued: $mesh[0].issued, expires: $mesh[0].expires, nodes}' "$1" >"$old.new"
	mv "$old.new" "$old"
}
