// SPDX-License-Identifier: GPL-2.0-or-later
#include "wireguard/access.h"

#include "wireguard/genl.h"
#include "wireguard/uapi_client.h"

#include <errno.h>
#include <string.h>

static int open_tun(const char *link, struct access *ret, struct error *error)
{
	char path[UAPI_PATH_SIZE];
	int fd = uapi_connect(link);

	if (fd < 0)
		return error_set(error, fd, ERROR_APPLY, uapi_path(link, path),
				 "cannot reach the wireguard-go of %s: %s; end it, and the tunnel "
				 "is made anew",
				 link, strerror(-fd));
	*ret = (struct access) { .link = link, .is_tun = true, .fd = fd };
	return 0;
}

static int open_kernel(struct wireguard_tunnels *wireguard, const char *link, struct access *ret,
		       struct error *error)
{
	struct access access = { .link = link, .fd = -1 };
	int result = spaces_generic(wireguard->spaces, SPACE_OVERLAY, &access.netlink, error);

	if (result == 0 && !wireguard->family)
		result = genl_find_family(access.netlink, &wireguard->family, error);
	access.family = wireguard->family;
	if (result == 0)
		*ret = access;
	return result;
}

int access_open(struct wireguard_tunnels *wireguard, const char *link, bool is_tun,
		struct access *ret, struct error *error)
{
	return is_tun ? open_tun(link, ret, error) : open_kernel(wireguard, link, ret, error);
}

void access_close(struct access *access)
{
	close_cleanup(&access->fd);
	access->fd = -1;
}

int access_get(const struct access *access, struct wireguard_device *ret, struct error *error)
{
	if (access->is_tun)
		return uapi_get(access->fd, access->link, ret, error);
	return genl_get(access->netlink, access->family, access->link, ret, error);
}

int access_set(const struct access *access, const struct wireguard_change *change,
	       struct error *error)
{
	if (access->is_tun)
		return uapi_set(access->fd, access->link, change, error);
	return genl_set(access->netlink, access->family, access->link, change, error);
}
