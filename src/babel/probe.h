/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/model.h"

/* Which routing daemons are installed: facts->has_babeld and has_bird. */
void babel_probe(struct facts *facts);

/*
 * What version BIRD has, if it is installed: facts->bird_version. Blocks until "bird --version" has
 * answered, BIRD_VERSION_MS at most.
 */
#define BIRD_VERSION_MS 20000 /* milliseconds, but on a machine that starts or is overloaded */
void babel_probe_bird(struct facts *facts);
