// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/connection.h"

#include "base/hex.h"
#include "crypto/crypto.h"
#include "ipsec/identity.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* Many flows on several processors reorder by thousands of packets; 32, charon's own, drops them.
 */
#define REPLAY_WINDOW 4096

static const struct ike_hints no_hints;

static void write_list(struct vici_writer *writer, const char *name, const char *first,
		       const char *second)
{
	vici_begin_list(writer, name);
	vici_put_item(writer, first);
	if (second)
		vici_put_item(writer, second);
	vici_end_list(writer);
}

/*
 * A peer may come from another address than the one that is known, and is dialled at the first that
 * is no network.
 */
static void write_addresses(const struct ike_connection *connection, const struct ike_hints *hints,
			    struct vici_writer *writer)
{
	const char *any = connection->family == AF_INET ? "0.0.0.0/0" : "::/0";
	char remote[IP_ADDRESS_TEXT_SIZE];
	struct ip_endpoint peer = { connection->peer_address, connection->peer_port };

	if (!ip_address_present(&peer.address) && ip_address_present(&hints->seen.address))
		peer = hints->seen;
	write_list(writer, "local_addrs", any, NULL);
	write_list(writer, "remote_addrs", any,
		   ip_address_present(&peer.address) ? ip_address_format(&peer.address, remote)
						     : NULL);
	vici_printf(writer, "local_port", "%u", connection->port);
	vici_printf(writer, "remote_port", "%u", peer.port);
}

static void write_end(struct vici_writer *writer, const char *name, const struct ike_party *party)
{
	uint8_t identity[IKE_IDENTITY_SIZE];
	size_t size = ike_identity_make(&party->node, party->serial_number, identity);
	char pem[CRYPTO_ED25519_PEM_SIZE];
	char text[IKE_IDENTITY_TEXT_SIZE];

	vici_begin_section(writer, name);
	vici_printf(writer, "auth", "pubkey");
	vici_printf(writer, "id", "%s", ike_identity_format(identity, size, text));
	write_list(writer, "pubkeys", crypto_ed25519_public_to_pem(party->key, pem), NULL);
	vici_end_section(writer);
}

/* All that the xfrm interface takes; in userspace what the VXLAN sends. */
static void write_selectors(const struct ike_connection *connection, struct vici_writer *writer)
{
	char local[IP_ADDRESS_TEXT_SIZE], remote[IP_ADDRESS_TEXT_SIZE];

	if (!ip_address_present(&connection->inner_address)) {
		write_list(writer, "local_ts", "0.0.0.0/0", "::/0");
		write_list(writer, "remote_ts", "0.0.0.0/0", "::/0");
		return;
	}
	write_list(writer, "local_ts", ip_address_format(&connection->inner_address, local), NULL);
	write_list(writer, "remote_ts", ip_address_format(&connection->peer_inner_address, remote),
		   NULL);
}

static void write_child(const struct ike_connection *connection, const struct ike_offer *offer,
			struct vici_writer *writer)
{
	static const char *const actions[] = { "start_action", "close_action", "dpd_action" };

	vici_begin_section(writer, "children");
	vici_begin_section(writer, IKE_CHILD_NAME);
	vici_printf(writer, "mode", "tunnel");
	write_selectors(connection, writer);
	ike_offer_write_esp(offer, writer);
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		vici_printf(writer, actions[i], "none");
	if (connection->if_id)
		vici_printf(writer, "replay_window", "%d", REPLAY_WINDOW);
	vici_end_section(writer);
	vici_end_section(writer);
}

static void write_body(const struct ike_connection *connection, const struct ike_offer *offer,
		       const struct ike_hints *hints, struct vici_writer *writer)
{
	vici_printf(writer, "version", "2");
	write_addresses(connection, hints, writer);
	/* ESP in UDP always: one port, whatever is on the way, and ranet's peers expect it. */
	vici_printf(writer, "encap", "yes");
	vici_printf(writer, "mobike", connection->may_move ? "yes" : "no");
	vici_printf(writer, "fragmentation", "yes");
	vici_printf(writer, "unique", "replace");
	vici_printf(writer, "keyingtries", "1");
	vici_printf(writer, "dpd_delay", "%ds", IKE_DPD_DELAY_S);
	if (connection->if_id) {
		vici_printf(writer, "if_id_in", "%u", connection->if_id);
		vici_printf(writer, "if_id_out", "%u", connection->if_id);
	}
	if (hints->ppk_id)
		vici_printf(writer, "ppk_id", "%s", hints->ppk_id);
	if (connection->ppk == IKE_PPK_REQUIRED)
		vici_printf(writer, "ppk_required", "yes");
	ike_offer_write_ike(offer, writer);
	write_end(writer, "local", &connection->own);
	write_end(writer, "remote", &connection->peer);
	write_child(connection, offer, writer);
}

static void digest_of(const struct vici_writer *writer, char ret[IKE_NAME_DIGEST_DIGITS + 1])
{
	uint8_t digest[CRYPTO_KEY_SIZE];
	char text[2 * CRYPTO_KEY_SIZE + 1];

	crypto_sha256(writer->bytes, writer->size, digest);
	memcpy(ret, hex_format(digest, sizeof(digest), text), IKE_NAME_DIGEST_DIGITS);
	ret[IKE_NAME_DIGEST_DIGITS] = '\0';
}

void ike_name_make(const struct ike_connection *connection, const struct ike_offer *offer,
		   struct ike_name *ret)
{
	CLEANUP(vici_writer_done) struct vici_writer ends = { 0 }, body = { 0 };

	memcpy(ret->link, connection->link, sizeof(ret->link));
	write_end(&ends, "local", &connection->own);
	write_end(&ends, "remote", &connection->peer);
	digest_of(&ends, ret->authentication);
	write_body(connection, offer, &no_hints, &body);
	digest_of(&body, ret->all);
}

const char *ike_name_format(const struct ike_name *name, char buffer[IKE_NAME_SIZE])
{
	(void)snprintf(buffer, IKE_NAME_SIZE, IKE_NAME_PREFIX "%s-%s-%s", name->link,
		       name->authentication, name->all);
	return buffer;
}

/* Hexadecimal digits, and behind them @end. */
static bool take_digest(const char **text, char end, char ret[IKE_NAME_DIGEST_DIGITS + 1])
{
	size_t length = strspn(*text, "0123456789abcdef");

	if (length != IKE_NAME_DIGEST_DIGITS || (*text)[length] != end)
		return false;
	memcpy(ret, *text, length);
	ret[length] = '\0';
	*text += length + 1;
	return true;
}

bool ike_name_parse(const char *text, struct ike_name *ret)
{
	struct ike_name name = { 0 };
	size_t length;

	if (strncmp(text, IKE_NAME_PREFIX, strlen(IKE_NAME_PREFIX)) != 0)
		return false;
	text += strlen(IKE_NAME_PREFIX);
	length = strcspn(text, "-");
	if (length == 0 || length >= sizeof(name.link) || text[length] != '-')
		return false;
	memcpy(name.link, text, length);
	text += length + 1;
	if (!take_digest(&text, '-', name.authentication) || !take_digest(&text, '\0', name.all))
		return false;
	*ret = name;
	return true;
}

void ike_connection_write(const struct ike_connection *connection, const struct ike_offer *offer,
			  const struct ike_hints *hints, struct vici_writer *writer)
{
	char text[IKE_NAME_SIZE];
	struct ike_name name;

	ike_name_make(connection, offer, &name);
	vici_begin_section(writer, ike_name_format(&name, text));
	write_body(connection, offer, hints ? hints : &no_hints, writer);
	vici_end_section(writer);
}
