// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/fitness.h"

#include "base/cleanup.h"

#include <stdio.h>
#include <string.h>

#define LIBIPSEC "kernel-libipsec"

/*
 * Those that nothing else takes the place of. Algorithms may come from many, and what is missing of
 * them charon says itself when it is given a key or a connection.
 */
static const char *const needed[] = { "kernel-netlink", "pem", "pubkey" };

static bool has_plugin(const struct vici_section *stats, const char *name)
{
	struct vici_section rest;
	struct vici_value item;

	if (!vici_find_list(stats, "plugins", &rest))
		return false;
	while (vici_next_item(&rest, &item))
		if (item.size == strlen(name) && !memcmp(item.bytes, name, item.size))
			return true;
	return false;
}

static const char *say_missing(const char *name, char *buffer, size_t size)
{
	const struct charon_plugin *plugin = charon_plugin_find(name, strlen(name));

	(void)snprintf(buffer, size,
		       "has not loaded its plugin %s; install the package %s, look for \"load\" in "
		       "strongswan.conf, and restart it",
		       name, plugin->package);
	return buffer;
}

const char *fitness_fault(const struct vici_section *stats, const struct charon_settings *settings,
			  char *buffer, size_t size)
{
	bool has_libipsec = has_plugin(stats, LIBIPSEC);

	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		if (!has_plugin(stats, needed[i]))
			return say_missing(needed[i], buffer, size);
	if (settings->is_userspace && !has_libipsec)
		return say_missing(LIBIPSEC, buffer, size);
	buffer[0] = '\0';
	if (!settings->is_userspace && has_libipsec)
		(void)snprintf(buffer, size,
			       "does ESP itself, by its plugin " LIBIPSEC
			       ", and not in the kernel; take it out (load = no in "
			       "strongswan.d/charon/" LIBIPSEC ".conf) and restart it");
	return buffer;
}
