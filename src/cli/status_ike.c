// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/status_ike.h"

#include "cli/reply.h"
#include "cli/table.h"
#include "cli/units.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void status_ike_print_program(struct json_object *status, struct strbuf *out)
{
	struct json_object *ike = reply_object(status, "ike");
	const char *trouble = reply_text(ike, "trouble");
	const char *version = reply_text(ike, "version");

	if (!ike)
		return;
	strbuf_puts(out, trouble || !version ? ", strongswan: " : ", strongswan ");
	if (!trouble)
		trouble = version ? version : "not there yet";
	table_print_text(trouble, TABLE_PLAIN, false, out);
}

static void add_age(struct table *table, struct json_object *tunnel, const char *name)
{
	int64_t seconds = reply_number(tunnel, name, -1);
	char text[UNITS_TEXT_SIZE];

	table_add(table, TABLE_PLAIN, seconds >= 0 ? units_format_age(seconds, text) : NULL);
}

/* "AES_GCM_16-256 CURVE_25519+ML_KEM_768". The PRF is the same for all; JSON has it. */
static void add_algorithms(struct table *table, struct json_object *tunnel)
{
	const char *encryption = reply_text(tunnel, "encryption");
	const char *group = reply_text(tunnel, "group");
	const char *additional = reply_text(tunnel, "additional_exchange");
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	if (encryption)
		strbuf_puts(&text, encryption);
	if (group)
		strbuf_printf(&text, "%s%s", encryption ? " " : "", group);
	if (additional)
		strbuf_printf(&text, "+%s", additional);
	table_add(table, TABLE_PLAIN, strbuf_text(&text));
}

static void add_state(struct table *table, struct json_object *tunnel)
{
	const char *trouble = reply_text(tunnel, "trouble");
	const char *state = reply_text(tunnel, "state");
	int64_t count = reply_number(tunnel, "sas", 0);
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	bool is_up = state && !strcmp(state, "ESTABLISHED");

	if (trouble) {
		table_add(table, TABLE_BAD, trouble);
		return;
	}
	strbuf_puts(&text, state ? state : "none");
	if (count > 1)
		strbuf_printf(&text, " (one of %" PRId64 ")", count);
	table_add(table, is_up ? TABLE_GOOD : TABLE_WARN, strbuf_text(&text));
}

static void add_sa(struct table *table, struct json_object *tunnel)
{
	table_add(table, TABLE_PLAIN, reply_text(tunnel, "peer"));
	table_add(table, TABLE_PLAIN, reply_text(tunnel, "interface"));
	table_add(table, TABLE_PLAIN, reply_text(tunnel, "remote"));
	add_algorithms(table, tunnel);
	add_age(table, tunnel, "age_sec");
	add_age(table, tunnel, "rekey_sec");
	table_add(table, TABLE_PLAIN, reply_text(tunnel, "esp"));
	add_age(table, tunnel, "child_age_sec");
	add_age(table, tunnel, "child_rekey_sec");
	table_add(table, TABLE_PLAIN, reply_flag(tunnel, "nat") ? "yes" : NULL);
	add_state(table, tunnel);
}

void status_ike_print_sas(struct json_object *status, bool with_colour, struct strbuf *out)
{
	static const char *const heads[] = { "PEER",	 "INTERFACE", "REMOTE", "IKE",
					     "AGE",	 "REKEY IN",  "ESP",	"AGE",
					     "REKEY IN", "NAT",	      "STATE" };
	CLEANUP(table_done)
	struct table table = { .columns = ARRAY_SIZE(heads), .right = "llllrrlrrll" };
	struct json_object *ike = reply_object(status, "ike");
	size_t count = reply_count(ike, "tunnels");

	if (!count)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		table_add(&table, TABLE_FAINT, heads[i]);
	for (size_t i = 0; i < count; i++)
		add_sa(&table, reply_item(ike, "tunnels", i));
	table_print_title("IKE_SAs", with_colour, out);
	table_print(&table, with_colour, out);
}
