/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/warning.h"
#include "core/model.h"
#include "registry/trust.h"
#include "registry/verify.h"

/*
 * What a node has accepted, in its state directory (0700), two files of mode 0600 (registry
 * specification, section 5):
 *
 *	last-good.json	the exact bytes of the last registry that was accepted
 *	trust.json	what may not be gone back behind (trust.h); only signed registries leave it
 *
 * last-good.json is written first. A crash between the two leaves a newer registry above older
 * floors, which the next start accepts; the other order would leave floors above the only registry,
 * and a node without peers.
 *
 * The files are read anew for each load, so that what reset-trust wrote counts at once.
 */
#define REGISTRY_STORE_FILE "last-good.json"
#define TRUST_SIZE_MAX (8u << 20) /* bytes; 10,000 organizations need 4 MB */

/* What the configuration says of how to judge by the files, and what time it is. */
struct store_rules {
	const char *state_dir;
	const uint8_t *mesh_sha256; /* the pin; NULL: none */
	bool allow_unsigned_config;
	int64_t clock;	    /* the system's */
	int64_t build_date; /* the program's */
};

/* What was accepted before a load. */
struct store_state {
	struct trust *trust;	  /* NULL: no signed registry */
	bool has_signed_state;	  /* there was one, though there may be no trust left */
	bool has_trust_file;	  /* trust is from trust.json, not from last-good.json */
	uint8_t digest[KEY_SIZE]; /* of trust.json */
};

void store_state_done(struct store_state *state);
CLEANUP_DEFINE_IN_PLACE(struct store_state, store_state_done);

/*
 * Where trust.json is missing, trust is rebuilt from a last-good.json that verifies against the pin
 * (W05). E_STATE_CORRUPT for a trust.json that is damaged or cannot be read: then no registry may
 * be loaded until registry_store_reset().
 */
int registry_store_read_state(const struct store_rules *rules, struct warnings *warnings,
			      struct store_state *ret, struct error *error);

/*
 * Record that a registry is accepted: @bytes are its text, @trust is what it leaves, NULL for an
 * unsigned one. After a failure before the first file has its new name, nothing has changed; disk
 * space is no reason to fail later than that.
 *
 * E_STATE_WRITE. E_BUSY if trust.json is no longer the one of @before: it was reset meanwhile.
 */
int registry_store_record(const char *state_dir, const struct store_state *before,
			  const struct trust *trust, const char *bytes, size_t size,
			  struct error *error);

/*
 * Start over. From now on trust the mesh whose document @payload is (an authentic payload, such as
 * a mesh.N.json of its source; any version), called @name in messages; no floors. With @payload
 * NULL trust nothing: the pin, or the switches for unsigned registries, decide again, and
 * last-good.json goes, too. A running daemon keeps what is in force until its next load.
 *
 * E_STATE_WRITE, and the errors of mesh_document_parse().
 */
int registry_store_reset(const char *state_dir, const void *payload, size_t size, const char *name,
			 struct error *error);

/*
 * The bytes of last-good.json, malloc()ed. -ENOENT without touching @error where there is none, the
 * normal first start; E_STATE_CORRUPT for a file that cannot be read.
 */
int registry_store_read(const char *state_dir, char **ret, size_t *ret_size, struct error *error);

/* The same for trust.json. *ret_digest is of its bytes. */
int registry_store_read_trust(const char *state_dir, struct trust **ret,
			      uint8_t ret_digest[KEY_SIZE], struct error *error);

/*
 * Verify what last-good.json holds. It was accepted once: dates do not count, an empty registry was
 * meant, and the --allow-unsigned of its load still counts. The switch of the configuration is
 * asked for again.
 */
int registry_store_verify(const struct store_rules *rules, const struct trust *trust,
			  const char *bytes, size_t size, struct warnings *warnings,
			  struct verified *ret, struct error *error);

/* Write trust.json alone, where last-good.json is as it should be. E_STATE_WRITE. */
int registry_store_write_trust(const char *state_dir, const struct trust *trust,
			       struct error *error);
