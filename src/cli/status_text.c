// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/status_text.h"

#include "cli/reply.h"
#include "cli/status_ike.h"
#include "cli/table.h"
#include "cli/units.h"
#include "registry/freshness.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Where the sections go, and how. */
struct printer {
	struct json_object *status;
	bool with_colour;
	struct strbuf *out;
};

static void print_title(const struct printer *printer, const char *title)
{
	table_print_title(title, printer->with_colour, printer->out);
}

static void add_number(struct table *table, int64_t value)
{
	char text[24] = "";

	if (value >= 0)
		(void)snprintf(text, sizeof(text), "%" PRId64, value);
	table_add(table, TABLE_PLAIN, text);
}

static void add_row(struct table *table, enum table_colour colour, const char *const *texts)
{
	for (size_t i = 0; i < table->columns; i++)
		table_add(table, colour, texts[i]);
}

static enum table_colour state_colour(const char *state)
{
	static const struct {
		const char *state;
		enum table_colour colour;
	} colours[] = {
		{ "ok", TABLE_GOOD },		{ "up", TABLE_GOOD },
		{ "converging", TABLE_WARN },	{ "waiting for peer", TABLE_WARN },
		{ "degraded", TABLE_BAD },	{ "no handshake", TABLE_BAD },
		{ "no IKE daemon", TABLE_BAD },
	};

	for (size_t i = 0; state && i < ARRAY_SIZE(colours); i++)
		if (!strcmp(colours[i].state, state))
			return colours[i].colour;
	return TABLE_PLAIN;
}

static const char *or_unknown(const char *text)
{
	return text ? text : "unknown";
}

/* Nothing that came from the daemon goes to the terminal as it is. */
static void print_text(const struct printer *printer, const char *text)
{
	table_print_text(or_unknown(text), TABLE_PLAIN, false, printer->out);
}

static void print_age(const struct printer *printer, struct json_object *registry)
{
	const char *sha256 = reply_text(registry, "sha256");
	int64_t loaded = reply_number(registry, "loaded_sec_ago", -1);
	char age[UNITS_TEXT_SIZE], digits[9];

	if (sha256) {
		(void)snprintf(digits, sizeof(digits), "%.8s", sha256);
		strbuf_puts(printer->out, ", sha256 ");
		print_text(printer, digits);
	}
	if (loaded >= 0)
		strbuf_printf(printer->out, ", loaded %s ago", units_format_age(loaded, age));
}

static void print_origin(const struct printer *printer, struct json_object *registry)
{
	strbuf_puts(printer->out, ", mesh ");
	print_text(printer, reply_text(registry, "mesh"));
	strbuf_printf(printer->out, " %" PRId64 ", manifest %" PRId64,
		      reply_number(registry, "mesh_version", 0),
		      reply_number(registry, "manifest", 0));
}

/* What matters of a signed registry is how long it may still be used. */
static void print_expiry(const struct printer *printer, struct json_object *registry)
{
	const char *expiry = or_unknown(reply_text(registry, "expiry"));
	bool is_over = !strcmp(expiry, "over");
	char duration[FRESHNESS_DURATION_SIZE], text[64];

	if (!is_over && strcmp(expiry, "stale") != 0) {
		strbuf_printf(
			printer->out, ", expires in %s",
			freshness_duration(reply_number(registry, "expires_in_sec", 0), duration));
		return;
	}
	(void)snprintf(text, sizeof(text), "stale since %s%s",
		       or_unknown(reply_text(registry, "expires")),
		       is_over ? ", tunnels down" : "");
	strbuf_puts(printer->out, ", ");
	table_print_text(text, is_over ? TABLE_BAD : TABLE_WARN, printer->with_colour,
			 printer->out);
}

static void print_registry(const struct printer *printer)
{
	struct json_object *registry = reply_object(printer->status, "registry");
	const char *state = or_unknown(reply_text(registry, "state"));
	bool is_signed = !strcmp(state, "signed");

	strbuf_puts(printer->out, "registry ");
	print_text(printer, state);
	if (!strcmp(state, "none")) {
		strbuf_puts(printer->out, ": waiting for aronet load -r FILE\n");
		return;
	}
	if (is_signed)
		print_origin(printer, registry);
	strbuf_printf(printer->out, ", %" PRId64 " nodes", reply_number(registry, "nodes", 0));
	if (is_signed)
		print_expiry(printer, registry);
	else
		print_age(printer, registry);
	strbuf_puts(printer->out, "\n");
}

/* Where the next registry comes from; what is wrong with it is among the problems. */
static void print_source(const struct printer *printer)
{
	struct json_object *source = reply_object(printer->status, "source");
	int64_t age = source ? reply_number(source, "success_sec_ago", -1) : -1;
	char text[UNITS_TEXT_SIZE];

	if (!source || !reply_text(source, "source"))
		return;
	strbuf_puts(printer->out, "source ");
	print_text(printer, reply_text(source, "source"));
	if (age >= 0)
		strbuf_printf(printer->out, ", looked at %s ago", units_format_age(age, text));
	strbuf_puts(printer->out, "\n");
}

static void print_programs(const struct printer *printer)
{
	const char *babel = reply_text(printer->status, "babel");

	strbuf_puts(printer->out, "wireguard ");
	print_text(printer, reply_text(printer->status, "wireguard"));
	strbuf_puts(printer->out, ", ");
	print_text(printer, babel ? babel : "no routing daemon");
	status_ike_print_program(printer->status, printer->out);
	strbuf_puts(printer->out, ", config ");
	print_text(printer, reply_text(printer->status, "config"));
	strbuf_puts(printer->out, "\n");
}

static void print_header(const struct printer *printer)
{
	struct json_object *status = printer->status;
	const char *state = or_unknown(reply_text(status, "state"));
	char age[UNITS_TEXT_SIZE];

	table_print_text(or_unknown(reply_text(status, "node")), TABLE_HEAD, printer->with_colour,
			 printer->out);
	strbuf_puts(printer->out, "  ");
	table_print_text(state, state_colour(state), printer->with_colour, printer->out);
	strbuf_puts(printer->out, "  ");
	print_text(printer, reply_text(status, "mode"));
	strbuf_printf(printer->out, " mode, up %s, pid %" PRId64 ", aronet ",
		      units_format_age(reply_number(status, "uptime_sec", 0), age),
		      reply_number(status, "pid", 0));
	print_text(printer, reply_text(status, "version"));
	strbuf_puts(printer->out, "\n");
	print_registry(printer);
	print_source(printer);
	print_programs(printer);
}

#define PROBLEM_OFTEN_SIZE 64

/* What we try again, or what others do again and again; "" for what waits for a person. */
static const char *format_often(struct json_object *problem, char buffer[PROBLEM_OFTEN_SIZE])
{
	int64_t attempts = reply_number(problem, "attempts", -1);
	int64_t retry = reply_number(problem, "retry_in_sec", -1);
	int64_t last = reply_number(problem, "last_sec_ago", -1);
	char age[UNITS_TEXT_SIZE];

	if (last < 0 && attempts < 0)
		buffer[0] = '\0';
	else if (last >= 0)
		(void)snprintf(buffer, PROBLEM_OFTEN_SIZE, "%" PRId64 "x, last %s ago",
			       reply_number(problem, "count", 1), units_format_age(last, age));
	else
		(void)snprintf(buffer, PROBLEM_OFTEN_SIZE, "tried %" PRId64 "x%s%s", attempts,
			       retry >= 0 ? ", again in " : "",
			       retry >= 0 ? units_format_age(retry, age) : "");
	return buffer;
}

static void print_problems(const struct printer *printer)
{
	size_t count = reply_count(printer->status, "problems");
	CLEANUP(table_done) struct table table = { .columns = 3, .right = "lll" };

	if (!count)
		return;
	print_title(printer, "Problems");
	for (size_t i = 0; i < count; i++) {
		struct json_object *problem = reply_item(printer->status, "problems", i);
		char often[PROBLEM_OFTEN_SIZE];

		table_add(&table, TABLE_BAD, reply_text(problem, "object"));
		table_add(&table, TABLE_PLAIN, reply_text(problem, "text"));
		table_add(&table, TABLE_FAINT, format_often(problem, often));
	}
	table_print(&table, printer->with_colour, printer->out);
}

static void print_conflicts(const struct printer *printer)
{
	struct json_object *conflicts;
	size_t count = reply_count(printer->status, "conflicts");

	if (!count || !json_object_object_get_ex(printer->status, "conflicts", &conflicts))
		return;
	print_title(printer, "In the way, and not ours to remove");
	for (size_t i = 0; i < count; i++) {
		struct json_object *text = json_object_array_get_idx(conflicts, i);

		strbuf_puts(printer->out, "  ");
		table_print_text(or_unknown(json_object_get_string(text)), TABLE_BAD,
				 printer->with_colour, printer->out);
		strbuf_puts(printer->out, "\n");
	}
}

/* Sections of two texts per row. */
static void print_pairs(const struct printer *printer, const char *member, const char *title,
			const char *first, const char *second, enum table_colour colour)
{
	size_t count = reply_count(printer->status, member);
	CLEANUP(table_done) struct table table = { .columns = 2, .right = "ll" };

	if (!count)
		return;
	print_title(printer, title);
	for (size_t i = 0; i < count; i++) {
		struct json_object *item = reply_item(printer->status, member, i);

		table_add(&table, colour, reply_text(item, first));
		table_add(&table, TABLE_PLAIN, reply_text(item, second));
	}
	table_print(&table, printer->with_colour, printer->out);
}

static struct json_object *find_neighbour(struct json_object *status, const char *interface)
{
	for (size_t i = 0; interface && i < reply_count(status, "neighbours"); i++) {
		struct json_object *neighbour = reply_item(status, "neighbours", i);
		const char *name = reply_text(neighbour, "interface");

		if (name && !strcmp(name, interface))
			return neighbour;
	}
	return NULL;
}

/* Babel's infinity (RFC 8966 section 4.6.9): a link that fails in one direction, a lost route. */
#define METRIC_INFINITY 65535

static void add_metric(struct table *table, int64_t metric)
{
	if (metric >= METRIC_INFINITY)
		table_add(table, TABLE_BAD, "inf");
	else
		add_number(table, metric);
}

static void add_rtt(struct table *table, struct json_object *neighbour)
{
	struct json_object *rtt;
	char text[32] = "";

	if (neighbour && json_object_object_get_ex(neighbour, "rtt_ms", &rtt) && rtt)
		(void)snprintf(text, sizeof(text), "%.1f ms", json_object_get_double(rtt));
	table_add(table, TABLE_PLAIN, text);
}

/* "ipsec+ppk": with a secret of the mesh, which WireGuard calls a preshared key, and IKE a
 * postquantum one. */
static void add_transport(struct table *table, struct json_object *tunnel)
{
	const char *transport = or_unknown(reply_text(tunnel, "transport"));
	const char *secret = !strcmp(transport, "ipsec") ? "+ppk" : "+psk";
	char text[32];

	(void)snprintf(text, sizeof(text), "%s%s", transport,
		       reply_flag(tunnel, "preshared_key") ? secret : "");
	table_add(table, TABLE_PLAIN, text);
}

static void add_tunnel(struct table *table, struct json_object *status, struct json_object *tunnel)
{
	const char *interface = reply_text(tunnel, "interface");
	const char *endpoint = reply_text(tunnel, "endpoint");
	const char *state = reply_text(tunnel, "state");
	struct json_object *neighbour = find_neighbour(status, interface);
	int64_t age = reply_number(tunnel, "handshake_age_sec", -1);
	char text[UNITS_TEXT_SIZE];

	table_add(table, TABLE_PLAIN, reply_text(tunnel, "peer"));
	table_add(table, TABLE_PLAIN, interface);
	add_transport(table, tunnel);
	table_add(table, endpoint ? TABLE_PLAIN : TABLE_FAINT,
		  endpoint ? endpoint : reply_text(tunnel, "configured"));
	table_add(table, TABLE_PLAIN, age >= 0 ? units_format_age(age, text) : NULL);
	table_add(table, TABLE_PLAIN,
		  units_format_bytes(reply_number(tunnel, "rx_bytes", 0), text));
	table_add(table, TABLE_PLAIN,
		  units_format_bytes(reply_number(tunnel, "tx_bytes", 0), text));
	table_add(table, TABLE_PLAIN, reply_text(neighbour, "reach"));
	add_metric(table, reply_number(neighbour, "cost", -1));
	add_rtt(table, neighbour);
	table_add(table, state_colour(state), state);
}

static void print_tunnels(const struct printer *printer)
{
	static const char *const heads[] = { "PEER",	  "INTERFACE", "TRANSPORT", "ENDPOINT",
					     "HANDSHAKE", "RX",	       "TX",	    "REACH",
					     "COST",	  "RTT",       "STATE" };
	CLEANUP(table_done)
	struct table table = { .columns = ARRAY_SIZE(heads), .right = "llllrrrrrrl" };
	size_t count = reply_count(printer->status, "tunnels"), up = 0;
	char title[64];

	if (!count)
		return;
	add_row(&table, TABLE_FAINT, heads);
	for (size_t i = 0; i < count; i++) {
		struct json_object *tunnel = reply_item(printer->status, "tunnels", i);
		const char *state = reply_text(tunnel, "state");

		up += state && !strcmp(state, "up");
		add_tunnel(&table, printer->status, tunnel);
	}
	(void)snprintf(title, sizeof(title), "Tunnels (%zu of %zu up)", up, count);
	print_title(printer, title);
	table_print(&table, printer->with_colour, printer->out);
}

static const char *route_state(struct json_object *route)
{
	if (reply_flag(route, "installed"))
		return "installed";
	return reply_flag(route, "refused") ? "refused" : "not installed";
}

static void add_route(struct table *table, struct json_object *route)
{
	const char *peer = reply_text(route, "peer");

	table_add(table, TABLE_PLAIN, reply_text(route, "prefix"));
	table_add(table, TABLE_PLAIN, reply_text(route, "node"));
	table_add(table, TABLE_PLAIN, peer ? peer : reply_text(route, "via"));
	table_add(table, TABLE_PLAIN, reply_text(route, "interface"));
	add_metric(table, reply_number(route, "metric", -1));
	table_add(table, reply_flag(route, "installed") ? TABLE_PLAIN : TABLE_FAINT,
		  route_state(route));
}

static void print_routes(const struct printer *printer)
{
	static const char *const heads[] = {
		"PREFIX", "NODE", "VIA", "INTERFACE", "METRIC", "STATE"
	};
	CLEANUP(table_done) struct table table = { .columns = 6, .right = "llllrl" };
	size_t count = reply_count(printer->status, "routes"), installed = 0;
	char title[64];

	if (!count)
		return;
	add_row(&table, TABLE_FAINT, heads);
	for (size_t i = 0; i < count; i++) {
		struct json_object *route = reply_item(printer->status, "routes", i);

		installed += reply_flag(route, "installed");
		add_route(&table, route);
	}
	(void)snprintf(title, sizeof(title), "Routes (%zu of %zu installed)", installed, count);
	print_title(printer, title);
	table_print(&table, printer->with_colour, printer->out);
}

static void print_counters(const struct printer *printer)
{
	CLEANUP(table_done) struct table table = { .columns = 4, .right = "llrr" };
	char packets[48], bytes[UNITS_TEXT_SIZE];

	for (size_t i = 0; i < reply_count(printer->status, "counters"); i++) {
		struct json_object *counter = reply_item(printer->status, "counters", i);
		int64_t count = reply_number(counter, "packets", 0);

		if (!count)
			continue;
		(void)snprintf(packets, sizeof(packets), "%" PRId64 " packets", count);
		table_add(&table, TABLE_PLAIN, reply_text(counter, "name"));
		table_add(&table, TABLE_FAINT, reply_text(counter, "space"));
		table_add(&table, TABLE_PLAIN, packets);
		table_add(&table, TABLE_PLAIN,
			  units_format_bytes(reply_number(counter, "bytes", 0), bytes));
	}
	if (!table.cells_count)
		return;
	print_title(printer, "Counters");
	table_print(&table, printer->with_colour, printer->out);
}

static void print_repairs(const struct printer *printer)
{
	size_t count = reply_count(printer->status, "repairs");
	CLEANUP(table_done) struct table table = { .columns = 2, .right = "rl" };

	if (!count)
		return;
	print_title(printer, "Repairs");
	for (size_t i = 0; i < count; i++) {
		struct json_object *repair = reply_item(printer->status, "repairs", i);
		char age[UNITS_TEXT_SIZE], text[UNITS_TEXT_SIZE + 8];

		(void)snprintf(text, sizeof(text), "%s ago",
			       units_format_age(reply_number(repair, "age_sec", 0), age));
		table_add(&table, TABLE_FAINT, text);
		table_add(&table, TABLE_PLAIN, reply_text(repair, "text"));
	}
	table_print(&table, printer->with_colour, printer->out);
}

void status_text_print(struct json_object *status, bool with_colour, struct strbuf *out)
{
	const struct printer printer = { status, with_colour, out };

	print_header(&printer);
	print_problems(&printer);
	print_conflicts(&printer);
	print_pairs(&printer, "unreachable", "Without a tunnel", "node", "reason", TABLE_WARN);
	print_pairs(&printer, "warnings", "Warnings", "code", "message", TABLE_WARN);
	print_tunnels(&printer);
	status_ike_print_sas(status, with_colour, out);
	print_routes(&printer);
	print_counters(&printer);
	print_repairs(&printer);
}
