/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/model.h"

/*
 * Which routing daemons are installed, and what version of BIRD: facts->has_babeld, has_bird and
 * bird_version. Blocks until "bird --version" has answered, BIRD_VERSION_MS at most.
 */
#define BIRD_VERSION_MS 5000
void babel_probe(struct facts *facts);
