/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "ipsec/sa.h"

/*
 * Which IKE_SAs of a connection are too many. Pure. Both ends that dial at the same time make two,
 * and whatever charon's "unique" says both stay; a peer that refuses the CHILD_SA leaves an IKE_SA
 * without.
 */

/* Two may meet for a moment: a restarted peer's new one, and the old one that it replaces. */
#define REAP_DUPLICATE_AGE_S 10
/* A CHILD_SA comes right behind its IKE_SA, or within the deadline of a dial. */
#define REAP_CHILDLESS_AGE_S 30

/*
 * Numbers of those among @sas, all of one connection, that shall be terminated: each that carries
 * nothing and has had the time to; and of several that carry all but the youngest, if @is_ours: one
 * end decides, the one that dials first, or both could end what the other keeps. None while one of
 * them is rekeyed, which looks the same for some seconds.
 *
 * @ret has room for @count. Returns how many.
 */
size_t reap_choose(const struct ike_sa *sas, size_t count, bool is_ours, uint32_t *ret);
