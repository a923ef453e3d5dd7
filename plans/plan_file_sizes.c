/* Plan file, sizes: one line a table, what was estimated when the plan was made. */
#include "plans/plan_file_internal.h"

#include "base/yaml_out.h"

/* ---- Writing ---- */

static void add_number(GString *out, const char *key, gint64 value)
{
    g_string_append_printf(out, ", %s: %" G_GINT64_FORMAT, key, value);
}

static void add_flag(GString *out, const char *key, bool value)
{
    if (value)
        g_string_append_printf(out, ", %s: true", key);
}

static void add_size(GString *out, const TableSize *size)
{
    g_string_append(out, "  - {table: ");
    yaml_out_text(out, size->table);
    add_number(out, "targets", size->targets);
    if (size->unasked)
        add_number(out, "unasked", size->unasked);
    add_number(out, "rows", size->rows);
    add_number(out, "rows_max", size->rows_max);
    if (size->bytes >= 0) {
        add_number(out, "bytes", size->bytes);
        add_number(out, "bytes_max", size->bytes_max);
    }
    add_flag(out, "estimated", size->estimated);
    add_flag(out, "at_least", size->at_least);
    g_string_append(out, ", largest: [");
    for (guint i = 0; i < size->largest->len; i++) {
        const TableSizeAt *at = size->largest->pdata[i];
        g_string_append(out, i ? ", {target: " : "{target: ");
        yaml_out_text(out, at->target);
        add_number(out, "rows", at->rows);
        if (at->bytes >= 0)
            add_number(out, "bytes", at->bytes);
        g_string_append_c(out, '}');
    }
    g_string_append(out, "]}\n");
}

void plan_file_sizes_write(const GPtrArray *sizes, GString *out)
{
    if (!sizes)
        return;
    g_string_append_printf(out, "sizes:%s\n", sizes->len ? "" : " []");
    for (guint i = 0; i < sizes->len; i++)
        add_size(out, sizes->pdata[i]);
}

/* ---- Reading ---- */

/* What is not there is `fallback`. */
static gint64 read_number(const YamlNode *mapping, const char *key, gint64 fallback, Diagnostics *problems)
{
    const YamlNode *node = yaml_get(mapping, key);
    const char *text = NULL;
    guint64 value = 0;
    if (!node || !yaml_as_text(node, key, &text, problems))
        return fallback;
    if (g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, &value, NULL))
        return (gint64)value;
    diagnostics_error(problems, yaml_place(node), "\"%s\" must be a number", key);
    return fallback;
}

static bool read_flag(const YamlNode *mapping, const char *key, Diagnostics *problems)
{
    bool value = false;
    if (yaml_get(mapping, key))
        yaml_as_bool(yaml_get(mapping, key), key, &value, problems);
    return value;
}

static const char *read_name(const YamlNode *mapping, const char *key, Diagnostics *problems)
{
    const char *text = NULL;
    if (!yaml_get(mapping, key))
        diagnostics_error(problems, yaml_place(mapping), "\"%s\" is missing", key);
    else
        yaml_as_text(yaml_get(mapping, key), key, &text, problems);
    return text ? text : "";
}

static void read_at(TableSize *size, const YamlNode *node, Diagnostics *problems)
{
    static const char *const keys[] = {"target", "rows", "bytes", NULL};
    if (yaml_kind(node) != YAML_MAPPING || !yaml_check_keys(node, "size", keys, problems))
        return;
    table_size_add(size, read_name(node, "target", problems), read_number(node, "rows", 0, problems),
                   read_number(node, "bytes", -1, problems));
}

static void read_size(GPtrArray *sizes, const YamlNode *node, Diagnostics *problems)
{
    static const char *const keys[] = {"table",     "targets",   "unasked",  "rows",    "rows_max", "bytes",
                                       "bytes_max", "estimated", "at_least", "largest", NULL};
    if (yaml_kind(node) != YAML_MAPPING || !yaml_check_keys(node, "size", keys, problems))
        return;
    TableSize *size = table_size_new(read_name(node, "table", problems));
    const YamlNode *largest = yaml_get(node, "largest");
    g_ptr_array_add(sizes, size);
    for (unsigned i = 0; largest && i < yaml_length(largest); i++)
        read_at(size, yaml_at(largest, i), problems);
    size->targets = (unsigned)read_number(node, "targets", 0, problems);
    size->unasked = (unsigned)read_number(node, "unasked", 0, problems);
    size->rows = read_number(node, "rows", 0, problems);
    size->rows_max = read_number(node, "rows_max", 0, problems);
    size->bytes = read_number(node, "bytes", -1, problems);
    size->bytes_max = read_number(node, "bytes_max", -1, problems);
    size->estimated = read_flag(node, "estimated", problems);
    size->at_least = read_flag(node, "at_least", problems);
}

GPtrArray *plan_file_sizes_read(const YamlNode *list, Diagnostics *problems)
{
    if (!list)
        return NULL;
    GPtrArray *sizes = table_sizes_new();
    if (yaml_kind(list) != YAML_SEQUENCE)
        diagnostics_error(problems, yaml_place(list), "\"sizes\" must be a list");
    for (unsigned i = 0; yaml_kind(list) == YAML_SEQUENCE && i < yaml_length(list); i++)
        read_size(sizes, yaml_at(list, i), problems);
    return sizes;
}
