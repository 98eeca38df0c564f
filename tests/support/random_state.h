/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/state.h"
#include "random.h"

/*
 * A random state over few names, so that two of them share many keys. It is whole: whatever an
 * object needs is in it too.
 */
struct state *random_state(struct random *random);

/* Marks some objects as belonging to others, without children of ours on them. */
struct state *random_state_with_foreign(struct random *random);
