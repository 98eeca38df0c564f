// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/identity.h"

#include "base/hex.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* ASN.1 tags (X.690), and the last byte of the attribute types 2.5.4.* (X.520). */
#define TAG_OID 0x06
#define TAG_UTF8_STRING 0x0c
#define TAG_PRINTABLE_STRING 0x13
#define TAG_SEQUENCE 0x30
#define TAG_SET 0x31
#define TYPE_COMMON_NAME 3
#define TYPE_SERIAL_NUMBER 5
#define TYPE_ORGANIZATION 10

/* SET { SEQUENCE { OBJECT IDENTIFIER 2.5.4.@type, @tag @text } }, all of them shorter than 128. */
static size_t put_rdn(uint8_t *next, uint8_t type, uint8_t tag, const char *text)
{
	uint8_t length = (uint8_t)strlen(text);
	const uint8_t header[] = {
		TAG_SET,      (uint8_t)(length + 9),
		TAG_SEQUENCE, (uint8_t)(length + 7),
		TAG_OID,      3,
		0x55,	      4,
		type,	      tag,
		length,
	};

	memcpy(next, header, sizeof(header));
	memcpy(next + sizeof(header), text, length);
	return sizeof(header) + length;
}

size_t ike_identity_make(const struct node_id *id, uint32_t serial_number,
			 uint8_t ret[IKE_IDENTITY_SIZE])
{
	uint8_t rdns[IKE_IDENTITY_SIZE];
	char serial[sizeof("4294967295")];
	size_t size = 0, header = 0;

	(void)snprintf(serial, sizeof(serial), "%u", serial_number);
	size += put_rdn(rdns + size, TYPE_ORGANIZATION, TAG_UTF8_STRING, id->organization);
	size += put_rdn(rdns + size, TYPE_COMMON_NAME, TAG_UTF8_STRING, id->common_name);
	size += put_rdn(rdns + size, TYPE_SERIAL_NUMBER, TAG_PRINTABLE_STRING, serial);
	ret[header++] = TAG_SEQUENCE;
	if (size > 127)
		ret[header++] = 0x81; /* the length is in one byte more */
	ret[header++] = (uint8_t)size;
	memcpy(ret + header, rdns, size);
	assert(header + size <= IKE_IDENTITY_SIZE);
	return header + size;
}

const char *ike_identity_format(const uint8_t *identity, size_t size,
				char buffer[IKE_IDENTITY_TEXT_SIZE])
{
	static const char prefix[] = "asn1dn:#";

	memcpy(buffer, prefix, sizeof(prefix) - 1);
	(void)hex_format(identity, size, buffer + sizeof(prefix) - 1);
	return buffer;
}
