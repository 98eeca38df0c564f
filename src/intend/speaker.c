// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/bird_version.h"
#include "intend/intend.h"

#include <errno.h>

#define PLACE "/babel/backend"

struct facts intend_facts_of_everything(void)
{
	return (struct facts) {
		.has_kernel_wireguard = true,
		.has_userspace_wireguard = true,
		.has_seg6 = true,
		.has_nf_tables = true,
		.has_vrf = true,
		.has_babeld = true,
		.has_bird = true,
		.bird_version = { BIRD_VERSION_MAJOR, BIRD_VERSION_MINOR, 0 },
	};
}

static int check_babeld(const struct facts *facts, struct error *error)
{
	if (facts->has_babeld)
		return 0;
	return error_set(error, -EOPNOTSUPP, ERROR_UNSUPPORTED, PLACE,
			 "babeld is not installed; install the package babeld, or set "
			 "\"backend\": \"auto\" and install the package bird2");
}

/* @why: who wants it. */
static int check_bird(const struct facts *facts, const char *why, struct error *error)
{
	const struct bird_version *version = &facts->bird_version;

	if (!facts->has_bird)
		return error_set(error, -EOPNOTSUPP, ERROR_UNSUPPORTED, PLACE,
				 "%s, which is not installed; install the package bird2, version "
				 "%d.%d or later of BIRD %d",
				 why, BIRD_VERSION_MAJOR, BIRD_VERSION_MINOR, BIRD_VERSION_MAJOR);
	if (version->major == 0)
		return error_set(error, -EOPNOTSUPP, ERROR_UNSUPPORTED, PLACE,
				 "%s, but \"bird --version\" does not tell its version; install "
				 "the package bird2 of Debian 13 or later",
				 why);
	if (!bird_version_is_usable(version))
		return error_set(error, -EOPNOTSUPP, ERROR_UNSUPPORTED, PLACE,
				 "%s, found version %u.%u.%u, expected %d.%d or later of BIRD %d: "
				 "others have no tunnels, no cost by round-trip time or no IPv4 "
				 "over IPv6 for Babel; install the package bird2 of Debian 13 or "
				 "later",
				 why, version->major, version->minor, version->patch,
				 BIRD_VERSION_MAJOR, BIRD_VERSION_MINOR, BIRD_VERSION_MAJOR);
	return 0;
}

static int choose_any(const struct facts *facts, enum speaker_program *ret, struct error *error)
{
	if (facts->has_babeld) {
		*ret = SPEAKER_BABELD;
		return 0;
	}
	if (!facts->has_bird)
		return error_set(error, -EOPNOTSUPP, ERROR_UNSUPPORTED, PLACE,
				 "no routing daemon is installed; install the package babeld, or "
				 "bird2 with version %d.%d or later of BIRD %d",
				 BIRD_VERSION_MAJOR, BIRD_VERSION_MINOR, BIRD_VERSION_MAJOR);
	*ret = SPEAKER_BIRD;
	return check_bird(facts, "without the package babeld the overlay needs BIRD", error);
}

bool intend_depends_on_bird(const struct config *config, const struct facts *facts)
{
	switch (config->babel_backend) {
	case BABEL_BABELD:
		return false;
	case BABEL_BIRD:
		return true;
	case BABEL_AUTO:
		break;
	}
	return config->mode == OVERLAY_VRF || !facts->has_babeld;
}

int intend_speaker_program(const struct config *config, const struct facts *facts,
			   enum speaker_program *ret, struct error *error)
{
	switch (config->babel_backend) {
	case BABEL_BABELD:
		if (config->mode == OVERLAY_VRF)
			return error_set(error, -EOPNOTSUPP, ERROR_UNSUPPORTED, PLACE,
					 "babeld cannot route in a VRF; set \"backend\": \"bird\", "
					 "or \"mode\": \"netns\" in \"daemon\"");
		*ret = SPEAKER_BABELD;
		return check_babeld(facts, error);
	case BABEL_BIRD:
		*ret = SPEAKER_BIRD;
		return check_bird(facts, "this configuration wants BIRD", error);
	case BABEL_AUTO:
		break;
	}
	if (config->mode == OVERLAY_NETNS)
		return choose_any(facts, ret, error);
	*ret = SPEAKER_BIRD;
	return check_bird(facts, "VRF mode needs BIRD", error);
}
