// SPDX-License-Identifier: GPL-2.0-or-later
#include "firewall/babel.h"
#include "firewall/private.h"

#include <stdio.h>

int firewall_silence_babel(struct firewall *firewall, unsigned milliseconds, struct error *error)
{
	const char *instance = spaces_instance(firewall->spaces);
	char script[512];

	/* Deleted between: the time of an element that is there already would stay as it was. */
	(void)snprintf(script, sizeof(script),
		       "add element inet %s " BABEL_SILENT_SET " { 6696 }\n"
		       "delete element inet %s " BABEL_SILENT_SET " { 6696 }\n"
		       "add element inet %s " BABEL_SILENT_SET " { 6696 timeout %ums }\n",
		       instance, instance, instance, milliseconds);
	return nft_spaces_run(firewall->nft, SPACE_OVERLAY, 0, script, NULL, error);
}
