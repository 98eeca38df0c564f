// SPDX-License-Identifier: GPL-2.0-or-later
#include "vici/test_real_charon.h"

#include "base/file.h"
#include "base/memory.h"
#include "process/child.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define CHARON "/usr/sbin/charon-systemd"
#define STOP_MS 5000
#define PORT 12025

/* pkcs1 is what reads public keys of any kind. */
#define PLUGINS                                                                                    \
	"random nonce openssl hmac kdf pem pkcs1 pkcs8 pubkey kernel-netlink socket-default vici"

static const char configuration[] = "charon {\n"
				    "\tload_modular = no\n"
				    "\tload = " PLUGINS "\n"
				    "\tport = 0\n"
				    "\tport_nat_t = %d\n"
				    "\tinstall_routes = no\n"
				    "\tretransmit_timeout = 1\n"
				    "\tfilelog {\n"
				    "\t\tstderr {\n"
				    "\t\t\tdefault = 1\n"
				    "\t\t\tflush_line = yes\n"
				    "\t\t}\n"
				    "\t}\n"
				    "\tplugins {\n"
				    "\t\tvici {\n"
				    "\t\t\tsocket = unix://%s\n"
				    "\t\t}\n"
				    "\t}\n"
				    "}\n";

const char *real_charon_missing(void)
{
	if (geteuid() != 0)
		return "root";
	return access(CHARON, X_OK) == 0 ? NULL : "charon-systemd";
}

void real_charon_restart(struct real_charon *charon, int netns_fd)
{
	char log[96], variable[128];
	const char *const argv[] = { CHARON, NULL };
	const char *const environment[] = { variable, NULL };
	const struct child_options options = {
		.argv = argv,
		.environment = environment,
		.netns_fd = netns_fd,
		.log_path = log,
	};

	(void)snprintf(log, sizeof(log), "%s/log", charon->directory);
	(void)snprintf(variable, sizeof(variable), "STRONGSWAN_CONF=%s/strongswan.conf",
		       charon->directory);
	assert_int_equal(child_spawn(&options, &charon->pid, NULL), 0);
}

void real_charon_init(struct real_charon *charon, int netns_fd)
{
	char text[1024], path[96];
	int length;

	strcpy(charon->directory, "/tmp/aronet-t-charon-XXXXXX");
	assert_non_null(mkdtemp(charon->directory));
	(void)snprintf(charon->socket, sizeof(charon->socket), "%s/vici", charon->directory);
	(void)snprintf(path, sizeof(path), "%s/strongswan.conf", charon->directory);
	length = snprintf(text, sizeof(text), configuration, PORT, charon->socket);
	assert_int_equal(file_replace(path, text, (size_t)length, 0600, NULL), 0);
	real_charon_restart(charon, netns_fd);
}

void real_charon_done(struct real_charon *charon)
{
	static const char *const names[] = { "strongswan.conf", "log", "vici" };

	child_stop(charon->pid, STOP_MS);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char path[96];

		(void)snprintf(path, sizeof(path), "%s/%s", charon->directory, names[i]);
		(void)unlink(path);
	}
	assert_int_equal(rmdir(charon->directory), 0);
}
