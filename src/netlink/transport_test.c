// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/transport.h"

#include "netlink/link_info.h"
#include "netlink/test_machine.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct netlink *open_route(void)
{
	struct netlink *netlink = NULL;

	assert_int_equal(netlink_open(NETLINK_ROUTE, &netlink, NULL), 0);
	return netlink;
}

static int make_link(struct netlink *netlink, const char *name, const char *kind,
		     struct error *error)
{
	struct nlmsghdr *request = netlink_request(netlink, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	struct nlattr *info;

	mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(request, IFLA_IFNAME, name);
	info = mnl_attr_nest_start(request, IFLA_LINKINFO);
	mnl_attr_put_strz(request, IFLA_INFO_KIND, kind);
	mnl_attr_nest_end(request, info);
	return netlink_call(netlink, "RTM_NEWLINK", error);
}

static void call_reports_the_kernels_words(void **state)
{
	CLEANUP(netlink_free) struct netlink *netlink = open_route();
	struct error error = { 0 };

	(void)state;
	assert_int_equal(make_link(netlink, "x", "no-such-kind", &error), -EOPNOTSUPP);
	assert_string_equal(error.text, "RTM_NEWLINK: Unknown device type");
	assert_int_equal(error.code, ERROR_APPLY);
}

static void call_without_words_reports_errno(void **state)
{
	CLEANUP(netlink_free) struct netlink *netlink = open_route();
	struct link_info info;
	struct error error = { 0 };

	(void)state;
	assert_int_equal(link_info_get(netlink, "nobody", &info, &error), -ENODEV);
	assert_string_equal(error.text, "nobody: No such device");
}

static void only_changes_count_as_writes(void **state)
{
	CLEANUP(netlink_free) struct netlink *netlink = open_route();
	CLEANUP(link_infos_done) struct link_infos infos = { 0 };
	uint64_t before = netlink_writes();

	(void)state;
	assert_int_equal(link_infos_load(netlink, &infos, NULL), 0);
	assert_true(link_index(netlink, "lo") > 0);
	assert_int_equal(netlink_writes(), before);
	assert_true(make_link(netlink, "x", "no-such-kind", NULL) < 0);
	assert_int_equal(netlink_writes(), before + 1);
}

/* Anybody on the machine may send to our port: an answer counts only if the kernel sent it. */
static void answers_of_other_processes_are_ignored(void **state)
{
	CLEANUP(netlink_free) struct netlink *netlink = open_route();
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
	} forged = { 0 };
	struct sockaddr_nl port = { .nl_family = AF_NETLINK };
	CLEANUP(close) int other = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	(void)state;
	/* The first socket of a process gets the process's id as its port. */
	port.nl_pid = (uint32_t)getpid();
	forged.header.nlmsg_len = sizeof(forged);
	forged.header.nlmsg_type = NLMSG_ERROR;
	forged.header.nlmsg_seq = 1;
	forged.header.nlmsg_pid = port.nl_pid;
	assert_int_equal(
		sendto(other, &forged, sizeof(forged), 0, (struct sockaddr *)&port, sizeof(port)),
		sizeof(forged));
	/* The forged answer says that all is well. */
	assert_int_equal(make_link(netlink, "x", "no-such-kind", NULL), -EOPNOTSUPP);
}

/*
 * Faults between the kernel and the transport: the linker puts these two in place of the calls
 * (--wrap). Real changes of a table do not hit a dump often enough to rely on them.
 */
enum fault {
	FAULT_NONE,
	FAULT_INTERRUPTED, /* the kernel: the table changed while you read it */
	FAULT_OVERRUN,	   /* the receive queue was full */
	FAULT_TRUNCATED,   /* a message larger than the buffer */
};

static struct {
	enum fault fault;
	unsigned faults_left;
	unsigned requests;
} injection;

ssize_t __real_sendto(int fd, const void *bytes, size_t length, int flags,
		      const struct sockaddr *address, socklen_t size);
ssize_t __wrap_sendto(int fd, const void *bytes, size_t length, int flags,
		      const struct sockaddr *address, socklen_t size);
ssize_t __real_recvmsg(int fd, struct msghdr *header, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *header, int flags);

ssize_t __wrap_sendto(int fd, const void *bytes, size_t length, int flags,
		      const struct sockaddr *address, socklen_t size)
{
	injection.requests++;
	return __real_sendto(fd, bytes, length, flags, address, size);
}

ssize_t __wrap_recvmsg(int fd, struct msghdr *header, int flags)
{
	enum fault fault = injection.faults_left ? injection.fault : FAULT_NONE;
	struct nlmsghdr *message;
	ssize_t length;

	if (fault != FAULT_NONE)
		injection.faults_left--;
	if (fault == FAULT_OVERRUN) {
		errno = ENOBUFS;
		return -1;
	}
	length = __real_recvmsg(fd, header, flags);
	message = header->msg_iov->iov_base;
	if (fault == FAULT_INTERRUPTED)
		message->nlmsg_flags |= NLM_F_DUMP_INTR;
	if (fault == FAULT_TRUNCATED)
		header->msg_flags |= MSG_TRUNC;
	return length;
}

static void inject(enum fault fault, unsigned count)
{
	injection.fault = fault;
	injection.faults_left = count;
	injection.requests = 0;
}

static int count_message(void *userdata, const struct nlmsghdr *message)
{
	(void)message;
	++*(unsigned *)userdata;
	return 0;
}

/* The links of an empty namespace: those that the kernel makes itself. */
static int dump_links(struct netlink *netlink, unsigned *count, struct error *error)
{
	struct nlmsghdr *request = netlink_request(netlink, RTM_GETLINK, 0);

	mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	*count = 0;
	return netlink_dump(netlink, "links", count_message, count, error);
}

static void damaged_dump_is_begun_anew(void **state)
{
	static const enum fault faults[] = { FAULT_INTERRUPTED, FAULT_OVERRUN, FAULT_TRUNCATED };
	CLEANUP(netlink_free) struct netlink *netlink = open_route();
	unsigned whole, count;

	(void)state;
	inject(FAULT_NONE, 0);
	assert_int_equal(dump_links(netlink, &whole, NULL), 0);
	assert_int_equal(injection.requests, 1);
	assert_true(whole > 0);
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		inject(faults[i], 1);
		assert_int_equal(dump_links(netlink, &count, NULL), 0);
		assert_int_equal(injection.requests, 2);
		assert_int_equal(count, whole);
	}
}

static void dump_that_never_comes_whole_is_an_error(void **state)
{
	CLEANUP(netlink_free) struct netlink *netlink = open_route();
	struct error error = { 0 };
	unsigned count;

	(void)state;
	inject(FAULT_INTERRUPTED, UINT32_MAX);
	assert_int_equal(dump_links(netlink, &count, &error), -EAGAIN);
	assert_int_equal(injection.requests, NETLINK_DUMP_TRIES);
	/* Nothing of it was handed over. */
	assert_int_equal(count, 0);
	assert_non_null(strstr(error.text, "changed"));
	/* And the socket is as good as before. */
	inject(FAULT_NONE, 0);
	assert_int_equal(dump_links(netlink, &count, NULL), 0);
}

static void overrun_does_not_lose_the_answer_to_a_call(void **state)
{
	CLEANUP(netlink_free) struct netlink *netlink = open_route();

	(void)state;
	inject(FAULT_OVERRUN, 1);
	assert_int_equal(make_link(netlink, "x", "no-such-kind", NULL), -EOPNOTSUPP);
	assert_int_equal(injection.requests, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_of_other_processes_are_ignored),
		cmocka_unit_test(call_reports_the_kernels_words),
		cmocka_unit_test(call_without_words_reports_errno),
		cmocka_unit_test(only_changes_count_as_writes),
		cmocka_unit_test(damaged_dump_is_begun_anew),
		cmocka_unit_test(dump_that_never_comes_whole_is_an_error),
		cmocka_unit_test(overrun_does_not_lose_the_answer_to_a_call),
	};

	machine_isolate();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
