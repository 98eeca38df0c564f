/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "json/json.h"

/* Written as JSON, the document is accepted by the strict scanner, and means the same. */
void same_as_json(const struct json_document *document);
