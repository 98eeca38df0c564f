/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "registry/test_bundle.h"

/* The payloads of test_bundle.h. */

/* @prev is the digest of the version before; NULL for the first. */
void test_mesh_payload(const struct test_bundle *t, const struct test_mesh *mesh,
		       const uint8_t *prev, struct strbuf *ret);
void test_org_payload(const struct test_bundle *t, const struct test_organization *organization,
		      struct strbuf *ret);
/* @organizations are the envelopes of those of the newest mesh, in its order. */
void test_manifest_payload(struct test_bundle *t, const struct envelope *mesh,
			   const struct envelope *organizations, struct strbuf *ret);

/* Indexes of the organizations in the order of the manifest, bytewise by name; for free(). */
size_t *test_manifest_order(const struct test_mesh *mesh);
