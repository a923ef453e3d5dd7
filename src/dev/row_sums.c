/* Row sums: values of a column are sorted and hashed, so that the order of rows has no meaning. */
#include "dev/row_sums.h"

#include <string.h>

typedef struct TableSum {
    gint64 rows;         /* -1: unreadable */
    GHashTable *columns; /* name -> digest */
} TableSum;

struct RowSums {
    GHashTable *tables; /* key -> TableSum * */
    unsigned total;
};

static void table_sum_free(gpointer data)
{
    TableSum *self = data;
    g_hash_table_unref(self->columns);
    g_free(self);
}

void row_sums_free(RowSums *self)
{
    if (!self)
        return;
    g_hash_table_unref(self->tables);
    g_free(self);
}

unsigned row_sums_total(const RowSums *self)
{
    return self->total;
}

/* ---- Reading ---- */

static gint by_value(gconstpointer a, gconstpointer b)
{
    return g_strcmp0(*(const char *const *)a, *(const char *const *)b);
}

/* NULL and the empty text differ, and so do "a", "b" and "ab", "". */
static char *column_digest(const RowSet *rows, unsigned column)
{
    g_autoptr(GPtrArray) values = g_ptr_array_new();
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    for (guint i = 0; i < rows->rows->len; i++)
        g_ptr_array_add(values, ((char **)rows->rows->pdata[i])[column]);
    g_ptr_array_sort(values, by_value);
    for (guint i = 0; i < values->len; i++) {
        const char *value = values->pdata[i];
        g_checksum_update(sum, (const guchar *)(value ? "+" : "-"), 1);
        g_checksum_update(sum, (const guchar *)(value ? value : ""), value ? strlen(value) + 1 : 0);
    }
    return g_strdup(g_checksum_get_string(sum));
}

/* The key without the sign that stands for the session's own schema. */
static const char *table_reference(const char *key)
{
    return g_str_has_prefix(key, "@.") ? key + 2 : key;
}

/* Rows of children are counted there, those of partitions in both. */
static char *table_query(const GPtrArray *columns, const SchemaObject *table, Dialect dialect)
{
    GString *sql = g_string_new("SELECT ");
    bool only = dialect == DIALECT_POSTGRES && !schema_object_get(table, "partition_key");
    for (guint i = 0; i < columns->len; i++)
        g_string_append_printf(sql, "%s%s", i ? ", " : "", ((const SchemaObject *)columns->pdata[i])->name);
    g_string_append_printf(sql, "%s FROM %s%s", columns->len ? "" : "1", only ? "ONLY " : "",
                           table_reference(table->key));
    return g_string_free(sql, FALSE);
}

static TableSum *read_table(Connection *connection, const SchemaModel *model, const SchemaObject *table,
                            GError **error)
{
    g_autoptr(GPtrArray) columns = schema_model_parts(model, table->key, SCHEMA_COLUMN);
    g_autofree char *sql = table_query(columns, table, schema_model_dialect(model));
    g_autoptr(GError) problem = NULL;
    g_autoptr(RowSet) rows = connection_query(connection, sql, &problem);
    if (g_error_matches(problem, DB_ERROR, DB_ERROR_CONNECTION_LOST)) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return NULL;
    }
    TableSum *sum = g_new0(TableSum, 1);
    sum->rows = rows ? (gint64)rows->rows->len : -1;
    sum->columns = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (guint i = 0; rows && i < columns->len; i++)
        g_hash_table_insert(sum->columns, g_strdup(((const SchemaObject *)columns->pdata[i])->name),
                            column_digest(rows, i));
    return sum;
}

RowSums *row_sums_read(Connection *connection, const SchemaModel *model, GError **error)
{
    g_autoptr(RowSums) self = g_new0(RowSums, 1);
    const GPtrArray *objects = schema_model_objects(model);
    self->tables = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, table_sum_free);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *table = objects->pdata[i];
        if (table->kind != SCHEMA_TABLE)
            continue;
        TableSum *sum = read_table(connection, model, table, error);
        if (!sum)
            return NULL;
        self->total += sum->rows > 0 ? sum->rows : 0;
        g_hash_table_insert(self->tables, g_strdup(table->key), sum);
    }
    return g_steal_pointer(&self);
}

/* ---- Comparing ---- */

/* "shop.orders" -> "shop.old": the last part replaced. Caller frees. */
static char *key_named(const char *key, const char *name, const char *before)
{
    gsize head = g_str_has_suffix(key, name) ? strlen(key) - strlen(name) : 0;
    return g_strdup_printf("%.*s%s", (int)head, key, before);
}

static const SchemaObject *table_before(const RowComparison *self, const SchemaObject *after)
{
    const char *name = schema_hints_before(self->hints, SCHEMA_TABLE, NULL, after->key);
    g_autofree char *key = name ? key_named(after->key, after->name, name) : NULL;
    const SchemaObject *renamed = key ? schema_model_find(self->before, SCHEMA_TABLE, key) : NULL;
    return renamed ? renamed : schema_model_find(self->before, SCHEMA_TABLE, after->key);
}

static const SchemaObject *column_before(const RowComparison *self, const SchemaObject *table,
                                         const SchemaObject *after)
{
    const char *name = schema_hints_before(self->hints, SCHEMA_COLUMN, after->parent, after->name);
    g_autofree char *key = g_strdup_printf("%s.%s", table->key, name ? name : after->name);
    g_autofree char *same = g_strdup_printf("%s.%s", table->key, after->name);
    const SchemaObject *renamed = schema_model_find(self->before, SCHEMA_COLUMN, key);
    return renamed ? renamed : schema_model_find(self->before, SCHEMA_COLUMN, same);
}

/* The values of columns that changed in any way may be others. */
static bool are_alike(const SchemaObject *before, const SchemaObject *after)
{
    guint compared[2] = {0, 0};
    const SchemaObject *const both[2] = {before, after};
    for (guint side = 0; side < 2; side++)
        for (guint i = 0; i < both[side]->attributes->len; i++) {
            const SchemaAttribute *attribute = &g_array_index(both[side]->attributes, SchemaAttribute, i);
            if (schema_attribute_informs(attribute->name))
                continue;
            compared[side]++;
            if (g_strcmp0(schema_object_get(both[!side], attribute->name), attribute->value) != 0)
                return false;
        }
    return compared[0] == compared[1];
}

/* True if they are the same, or the key is longer by a schema in front. */
static bool names_key(const char *written, const char *key)
{
    gsize longer = strlen(key) >= strlen(written) ? strlen(key) - strlen(written) : 0;
    return g_str_equal(key + longer, written) && (longer == 0 || key[longer - 1] == '.');
}

/* "column t.b", "table t", "table t: rows of partition p": of a column by its name, of a table by anything
 * but a column.
 */
static bool speaks_of(const char *loss, const SchemaObject *object)
{
    g_auto(GStrv) words = g_strsplit_set(loss, " :", -1);
    bool of_column = g_str_has_prefix(loss, "column ");
    if (of_column != (object->kind == SCHEMA_COLUMN))
        return false;
    for (char **word = words; *word; word++)
        if (names_key(*word, object->key))
            return true;
    return names_key(loss + strcspn(loss, " ") + (strchr(loss, ' ') != NULL), object->key);
}

static bool is_lost(const RowComparison *self, const SchemaObject *object)
{
    for (guint i = 0; self->losses && i < self->losses->len; i++) {
        g_auto(GStrv) parts = g_strsplit(self->losses->pdata[i], ", ", -1);
        for (char **part = parts; *part; part++)
            if (speaks_of(*part, object))
                return true;
    }
    return false;
}

/* Whether a composite type that the column is of has other fields now. */
static bool has_other_fields(const RowComparison *self, const SchemaObject *column)
{
    const GArray *dependencies = schema_model_dependencies(self->after);
    for (guint i = 0; i < dependencies->len; i++) {
        const SchemaDependency *found = &g_array_index(dependencies, SchemaDependency, i);
        if (found->from != column || found->on->kind != SCHEMA_COMPOSITE)
            continue;
        const SchemaObject *before = schema_model_find(self->before, SCHEMA_COMPOSITE, found->on->key);
        if (before && !are_alike(before, found->on))
            return true;
    }
    return false;
}

static void compare_columns(const RowComparison *self, const TableSum *before, const TableSum *after,
                            const SchemaObject *const tables[2], GPtrArray *lines)
{
    g_autoptr(GPtrArray) columns = schema_model_parts(self->after, tables[1]->key, SCHEMA_COLUMN);
    for (guint i = 0; i < columns->len; i++) {
        const SchemaObject *column = columns->pdata[i];
        const SchemaObject *old = column_before(self, tables[0], column);
        if (!old || !are_alike(old, column) || has_other_fields(self, column) || is_lost(self, old) ||
            is_lost(self, column))
            continue;
        if (g_strcmp0(g_hash_table_lookup(before->columns, old->name),
                      g_hash_table_lookup(after->columns, column->name)) != 0)
            g_ptr_array_add(lines,
                            g_strdup_printf("column %s: its values are others than before", column->key));
    }
}

static void compare_tables(const RowComparison *self, const RowSums *sums[2], const SchemaObject *after,
                           GPtrArray *lines)
{
    const SchemaObject *before = table_before(self, after);
    const TableSum *old = before ? g_hash_table_lookup(sums[0]->tables, before->key) : NULL;
    const TableSum *new = g_hash_table_lookup(sums[1]->tables, after->key);
    const SchemaObject *const tables[2] = {before, after};
    bool both_partitioned =
        before && schema_object_get(before, "partition_key") && schema_object_get(after, "partition_key");
    if (!old || !new || both_partitioned || is_lost(self, before) || is_lost(self, after))
        return;
    if (old->rows != new->rows)
        g_ptr_array_add(lines, g_strdup_printf("table %s: %" G_GINT64_FORMAT " rows before, %" G_GINT64_FORMAT
                                               " behind it",
                                               after->key, old->rows, new->rows));
    else
        compare_columns(self, old, new, tables, lines);
}

GPtrArray *row_sums_difference(const RowSums *before, const RowSums *after, const RowComparison *comparison)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    const GPtrArray *objects = schema_model_objects(comparison->after);
    const RowSums *sums[2] = {before, after};
    for (guint i = 0; i < objects->len; i++)
        if (((const SchemaObject *)objects->pdata[i])->kind == SCHEMA_TABLE)
            compare_tables(comparison, sums, objects->pdata[i], lines);
    return lines;
}
