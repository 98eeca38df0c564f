// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/connection.h"

#include "crypto/crypto.h"

#include <string.h>
#include <sys/socket.h>

/*
 * The strongest first; "default" last, for peers that know no better. A responder follows its own
 * order, so that both ends need it.
 */
#define IKE_PROPOSAL                                                                               \
	"aes256gcm16-aes128gcm16-chacha20poly1305-prfsha384-prfsha256-x25519-ecp384-ecp256"
#define ESP_PROPOSAL "aes256gcm16-aes128gcm16-chacha20poly1305"
/* Many flows on several processors reorder by thousands of packets; 32, charon's own, drops them.
 */
#define REPLAY_WINDOW 4096

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
static void write_addresses(const struct ike_connection *connection, struct vici_writer *writer)
{
	const char *any = connection->family == AF_INET ? "0.0.0.0/0" : "::/0";
	char remote[IP_ADDRESS_TEXT_SIZE];
	bool is_known = ip_address_present(&connection->remote.address);

	write_list(writer, "local_addrs", any, NULL);
	write_list(writer, "remote_addrs", any,
		   is_known ? ip_address_format(&connection->remote.address, remote) : NULL);
	vici_printf(writer, "local_port", "%u", connection->local_port);
	if (connection->remote.port)
		vici_printf(writer, "remote_port", "%u", connection->remote.port);
}

static void write_end(struct vici_writer *writer, const char *name, const uint8_t key[KEY_SIZE],
		      const uint8_t *identity, size_t identity_size)
{
	char pem[CRYPTO_ED25519_PEM_SIZE];
	char text[IKE_IDENTITY_TEXT_SIZE];

	vici_begin_section(writer, name);
	vici_printf(writer, "auth", "pubkey");
	vici_printf(writer, "id", "%s", ike_identity_format(identity, identity_size, text));
	write_list(writer, "pubkeys", crypto_ed25519_public_to_pem(key, pem), NULL);
	vici_end_section(writer);
}

static void write_child(struct vici_writer *writer)
{
	static const char *const actions[] = { "start_action", "close_action", "dpd_action" };

	vici_begin_section(writer, "children");
	vici_begin_section(writer, IKE_CHILD_NAME);
	vici_printf(writer, "mode", "tunnel");
	write_list(writer, "local_ts", "0.0.0.0/0", "::/0");
	write_list(writer, "remote_ts", "0.0.0.0/0", "::/0");
	write_list(writer, "esp_proposals", ESP_PROPOSAL, "default");
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		vici_printf(writer, actions[i], "none");
	vici_printf(writer, "replay_window", "%d", REPLAY_WINDOW);
	vici_end_section(writer);
	vici_end_section(writer);
}

void ike_connection_write(const struct ike_connection *connection, struct vici_writer *writer)
{
	vici_begin_section(writer, connection->name);
	vici_printf(writer, "version", "2");
	write_addresses(connection, writer);
	/* ESP in UDP always: one port, whatever is on the way, and ranet's peers expect it. */
	vici_printf(writer, "encap", "yes");
	vici_printf(writer, "mobike", connection->may_move ? "yes" : "no");
	vici_printf(writer, "fragmentation", "yes");
	vici_printf(writer, "unique", "replace");
	vici_printf(writer, "keyingtries", "1");
	vici_printf(writer, "dpd_delay", "%ds", IKE_DPD_DELAY_S);
	vici_printf(writer, "if_id_in", "%u", connection->if_id);
	vici_printf(writer, "if_id_out", "%u", connection->if_id);
	write_list(writer, "proposals", IKE_PROPOSAL, "default");
	write_end(writer, "local", connection->own_key, connection->own_identity,
		  connection->own_identity_size);
	write_end(writer, "remote", connection->peer_key, connection->peer_identity,
		  connection->peer_identity_size);
	write_child(writer);
	vici_end_section(writer);
}
