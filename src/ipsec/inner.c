// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/parts.h"

#include "ipsec/esp_device.h"

#include <errno.h>
#include <stdlib.h>

void inner_addresses_done(struct inner_addresses *addresses)
{
	free(addresses->items);
	*addresses = (struct inner_addresses) { 0 };
}

static bool is_userspace(const struct ipsec *ipsec)
{
	return ipsec->has_daemon && ipsec->daemon.is_userspace;
}

void ipsec_list_inner_addresses(const struct ipsec *ipsec, struct inner_addresses *ret)
{
	pid_t pid = ipsec_pid(ipsec);

	if (pid && is_userspace(ipsec))
		(void)esp_device_list(ipsec->spaces, pid, &ret->items, &ret->count, NULL);
}

int ipsec_add_inner_address(struct ipsec *ipsec, const struct ike_connection *connection,
			    struct error *error)
{
	pid_t pid = ipsec_pid(ipsec);

	if (!ip_address_present(&connection->inner_address))
		return 0;
	if (!pid)
		return error_set(error, -EAGAIN, ERROR_APPLY, connection->link,
				 "charon does not run");
	return esp_device_add(ipsec->spaces, pid, &connection->inner_address, error);
}

static bool is_of_session(const struct ipsec *ipsec, const struct ip_address *address)
{
	for (size_t i = 0; i < ipsec->sessions.count; i++)
		if (!ip_address_compare(&ipsec->sessions.items[i].connection.inner_address,
					address))
			return true;
	return false;
}

void ipsec_sweep_inner_addresses(struct ipsec *ipsec)
{
	CLEANUP(inner_addresses_done) struct inner_addresses present = { 0 };

	ipsec_list_inner_addresses(ipsec, &present);
	for (size_t i = 0; i < present.count; i++)
		if (!is_of_session(ipsec, &present.items[i]))
			esp_device_remove(ipsec->spaces, ipsec_pid(ipsec), &present.items[i]);
}

/* Like one with SAs left over in the kernel, which has to dial whoever's turn it is (session.h). */
void ipsec_dial_after_loss(struct ipsec *ipsec)
{
	bool is_loss = ipsec->has_lost_charon && is_userspace(ipsec);

	ipsec->has_lost_charon = false;
	for (size_t i = 0; is_loss && i < ipsec->sessions.count; i++) {
		struct session *session = &ipsec->sessions.items[i];

		session->has_leftovers = true;
		dial_set_role(&session->dial, session_role(session), ipsec_now(), ipsec_random());
	}
}
