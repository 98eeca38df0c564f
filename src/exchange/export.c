// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange/export_private.h"

#include "registry/node_write.h"

#include "base/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Where the remarks of a node stand, to be found by its name. */
struct known_remarks {
	const char *organization;
	const char *common_name;
	struct json_object *remarks;
};

struct known_list {
	struct known_remarks *items;
	size_t count;
};

static int compare_known(const void *a, const void *b)
{
	const struct known_remarks *left = a, *right = b;
	int order = strcmp(left->organization, right->organization);

	return order ? order : strcmp(left->common_name, right->common_name);
}

static const char *text_of(struct json_object *object, const char *name)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, name, &value) ||
	    !json_object_is_type(value, json_type_string))
		return "";
	return json_object_get_string(value);
}

static void collect_remarks(struct json_object *organization, struct known_list *list)
{
	struct json_object *nodes, *remarks;

	if (!json_object_object_get_ex(organization, "nodes", &nodes) ||
	    !json_object_is_type(nodes, json_type_array))
		return;
	for (size_t i = 0; i < json_object_array_length(nodes); i++) {
		struct json_object *node = json_object_array_get_idx(nodes, i);

		if (!json_object_object_get_ex(node, "remarks", &remarks) ||
		    !json_object_is_type(remarks, json_type_object))
			continue;
		*ARRAY_APPEND(list->items, list->count) = (struct known_remarks) {
			text_of(organization, "organization"),
			text_of(node, "common_name"),
			remarks,
		};
	}
}

static void collect_nodes(const struct registry *registry, const struct known_list *list,
			  struct export *ret)
{
	for (size_t i = 0; i < registry->nodes_count; i++) {
		const struct registry_node *node = &registry->nodes[i];
		const struct known_remarks wanted = { node->id.organization, node->id.common_name,
						      NULL };
		const struct known_remarks *found = NULL;

		if (list->count)
			found = bsearch(&wanted, list->items, list->count, sizeof(wanted),
					compare_known);
		*ARRAY_APPEND(ret->nodes, ret->count) = (struct export_node) {
			node,
			found ? found->remarks : NULL,
		};
	}
}

struct json_object *export_prefixes(const struct registry_node *node)
{
	return prefixes_to_json(node->prefixes + 1, node->prefixes_count - 1);
}

static void write_format(struct export *export, enum export_format format, struct strbuf *ret)
{
	switch (format) {
	case EXPORT_ARONET:
	case EXPORT_RANET:
		export_array(export, format, ret);
		break;
	case EXPORT_RAIT:
		export_hcl(export, ret);
		break;
	case EXPORT_RAIT_TOML:
		export_toml(export, ret);
		break;
	}
}

int exchange_export(const struct registry *registry, struct json_object *const *organizations,
		    size_t organizations_count, enum export_format format, struct report *report,
		    struct strbuf *ret, struct error *error)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	struct export export = { .report = report };
	struct known_list list = { 0 };

	for (size_t i = 0; i < organizations_count; i++)
		collect_remarks(organizations[i], &list);
	if (list.count)
		qsort(list.items, list.count, sizeof(list.items[0]), compare_known);
	collect_nodes(registry, &list, &export);
	write_format(&export, format, &text);
	free(list.items);
	free(export.nodes);
	if (!export.carried)
		return error_set(error, -EINVAL, ERROR_OMITTED, NULL,
				 "no node of this registry can be told in that format");
	strbuf_append(ret, strbuf_text(&text), text.length);
	return 0;
}
