/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "source/publish.h"

/* The steps of publish(), each in a file of its own. Private to them. */
struct publisher {
	const struct source *source;
	const struct base *base;
	const struct publish_options *options;
	struct mesh_document *mesh; /* of the newest mesh document */
	struct publication *publication;
};

/* The next manifest, or one that waits for signatures, signed by those keys that may. */
int publish_manifest(struct publisher *publisher, struct error *error);

/* All of it in one file, verified as by a node that has what was published last, or only the pin.
 */
int publish_bundle(struct publisher *publisher, struct error *error);
