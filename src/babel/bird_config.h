/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "babel/generation.h"
#include "babel/policy.h"
#include "base/strbuf.h"

/*
 * Configuration of BIRD 2.14 or later. Pure. @generation gives router-id, table, VRF, interfaces
 * and the metric of the kernel routes; its digest and pid do not matter.
 *
 * Own prefixes come from a static protocol and not, as with babeld, out of the kernel: what is
 * announced does not depend on when the kernel is scanned, and changes with the filters in one
 * step. They are "unreachable" there and never exported to the kernel.
 *
 * All filters are on the way out of BIRD's table, to the kernel and to the neighbours. Babel has no
 * way to let its routes pass a changed import filter again, so BIRD would restart the protocol and
 * lose all neighbours with each change; what goes out is judged anew without that.
 *
 * What BIRD's filters can and cannot, as compared with babeld's:
 * - They see prefix and interface, but not the router-id of the origin (an opaque attribute up to
 *   BIRD 2.19 and 3.3). A prefix is accepted from whomever may announce or pass on that prefix;
 *   that somebody passes it on as his own is not noticed.
 * - They come behind the choice of the best route. Where a neighbour announces what it may not
 *   with a better metric, the prefix has no Babel route at all, instead of the next best one.
 *   The route of last resort to a direct neighbour (METRIC_LAST_RESORT) is not concerned.
 * - For the same reason BABEL_TRANSIT_COST does not count when this node chooses; it is added to
 *   what is passed on, so that those who hear of it choose as if it did.
 * - Retractions do not pass through them: a neighbour takes back what itself has said.
 */
void bird_config_format(const struct generation *generation, const struct babel_policy *policy,
			struct strbuf *buffer);

/* Protocols in it; that of the kernel has the digit of its family behind its name. */
#define BIRD_BABEL_NAME "aronet_babel"
#define BIRD_KERNEL_NAME "aronet_kernel"
