// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/apparmor.h"

#include "base/printable.h"

#include <stdio.h>
#include <string.h>

#define LABEL_SIZE (APPARMOR_NAME_SIZE + 16)

/* With "kill" the process does not live to see the denial. */
static const struct {
	const char *suffix;
	bool is_enforced;
} modes[] = {
	{ " (enforce)", true },
	{ " (kill)", true },
	{ " (complain)", false },
};

bool apparmor_parse(const char *label, size_t length, struct apparmor_profile *ret)
{
	char text[LABEL_SIZE];

	if (length >= sizeof(text))
		return false;
	(void)snprintf(text, sizeof(text), "%.*s", (int)length, label);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		char *suffix = strstr(text, modes[i].suffix);

		if (!suffix || suffix == text || suffix[strlen(modes[i].suffix)] != '\0')
			continue;
		*suffix = '\0';
		printable_keep_ascii(text, ret->name, sizeof(ret->name));
		ret->is_enforced = modes[i].is_enforced;
		return true;
	}
	return false;
}

static bool is_for(const struct apparmor_profile *profile, const char *program)
{
	const char *slash = strrchr(profile->name, '/');

	return !strcmp(slash ? slash + 1 : profile->name, program);
}

bool apparmor_find(const char *profiles, const char *program, struct apparmor_profile *ret)
{
	while (*profiles) {
		size_t length = strcspn(profiles, "\n");
		struct apparmor_profile profile;

		if (apparmor_parse(profiles, length, &profile) && is_for(&profile, program)) {
			*ret = profile;
			return true;
		}
		profiles += length + (profiles[length] == '\n');
	}
	return false;
}

/* As distributions do: "usr.sbin.charon-systemd" for /usr/sbin/charon-systemd. */
static void name_file(const char *profile, char ret[APPARMOR_NAME_SIZE])
{
	(void)snprintf(ret, APPARMOR_NAME_SIZE, "%s", profile + (profile[0] == '/'));
	for (char *slash = ret; (slash = strchr(slash, '/'));)
		*slash = '.';
}

void apparmor_advise(const struct apparmor_profile *profile, bool is_certain, struct strbuf *text)
{
	char file[APPARMOR_NAME_SIZE];

	name_file(profile->name, file);
	strbuf_printf(text,
		      "%s by the profile %s (%s): see DENIED in dmesg, and rules with \"deny\", "
		      "which are not logged; correct /etc/apparmor.d/local/%s and run "
		      "apparmor_parser -r /etc/apparmor.d/%s",
		      is_certain ? "AppArmor denies it that" : "if AppArmor denies it something",
		      profile->name, profile->is_enforced ? "enforce" : "complain", file, file);
}
