// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/passphrase.h"

#include "base/number.h"
#include "cli/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define SIZE (CRYPTO_PASSPHRASE_MAX + 1)

int passphrase_source_init(struct passphrase_source *source, const struct cli_options *options,
			   struct error *error)
{
	const char *variable = getenv(PASSPHRASE_FD_VARIABLE);
	uint64_t number;

	source->fd = options->passphrase_fd;
	if (source->fd < 0 && variable) {
		if (number_parse(variable, INT_MAX, &number) < 0)
			return error_set(error, -EINVAL, ERROR_USAGE, PASSPHRASE_FD_VARIABLE,
					 "expected the number of an open descriptor");
		source->fd = (int)number;
	}
	if (source->fd >= 0 && fcntl(source->fd, F_GETFD) < 0)
		return error_set(error, -errno, ERROR_USAGE, NULL,
				 "descriptor %d for passphrases is not open", source->fd);
	return 0;
}

/* Byte by byte: what is behind the line is for the next key, or for somebody else. */
static int read_line(int fd, const char *place, char *buffer, struct error *error)
{
	size_t used = 0;

	for (;;) {
		ssize_t length = read(fd, buffer + used, 1);

		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return error_set(error, -errno, ERROR_KEYFILE, place,
					 "cannot read a passphrase from descriptor %d: %m", fd);
		if (length == 0 && used == 0)
			return error_set(error, -ENODATA, ERROR_KEYFILE, place,
					 "descriptor %d has no passphrase for it", fd);
		if (length == 0 || buffer[used] == '\n')
			break;
		if (++used == SIZE)
			return error_set(error, -EMSGSIZE, ERROR_KEYFILE, place,
					 "a passphrase has at most %d bytes",
					 CRYPTO_PASSPHRASE_MAX);
	}
	buffer[used] = '\0';
	return 0;
}

static int ask(const struct passphrase_source *source, const char *prompt, const char *place,
	       char *buffer, struct error *error)
{
	if (source->fd >= 0)
		return read_line(source->fd, place, buffer, error);
	return terminal_read_secret(prompt, place, buffer, SIZE, error);
}

int passphrase_ask(void *userdata, const char *place, char *buffer, struct error *error)
{
	char prompt[256];

	(void)snprintf(prompt, sizeof(prompt), "Passphrase for %.200s: ", place);
	return ask(userdata, prompt, place, buffer, error);
}

static int ask_again(const struct passphrase_source *source, const char *place, const char *first,
		     struct error *error)
{
	char again[SIZE];
	int result = ask(source, "The same passphrase again: ", place, again, error);

	if (result == 0 && strcmp(again, first) != 0)
		result = error_set(error, -EINVAL, ERROR_KEYFILE, place,
				   "the two passphrases differ; no key was made");
	crypto_wipe(again, sizeof(again));
	return result;
}

int passphrase_ask_new(const struct passphrase_source *source, const char *place, char *buffer,
		       struct error *error)
{
	char prompt[256];
	int result;

	(void)snprintf(prompt, sizeof(prompt), "New passphrase for %.200s: ", place);
	result = ask(source, prompt, place, buffer, error);
	if (result == 0 && !buffer[0])
		return error_set(error, -EINVAL, ERROR_KEYFILE, place,
				 "the passphrase is empty; --no-passphrase makes a key that is not "
				 "encrypted");
	if (result == 0 && source->fd < 0)
		result = ask_again(source, place, buffer, error);
	return result;
}
