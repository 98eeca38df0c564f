// SPDX-License-Identifier: GPL-2.0-or-later
#include "firewall/nft.h"

#include "base/memory.h"
#include "netlink/attribute.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

struct context {
	struct nft_ctx *nft;
	struct netlink *netlink; /* for what libnftables does not tell */
	uint64_t number;	 /* no other namespace of this process had it */
	/* Of its namespace. The context's socket keeps the namespace, hence the number, alive. */
	dev_t device;
	ino_t inode;
};

struct nft_spaces {
	struct spaces *spaces;
	struct context contexts[SPACE_OVERLAY + 1];
	uint64_t last_number;
};

struct nft_spaces *nft_spaces_new(struct spaces *spaces)
{
	struct nft_spaces *nft = NEW(struct nft_spaces);

	nft->spaces = spaces;
	return nft;
}

static void context_done(struct context *context)
{
	if (context->nft)
		nft_ctx_free(context->nft);
	netlink_free(context->netlink);
	*context = (struct context) { 0 };
}

void nft_spaces_free(struct nft_spaces *nft)
{
	if (!nft)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(nft->contexts); i++)
		context_done(&nft->contexts[i]);
	free(nft);
}

static int context_make(struct nft_spaces *nft, enum space space, struct context *context)
{
	int result = spaces_enter(nft->spaces, space);

	if (result < 0)
		return result;
	context->nft = nft_ctx_new(NFT_CTX_DEFAULT);
	result = netlink_open(NETLINK_NETFILTER, &context->netlink, NULL);
	spaces_leave(nft->spaces);
	if (!context->nft)
		return -ENOMEM;
	if (result < 0)
		return result;
	context->number = ++nft->last_number;
	(void)nft_ctx_buffer_output(context->nft);
	(void)nft_ctx_buffer_error(context->nft);
	return 0;
}

static int context_get(struct nft_spaces *nft, enum space space, struct context **ret,
		       struct error *error)
{
	struct context *context = &nft->contexts[space];
	int result = spaces_fd(nft->spaces, space);
	struct stat status;

	if (result >= 0)
		result = fstat(result, &status) < 0 ? -errno : 0;
	if (result < 0) {
		context_done(context);
		return error_set(error, result, ERROR_APPLY, space_name(space),
				 "no network namespace: %s", strerror(-result));
	}
	if (!context->nft || context->device != status.st_dev || context->inode != status.st_ino) {
		context_done(context);
		result = context_make(nft, space, context);
		if (result < 0) {
			context_done(context);
			return error_set(error, result, ERROR_APPLY, space_name(space),
					 "cannot use nftables: %s", strerror(-result));
		}
		context->device = status.st_dev;
		context->inode = status.st_ino;
	}
	*ret = context;
	return 0;
}

/*
 * A script has to be a file: for text in memory libnftables 1.0.6 leaves the line number out of its
 * messages and quotes the wrong line.
 */
static int script_file(const char *script)
{
	CLEANUP(close) int fd = memfd_create("nftables", MFD_CLOEXEC);
	size_t left = strlen(script);

	if (fd < 0)
		return -errno;
	while (left > 0) {
		ssize_t length = write(fd, script, left);

		if (length < 0)
			return -errno;
		script += length;
		left -= (size_t)length;
	}
	return take_fd(&fd);
}

/*
 * "PATH:7:13-17: Error: Service out of range", the line that is meant, and a caret below it. Keeps
 * the place in the script, the message and the line.
 */
static int refused(enum space space, const char *path, const char *words, struct error *error)
{
	size_t message, length;
	const char *line;

	if (!strncmp(words, path, strlen(path)))
		words += strlen(path) + 1;
	message = strcspn(words, "\n");
	line = words + message;
	line += strspn(line, "\n\t ");
	length = strcspn(line, "\n");
	return error_set(error, -EINVAL, ERROR_APPLY, space_name(space), "nftables: %.*s%s%.*s",
			 (int)message, words, length ? ", in: " : "", (int)length, line);
}

int nft_spaces_run(struct nft_spaces *nft, enum space space, unsigned flags, const char *script,
		   const char **ret_output, struct error *error)
{
	CLEANUP(close) int fd = script_file(script);
	struct context *context = NULL;
	char path[32];
	int result;

	if (fd < 0)
		return error_set(error, fd, ERROR_APPLY, space_name(space),
				 "cannot hand a script to nftables: %s", strerror(-fd));
	result = context_get(nft, space, &context, error);
	if (result < 0)
		return result;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	nft_ctx_output_set_flags(context->nft, flags);
	if (nft_run_cmd_from_filename(context->nft, path) != 0)
		return refused(space, path, nft_ctx_get_error_buffer(context->nft), error);
	if (ret_output)
		*ret_output = nft_ctx_get_output_buffer(context->nft);
	return 0;
}

int nft_spaces_netlink(struct nft_spaces *nft, enum space space, struct netlink **ret,
		       struct error *error)
{
	struct context *context = NULL;
	int result = context_get(nft, space, &context, error);

	if (result == 0)
		*ret = context->netlink;
	return result;
}

static int read_generation(void *userdata, const struct nlmsghdr *message)
{
	uint32_t *generation = userdata;
	const struct nlattr *attributes[NFTA_GEN_MAX + 1];

	attributes_parse(message, sizeof(struct nfgenmsg), attributes, NFTA_GEN_MAX);
	*generation = ntohl(attribute_u32(attributes[NFTA_GEN_ID], 0));
	return 0;
}

int nft_spaces_generation(struct nft_spaces *nft, enum space space, uint32_t *ret,
			  uint64_t *ret_namespace, struct error *error)
{
	struct context *context = NULL;
	struct nlmsghdr *request;
	struct nfgenmsg *header;
	int result = context_get(nft, space, &context, error);

	if (result < 0)
		return result;
	request = netlink_request(context->netlink, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN, 0);
	header = mnl_nlmsg_put_extra_header(request, sizeof(*header));
	header->nfgen_family = AF_UNSPEC;
	header->version = NFNETLINK_V0;
	*ret = 0;
	*ret_namespace = context->number;
	return netlink_get(context->netlink, "NFT_MSG_GETGEN", read_generation, ret, error);
}
