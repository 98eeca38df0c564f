/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/state.h"
#include "fuzz.h"
#include "netlink/spaces.h"

/*
 * A kernel whose answers come from a fuzzer's input: what our transport receives, from the datagram
 * on, is the input's (meson.build, wrap: recvmsg and others). Sequence numbers and ports are put
 * right, because a mutation would hardly ever guess them and what has others is thrown away.
 *
 * Each request is answered with the next messages up to and with an NLMSG_DONE or NLMSG_ERROR, or
 * up to the end of the input, where an NLMSG_DONE is added.
 */
struct fake_kernel {
	struct fuzz_input answers;
	bool has_netns; /* netns mode; else VRF mode */
};

/* What follows talks to @kernel. The spaces are there for the functions that want some. */
struct spaces *fake_kernel_use(struct fake_kernel *kernel);

/* A socket of ours to that kernel. */
struct netlink *fake_kernel_netlink(void);

/* Objects that a node has, for back ends to look for. The caller frees it. */
struct state *fake_kernel_intended(const struct fake_kernel *kernel);

/* Observe with @backend, print what was seen, and plan from there; none of it may crash. */
struct backend;
void fake_kernel_observe(const struct backend *backend, const struct state *intended);
