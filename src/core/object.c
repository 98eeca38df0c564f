// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/object.h"

#include "base/cleanup.h"

#include <stdio.h>
#include <string.h>

static const void *field_value(const struct object *object, const struct field *field)
{
	return (const char *)object + field->offset;
}

static uint32_t field_unsigned(const struct object *object, const struct field *field)
{
	const void *value = field_value(object, field);
	uint16_t u16;
	uint32_t u32;
	bool truth;

	switch (field->size) {
	case sizeof(bool):
		memcpy(&truth, value, sizeof(truth));
		return truth;
	case sizeof(u16):
		memcpy(&u16, value, sizeof(u16));
		return u16;
	default:
		memcpy(&u32, value, sizeof(u32));
		return u32;
	}
}

static int field_compare(const struct object *a, const struct object *b, const struct field *field)
{
	const void *value_a = field_value(a, field);
	const void *value_b = field_value(b, field);
	uint32_t number_a, number_b;

	switch (field->type) {
	case FIELD_ENUM:
	case FIELD_BOOL:
	case FIELD_U16:
	case FIELD_U32:
		number_a = field_unsigned(a, field);
		number_b = field_unsigned(b, field);
		return number_a < number_b ? -1 : number_a > number_b;
	case FIELD_TEXT:
		return strncmp(value_a, value_b, field->size);
	case FIELD_ADDRESS:
		return ip_address_compare(value_a, value_b);
	case FIELD_PREFIX:
		return ip_prefix_compare(value_a, value_b);
	case FIELD_ENDPOINT:
		return ip_endpoint_compare(value_a, value_b);
	case FIELD_PUBLIC_KEY:
	case FIELD_SECRET:
	case FIELD_BYTES:
		return memcmp(value_a, value_b, field->size);
	}
	return 0;
}

/*
 * What protects the host from the effects of other sysctls comes before them: when IPv6 forwarding
 * is turned on, the kernel drops the routes that it has learned from router advertisements, but for
 * links whose accept_ra is 2 by then.
 */
static bool is_guard(const struct object *object)
{
	const char *name = strrchr(object->sysctl.path, '/');

	return name && !strcmp(name, "/accept_ra");
}

int object_compare(const struct object *a, const struct object *b)
{
	const struct object_type *type;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	type = object_type(a->kind);
	if (a->kind == OBJECT_SYSCTL && is_guard(a) != is_guard(b))
		return is_guard(a) ? -1 : 1;
	for (size_t i = 0; i < type->fields_count && type->fields[i].key; i++) {
		int order = field_compare(a, b, &type->fields[i]);

		if (order)
			return order;
	}
	return 0;
}

bool object_spec_equal(const struct object *a, const struct object *b)
{
	const struct object_type *type = object_type(a->kind);

	for (size_t i = 0; i < type->fields_count; i++)
		if (!type->fields[i].key && field_compare(a, b, &type->fields[i]))
			return false;
	return true;
}

static struct object parent_link(enum space space, const char *name)
{
	struct object parent = { .kind = OBJECT_LINK, .link.space = space };

	(void)snprintf(parent.link.name, sizeof(parent.link.name), "%s", name);
	return parent;
}

/* The link that @object is attached to, if it is; "" is none. */
static const char *attached_link(const struct object *object, enum space *ret)
{
	*ret = SPACE_OVERLAY;
	switch (object->kind) {
	case OBJECT_VRF_MEMBER:
		return object->vrf_member.link;
	case OBJECT_ADDRESS:
		*ret = object->address.space;
		return object->address.link;
	case OBJECT_WIREGUARD:
		return object->wireguard.link;
	case OBJECT_SID:
		return object->sid.link;
	case OBJECT_ROUTE:
		*ret = object->route.space;
		return object->route.link;
	case OBJECT_IKE_CONNECTION:
		/* It has to be taken from the daemon, whatever becomes of its link. */
	case OBJECT_BABEL_INTERFACE:
		/* The speaker knows its interfaces by name and finds one again by itself. */
	case OBJECT_NETNS:
	case OBJECT_SYSCTL:
	case OBJECT_LINK:
	case OBJECT_VRF_RULE:
	case OBJECT_IKE_DAEMON:
	case OBJECT_IKE_PPK:
	case OBJECT_RULESET:
	case OBJECT_SPEAKER:
		break;
	}
	return "";
}

static bool in_overlay(const struct object *object)
{
	switch (object->kind) {
	case OBJECT_SYSCTL:
		return object->sysctl.space == SPACE_OVERLAY;
	case OBJECT_LINK:
		/* The far end of a veth pair is made in the overlay in the same step. */
		return object->link.space == SPACE_OVERLAY || object->link.kind == LINK_VETH;
	case OBJECT_RULESET:
		return object->ruleset.space == SPACE_OVERLAY;
	case OBJECT_SPEAKER:
		return true;
	case OBJECT_NETNS:
	case OBJECT_VRF_MEMBER:
	case OBJECT_VRF_RULE:
	case OBJECT_ADDRESS:
	case OBJECT_WIREGUARD:
	case OBJECT_IKE_DAEMON:
	case OBJECT_IKE_PPK:
	case OBJECT_IKE_CONNECTION:
	case OBJECT_SID:
	case OBJECT_ROUTE:
	case OBJECT_BABEL_INTERFACE:
		break;
	}
	return false;
}

unsigned object_parents(const struct object *object, struct object parents[OBJECT_PARENTS_MAX])
{
	enum space space;
	const char *link = attached_link(object, &space);
	unsigned count = 0;

	if (link[0])
		parents[count++] = parent_link(space, link);
	if (object->kind == OBJECT_LINK && object->link.kind == LINK_VETH_PEER)
		parents[count++] = parent_link(SPACE_UNDERLAY, object->link.name);
	if (object->kind == OBJECT_VRF_MEMBER)
		parents[count++] = parent_link(SPACE_OVERLAY, object->vrf_member.vrf);
	if (object->kind == OBJECT_BABEL_INTERFACE)
		parents[count++] =
			(struct object) { .kind = OBJECT_SPEAKER, .speaker.name = "babel" };
	if (object->kind == OBJECT_IKE_CONNECTION || object->kind == OBJECT_IKE_PPK)
		parents[count++] = (struct object) { .kind = OBJECT_IKE_DAEMON,
						     .ike_daemon.name = IKE_DAEMON_NAME };
	if (in_overlay(object) && count < OBJECT_PARENTS_MAX)
		parents[count++] =
			(struct object) { .kind = OBJECT_NETNS, .netns.space = SPACE_OVERLAY };
	return count;
}

static void format_hex(const uint8_t *bytes, size_t size, struct strbuf *buffer)
{
	for (size_t i = 0; i < size && i < 8; i++)
		strbuf_printf(buffer, "%02x", bytes[i]);
}

static bool has_secret(const struct object *object, const struct field *field)
{
	const uint8_t *bytes = field_value(object, field);
	uint8_t sum = 0;

	for (size_t i = 0; i < field->size; i++)
		sum |= bytes[i];
	return sum != 0;
}

static void field_format(const struct object *object, const struct field *field,
			 struct strbuf *buffer)
{
	const void *value = field_value(object, field);
	char text[IP_ENDPOINT_TEXT_SIZE] = "";
	uint32_t number;

	switch (field->type) {
	case FIELD_ENUM:
		number = field_unsigned(object, field);
		strbuf_puts(buffer, number < field->names_count ? field->names[number] : "?");
		return;
	case FIELD_BOOL:
		strbuf_puts(buffer, field_unsigned(object, field) ? "yes" : "no");
		return;
	case FIELD_U16:
	case FIELD_U32:
		strbuf_printf(buffer, "%u", field_unsigned(object, field));
		return;
	case FIELD_TEXT:
		strbuf_printf(buffer, "%.*s", (int)field->size, (const char *)value);
		return;
	case FIELD_ADDRESS:
		ip_address_format(value, text);
		break;
	case FIELD_PREFIX:
		ip_prefix_format(value, text);
		break;
	case FIELD_ENDPOINT:
		ip_endpoint_format(value, text);
		break;
	case FIELD_SECRET:
		strbuf_puts(buffer, has_secret(object, field) ? "(secret)" : "-");
		return;
	case FIELD_PUBLIC_KEY:
	case FIELD_BYTES:
		format_hex(value, field->size, buffer);
		return;
	}
	strbuf_puts(buffer, text[0] ? text : "-");
}

const char *object_format_key(const struct object *object, char buffer[OBJECT_KEY_TEXT_SIZE])
{
	const struct object_type *type = object_type(object->kind);
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	strbuf_puts(&text, type->name);
	for (size_t i = 0; i < type->fields_count && type->fields[i].key; i++) {
		strbuf_puts(&text, " ");
		field_format(object, &type->fields[i], &text);
	}
	(void)snprintf(buffer, OBJECT_KEY_TEXT_SIZE, "%s", strbuf_text(&text));
	return buffer;
}

void object_format(const struct object *object, struct strbuf *buffer)
{
	const struct object_type *type = object_type(object->kind);
	char key[OBJECT_KEY_TEXT_SIZE];

	strbuf_puts(buffer, object_format_key(object, key));
	for (size_t i = 0; i < type->fields_count; i++) {
		if (type->fields[i].key)
			continue;
		strbuf_printf(buffer, " %s ", type->fields[i].name);
		field_format(object, &type->fields[i], buffer);
	}
}

void object_format_difference(const struct object *from, const struct object *to,
			      struct strbuf *buffer)
{
	const struct object_type *type = object_type(from->kind);
	const char *separator = "";

	for (size_t i = 0; i < type->fields_count; i++) {
		const struct field *field = &type->fields[i];

		if (field->key || field_compare(from, to, field) == 0)
			continue;
		strbuf_printf(buffer, "%s%s ", separator, field->name);
		separator = ", ";
		if (field->type == FIELD_SECRET && has_secret(from, field) &&
		    has_secret(to, field)) {
			strbuf_puts(buffer, "changed");
			continue;
		}
		field_format(from, field, buffer);
		strbuf_puts(buffer, " -> ");
		field_format(to, field, buffer);
	}
}
