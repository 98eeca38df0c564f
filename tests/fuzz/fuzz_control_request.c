// SPDX-License-Identifier: GPL-2.0-or-later
/* A request as any local user who may connect can send it. */
#include "control/protocol.h"
#include "fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct control_arguments arguments, untouched;
	struct error error = { 0 };
	int result;

	if (size > CONTROL_PACKET_MAX)
		return 0;
	memset(&arguments, 0x5a, sizeof(arguments));
	memcpy(&untouched, &arguments, sizeof(untouched));
	result = control_arguments_parse((const char *)data, size, &arguments, &error);
	if (result < 0) {
		fuzz_check_refusal(result, &error);
		FUZZ_CHECK(!memcmp(&arguments, &untouched, sizeof(untouched)));
		return 0;
	}
	FUZZ_CHECK(control_operation_get(arguments.op)->name);
	FUZZ_CHECK(arguments.wait_sec <= CONTROL_WAIT_MAX);
	return 0;
}
