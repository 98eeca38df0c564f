// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/machine.h"

#include "base/log.h"
#include "base/memory.h"
#include "netlink/backends.h"
#include "netlink/link.h"
#include "srv6/sid.h"

#include <limits.h>
#include <stdio.h>

#define BACKENDS 12

static void tell_applied(const struct operation *operation)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	if (!log_is_wanted(LOG_LEVEL_DEBUG))
		return;
	operation_format(operation, &text);
	log_debug("op=done what=\"%s\"", strbuf_text(&text));
}

static void tell_event(void *userdata, enum reconciler_event event,
		       const struct operation *operation, const char *text)
{
	(void)userdata;
	switch (event) {
	case RECONCILER_APPLIED:
		tell_applied(operation);
		return;
	case RECONCILER_REPAIRED:
		log_notice("op=repair what=\"%s\"", text);
		return;
	case RECONCILER_FAILED:
		log_warning("op=failed what=\"%s\"", text);
		return;
	case RECONCILER_CONFLICT:
		log_warning("op=none what=\"%s\" reason=\"" MACHINE_CONFLICT_TEXT "\"", text);
		return;
	case RECONCILER_FIGHT:
		log_notice(
			"op=fight what=\"%s\" reason=\"repaired again and again: another program "
			"(systemd-networkd, NetworkManager, a script?) keeps changing it\"",
			text);
		return;
	}
}

static void silence_babel(void *userdata, unsigned milliseconds)
{
	struct firewall *firewall = userdata;
	struct error error = { 0 };

	if (firewall_silence_babel(firewall, milliseconds, &error) < 0)
		log_failure("silence", &error);
}

/* Packets may have been lost, and its counters begin anew. */
static void ruleset_replaced(void *userdata, const struct error *refusal)
{
	(void)userdata;
	log_failure("ruleset-replaced", refusal);
}

int machine_open(const struct config *config, struct machine *machine, struct error *error)
{
	char saved[PATH_MAX];
	int result;

	if (config->mode == OVERLAY_VRF)
		result = spaces_new_vrf(config->ifname, config->route_table, &machine->spaces,
					error);
	else
		result = spaces_new(config->ifname, config->netns_name, &machine->spaces, error);
	if (result < 0)
		return result;
	(void)snprintf(saved, sizeof(saved), "%s/private/sysctl.saved", config->runtime_dir);
	machine->sysctls = sysctls_new(machine->spaces, saved);
	return 0;
}

static int make_babel(const struct config *config, uv_loop_t *loop,
		      const struct backend_events *events, struct machine *machine,
		      struct error *error)
{
	char private_dir[PATH_MAX];
	struct babel_options options = {
		.loop = loop,
		.spaces = machine->spaces,
		.directory = private_dir,
		.events = *events,
		.silence = silence_babel,
		.silence_userdata = machine->firewall,
	};

	(void)snprintf(private_dir, sizeof(private_dir), "%s/private", config->runtime_dir);
	return babel_new(&options, &machine->babel, error);
}

static int make_helped(const struct config *config, uv_loop_t *loop,
		       const struct backend_events *events, struct machine *machine,
		       struct error *error)
{
	const struct ipsec_options ipsec = {
		.loop = loop,
		.spaces = machine->spaces,
		.runtime_dir = config->runtime_dir,
		.events = *events,
	};
	int result = wireguard_tunnels_new(loop, machine->spaces, config->runtime_dir, events,
					   &machine->wireguard, error);

	if (result == 0)
		result = ipsec_new(&ipsec, &machine->ipsec, error);
	if (result == 0)
		result = make_babel(config, loop, events, machine, error);
	return result;
}

/* The namespace comes first: its back end notices that it was made anew. */
static void make_reconciler(struct machine *machine)
{
	struct backend backends[BACKENDS];

	namespace_backend(machine->spaces, &backends[0]);
	sysctl_backend(machine->sysctls, &backends[1]);
	link_backend(machine->spaces, &backends[2]);
	vrf_member_backend(machine->spaces, &backends[3]);
	vrf_rule_backend(machine->spaces, &backends[4]);
	address_backend(machine->spaces, &backends[5]);
	backends[6] = wireguard_tunnels_backend(machine->wireguard);
	backends[7] = ipsec_backend(machine->ipsec);
	sid_backend(machine->spaces, &backends[8]);
	route_backend(machine->spaces, &backends[9]);
	backends[10] = firewall_backend(machine->firewall);
	backends[11] = babel_backend(machine->babel);
	machine->reconciler = reconciler_new(backends, BACKENDS, tell_event, NULL);
}

int machine_make(const struct config *config, uv_loop_t *loop, const struct backend_events *events,
		 struct machine *machine, struct error *error)
{
	int result;

	machine->firewall = firewall_new(machine->spaces, config->runtime_dir);
	firewall_tell_replaced(machine->firewall, ruleset_replaced, NULL);
	result = make_helped(config, loop, events, machine, error);
	if (result < 0)
		return result;
	make_reconciler(machine);
	machine->writes_before = netlink_writes();
	return 0;
}

void machine_done(struct machine *machine)
{
	/* The reconciler goes before what it calls. */
	reconciler_free(TAKE(machine->reconciler));
	babel_free(TAKE(machine->babel));
	ipsec_free(TAKE(machine->ipsec));
	firewall_free(TAKE(machine->firewall));
	wireguard_tunnels_free(TAKE(machine->wireguard));
	sysctls_free(TAKE(machine->sysctls));
	spaces_free(TAKE(machine->spaces));
}

uint64_t machine_writes(const struct machine *machine)
{
	return netlink_writes() - machine->writes_before +
	       wireguard_tunnels_writes(machine->wireguard) + ipsec_writes(machine->ipsec) +
	       firewall_writes(machine->firewall);
}
