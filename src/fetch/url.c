// SPDX-License-Identifier: GPL-2.0-or-later
#include "fetch/fetch.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define SCHEME "https://"

int fetch_url_check(const char *url, struct error *error)
{
	const char *authority = url + strlen(SCHEME);
	size_t length = strnlen(url, FETCH_URL_MAX + 1);

	if (length > FETCH_URL_MAX)
		return error_set(error, -EINVAL, ERROR_FETCH, NULL,
				 "the URL is longer than %d bytes", FETCH_URL_MAX);
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)url[i] <= ' ' || (unsigned char)url[i] >= 0x7f)
			return error_set(error, -EINVAL, ERROR_FETCH, NULL,
					 "the URL has a blank, a control character or a letter "
					 "that is not ASCII; write it as %%XX");
	if (strncasecmp(url, SCHEME, strlen(SCHEME)) != 0)
		return error_set(error, -EINVAL, ERROR_FETCH, NULL,
				 "%.100s: only https:// is fetched", url);
	if (strcspn(authority, "/?#") == 0)
		return error_set(error, -EINVAL, ERROR_FETCH, NULL, "the URL names no host");
	if (memchr(authority, '@', strcspn(authority, "/?#")))
		return error_set(error, -EINVAL, ERROR_FETCH, NULL,
				 "the URL has a user or password in it; others could see it in the "
				 "process list, and a signed registry is no secret");
	return 0;
}
