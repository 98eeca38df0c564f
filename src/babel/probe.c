// SPDX-License-Identifier: GPL-2.0-or-later
#include "babel/probe.h"

#include "babel/bird_version.h"
#include "core/object.h"
#include "process/output.h"

#include <string.h>

void babel_probe(struct facts *facts)
{
	facts->has_babeld = program_is_installed(speaker_program_name(SPEAKER_BABELD));
	facts->has_bird = program_is_installed(speaker_program_name(SPEAKER_BIRD));
}

void babel_probe_bird(struct facts *facts)
{
	const char *const argv[] = { speaker_program_name(SPEAKER_BIRD), "--version", NULL };
	char text[128];

	facts->bird_version = (struct bird_version) { 0 };
	if (facts->has_bird && program_output(argv, BIRD_VERSION_MS, text, sizeof(text)) == 0)
		(void)bird_version_parse(text, &facts->bird_version);
}
