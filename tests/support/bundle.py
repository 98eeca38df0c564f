#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Signed registries by somebody else than the program under test: openssl signs and verifies.

bundle.py verify BUNDLE              each signature by the key that the newest mesh document gives its
                                     keyid; prints how many are good, and how many there are
bundle.py trust BUNDLE               what a node that has accepted it keeps: trust.json
bundle.py payload BUNDLE NAME        of mesh (the newest), manifest, or of an organization
bundle.py sign TYPE PAYLOAD KEY...   an envelope without payload (a .sig file); TYPE: mesh, manifest, org
bundle.py replace BUNDLE NAME PAYLOAD KEY...
                                     BUNDLE with another payload, signed by KEY; where an organization
                                     is replaced, its entry in the manifest does not follow
"""
import base64
import hashlib
import json
import subprocess
import sys
import tempfile

TYPE = "application/vnd.aronet.%s.v1+json"
SPKI_ED25519 = bytes.fromhex("302a300506032b6570032100")


def pae(payload_type, payload):
    return b"DSSEv1 %d %s %d %s" % (len(payload_type), payload_type.encode(), len(payload), payload)


def openssl(*arguments, **files):
    """Runs openssl pkeyutl; files are given by name and content."""
    with tempfile.TemporaryDirectory() as directory:
        paths = []
        for name, content in files.items():
            path = f"{directory}/{name}"
            with open(path, "wb") as file:
                file.write(content)
            paths += ["-" + name, path]
        return subprocess.run(["openssl", "pkeyutl", *arguments, *paths], capture_output=True)


def raw_public(pem):
    der = base64.b64decode("".join(pem.split("\n")[1:-2]))
    assert der[:12] == SPKI_ED25519 and len(der) == 44
    return der[12:]


def keyid(raw):
    return hashlib.sha256(raw).hexdigest()[:32]


def sign(kind, payload, keys):
    signatures = []
    for key in keys:
        der = subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-outform", "DER"],
                             capture_output=True, check=True).stdout
        signature = openssl("-sign", "-inkey", key, "-rawin", **{"in": pae(TYPE % kind, payload)})
        signatures.append({"keyid": keyid(der[12:]),
                           "sig": base64.b64encode(signature.stdout).decode()})
    return {"payloadType": TYPE % kind, "signatures": signatures}


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)["envelopes"]


def payload_of(envelope):
    return base64.b64decode(envelope["payload"])


def document_of(envelope):
    return json.loads(payload_of(envelope))


def kind_of(envelope):
    return envelope["payloadType"].split(".")[2]


def newest_mesh(envelopes):
    return [envelope for envelope in envelopes if kind_of(envelope) == "mesh"][-1]


def find(envelopes, name):
    if name == "mesh":
        return newest_mesh(envelopes)
    for envelope in envelopes:
        if name in (kind_of(envelope), document_of(envelope).get("organization")):
            return envelope
    sys.exit(f"no {name}")


def verify(path):
    envelopes = read(path)
    pems = {}
    for envelope in envelopes:
        if kind_of(envelope) == "mesh":
            mesh = document_of(envelope)
            for owner in [mesh] + mesh["organizations"]:
                pems.update({key["id"]: key["public_key"] for key in owner["keys"]})
    good = total = 0
    for envelope in envelopes:
        for signature in envelope["signatures"]:
            total += 1
            result = openssl("-verify", "-pubin", "-rawin",
                             inkey=pems[signature["keyid"]].encode(),
                             sigfile=base64.b64decode(signature["sig"]),
                             **{"in": pae(envelope["payloadType"], payload_of(envelope))})
            good += result.returncode == 0
    print(good, "of", total)


def digest(envelope):
    return hashlib.sha256(payload_of(envelope)).hexdigest()


def role_keys(mesh, name):
    pems = {key["id"]: raw_public(key["public_key"]) for key in mesh["keys"]}
    return [pems[key] for key in mesh["roles"][name]["keys"]], mesh["roles"][name]["threshold"]


def organization_keys(mesh, name):
    revoked = {entry["key"] for entry in mesh["revoked"] if entry["kind"] == "org-key"}
    for organization in mesh["organizations"]:
        if organization["organization"] == name:
            keys = [raw_public(key["public_key"]) for key in organization["keys"]]
            return [key for key in keys if key.hex() not in revoked], organization["threshold"]
    return sys.exit(f"no {name}")


def keyset(keys, threshold):
    hashed = b"aronet keyset v1\0" + bytes([threshold]) + b"".join(sorted(keys))
    return hashlib.sha256(hashed).digest()


def floor(envelope, keys):
    return {"version": document_of(envelope)["version"], "sha256": digest(envelope),
            "keyset": keyset(*keys).hex()}


def trust(path):
    envelopes = read(path)
    envelope = newest_mesh(envelopes)
    mesh = document_of(envelope)
    keys, threshold = role_keys(mesh, "mesh")
    organizations = []
    for org in envelopes:
        if kind_of(org) != "org":
            continue
        name = document_of(org)["organization"]
        signers = organization_keys(mesh, name)
        signed = pae(org["payloadType"], payload_of(org))
        verified = hashlib.sha256(b"aronet verified v1\0" + keyset(*signers) +
                                  hashlib.sha256(signed).digest()).hexdigest()
        organizations.append({"organization": name, **floor(org, signers), "verified": verified})
    print(json.dumps({
        "spec": 1, "mesh_id": mesh["mesh_id"],
        "mesh": {"version": mesh["version"], "sha256": digest(envelope), "threshold": threshold,
                 "keys": [key.hex() for key in keys]},
        "manifest": floor(find(envelopes, "manifest"), role_keys(mesh, "manifest")),
        "organizations": sorted(organizations, key=lambda org: org["organization"]),
        "last_seen": max(document_of(envelope)["issued"] for envelope in envelopes)}))


def replace(path, name, payload, keys):
    envelopes = read(path)
    envelope = find(envelopes, name)
    with open(payload, "rb") as file:
        content = file.read()
    envelope.update(sign(kind_of(envelope), content, keys))
    envelope["payload"] = base64.b64encode(content).decode()
    print(json.dumps({"aronet_bundle": 1, "envelopes": envelopes}))


def main():
    command, *words = sys.argv[1:]
    if command == "verify":
        verify(*words)
    elif command == "trust":
        trust(*words)
    elif command == "payload":
        sys.stdout.buffer.write(payload_of(find(read(words[0]), words[1])))
    elif command == "sign":
        with open(words[1], "rb") as file:
            print(json.dumps(sign(words[0], file.read(), words[2:])))
    elif command == "replace":
        replace(words[0], words[1], words[2], words[3:])
    else:
        sys.exit(__doc__)


main()
