/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What charon is started with: its strongswan.conf. Pure. */
struct charon_settings {
	uint16_t port; /* UDP: IKE and ESP of all endpoints, here and at the peers alike */
	/*
	 * ESP by charon itself over a TUN device (kernel-libipsec): for tests and containers. Not
	 * to be understood by peers that use the kernel's ESP, and without if_id.
	 */
	bool is_userspace;
};

/* Append the text. @socket is the path of the VICI socket. */
void charon_config_write(const struct charon_settings *settings, const char *socket,
			 struct strbuf *text);

/* What such a text, terminated, was made from. False if no port is in it. */
bool charon_config_read(const char *text, struct charon_settings *ret);

/* A part of strongSwan that is loaded. */
struct charon_plugin {
	const char *name;
	const char *package; /* of Debian; NULL: of an optional one */
	enum {
		CHARON_PLUGIN_OPTIONAL,
		CHARON_PLUGIN_NEEDED,
		CHARON_PLUGIN_USERSPACE, /* needed if is_userspace, not loaded otherwise */
	} need;
};

/* By name, of @length characters; NULL: it is not loaded. */
const struct charon_plugin *charon_plugin_find(const char *name, size_t length);
