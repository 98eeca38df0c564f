/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/object.h"
#include "ipsec/connection.h"
#include "ipsec/offer.h"
#include "vici/client.h"

/*
 * The commands that charon is given, as one line each. Results as vici_client_call(): -EAGAIN while
 * there is no connection. @answer.done may be NULL: nobody wants to know.
 */
struct ask_answer {
	vici_done_fn *done;
	void *userdata;
	uint64_t id;
};

int ask_version(struct vici_client *client, struct ask_answer answer);
/* Plugins and others. */
int ask_stats(struct vici_client *client, struct ask_answer answer);
/* Its algorithms, by kind and name (offer.h). */
int ask_algorithms(struct vici_client *client, struct ask_answer answer);
int ask_load_key(struct vici_client *client, const uint8_t private_key[KEY_SIZE],
		 const uint8_t public_key[KEY_SIZE], struct ask_answer answer, struct error *error);
/* The private keys that were loaded over its socket, in the list `keys` of the reply, by their ids.
 */
int ask_keys(struct vici_client *client, struct ask_answer answer);
/* By the id of the key, ask_key_id(). */
int ask_unload_key(struct vici_client *client, const char *id, struct ask_answer answer);
/* How charon calls the key pair with this public key: hexadecimal SHA-1 of it. */
#define ASK_KEY_ID_SIZE 41
const char *ask_key_id(const uint8_t public_key[KEY_SIZE], char buffer[ASK_KEY_ID_SIZE]);

/* @hints: as for ike_connection_write(). */
int ask_load_connection(struct vici_client *client, const struct ike_connection *connection,
			const struct ike_offer *offer, const struct ike_hints *hints,
			struct ask_answer answer, struct error *error);
int ask_unload_connection(struct vici_client *client, const char *name, struct ask_answer answer,
			  struct error *error);
/* The names of all connections, in the list `conns` of the reply. */
int ask_connections(struct vici_client *client, struct ask_answer answer);

/*
 * A shared key of IKE. charon tells the names of those that it has, and not the keys; so what a
 * peer calls it (ike_ppk.id) is followed by PPK_NAME_DIGEST and the begin of the SHA-256 of the
 * key.
 */
#define PPK_NAME_DIGEST ':'
#define PPK_DIGEST_BYTES 8
#define PPK_NAME_SIZE (IKE_PPK_ID_SIZE + 1 + 2 * PPK_DIGEST_BYTES)
const char *ask_ppk_name(const struct ike_ppk *ppk, char buffer[PPK_NAME_SIZE]);
int ask_load_ppk(struct vici_client *client, const struct ike_ppk *ppk, struct ask_answer answer,
		 struct error *error);
int ask_unload_ppk(struct vici_client *client, const char *name, struct ask_answer answer,
		   struct error *error);
/* The names of all shared keys, in the list `keys` of the reply. */
int ask_ppks(struct vici_client *client, struct ask_answer answer);

/* All SAs, one after the other to @part, as events `list-sa`. */
int ask_sas(struct vici_client *client, vici_part_fn *part, struct ask_answer answer);

/* Begin to dial, without waiting for what comes of it: the answer tells that there is such a name.
 */
int ask_initiate(struct vici_client *client, const char *name, struct ask_answer answer);

/*
 * End an IKE_SA and tell the peer, without waiting for its answer. charon does wait, for all its
 * retransmissions, unless @at_once.
 */
int ask_terminate(struct vici_client *client, uint32_t unique_id, bool at_once);
