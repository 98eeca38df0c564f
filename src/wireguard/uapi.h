/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/strbuf.h"
#include "wireguard/device.h"

/*
 * The text protocol of wireguard-go and other userspace implementations
 * (https://www.wireguard.com/xplatform/): lines of key=value, an empty line ends a request and a
 * reply, keys are hexadecimal.
 */
#define UAPI_REPLY_MAX (4u << 20) /* more than WIREGUARD_PEERS_MAX peers as we set them */
#define UAPI_LINE_MAX 256	  /* the longest that is specified has 81 characters */

/* "set=1 ... <empty line>". Holds secret keys if the change does: wipe it. */
void uapi_format_set(const struct wireguard_change *change, struct strbuf *ret);

/*
 * Parse a reply up to and with its "errno=" line. Keys that are not known are skipped: they are
 * from a newer version. Returns 0, the -errno that the reply carries, or -EBADMSG, -EMSGSIZE with
 * an @error that quotes the line, never the value of a key. A reply to set has no other lines.
 */
int uapi_parse_reply(const char *text, size_t length, struct wireguard_device *ret,
		     struct error *error);
