// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/charon_config.h"

#include <stdio.h>
#include <string.h>

/* The value runs to the end of the line, so that there is one setting on each. */
static const char format[] =
	"charon {\n"
	/* The list alone, and nothing of /etc/strongswan.d. */
	"\tload_modular = no\n"
	"\tload = %s\n"
	/*
	 * There is one port, on which IKE and ESP are told apart by a marker (RFC 3948). The other
	 * one cannot be switched off; 0 is a random number that nobody hears of.
	 */
	"\tport = 0\n"
	"\tport_nat_t = %u\n"
	/* Routes and addresses are aronet's: xfrm interfaces get all that is routed to them. */
	"\tinstall_routes = no\n"
	"\tinstall_virtual_ip = no\n"
	"\trouting_table = 0\n"
	/* RFC 5685: whoever answers first, with or without a key, could send us elsewhere. */
	"\tfollow_redirects = no\n"
	/*
	 * A message that is not answered is sent again after 2, 3, 4.5 and 6.75 s and given up 10.1
	 * s later, after 26.4 s in all: DIAL_DEADLINE_USEC of ipsec/dial.h is a little more. As
	 * much later than dpd_delay a dead peer is noticed.
	 */
	"\tretransmit_timeout = 2\n"
	"\tretransmit_base = 1.5\n"
	"\tretransmit_tries = 4\n"
	/*
	 * Against strangers who begin and do not go on. From 30 half-open IKE_SAs on, who begins
	 * has to show that packets reach it (RFC 7296 section 2.6), before anything is kept or
	 * computed for it. Peers behind one NAT come from one address and dial at the same moment
	 * when we restart: 50 of them, where charon itself allows 5. Beyond 1000 half-open ones
	 * (about 10 KB each for 30 s), or as many messages that wait for a thread, no new ones
	 * are let in; the packets of peers are dropped, too, and come again.
	 */
	"\tcookie_threshold = 30\n"
	"\tblock_threshold = 50\n"
	"\tinit_limit_half_open = 1000\n"
	"\tinit_limit_job_load = 1000\n"
	"\tjournal {\n"
	"\t\tdefault = -1\n"
	"\t}\n"
	"\tfilelog {\n"
	/*
	 * No file, but the standard error that it was given. Without net and enc, which write four
	 * lines for each probe of a peer (DPD), and so would fill the log with silence.
	 */
	"\t\tstderr {\n"
	"\t\t\ttime_format = %%Y-%%m-%%d %%H:%%M:%%S\n"
	"\t\t\tdefault = 1\n"
	"\t\t\tnet = 0\n"
	"\t\t\tenc = 0\n"
	"\t\t\tflush_line = yes\n"
	"\t\t}\n"
	"\t}\n"
	"\tplugins {\n"
	"\t\tvici {\n"
	"\t\t\tsocket = unix://%s\n"
	"\t\t}\n"
	"\t\tsocket-default {\n"
	/* Answers leave from the address and the interface that was asked. */
	"\t\t\tset_source = yes\n"
	"\t\t\tset_sourceif = yes\n"
	"\t\t}\n"
	"\t}\n"
	"}\n";

/*
 * In the order of loading: of two that offer the same, the first one is taken. pkcs1 reads public
 * keys of any kind. hmac and kdf are in some builds' openssl, random is not all that openssl has,
 * and ml (ML-KEM) came with strongSwan 6.0.
 */
static const struct charon_plugin plugins[] = {
	{ "random", NULL, CHARON_PLUGIN_OPTIONAL },
	{ "nonce", "libstrongswan", CHARON_PLUGIN_NEEDED },
	{ "openssl", "libstrongswan-standard-plugins", CHARON_PLUGIN_NEEDED },
	{ "ml", NULL, CHARON_PLUGIN_OPTIONAL },
	{ "hmac", NULL, CHARON_PLUGIN_OPTIONAL },
	{ "kdf", NULL, CHARON_PLUGIN_OPTIONAL },
	{ "pem", "libstrongswan", CHARON_PLUGIN_NEEDED },
	{ "pkcs1", "libstrongswan", CHARON_PLUGIN_NEEDED },
	{ "pkcs8", "libstrongswan", CHARON_PLUGIN_NEEDED },
	{ "pubkey", "libstrongswan", CHARON_PLUGIN_NEEDED },
	/* Before kernel-netlink, which then does all but ESP. */
	{ "kernel-libipsec", "libcharon-extra-plugins", CHARON_PLUGIN_USERSPACE },
	{ "kernel-netlink", "libstrongswan", CHARON_PLUGIN_NEEDED },
	{ "socket-default", "strongswan-libcharon", CHARON_PLUGIN_NEEDED },
	{ "vici", "strongswan-swanctl", CHARON_PLUGIN_NEEDED },
	{ "counters", NULL, CHARON_PLUGIN_OPTIONAL },
};

const struct charon_plugin *charon_plugin_find(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(plugins) / sizeof(plugins[0]); i++)
		if (strlen(plugins[i].name) == length && !strncmp(plugins[i].name, name, length))
			return &plugins[i];
	return NULL;
}

static void write_plugins(bool is_userspace, struct strbuf *text)
{
	for (size_t i = 0; i < sizeof(plugins) / sizeof(plugins[0]); i++)
		if (plugins[i].need != CHARON_PLUGIN_USERSPACE || is_userspace)
			strbuf_printf(text, "%s%s", i > 0 ? " " : "", plugins[i].name);
}

void charon_config_write(const struct charon_settings *settings, const char *socket,
			 struct strbuf *text)
{
	CLEANUP(strbuf_done) struct strbuf list = { 0 };

	write_plugins(settings->is_userspace, &list);
	strbuf_printf(text, format, strbuf_text(&list), settings->port, socket);
}

bool charon_config_read(const char *text, struct charon_settings *ret)
{
	const char *line = strstr(text, "port_nat_t = ");
	uint16_t port;

	if (!line || sscanf(line, "port_nat_t = %hu", &port) != 1)
		return false;
	ret->port = port;
	ret->is_userspace = strstr(text, "kernel-libipsec") != NULL;
	return true;
}
