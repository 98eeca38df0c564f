// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/vici_text.h"

#include "base/timestamp.h"

#include <string.h>

/* Identities are the longest; what is longer than this is cut off. */
#define VALUE_SIZE 512

/* @before, the value and @after; nothing if there is no such value. True if there is. */
static bool print_value(const struct vici_section *section, const char *name, const char *before,
			const char *after, struct strbuf *out)
{
	char text[VALUE_SIZE];

	if (!vici_find_text(section, name, text, sizeof(text))[0])
		return false;
	strbuf_printf(out, "%s%s%s", before, text, after);
	return true;
}

static void print_clean(const void *bytes, size_t size, struct strbuf *out)
{
	const char *text = bytes;

	for (size_t i = 0; i < size; i++)
		strbuf_append(out, text[i] >= ' ' && text[i] <= '~' ? &text[i] : "?", 1);
}

/* "AES_GCM_16-256/PRF_HMAC_SHA2_384/CURVE_25519" between @before and @after. */
static void print_algorithms(const struct vici_section *section, const char *before,
			     const char *after, struct strbuf *out)
{
	static const char *const names[] = { "integ-alg", "prf-alg", "dh-group", "ake1" };
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	if (print_value(section, "encr-alg", "", "", &text))
		(void)print_value(section, "encr-keysize", "-", "", &text);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		(void)print_value(section, names[i], text.length ? "/" : "", "", &text);
	if (text.length)
		strbuf_printf(out, "%s%s%s", before, strbuf_text(&text), after);
}

/* A value that there is for each side or direction, as "spi-in" or "local-host". */
struct part {
	const char *begin, *end; /* of its name, around the side */
	const char *before, *after;
};

static void print_parts(const struct vici_section *section, const char *side,
			const struct part *parts, size_t count, struct strbuf *out)
{
	for (size_t i = 0; i < count; i++) {
		CLEANUP(strbuf_done) struct strbuf name = { 0 };

		strbuf_printf(&name, "%s%s%s", parts[i].begin, side, parts[i].end);
		(void)print_value(section, strbuf_text(&name), parts[i].before, parts[i].after,
				  out);
	}
	strbuf_puts(out, "\n");
}

static void print_side(const struct vici_section *sa, const char *side, struct strbuf *out)
{
	static const struct part parts[] = {
		{ "", "-id", " '", "'" },
		{ "", "-host", " @ ", "" },
		{ "", "-port", "[", "]" },
	};

	strbuf_printf(out, "  %-6s", side);
	print_parts(sa, side, parts, ARRAY_SIZE(parts), out);
}

struct age {
	const char *name, *words;
};

/* "  established 7s ago, rekeying in 13445s" */
static void print_ages(const struct vici_section *section, const char *indent,
		       const struct age *ages, size_t count, struct strbuf *out)
{
	bool has_any = false;

	for (size_t i = 0; i < count; i++) {
		char text[32];

		if (!vici_find_text(section, ages[i].name, text, sizeof(text))[0])
			continue;
		strbuf_puts(out, has_any ? ", " : indent);
		strbuf_printf(out, "%s%s%ss%s", ages[i].words, i ? " in " : " ", text,
			      i ? "" : " ago");
		has_any = true;
	}
	if (has_any)
		strbuf_puts(out, "\n");
}

/* "    in  c4a32797 (if_id 0000002a), 840 bytes, 10 packets, 3s ago" */
static void print_direction(const struct vici_section *child, const char *direction,
			    struct strbuf *out)
{
	static const struct part parts[] = {
		{ "spi-", "", " ", "" },	  { "if-id-", "", " (if_id ", ")" },
		{ "bytes-", "", ", ", " bytes" }, { "packets-", "", ", ", " packets" },
		{ "use-", "", ", ", "s ago" },
	};

	strbuf_printf(out, "    %-3s", direction);
	print_parts(child, direction, parts, ARRAY_SIZE(parts), out);
}

/* "    local  0.0.0.0/0 ::/0" */
static void print_selectors(const struct vici_section *child, const char *side, struct strbuf *out)
{
	CLEANUP(strbuf_done) struct strbuf name = { 0 };
	struct vici_section list;
	struct vici_value item;

	strbuf_printf(&name, "%s-ts", side);
	if (!vici_find_list(child, strbuf_text(&name), &list))
		return;
	strbuf_printf(out, "    %-6s", side);
	while (vici_next_item(&list, &item)) {
		strbuf_puts(out, " ");
		print_clean(item.bytes, item.size, out);
	}
	strbuf_puts(out, "\n");
}

static void print_child(const char *section_name, const struct vici_section *child,
			struct strbuf *out)
{
	static const struct age ages[] = {
		{ "install-time", "installed" },
		{ "rekey-time", "rekeying" },
		{ "life-time", "expires" },
	};

	strbuf_puts(out, "  ");
	if (!print_value(child, "name", "", "", out))
		print_clean(section_name, strlen(section_name), out);
	strbuf_puts(out, ":");
	(void)print_value(child, "uniqueid", " #", "", out);
	(void)print_value(child, "reqid", ", reqid ", "", out);
	(void)print_value(child, "state", ", ", "", out);
	(void)print_value(child, "mode", ", ", "", out);
	(void)print_value(child, "protocol", ", ", vici_is_yes(child, "encap") ? " in UDP" : "",
			  out);
	print_algorithms(child, ", ", "", out);
	strbuf_puts(out, "\n");
	print_ages(child, "    ", ages, ARRAY_SIZE(ages), out);
	print_direction(child, "in", out);
	print_direction(child, "out", out);
	print_selectors(child, "local", out);
	print_selectors(child, "remote", out);
}

static void print_children(const struct vici_section *sa, struct strbuf *out)
{
	struct vici_section rest = { 0 }, child;
	char name[VICI_NAME_MAX + 1];

	(void)vici_find_section(sa, "child-sas", &rest);
	while (vici_next_section(&rest, name, &child))
		print_child(name, &child, out);
}

/* charon marks the SPI of this node with a star. */
static void print_spis(const struct vici_section *sa, struct strbuf *out)
{
	bool is_initiator = vici_is_yes(sa, "initiator");

	(void)print_value(sa, "initiator-spi", ", ", is_initiator ? "_i*" : "_i", out);
	(void)print_value(sa, "responder-spi", " ", is_initiator ? "_r" : "_r*", out);
}

static void print_nat(const struct vici_section *sa, struct strbuf *out)
{
	bool is_local = vici_is_yes(sa, "nat-local"), is_remote = vici_is_yes(sa, "nat-remote");

	if (is_local || is_remote)
		strbuf_printf(out, "  behind NAT: %s%s%s\n", is_local ? "local" : "",
			      is_local && is_remote ? ", " : "", is_remote ? "remote" : "");
}

void vici_print_sa(const char *name, const struct vici_section *sa, struct strbuf *out)
{
	static const struct age ages[] = {
		{ "established", "established" },
		{ "rekey-time", "rekeying" },
		{ "reauth-time", "reauthentication" },
	};

	print_clean(name, strlen(name), out);
	strbuf_puts(out, ":");
	(void)print_value(sa, "uniqueid", " #", "", out);
	(void)print_value(sa, "state", ", ", "", out);
	(void)print_value(sa, "version", ", IKEv", "", out);
	print_spis(sa, out);
	strbuf_puts(out, "\n");
	print_side(sa, "local", out);
	print_side(sa, "remote", out);
	print_nat(sa, out);
	print_algorithms(sa, "  ", "\n", out);
	print_ages(sa, "  ", ages, ARRAY_SIZE(ages), out);
	print_children(sa, out);
}

static void print_log_line(int64_t time, const struct vici_section *message, const char *line,
			   size_t length, struct strbuf *out)
{
	char stamp[TIMESTAMP_TEXT_SIZE];

	strbuf_puts(out, timestamp_format(time, stamp));
	if (!print_value(message, "group", " ", "", out))
		strbuf_puts(out, " -");
	if (!print_value(message, "level", " ", "", out))
		strbuf_puts(out, " -");
	if (!print_value(message, "ikesa-name", " ", "", out))
		strbuf_puts(out, " -");
	(void)print_value(message, "ikesa-uniqueid", "[", "]", out);
	strbuf_puts(out, " ");
	print_clean(line, length, out);
	strbuf_puts(out, "\n");
}

void vici_print_log(int64_t time, const struct vici_section *message, struct strbuf *out)
{
	struct vici_value text = { 0 };
	const char *at, *end;

	(void)vici_find(message, "msg", &text);
	at = (const char *)text.bytes;
	end = at ? at + text.size : at;
	do {
		const char *line_end = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;

		if (!line_end)
			line_end = end;
		print_log_line(time, message, at, (size_t)(line_end - at), out);
		at = line_end < end ? line_end + 1 : end;
	} while (at < end);
}
