// SPDX-License-Identifier: GPL-2.0-or-later
/* With the real charon-systemd, in a network namespace and a mount namespace of our own. */
#include "ipsec/charon.h"

#include "base/memory.h"
#include "ipsec/charon_port.h"
#include "process/child.h"
#include "vici/test_real_charon.h"
#include "vici/test_wait.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cmocka.h>

#define PORT 12025
#define PLUGINS "/usr/lib/ipsec/plugins"

static const struct charon_settings settings = { .port = PORT };

struct rig {
	uv_loop_t loop;
	struct test_wait wait;
	struct charon *charon;
	unsigned started, stopped, ended;
	int result;
	struct error error; /* of what has ended last */
	char reason[96];
};

static void take_result(struct rig *rig, int result, const struct error *error)
{
	rig->result = result;
	rig->error = result < 0 ? *error : (struct error) { 0 };
}

static void on_started(void *userdata, int result, const struct error *error)
{
	struct rig *rig = userdata;

	rig->started++;
	take_result(rig, result, error);
}

static void on_stopped(void *userdata, int result, const struct error *error)
{
	struct rig *rig = userdata;

	rig->stopped++;
	take_result(rig, result, error);
}

static void on_ended(void *userdata, const char *reason)
{
	struct rig *rig = userdata;

	rig->ended++;
	(void)snprintf(rig->reason, sizeof(rig->reason), "%s", reason);
}

/* As a daemon that begins. */
static void begin(struct rig *rig)
{
	char directory[64];
	const struct charon_options options = {
		.loop = &rig->loop,
		.runtime_directory = directory,
		.callbacks = {
			.userdata = rig,
			.started = on_started,
			.stopped = on_stopped,
			.ended = on_ended,
		},
	};

	(void)snprintf(directory, sizeof(directory), "/run/aronet-t-%d", (int)getpid());
	assert_int_equal(charon_new(&options, &rig->charon, NULL), 0);
}

static void begin_anew(struct rig *rig)
{
	charon_free(TAKE(rig->charon));
	begin(rig);
}

static int set_up(void **state)
{
	struct rig *rig = NEW(struct rig);

	assert_int_equal(unshare(CLONE_NEWNET), 0);
	assert_int_equal(uv_loop_init(&rig->loop), 0);
	test_wait_init(&rig->wait, &rig->loop);
	begin(rig);
	*state = rig;
	return 0;
}

static void stop(struct rig *rig)
{
	int result = charon_stop(rig->charon, NULL);

	if (result == 0)
		return;
	assert_int_equal(result, -EINPROGRESS);
	test_wait_until(&rig->wait, &rig->stopped, rig->stopped + 1);
	assert_int_equal(rig->result, 0);
}

static int tear_down(void **state)
{
	struct rig *rig = *state;

	stop(rig);
	charon_free(rig->charon);
	test_wait_done(&rig->wait);
	while (uv_run(&rig->loop, UV_RUN_DEFAULT) != 0)
		;
	assert_int_equal(uv_loop_close(&rig->loop), 0);
	free(rig);
	return 0;
}

static void begin_start(struct rig *rig, const struct charon_settings *with)
{
	struct error error = { 0 };

	if (charon_start(rig->charon, with, &error) != -EINPROGRESS)
		fail_msg("%s: %s", error.place, error.text);
}

static void start(struct rig *rig, const struct charon_settings *with)
{
	begin_start(rig, with);
	test_wait_until(&rig->wait, &rig->started, rig->started + 1);
	if (rig->result < 0)
		fail_msg("%s: %s", rig->error.place, rig->error.text);
}

static void expect_text(const struct error *error, const char *text)
{
	if (!strstr(error->text, text))
		fail_msg("\"%s\" is not in \"%s\"", text, error->text);
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* -1 with errno if it is taken. */
static int bind_port(int family)
{
	const struct sockaddr_in6 address = { .sin6_family = (sa_family_t)family,
					      .sin6_port = htons(PORT) };
	CLEANUP(close) int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const int on = 1;

	if (family == AF_INET6)
		assert_int_equal(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)), 0);
	if (bind(fd, (const struct sockaddr *)&address,
		 family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(address)) < 0)
		return -1;
	return take_fd(&fd);
}

static bool port_is_free(void)
{
	CLEANUP(close) int fd = bind_port(AF_INET);
	CLEANUP(close) int other = bind_port(AF_INET6);

	return fd >= 0 && other >= 0;
}

/* Of this kernel. */
static bool has_esp_in_udp(void)
{
	CLEANUP(close) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const int encapsulation = 2; /* UDP_ENCAP_ESPINUDP */

	return setsockopt(fd, IPPROTO_UDP, UDP_ENCAP, &encapsulation, sizeof(encapsulation)) == 0;
}

static void it_starts_and_stops(void **state)
{
	struct rig *rig = *state;
	uint8_t digest[CRYPTO_KEY_SIZE], wanted[CRYPTO_KEY_SIZE];
	pid_t pid;

	assert_int_equal(charon_pid(rig->charon), 0);
	assert_false(charon_digest(rig->charon, digest));
	start(rig, &settings);
	pid = charon_pid(rig->charon);
	assert_true(child_is(pid, "charon-systemd"));
	assert_true(charon_port_is_of(PORT, pid));
	assert_true(exists(charon_socket(rig->charon)));
	assert_true(charon_digest(rig->charon, digest));
	charon_digest_of(rig->charon, &settings, wanted);
	assert_memory_equal(digest, wanted, sizeof(wanted));
	assert_int_equal(charon_start(rig->charon, &settings, NULL), -EBUSY);

	assert_int_equal(charon_stop(rig->charon, NULL), -EINPROGRESS);
	assert_int_equal(charon_pid(rig->charon), 0);
	assert_int_equal(charon_stop(rig->charon, NULL), -EBUSY);
	test_wait_until(&rig->wait, &rig->stopped, 1);
	assert_int_equal(rig->result, 0);
	assert_false(child_is(pid, "charon-systemd"));
	assert_false(exists(charon_socket(rig->charon)));
	assert_false(exists(charon_log(rig->charon)));
	assert_true(port_is_free());
	assert_int_equal(rig->ended, 0);
	assert_int_equal(charon_stop(rig->charon, NULL), 0);
}

static void it_is_busy_while_it_starts(void **state)
{
	struct rig *rig = *state;

	begin_start(rig, &settings);
	assert_int_equal(charon_pid(rig->charon), 0);
	assert_int_equal(charon_start(rig->charon, &settings, NULL), -EBUSY);
	assert_int_equal(charon_stop(rig->charon, NULL), -EBUSY);
	test_wait_until(&rig->wait, &rig->started, 1);
	assert_int_equal(rig->result, 0);
}

static void next_daemon_takes_it_over(void **state)
{
	const struct charon_settings other = { .port = PORT + 1 };
	struct rig *rig = *state;
	pid_t pid;

	start(rig, &settings);
	pid = charon_pid(rig->charon);
	begin_anew(rig);
	assert_int_equal(charon_pid(rig->charon), pid);
	assert_true(charon_runs_with(rig->charon, &settings));
	assert_false(charon_runs_with(rig->charon, &other));
	/* And watches it. */
	assert_int_equal(kill(pid, SIGKILL), 0);
	test_wait_until(&rig->wait, &rig->ended, 1);
	assert_int_equal(charon_pid(rig->charon), 0);
}

static void port_is_held_when_it_dies(void **state)
{
	struct rig *rig = *state;

	start(rig, &settings);
	assert_int_equal(kill(charon_pid(rig->charon), SIGKILL), 0);
	test_wait_until(&rig->wait, &rig->ended, 1);
	assert_non_null(strstr(rig->reason, "ended"));
	assert_int_equal(charon_pid(rig->charon), 0);
	assert_false(charon_runs_with(rig->charon, &settings));
	if (has_esp_in_udp()) {
		assert_true(bind_port(AF_INET) < 0);
		assert_true(bind_port(AF_INET6) < 0);
	}
	/* Its socket is left behind, which does no harm. */
	assert_true(exists(charon_socket(rig->charon)));
	start(rig, &settings);
	assert_true(charon_port_is_of(PORT, charon_pid(rig->charon)));
}

static void port_is_still_held_if_the_next_one_does_not_start(void **state)
{
	CLEANUP(free) char *path = memory_strdup(getenv("PATH"));
	struct rig *rig = *state;

	start(rig, &settings);
	assert_int_equal(kill(charon_pid(rig->charon), SIGKILL), 0);
	test_wait_until(&rig->wait, &rig->ended, 1);
	(void)setenv("PATH", "/nonexistent", 1);
	assert_int_equal(charon_start(rig->charon, &settings, NULL), -ENOENT);
	(void)setenv("PATH", path, 1);
	if (has_esp_in_udp())
		assert_false(port_is_free());
	assert_int_equal(charon_stop(rig->charon, NULL), 0);
	assert_true(port_is_free());
}

static void program_that_is_not_installed_is_named(void **state)
{
	CLEANUP(free) char *path = memory_strdup(getenv("PATH"));
	struct rig *rig = *state;
	struct error error = { 0 };

	(void)setenv("PATH", "/nonexistent", 1);
	assert_int_equal(charon_start(rig->charon, &settings, &error), -ENOENT);
	(void)setenv("PATH", path, 1);
	expect_text(&error, "install the packages charon-systemd, strongswan-swanctl");
}

static void taken_port_is_refused_with_its_holder(void **state)
{
	static const int families[] = { AF_INET, AF_INET6 };
	struct rig *rig = *state;
	struct error error = { 0 };
	char holder[64];

	(void)snprintf(holder, sizeof(holder), "(process %d)", (int)getpid());
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		CLEANUP(close) int fd = bind_port(families[i]);

		assert_true(fd >= 0);
		assert_int_equal(charon_start(rig->charon, &settings, &error), -EADDRINUSE);
		expect_text(&error, "UDP port 12025 is taken by ");
		expect_text(&error, holder);
	}
	start(rig, &settings);
}

/* charon itself runs on, and hears nothing. */
static void port_that_is_lost_to_another_is_noticed(void **state)
{
	struct rig *rig = *state;
	int fd;

	begin_start(rig, &settings);
	fd = bind_port(AF_INET);
	assert_true(fd >= 0);
	test_wait_until(&rig->wait, &rig->started, 1);
	(void)close(fd);
	assert_int_equal(rig->result, -EADDRINUSE);
	expect_text(&rig->error, "UDP port 12025 is taken by ");
	assert_int_equal(charon_pid(rig->charon), 0);
	assert_false(exists(charon_socket(rig->charon)));
	start(rig, &settings);
}

/* Nobody can be connected to it: it is found by its environment. */
static void one_without_its_socket_is_replaced(void **state)
{
	struct rig *rig = *state;
	pid_t pid;

	start(rig, &settings);
	pid = charon_pid(rig->charon);
	assert_int_equal(unlink(charon_socket(rig->charon)), 0);
	begin_anew(rig);
	assert_int_equal(charon_pid(rig->charon), 0);
	start(rig, &settings);
	assert_true(charon_pid(rig->charon) != pid);
	assert_false(child_is(pid, "charon-systemd"));
}

static void one_in_another_network_is_replaced(void **state)
{
	struct rig *rig = *state;
	pid_t pid;

	start(rig, &settings);
	pid = charon_pid(rig->charon);
	charon_free(TAKE(rig->charon));
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	begin(rig);
	assert_int_equal(charon_pid(rig->charon), 0);
	start(rig, &settings);
	assert_false(child_is(pid, "charon-systemd"));
}

static void socket_of_a_stranger_is_refused(void **state)
{
	CLEANUP(close) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct rig *rig = *state;
	struct error error = { 0 };

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s",
		       charon_socket(rig->charon));
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	begin_anew(rig);
	assert_int_equal(charon_pid(rig->charon), 0);
	assert_int_equal(charon_start(rig->charon, &settings, &error), -EADDRINUSE);
	expect_text(&error, "was not started by aronet");
	(void)close(take_fd(&fd));
	start(rig, &settings);
}

static void run(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void run(const char *format, ...)
{
	char command[512];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	assert_int_equal(system(command), 0);
}

/* Links to all plugins but one hide them. */
static void hide_plugin(const char *name)
{
	char place[] = "/tmp/aronet-t-plugins-XXXXXX";

	assert_non_null(mkdtemp(place));
	run("mount --bind " PLUGINS " %s && mount -t tmpfs none " PLUGINS
	    " && ln -s %s/*.so " PLUGINS " && rm " PLUGINS "/libstrongswan-%s.so",
	    place, place, name);
}

static void show_plugins(void)
{
	run("place=$(dirname $(readlink " PLUGINS "/libstrongswan-nonce.so)) && umount " PLUGINS
	    " && umount $place && rmdir $place");
}

/* vici: it would run on; openssl: it ends by itself. */
static void missing_plugin_is_named_with_its_package(void **state)
{
	static const struct {
		const char *plugin, *text;
	} cases[] = {
		{ "vici", "plugin vici is not installed; install the package strongswan-swanctl" },
		{ "openssl", "plugin openssl is not installed; install the package "
			     "libstrongswan-standard-plugins" },
	};
	struct rig *rig = *state;

	if (!exists(PLUGINS "/libstrongswan-vici.so"))
		skip();
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		hide_plugin(cases[i].plugin);
		begin_start(rig, &settings);
		test_wait_until(&rig->wait, &rig->started, i + 1);
		show_plugins();
		assert_int_equal(rig->result, -ECHILD);
		expect_text(&rig->error, cases[i].text);
		assert_int_equal(charon_pid(rig->charon), 0);
		assert_true(port_is_free());
	}
	start(rig, &settings);
}

static void charon_can_do_esp_by_itself(void **state)
{
	const struct charon_settings userspace = { .port = PORT, .is_userspace = true };
	struct rig *rig = *state;

	if (!exists("/dev/net/tun") || !exists(PLUGINS "/libstrongswan-kernel-libipsec.so"))
		skip();
	start(rig, &userspace);
	assert_true(if_nametoindex("ipsec0") > 0);
	assert_false(charon_runs_with(rig->charon, &settings));
	/* Nothing in the kernel goes on, so that nothing is held. */
	assert_int_equal(kill(charon_pid(rig->charon), SIGKILL), 0);
	test_wait_until(&rig->wait, &rig->ended, 1);
	assert_true(port_is_free());
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		CASE(it_starts_and_stops),
		CASE(it_is_busy_while_it_starts),
		CASE(next_daemon_takes_it_over),
		CASE(port_is_held_when_it_dies),
		CASE(port_is_still_held_if_the_next_one_does_not_start),
		CASE(program_that_is_not_installed_is_named),
		CASE(taken_port_is_refused_with_its_holder),
		CASE(port_that_is_lost_to_another_is_noticed),
		CASE(one_without_its_socket_is_replaced),
		CASE(one_in_another_network_is_replaced),
		CASE(socket_of_a_stranger_is_refused),
		CASE(missing_plugin_is_named_with_its_package),
		CASE(charon_can_do_esp_by_itself),
	};
#undef CASE
	const char *what = real_charon_missing();
	const char *must_run = getenv("ARONET_TESTS_MUST_RUN");

	if (what) {
		print_message("1..0 # SKIP needs %s\n", what);
		return must_run && !strcmp(must_run, "1") ? 1 : 77;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	if (unshare(CLONE_NEWNS) < 0 || mount("", "/", "none", MS_REC | MS_PRIVATE, NULL) < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
