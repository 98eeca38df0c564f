// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink/sysctl.h"

#include "base/file.h"
#include "base/memory.h"
#include "netlink/sysctl_saved.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define IPV6_CONF "net/ipv6/conf/"

struct sysctls {
	struct spaces *spaces;
	char *saved_path;
};

struct sysctls *sysctls_new(struct spaces *spaces, const char *saved_path)
{
	struct sysctls *sysctls = NEW(struct sysctls);

	sysctls->spaces = spaces;
	sysctls->saved_path = memory_strdup(saved_path);
	return sysctls;
}

void sysctls_free(struct sysctls *sysctls)
{
	if (!sysctls)
		return;
	free(sysctls->saved_path);
	free(sysctls);
}

static bool sysctl_claims(void *userdata, const struct object *object)
{
	(void)userdata;
	return object->kind == OBJECT_SYSCTL;
}

/* /proc/sys/net shows the namespace of the thread that opens a file. */
static int open_directory(void)
{
	int fd = open("/proc/sys", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int read_value(struct spaces *spaces, enum space space, const char *path,
		      char ret[SYSCTL_VALUE_SIZE])
{
	CLEANUP(close) int directory = open_directory();
	int result = directory < 0 ? directory : spaces_enter(spaces, space);

	if (result < 0)
		return result;
	result = file_read_value(directory, path, ret, SYSCTL_VALUE_SIZE);
	spaces_leave(spaces);
	if (result == 0)
		for (char *tab = strchr(ret, '\t'); tab; tab = strchr(tab, '\t'))
			*tab = ' ';
	return result;
}

static int write_value(struct spaces *spaces, enum space space, const char *path, const char *value)
{
	CLEANUP(close) int directory = open_directory();
	int result = directory < 0 ? directory : spaces_enter(spaces, space);

	if (result < 0)
		return result;
	result = file_write_value(directory, path, value);
	spaces_leave(spaces);
	return result;
}

static int refuse(const struct sysctl *sysctl, const char *verb, int result, struct error *error)
{
	return error_set(error, result, ERROR_APPLY, NULL, "cannot %s /proc/sys/%s in the %s: %s",
			 verb, sysctl->path, space_name(sysctl->space), strerror(-result));
}

static void add(struct state *operational, enum space space, const char *path, const char *value)
{
	struct object object = { .kind = OBJECT_SYSCTL, .sysctl.space = space };

	(void)snprintf(object.sysctl.path, sizeof(object.sysctl.path), "%s", path);
	/* One that is longer than any of ours differs, cut or not. */
	(void)snprintf(object.sysctl.value, sizeof(object.sysctl.value), "%.*s",
		       (int)sizeof(object.sysctl.value) - 1, value);
	(void)state_add(operational, &object);
}

/* A saved value whose file is gone reads as "": the plan will touch it and find out. */
static int observe_saved(const struct sysctls *sysctls, const struct saved_values *saved,
			 struct state *operational, struct error *error)
{
	for (size_t i = 0; i < saved->count; i++) {
		const char *path = saved->items[i].path;
		char value[SYSCTL_VALUE_SIZE] = "";
		int result = read_value(sysctls->spaces, SPACE_UNDERLAY, path, value);

		if (result < 0 && result != -ENOENT)
			return error_set(error, result, ERROR_APPLY, NULL,
					 "cannot read /proc/sys/%s: %s", path, strerror(-result));
		add(operational, SPACE_UNDERLAY, path, value);
	}
	return 0;
}

/*
 * In the overlay every value that is intended is reported; in the underlay only one that already is
 * as wanted: any other has to be created, which saves what is there.
 */
static int observe_intended(const struct sysctls *sysctls, const struct sysctl *wanted,
			    struct state *operational, struct error *error)
{
	char value[SYSCTL_VALUE_SIZE];
	int result = read_value(sysctls->spaces, wanted->space, wanted->path, value);

	if (result == -ENOENT)
		return 0;
	if (result < 0)
		return refuse(wanted, "read", result, error);
	if (wanted->space == SPACE_OVERLAY || !strcmp(value, wanted->value))
		add(operational, wanted->space, wanted->path, value);
	return 0;
}

static int sysctl_observe(void *userdata, const struct state *intended, struct state *operational,
			  struct error *error)
{
	const struct sysctls *sysctls = userdata;
	CLEANUP(saved_values_done) struct saved_values saved = { 0 };
	int result = saved_values_read(sysctls->saved_path, &saved, error);

	if (result == 0)
		result = observe_saved(sysctls, &saved, operational, error);
	STATE_FOR_EACH(intended, OBJECT_SYSCTL, object)
	if (result == 0)
		result = observe_intended(sysctls, &object->sysctl, operational, error);
	return result;
}

/* On disk before the change: whoever comes after kill -9 knows what to restore. */
static int save(const struct sysctls *sysctls, const struct sysctl *sysctl, const char *before,
		struct error *error)
{
	CLEANUP(saved_values_done) struct saved_values saved = { 0 };
	struct saved_value value = { 0 };
	struct saved_value *known;
	int result = saved_values_read(sysctls->saved_path, &saved, error);

	if (result < 0)
		return result;
	known = saved_values_find(&saved, sysctl->path);
	(void)snprintf(value.path, sizeof(value.path), "%s", sysctl->path);
	(void)snprintf(value.set, sizeof(value.set), "%s", sysctl->value);
	(void)snprintf(value.before, sizeof(value.before), "%s", known ? known->before : before);
	if (known)
		*known = value;
	else
		saved_values_add(&saved, &value);
	return saved_values_write(&saved, sysctls->saved_path, error);
}

static int set(const struct sysctls *sysctls, const struct sysctl *sysctl, struct error *error)
{
	char before[SYSCTL_VALUE_SIZE];
	int result = read_value(sysctls->spaces, sysctl->space, sysctl->path, before);

	if (result < 0)
		return refuse(sysctl, "read", result, error);
	if (!strcmp(before, sysctl->value))
		return 0;
	if (sysctl->space == SPACE_UNDERLAY) {
		result = save(sysctls, sysctl, before, error);
		if (result < 0)
			return result;
	}
	result = write_value(sysctls->spaces, sysctl->space, sysctl->path, sysctl->value);
	return result < 0 ? refuse(sysctl, "write", result, error) : 0;
}

/* A value that somebody has changed after us is his; a file that is gone needs nothing. */
static int restore(const struct sysctls *sysctls, const struct sysctl *sysctl, struct error *error)
{
	CLEANUP(saved_values_done) struct saved_values saved = { 0 };
	char value[SYSCTL_VALUE_SIZE] = "";
	struct saved_value *known;
	int result = saved_values_read(sysctls->saved_path, &saved, error);

	if (result < 0)
		return result;
	known = saved_values_find(&saved, sysctl->path);
	if (!known)
		return 0;
	result = read_value(sysctls->spaces, SPACE_UNDERLAY, sysctl->path, value);
	if (result == 0 && !strcmp(value, known->set))
		result = write_value(sysctls->spaces, SPACE_UNDERLAY, sysctl->path, known->before);
	if (result < 0 && result != -ENOENT)
		return refuse(sysctl, "restore", result, error);
	saved_values_remove(&saved, known);
	return saved_values_write(&saved, sysctls->saved_path, error);
}

static int sysctl_apply(void *userdata, const struct operation *operation,
			const struct state *intended, uint64_t id, struct error *error)
{
	const struct sysctls *sysctls = userdata;
	const struct sysctl *sysctl = &operation_object(operation)->sysctl;

	(void)intended, (void)id;
	if (operation->type != OPERATION_DELETE)
		return set(sysctls, sysctl, error);
	return sysctl->space == SPACE_UNDERLAY ? restore(sysctls, sysctl, error) : 0;
}

static bool reads_as(const struct sysctls *sysctls, const char *link, const char *name,
		     const char *expected)
{
	char path[sizeof(((struct sysctl *)NULL)->path)];
	char value[SYSCTL_VALUE_SIZE];

	(void)snprintf(path, sizeof(path), IPV6_CONF "%s/%s", link, name);
	return read_value(sysctls->spaces, SPACE_UNDERLAY, path, value) == 0 &&
	       !strcmp(value, expected);
}

static bool is_advertised(const struct sysctls *sysctls, const struct saved_values *saved,
			  const char *link)
{
	char path[sizeof(((struct sysctl *)NULL)->path)];

	(void)snprintf(path, sizeof(path), IPV6_CONF "%s/accept_ra", link);
	return saved_values_find(saved, path) || (reads_as(sysctls, link, "accept_ra", "1") &&
						  reads_as(sysctls, link, "forwarding", "0"));
}

static DIR *open_conf(struct spaces *spaces)
{
	DIR *directory;

	if (spaces_enter(spaces, SPACE_UNDERLAY) < 0)
		return NULL;
	directory = opendir("/proc/sys/" IPV6_CONF);
	spaces_leave(spaces);
	return directory;
}

int sysctls_advertised_links(const struct sysctls *sysctls, char (**ret)[IFNAME_SIZE],
			     size_t *ret_count, struct error *error)
{
	CLEANUP(saved_values_done) struct saved_values saved = { 0 };
	char(*links)[IFNAME_SIZE] = NULL;
	const struct dirent *entry;
	size_t count = 0;
	DIR *directory;
	int result = saved_values_read(sysctls->saved_path, &saved, error);

	if (result < 0)
		return result;
	directory = open_conf(sysctls->spaces);
	if (!directory && errno == ENOENT) { /* no IPv6: intend() says so */
		*ret = NULL;
		*ret_count = 0;
		return 0;
	}
	if (!directory)
		return error_set(error, -errno, ERROR_APPLY, NULL,
				 "cannot read /proc/sys/" IPV6_CONF ": %m");
	while ((entry = readdir(directory))) {
		size_t length = strlen(entry->d_name);

		if (length >= IFNAME_SIZE || entry->d_name[0] == '.' ||
		    !strcmp(entry->d_name, "all") || !strcmp(entry->d_name, "lo") ||
		    !is_advertised(sysctls, &saved, entry->d_name))
			continue;
		memcpy(*ARRAY_APPEND(links, count), entry->d_name, length + 1);
	}
	(void)closedir(directory);
	*ret = links;
	*ret_count = count;
	return 0;
}

unsigned sysctls_rp_filter(const struct sysctls *sysctls)
{
	char value[SYSCTL_VALUE_SIZE];

	if (read_value(sysctls->spaces, SPACE_UNDERLAY, "net/ipv4/conf/all/rp_filter", value) < 0)
		return 0;
	return (unsigned)strtoul(value, NULL, 10);
}

void sysctl_backend(struct sysctls *sysctls, struct backend *ret)
{
	*ret = (struct backend) {
		.name = "sysctl",
		.userdata = sysctls,
		.claims = sysctl_claims,
		.observe = sysctl_observe,
		.apply = sysctl_apply,
	};
}
