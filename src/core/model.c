// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/model.h"

#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int node_id_compare(const struct node_id *a, const struct node_id *b)
{
	int order = strcmp(a->organization, b->organization);

	return order ? order : strcmp(a->common_name, b->common_name);
}

const char *node_id_format(const struct node_id *id, char buffer[NODE_ID_TEXT_SIZE])
{
	(void)snprintf(buffer, NODE_ID_TEXT_SIZE, "%s/%s", id->organization, id->common_name);
	return buffer;
}

bool endpoint_dials_out_only(const struct endpoint *endpoint)
{
	return !ip_address_present(&endpoint->address) && !endpoint->name[0];
}

bool endpoint_speaks_wireguard(const struct endpoint *endpoint)
{
	return !endpoint->transports || (endpoint->transports & TRANSPORT_WIREGUARD);
}

void config_free(struct config *config)
{
	if (!config)
		return;
	free(config->prefixes);
	free(config->extra_ips);
	free(config->runtime_dir);
	free(config->state_dir);
	free(config->control_group);
	free(config->vici_socket);
	free(config->registry.source);
	free(config->registry.ca_file);
	free(config->registry.accept);
	free(config->registry.deny);
	free(config->registry.accept_default_from);
	free(config->registry.deny_keys);
	explicit_bzero(config, sizeof(*config));
	free(config);
}

void registry_free(struct registry *registry)
{
	if (!registry)
		return;
	for (size_t i = 0; i < registry->nodes_count + registry->denied_count; i++)
		registry_node_done(&registry->nodes[i]);
	free(registry->nodes);
	free(registry);
}

void registry_node_done(struct registry_node *node)
{
	free(node->endpoints);
	free(node->prefixes);
	free(node->anycast);
}

bool registry_node_is_anycast(const struct registry_node *node, const struct ip_prefix *prefix)
{
	return node->anycast_count && bsearch(prefix, node->anycast, node->anycast_count,
					      sizeof(node->anycast[0]), ip_prefix_compare_qsort);
}

/* What the registry says of @local; NULL if nothing. */
static const struct endpoint *find_registered(const struct registry_node *self,
					      const struct endpoint *local)
{
	for (unsigned i = 0; self && i < self->endpoints_count; i++)
		if (self->endpoints[i].serial_number == local->serial_number)
			return &self->endpoints[i];
	return NULL;
}

uint16_t endpoint_send_port(const struct endpoint *local, const struct registry_node *self)
{
	const struct endpoint *registered = find_registered(self, local);

	if (local->send_port)
		return local->send_port;
	return registered ? registered->send_port : local->port;
}

static uint8_t key_transports(bool has_wireguard, bool has_identity)
{
	return (uint8_t)((has_wireguard ? TRANSPORT_WIREGUARD : 0) |
			 (has_identity ? TRANSPORT_IPSEC : 0));
}

uint8_t node_key_transports(const struct registry_node *node)
{
	return key_transports(node->has_wireguard, node->has_identity || node->identity_is_shared);
}

uint8_t node_transports(const struct registry_node *node, const struct endpoint *endpoint)
{
	uint8_t keys = node_key_transports(node);

	return endpoint->transports ? endpoint->transports & keys : keys;
}

uint8_t config_key_transports(const struct config *config)
{
	return key_transports(config->has_wireguard, config->has_identity);
}

uint8_t config_transports(const struct config *config, const struct endpoint *local,
			  const struct registry_node *self)
{
	const struct endpoint *registered = find_registered(self, local);
	uint8_t named = registered ? registered->transports : 0;

	if (local->transports)
		named = named ? named & local->transports : local->transports;
	else if (!named)
		named = config->has_wireguard ? TRANSPORT_WIREGUARD : TRANSPORT_IPSEC;
	return named & config_key_transports(config);
}

static int compare_id_with_node(const void *id, const void *node)
{
	return node_id_compare(id, &((const struct registry_node *)node)->id);
}

const struct registry_node *registry_find(const struct registry *registry, const struct node_id *id)
{
	if (registry->nodes_count == 0)
		return NULL;
	return bsearch(id, registry->nodes, registry->nodes_count, sizeof(registry->nodes[0]),
		       compare_id_with_node);
}

struct facts facts_copy(const struct facts *facts)
{
	struct facts copy = *facts;

	copy.underlay_addresses =
		memory_dup(facts->underlay_addresses,
			   facts->underlay_addresses_count * sizeof(*facts->underlay_addresses));
	copy.advertised_links =
		memory_dup(facts->advertised_links,
			   facts->advertised_links_count * sizeof(*facts->advertised_links));
	copy.names = memory_dup(facts->names, facts->names_count * sizeof(*facts->names));
	copy.kept = memory_dup(facts->kept, facts->kept_count * sizeof(*facts->kept));
	return copy;
}

static bool underlays_equal(const struct facts *a, const struct facts *b)
{
	if (a->underlay_addresses_count != b->underlay_addresses_count ||
	    a->advertised_links_count != b->advertised_links_count)
		return false;
	for (size_t i = 0; i < a->underlay_addresses_count; i++)
		if (ip_prefix_compare(&a->underlay_addresses[i], &b->underlay_addresses[i]) != 0)
			return false;
	for (size_t i = 0; i < a->advertised_links_count; i++)
		if (strcmp(a->advertised_links[i], b->advertised_links[i]) != 0)
			return false;
	return true;
}

static bool names_equal(const struct facts *a, const struct facts *b)
{
	if (a->names_count != b->names_count)
		return false;
	for (size_t i = 0; i < a->names_count; i++)
		if (strcmp(a->names[i].name, b->names[i].name) != 0 ||
		    a->names[i].family != b->names[i].family ||
		    ip_address_compare(&a->names[i].address, &b->names[i].address) != 0)
			return false;
	return true;
}

static bool kept_equal(const struct facts *a, const struct facts *b)
{
	if (a->kept_count != b->kept_count)
		return false;
	for (size_t i = 0; i < a->kept_count; i++)
		if (strcmp(a->kept[i].ifname, b->kept[i].ifname) != 0 ||
		    a->kept[i].is_leaving != b->kept[i].is_leaving)
			return false;
	return true;
}

static bool features_equal(const struct facts *a, const struct facts *b)
{
	return a->has_kernel_wireguard == b->has_kernel_wireguard &&
	       a->has_userspace_wireguard == b->has_userspace_wireguard &&
	       a->has_seg6 == b->has_seg6 && a->has_nf_tables == b->has_nf_tables &&
	       a->has_vrf == b->has_vrf && !strcmp(a->table_owner, b->table_owner) &&
	       a->has_babeld == b->has_babeld && a->has_bird == b->has_bird &&
	       a->bird_version.major == b->bird_version.major &&
	       a->bird_version.minor == b->bird_version.minor &&
	       a->bird_version.patch == b->bird_version.patch;
}

bool facts_equal(const struct facts *a, const struct facts *b)
{
	return features_equal(a, b) && underlays_equal(a, b) && names_equal(a, b) &&
	       kept_equal(a, b) && a->changed_at == b->changed_at;
}

void facts_done(struct facts *facts)
{
	free(facts->underlay_addresses);
	free(facts->advertised_links);
	free(facts->names);
	free(facts->kept);
	*facts = (struct facts) { 0 };
}
