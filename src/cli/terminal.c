// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/terminal.h"

#include "base/cleanup.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <strings.h>
#include <sys/signalfd.h>
#include <termios.h>

#define TERMINAL "/dev/tty"

static int open_terminal(void)
{
	int fd = open(TERMINAL, O_RDWR | O_NOCTTY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int write_text(int fd, const char *text)
{
	size_t length = strlen(text);

	return write(fd, text, length) == (ssize_t)length ? 0 : -EIO;
}

int terminal_confirm(const char *question, bool *ret_yes, struct error *error)
{
	CLEANUP(close) int fd = open_terminal();
	char line[256];
	ssize_t length;

	if (fd < 0)
		return error_set(error, fd, ERROR_USAGE, NULL,
				 "there is no terminal to ask \"%s\" on; pass --yes to do it "
				 "without asking",
				 question);
	if (write_text(fd, question) < 0 || write_text(fd, " [y/N] ") < 0)
		return error_set(error, -EIO, ERROR_USAGE, TERMINAL, "cannot ask: %m");
	length = read(fd, line, sizeof(line) - 1);
	line[length > 0 ? length : 0] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	*ret_yes = !strcasecmp(line, "y") || !strcasecmp(line, "yes");
	return 0;
}

/* What ends the program from a keyboard or from outside. */
static sigset_t ending_signals(void)
{
	static const int signals[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };
	sigset_t set;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		(void)sigaddset(&set, signals[i]);
	return set;
}

/* One line of the terminal, or a blocked signal came: -EINTR. */
static int read_line(int fd, int signal_fd, char *buffer, size_t size)
{
	struct pollfd fds[] = { { .fd = fd, .events = POLLIN },
				{ .fd = signal_fd, .events = POLLIN } };
	ssize_t length;

	do {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0 && errno != EINTR)
			return -errno;
		if (fds[1].revents)
			return -EINTR;
	} while (!fds[0].revents);
	/* In canonical mode one read() is one line, or its first part. */
	length = read(fd, buffer, size);
	if (length < 0)
		return -errno;
	if (length == 0)
		return -EIO;
	if (buffer[length - 1] != '\n')
		return (size_t)length == size ? -EMSGSIZE : -EIO;
	buffer[length - 1] = '\0';
	return 0;
}

static int read_hidden(int fd, const char *prompt, char *buffer, size_t size)
{
	const sigset_t ending = ending_signals();
	CLEANUP(close) int signal_fd = signalfd(-1, &ending, SFD_CLOEXEC);
	struct termios shown, hidden;
	sigset_t before;
	int result;

	if (signal_fd < 0 || tcgetattr(fd, &shown) < 0)
		return -errno;
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	hidden.c_lflag |= ICANON | ISIG | ECHONL;
	(void)sigprocmask(SIG_BLOCK, &ending, &before);
	/* Before the prompt, so that nothing typed in answer to it is shown or thrown away. */
	if (tcsetattr(fd, TCSAFLUSH, &hidden) < 0) {
		result = -errno;
	} else {
		result = write_text(fd, prompt);
		if (result == 0)
			result = read_line(fd, signal_fd, buffer, size);
		(void)tcsetattr(fd, TCSAFLUSH, &shown);
		if (result == -EINTR)
			(void)write_text(fd, "\n");
	}
	/* A signal that came meanwhile ends the program here. */
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return result;
}

int terminal_read_secret(const char *prompt, const char *place, char *buffer, size_t size,
			 struct error *error)
{
	CLEANUP(close) int fd = open_terminal();
	int result;

	if (fd < 0)
		return error_set(error, fd, ERROR_KEYFILE, place,
				 "needs a passphrase, and there is no terminal to ask on; pass "
				 "--passphrase-fd");
	result = read_hidden(fd, prompt, buffer, size);
	if (result == -EMSGSIZE)
		return error_set(error, result, ERROR_KEYFILE, place,
				 "a passphrase has at most %zu bytes", size - 1);
	if (result < 0)
		return error_set(error, result, ERROR_KEYFILE, place, "cannot ask for it: %s",
				 result == -EINTR ? "interrupted" : strerror(-result));
	return 0;
}
