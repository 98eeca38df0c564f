/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/backend.h"
#include "netlink/spaces.h"

/* seg6local routes in the overlay. @spaces is kept and must outlive the back end. */
void sid_backend(struct spaces *spaces, struct backend *ret);
