// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/liveness.h"

#include "base/memory.h"
#include "ipsec/status.h"
#include "wireguard/status.h"

/* A WireGuard session that is older than this is dead (wireguard.com/papers, section 6.4). */
#define SESSION_DEAD_SEC 180
/*
 * Dead peer detection has taken half a minute until there is no IKE_SA any more; with that a broken
 * path takes as long as with WireGuard, whose last handshake is up to two minutes old by then.
 */
#define IKE_SA_DEAD_SEC 90

enum life {
	LIFE_UNKNOWN, /* there is no such interface or connection yet */
	LIFE_DEAD,
	LIFE_ELSEWHERE, /* the peer is not where its name says, or just was */
	LIFE_AS_NAMED,
};

/* @seen: where the peer is; NULL if that is not known. */
static enum life judge(const struct tunnel *tunnel, int64_t age_sec, int64_t dead_sec,
		       const struct ip_endpoint *seen)
{
	if (age_sec < 0 || age_sec > dead_sec)
		return LIFE_DEAD;
	return seen && ip_address_compare(&seen->address, &tunnel->endpoint.address) == 0
		       ? LIFE_AS_NAMED
		       : LIFE_ELSEWHERE;
}

static void judge_wireguard(const struct machine *machine, const struct tunnels *tunnels,
			    enum life *lives)
{
	CLEANUP(free) struct wireguard_tunnel_status *status = NULL;
	size_t count = 0;

	if (wireguard_status(machine->wireguard, &status, &count, NULL) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		const struct tunnel *tunnel = tunnels_find(tunnels, status[i].interface);

		if (tunnel)
			lives[tunnel - tunnels->items] =
				judge(tunnel, status[i].handshake_age_sec, SESSION_DEAD_SEC,
				      &status[i].endpoint);
	}
}

/* One that is being dialled tells nothing. */
static const struct ip_endpoint *find_seen(const struct ipsec_tunnel_status *status)
{
	return status->sa && ike_sa_is_established(status->sa) ? &status->sa->remote : NULL;
}

static void judge_ipsec(const struct machine *machine, const struct tunnels *tunnels,
			enum life *lives)
{
	for (size_t i = 0; i < tunnels->count; i++) {
		const struct tunnel *tunnel = &tunnels->items[i];
		struct ipsec_tunnel_status status;

		if (tunnel->transport == TRANSPORT_IPSEC &&
		    ipsec_tunnel_status(machine->ipsec, tunnel->ifname, &status))
			lives[i] = judge(tunnel, status.established_age_s, IKE_SA_DEAD_SEC,
					 find_seen(&status));
	}
}

void liveness_check(const struct machine *machine, const struct tunnels *tunnels,
		    struct names *names, uint64_t now_usec)
{
	CLEANUP(free) enum life *lives = NEW_ARRAY(enum life, tunnels->count);

	judge_wireguard(machine, tunnels, lives);
	judge_ipsec(machine, tunnels, lives);
	for (size_t i = 0; i < tunnels->count; i++)
		if (lives[i] == LIFE_AS_NAMED)
			names_confirm(names, tunnels->items[i].remote->name,
				      tunnels->items[i].remote->family, now_usec);
	for (size_t i = 0; i < tunnels->count; i++)
		if (lives[i] == LIFE_DEAD)
			names_refresh(names, tunnels->items[i].remote->name,
				      tunnels->items[i].remote->family, now_usec);
}
