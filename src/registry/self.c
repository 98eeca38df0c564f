// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry/self.h"

#include "crypto/crypto.h"
#include "registry/transports.h"

#include <string.h>

static void compare_keys(const struct registry_node *self, const struct config *config,
			 struct warnings *warnings)
{
	char theirs[CRYPTO_KEY_BASE64_SIZE], ours[CRYPTO_KEY_BASE64_SIZE];

	if (!config->has_wireguard && self->has_wireguard)
		warnings_add(warnings, "E_SELF",
			     "registry lists WireGuard key %s, this node has none; others try it "
			     "in vain, take it out of the registry",
			     crypto_key_to_base64(self->wireguard_key, theirs));
	if (!config->has_wireguard)
		return;
	crypto_key_to_base64(config->wireguard_public, ours);
	if (!self->has_wireguard)
		warnings_add(warnings, "E_SELF",
			     "registry lists no WireGuard key for this node, which has %s; add it "
			     "to the registry, until then there are no WireGuard tunnels",
			     ours);
	else if (memcmp(self->wireguard_key, config->wireguard_public, KEY_SIZE) != 0)
		warnings_add(
			warnings, "E_SELF",
			"registry lists WireGuard key %s, this node has %s; no tunnel comes up "
			"until the registry lists the right one",
			crypto_key_to_base64(self->wireguard_key, theirs), ours);
}

static void compare_identity(const struct registry_node *self, const struct config *config,
			     struct warnings *warnings)
{
	char theirs[CRYPTO_FINGERPRINT_SIZE], ours[CRYPTO_FINGERPRINT_SIZE];

	if (!config->has_identity || (!self->has_identity && !self->identity_is_shared) ||
	    !memcmp(self->identity_key, config->identity_public, KEY_SIZE))
		return;
	warnings_add(warnings, "E_SELF",
		     "registry lists public_key %s, this node has %s; correct the registry or "
		     "private_key in the configuration",
		     crypto_fingerprint(self->identity_key, theirs),
		     crypto_fingerprint(config->identity_public, ours));
}

static bool prefixes_contain(const struct ip_prefix *prefixes, size_t count,
			     const struct ip_prefix *wanted)
{
	for (size_t i = 0; i < count; i++)
		if (ip_prefix_compare(&prefixes[i], wanted) == 0)
			return true;
	return false;
}

static void compare_prefixes(const struct registry_node *self, const struct config *config,
			     struct warnings *warnings)
{
	char theirs[IP_PREFIX_TEXT_SIZE], ours[IP_PREFIX_TEXT_SIZE];

	if (ip_prefix_compare(&self->network, &config->network) != 0)
		warnings_add(warnings, "E_SELF",
			     "registry lists network %s, this node has %s; make them equal, others "
			     "accept only what the registry lists",
			     ip_prefix_format(&self->network, theirs),
			     ip_prefix_format(&config->network, ours));
	for (size_t i = 0; i < config->prefixes_count; i++)
		if (!prefixes_contain(self->prefixes, self->prefixes_count, &config->prefixes[i]))
			warnings_add(warnings, "E_SELF",
				     "registry does not list %s for this node; others will not "
				     "accept it, add it to \"prefixs\" in the registry",
				     ip_prefix_format(&config->prefixes[i], ours));
	for (size_t i = 1; i < self->prefixes_count; i++)
		if (!prefixes_contain(config->prefixes, config->prefixes_count, &self->prefixes[i]))
			warnings_add(warnings, "E_SELF",
				     "registry lists %s for this node, the configuration does not; "
				     "it is not announced, add it to \"prefixs\" or take it away",
				     ip_prefix_format(&self->prefixes[i], theirs));
}

static const struct endpoint *find_endpoint(const struct endpoint *endpoints, unsigned count,
					    uint32_t serial_number)
{
	for (unsigned i = 0; i < count; i++)
		if (endpoints[i].serial_number == serial_number)
			return &endpoints[i];
	return NULL;
}

/* Of an endpoint that both list, and for which both name transports. */
static void compare_transports(const struct endpoint *ours, const struct endpoint *theirs,
			       struct warnings *warnings)
{
	if (ours->transports && theirs->transports && ours->transports != theirs->transports)
		warnings_add(warnings, "E_SELF",
			     "registry lists transports %s for endpoint %u of this node, the "
			     "configuration says %s; what both say is used, make them equal",
			     transports_name(theirs->transports), ours->serial_number,
			     transports_name(ours->transports));
}

/* Of all IPsec of this node: that of the first endpoint which has it; 0 if none has. */
static uint16_t ike_port(const struct registry_node *self, const struct config *config)
{
	for (unsigned i = 0; i < config->endpoints_count; i++)
		if (config_transports(config, &config->endpoints[i], self) & TRANSPORT_IPSEC)
			return config->endpoints[i].port;
	return 0;
}

/* Peers dial the port of the registry; WireGuard does not use it. */
static void compare_ike_port(const struct registry_node *self, const struct config *config,
			     const struct endpoint *ours, const struct endpoint *theirs,
			     struct warnings *warnings)
{
	uint16_t port = ike_port(self, config);

	if (config_transports(config, ours, self) & TRANSPORT_IPSEC &&
	    !endpoint_dials_out_only(theirs) && theirs->port != port)
		warnings_add(warnings, "E_SELF",
			     "registry lists port %u for endpoint %u of this node, whose IPsec has "
			     "port %u; others dial it in vain, make them equal",
			     theirs->port, ours->serial_number, port);
}

static void compare_endpoints(const struct registry_node *self, const struct config *config,
			      struct warnings *warnings)
{
	for (unsigned i = 0; i < config->endpoints_count; i++) {
		const struct endpoint *ours = &config->endpoints[i];
		const struct endpoint *theirs =
			find_endpoint(self->endpoints, self->endpoints_count, ours->serial_number);

		if (!theirs)
			warnings_add(
				warnings, "E_SELF",
				"registry lists no endpoint %u for this node, the "
				"configuration does; no tunnel uses it, add it to the registry",
				ours->serial_number);
		else if (theirs->send_port != endpoint_send_port(ours, self))
			warnings_add(
				warnings, "E_SELF",
				"registry lists send_port %u for endpoint %u of this node, the "
				"configuration says %u; make them equal",
				theirs->send_port, ours->serial_number, ours->send_port);
		if (theirs) {
			compare_transports(ours, theirs, warnings);
			compare_ike_port(self, config, ours, theirs, warnings);
		}
	}
	for (unsigned i = 0; i < self->endpoints_count; i++)
		if (!find_endpoint(config->endpoints, config->endpoints_count,
				   self->endpoints[i].serial_number))
			warnings_add(warnings, "E_SELF",
				     "registry lists endpoint %u for this node, the configuration "
				     "does not; others try it in vain, make them equal",
				     self->endpoints[i].serial_number);
}

void registry_compare_self(const struct registry *registry, const struct config *config,
			   struct warnings *warnings)
{
	const struct registry_node *self = registry_find(registry, &config->self);
	char id[NODE_ID_TEXT_SIZE];

	if (!self) {
		warnings_add(warnings, "E_SELF",
			     "%s (this node) is not in the registry; others close their tunnels to "
			     "it, add it or correct its name",
			     node_id_format(&config->self, id));
		return;
	}
	compare_keys(self, config, warnings);
	compare_identity(self, config, warnings);
	compare_prefixes(self, config, warnings);
	compare_endpoints(self, config, warnings);
}
