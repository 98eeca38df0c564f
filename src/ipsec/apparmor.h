/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * What AppArmor confines a program to, as the kernel tells it, and what a person can do about that.
 * Pure.
 */
#define APPARMOR_NAME_SIZE 96

/* In complain mode only rules that say "deny" count; whatever else is not allowed is but logged. */
struct apparmor_profile {
	char name[APPARMOR_NAME_SIZE]; /* "": nothing is denied */
	bool is_enforced;
};

/*
 * From "/usr/sbin/charon-systemd (enforce)", of @length characters: the label of a process
 * (/proc/PID/attr/apparmor/current), or a line of the profiles that are loaded. False if nothing
 * can be denied, as by "unconfined".
 */
bool apparmor_parse(const char *label, size_t length, struct apparmor_profile *ret);

/*
 * That of @program, a file name, among the profiles that are loaded
 * (/sys/kernel/security/apparmor/profiles). False if there is none.
 */
bool apparmor_find(const char *profiles, const char *program, struct apparmor_profile *ret);

/*
 * Append which profile it is, where to look, and which file to correct: 250 bytes with that of
 * Debian. Begins with "AppArmor denies it that", or, without @is_certain, says that this may be.
 */
void apparmor_advise(const struct apparmor_profile *profile, bool is_certain, struct strbuf *text);
