// SPDX-License-Identifier: GPL-2.0-or-later
#include "vici/test_daemon.h"

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

const char *test_daemon_missing(void)
{
	if (geteuid() != 0)
		return "root";
	return access(CHARON, X_OK) == 0 ? NULL : "charon-systemd";
}

void test_daemon_restart(struct test_daemon *daemon, int netns_fd)
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

	(void)snprintf(log, sizeof(log), "%s/log", daemon->directory);
	(void)snprintf(variable, sizeof(variable), "STRONGSWAN_CONF=%s/strongswan.conf",
		       daemon->directory);
	assert_int_equal(child_spawn(&options, &daemon->pid, NULL), 0);
}

void test_daemon_init(struct test_daemon *daemon, int netns_fd)
{
	char text[1024], path[96];
	int length;

	strcpy(daemon->directory, "/tmp/aronet-t-charon-XXXXXX");
	assert_non_null(mkdtemp(daemon->directory));
	(void)snprintf(daemon->socket, sizeof(daemon->socket), "%s/vici", daemon->directory);
	(void)snprintf(path, sizeof(path), "%s/strongswan.conf", daemon->directory);
	length = snprintf(text, sizeof(text), configuration, PORT, daemon->socket);
	assert_int_equal(file_replace(path, text, (size_t)length, 0600, NULL), 0);
	test_daemon_restart(daemon, netns_fd);
}

void test_daemon_done(struct test_daemon *daemon)
{
	static const char *const names[] = { "strongswan.conf", "log", "vici" };

	child_stop(daemon->pid, STOP_MS);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char path[96];

		(void)snprintf(path, sizeof(path), "%s/%s", daemon->directory, names[i]);
		(void)unlink(path);
	}
	assert_int_equal(rmdir(daemon->directory), 0);
}
