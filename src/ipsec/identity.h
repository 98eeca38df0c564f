/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/model.h"

#include <stddef.h>
#include <stdint.h>

/*
 * The identity by which an endpoint is known in IKE: the distinguished name O=organization,
 * CN=common_name, serialNumber=serial_number, in DER (ID_DER_ASN1_DN, RFC 7296 section 3.5). ranet
 * sends the same bytes; the text of original aronet, "O=...,CN=...,serialNumber=...", means the
 * same to charon. Pure.
 *
 * Never as text to charon: its parser splits at commas, and knows no way to escape them.
 */

/* Three RDNs of 11 bytes around two names and ten digits, and the header of the whole. */
#define IKE_IDENTITY_SIZE (3 + 3 * 11 + 2 * (NAME_SIZE - 1) + 10)
/* What charon is given: "asn1dn:#" and hexadecimal digits; it has room for 511. */
#define IKE_IDENTITY_TEXT_SIZE (8 + 2 * IKE_IDENTITY_SIZE + 1)

/* Returns its size, IKE_IDENTITY_SIZE at most. */
size_t ike_identity_make(const struct node_id *id, uint32_t serial_number,
			 uint8_t ret[IKE_IDENTITY_SIZE]);

/* Returns @buffer. */
const char *ike_identity_format(const uint8_t *identity, size_t size,
				char buffer[IKE_IDENTITY_TEXT_SIZE]);
