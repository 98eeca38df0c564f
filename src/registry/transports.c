// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/transports.h"

#include "base/cleanup.h"

static const enum transport transports[] = { TRANSPORT_WIREGUARD, TRANSPORT_IPSEC };
static const char *const names[] = { "wireguard", "ipsec" };

static int read_transport(const struct json_cursor *cursor, uint8_t *ret, struct error *error)
{
	size_t transport;
	int result = json_read_choice(cursor, names, ARRAY_SIZE(names), &transport, error);

	if (result == 0)
		*ret |= (uint8_t)transports[transport];
	return result;
}

int transports_read(const struct json_cursor *cursor, uint8_t *ret, struct error *error)
{
	size_t count;
	int result = json_expect_array(cursor, ARRAY_SIZE(transports), &count, error);

	if (result == 0 && count == 0)
		return json_cursor_fail(cursor, error, ERROR_VALUE,
					"names no transport; name some or leave the member out");
	for (size_t i = 0; result == 0 && i < count; i++) {
		struct json_cursor item = json_cursor_item(cursor, i);

		result = read_transport(&item, ret, error);
	}
	return result;
}

const char *transports_name(uint8_t set)
{
	static const char *const sets[] = { "", "wireguard", "ipsec", "wireguard, ipsec" };

	return sets[set & (TRANSPORT_WIREGUARD | TRANSPORT_IPSEC)];
}
