// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/esp_device.h"

#include "base/memory.h"
#include "netlink/address.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FDINFO_MAX 4096 /* of a TUN device some 100 bytes */

static void close_directory_cleanup(DIR **directory)
{
	if (*directory)
		(void)closedir(*directory);
}

/* "iff:\tipsec0" is in what the kernel says of a TUN device's descriptor (tun_chr_show_fdinfo()).
 */
static bool read_name(int directory, const char *descriptor, char ret[IFNAME_SIZE])
{
	CLEANUP(close) int fd = openat(directory, descriptor, O_RDONLY | O_CLOEXEC);
	char text[FDINFO_MAX];
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	const char *line;

	if (length <= 0)
		return false;
	text[length] = '\0';
	line = strstr(text, "\niff:\t");
	return line && sscanf(line, "\niff:\t%15s", ret) == 1;
}

int esp_device_find(pid_t pid, char ret[IFNAME_SIZE], struct error *error)
{
	CLEANUP(close_directory) DIR *directory = NULL;
	char path[64], name[IFNAME_SIZE];
	struct dirent *entry;

	(void)snprintf(path, sizeof(path), "/proc/%d/fdinfo", (int)pid);
	directory = opendir(path);
	while (directory && (entry = readdir(directory))) {
		if (!read_name(dirfd(directory), entry->d_name, name))
			continue;
		memcpy(ret, name, sizeof(name));
		return 0;
	}
	return error_set(error, -ENODEV, ERROR_APPLY, IKE_DAEMON_NAME,
			 "has no TUN device (process %d), which ESP by itself needs", (int)pid);
}

int esp_device_add(struct spaces *spaces, pid_t pid, const struct ip_address *address,
		   struct error *error)
{
	struct ip_prefix prefix = ip_prefix_single(address);
	char device[IFNAME_SIZE];
	int result = esp_device_find(pid, device, error);

	if (result < 0)
		return result;
	return address_add(spaces, SPACE_UNDERLAY, device, &prefix, error);
}

int esp_device_list(struct spaces *spaces, pid_t pid, struct ip_address **ret, size_t *ret_count,
		    struct error *error)
{
	const struct ip_prefix inner = INNER_PREFIX;
	CLEANUP(free) struct ip_prefix *all = NULL;
	struct ip_address *addresses = NULL;
	char device[IFNAME_SIZE];
	size_t all_count, count = 0;
	int result = esp_device_find(pid, device, error);

	if (result == 0)
		result = address_list(spaces, SPACE_UNDERLAY, device, &all, &all_count, error);
	if (result < 0)
		return result;
	for (size_t i = 0; i < all_count; i++)
		if (ip_prefix_contains_address(&inner, &all[i].address))
			*ARRAY_APPEND(addresses, count) = all[i].address;
	*ret = addresses;
	*ret_count = count;
	return 0;
}

void esp_device_remove(struct spaces *spaces, pid_t pid, const struct ip_address *address)
{
	struct ip_prefix prefix = ip_prefix_single(address);
	char device[IFNAME_SIZE];

	if (esp_device_find(pid, device, NULL) == 0)
		(void)address_remove(spaces, SPACE_UNDERLAY, device, &prefix, NULL);
}
