/* PostgreSQL: columns, in CREATE TABLE and of tables that stay. Of a table that stays, everything about its
 * columns is written together, in one order: what stands in the way goes, types change, columns come, and
 * then what is set on them. Pure. */
#include "schema/postgres/objects_internal.h"

#include <string.h>

/* ---- Clauses ---- */

static void append_clause(GString *text, const char *word, const SchemaObject *column, const char *attribute)
{
    const char *value = schema_object_get(column, attribute);
    if (value)
        g_string_append_printf(text, " %s %s", word, value);
}

static void append_value_clause(GString *text, const SchemaObject *column)
{
    const char *generated = schema_object_get(column, "generated");
    const char *identity = schema_object_get(column, "identity");
    g_autofree char *options = pg_sequence_options(column);
    append_clause(text, "DEFAULT", column, "default");
    if (generated)
        g_string_append_printf(
            text, generated[0] == '(' ? " GENERATED ALWAYS AS %s %s" : " GENERATED ALWAYS AS (%s) %s",
            generated, schema_object_get(column, "virtual") ? "VIRTUAL" : "STORED");
    if (identity)
        g_string_append_printf(text,
                               *options ? " GENERATED %s AS IDENTITY (%s)" : " GENERATED %s AS IDENTITY",
                               identity, *options ? options + 1 : "");
}

char *pg_column_clause(const SchemaObject *column)
{
    g_autoptr(GString) text = g_string_new(column->name);
    g_string_append_printf(text, " %s", pg_attribute(column, "type"));
    append_clause(text, "COMPRESSION", column, "compression");
    g_autofree char *options = pg_foreign_column_options(column);
    g_string_append(text, options);
    append_clause(text, "COLLATE", column, "collation");
    append_value_clause(text, column);
    if (schema_object_get(column, "notnull"))
        g_string_append(text, " NOT NULL");
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* ---- Settings ---- */

/* What is set by a statement of its own; `unset` is what puts it back, NULL: the server's own name for it is
 * needed. */
static const struct {
    const char *attribute;
    const char *set;
    const char *unset;
} settings[] = {
    {"storage", "SET STORAGE %s", NULL},
    {"statistics", "SET STATISTICS %s", "SET STATISTICS -1"},
    {"options", "SET (%s)", "RESET (n_distinct, n_distinct_inherited)"},
};

static const char *default_storage(const SchemaObject *column)
{
    static const char *const plain[] = {"smallint", "integer", "bigint", "boolean",
                                        "date",     "real",    "uuid",   NULL};
    static const char *const main_storage[] = {"numeric", "inet", "cidr", NULL};
    const char *type = pg_attribute(column, "type");
    if (g_strv_contains(plain, type))
        return "PLAIN";
    return g_str_has_prefix(type, main_storage[0]) || g_strv_contains(main_storage, type) ? "MAIN"
                                                                                          : "EXTENDED";
}

static void write_setting(PgWriting *self, const SchemaObject *column, gsize setting, const char *value)
{
    g_autoptr(GString) change = g_string_new(value ? settings[setting].set : settings[setting].unset);
    if (!value && !settings[setting].unset)
        g_string_printf(change, "SET STORAGE %s", default_storage(column));
    g_string_replace(change, "%s", value ? value : "", 0);
    pg_alter_parent(self, column, "ALTER COLUMN %s %s", column->name, change->str);
}

void pg_write_column_settings(PgWriting *self, const SchemaObject *column)
{
    for (gsize i = 0; i < G_N_ELEMENTS(settings); i++) {
        const char *value = schema_object_get(column, settings[i].attribute);
        if (value)
            write_setting(self, column, i, value);
    }
}

/* ---- One column ---- */

/* A column of a table that stays. */
typedef struct ColumnWork {
    const SchemaObject *before; /* NULL: it is added */
    const SchemaObject *after;
    bool is_inherited; /* the table above it does what is passed down */
    bool is_again;     /* it is dropped and added */
    bool has_type;     /* its type changes, or is another of the same name */
    bool is_detached;  /* its default is gone already */
} ColumnWork;

static bool differs(const ColumnWork *work, const char *attribute)
{
    return work->before && g_strcmp0(schema_object_get(work->before, attribute),
                                     schema_object_get(work->after, attribute)) != 0;
}

static ChangeStatement *alter_column(PgWriting *self, const ColumnWork *work, const char *change)
{
    return pg_alter_parent(self, work->after, "ALTER COLUMN %s %s", work->after->name, change);
}

static void drop_again(PgWriting *self, const ColumnWork *work)
{
    if (!work->is_again || work->is_inherited)
        return;
    ChangeStatement *statement = pg_alter_parent(self, work->before, "DROP COLUMN %s", work->before->name);
    if (!schema_object_get(work->before, "generated"))
        pg_mark_loss(statement, work->before);
}

/* A default that the new type may not take goes before, and comes again behind. */
static void drop_default(PgWriting *self, ColumnWork *work)
{
    const char *old = work->before ? schema_object_get(work->before, "default") : NULL;
    if (!old || work->is_again || work->is_detached || !work->has_type)
        return;
    if (!differs(work, "default") && !(pg_fate(self, work->before) == PG_DISTURBED && !differs(work, "type")))
        return;
    alter_column(self, work, "DROP DEFAULT");
    work->is_detached = true;
}

static void drop_made_values(PgWriting *self, ColumnWork *work)
{
    if (!work->before || work->is_again || work->is_inherited)
        return;
    if (schema_object_get(work->before, "generated") && !schema_object_get(work->after, "generated"))
        alter_column(self, work, "DROP EXPRESSION");
    if (schema_object_get(work->before, "identity") && !schema_object_get(work->after, "identity") &&
        !pg_loses_identity_early(self, work->before))
        alter_column(self, work, "DROP IDENTITY");
}

/* ---- Types ---- */

static char *conversion(PgWriting *self, const ColumnWork *work)
{
    const char *hint = schema_hints_using(self->diff->hints, work->after->key);
    const char *before = pg_attribute(work->before, "type");
    const char *after = pg_attribute(work->after, "type");
    const char *name = work->after->name;
    if (hint)
        return g_strdup(hint);
    char *replaced = pg_type_conversion(self, work->before, work->after);
    if (replaced)
        return replaced;
    return g_str_equal(before, after) ? g_strdup_printf("%s::text::%s", name, after)
                                      : pg_cast_value(self, name, before, after);
}

static void refuse_type(PgWriting *self, const ColumnWork *work)
{
    const char *name = pg_name(work->after->key);
    change_script_refuse(
        self->script,
        "column %s: %s cannot be cast to %s; say how its values become those of the new type: "
        "-- dbfleet:using %s = EXPRESSION",
        name, pg_attribute(work->before, "type"), pg_attribute(work->after, "type"), name);
}

static void refuse_key(PgWriting *self, const ColumnWork *work)
{
    change_script_refuse(
        self->script,
        "column %s: its type changes, or what its type is made of, and no ALTER TABLE does that to "
        "a column by which a table is partitioned; write a revision by hand that makes a new table "
        "and copies the rows",
        pg_name(work->after->key));
}

static void change_type(PgWriting *self, const ColumnWork *work)
{
    if (!work->has_type || work->is_again || work->is_inherited)
        return;
    const char *before = pg_attribute(work->before, "type");
    const char *after = pg_attribute(work->after, "type");
    if (pg_is_partition_key(self, work->before)) {
        refuse_key(self, work);
        return;
    }
    g_autofree char *using = conversion(self, work);
    g_autoptr(GString) change = g_string_new(NULL);
    if (!using && pg_cast(self, before, after) == PG_CAST_NONE) {
        refuse_type(self, work);
        return;
    }
    g_string_printf(change, "TYPE %s", after);
    append_clause(change, "COLLATE", work->after, "collation");
    if (using)
        g_string_append_printf(change, " USING %s", using);
    ChangeStatement *statement = alter_column(self, work, change->str);
    if (differs(work, "type") && pg_cast_loses(self, before, after))
        pg_mark_loss(statement, work->after);
}

/* ---- Adding ---- */

static bool fills_itself(const SchemaObject *column)
{
    return schema_object_get(column, "default") || schema_object_get(column, "generated") ||
           schema_object_get(column, "identity");
}

/* The rows that are there get their values before none of them may be NULL. */
static void add_filled(PgWriting *self, const ColumnWork *work, const char *clause, const char *expression)
{
    g_autofree char *nullable = g_strndup(clause, strlen(clause) - strlen(" NOT NULL"));
    pg_alter_parent(self, work->after, "ADD COLUMN %s", nullable);
    change_script_add(self->script, "UPDATE %s SET %s = %s", pg_name(work->after->parent), work->after->name,
                      expression);
    alter_column(self, work, "SET NOT NULL");
}

static void add_with_placeholder(PgWriting *self, const ColumnWork *work, const char *clause,
                                 const char *value)
{
    ChangeStatement *statement =
        pg_alter_parent(self, work->after, "ADD COLUMN %s DEFAULT %s", clause, value);
    statement->comment = g_strdup_printf("what was in it is gone: rows get %s", value);
    alter_column(self, work, "DROP DEFAULT");
}

static void add_column(PgWriting *self, const ColumnWork *work)
{
    if ((work->before && !work->is_again) || work->is_inherited)
        return;
    g_autofree char *clause = pg_column_clause(work->after);
    bool needs_value = schema_object_get(work->after, "notnull") && !fills_itself(work->after);
    const char *hint = schema_hints_using(self->diff->hints, work->after->key);
    g_autofree char *value = pg_placeholder(self, pg_attribute(work->after, "type"));
    if (needs_value && hint)
        add_filled(self, work, clause, hint);
    else if (needs_value && value && self->diff->hints && self->diff->hints->is_way_back)
        add_with_placeholder(self, work, clause, value);
    else
        pg_alter_parent(self, work->after, "ADD COLUMN %s", clause);
    pg_write_column_settings(self, work->after);
}

/* ---- What is set ---- */

static void set_default(PgWriting *self, const ColumnWork *work)
{
    const char *value = schema_object_get(work->after, "default");
    if (!work->before || work->is_again || (!work->is_detached && !differs(work, "default")))
        return;
    if (!value && work->is_detached)
        return;
    g_autofree char *change = value ? g_strdup_printf("SET DEFAULT %s", value) : g_strdup("DROP DEFAULT");
    if (value || !schema_object_get(work->before, "generated"))
        alter_column(self, work, change);
}

/* A primary key that comes makes its columns NOT NULL. */
static bool gets_primary_key(const PgWriting *self, const SchemaObject *column)
{
    g_autoptr(GPtrArray) constraints =
        schema_model_parts(self->diff->after, column->parent, SCHEMA_CONSTRAINT);
    for (guint i = 0; i < constraints->len; i++) {
        const SchemaObject *constraint = constraints->pdata[i];
        if (g_str_equal(pg_attribute(constraint, "type"), "primary key") && pg_comes(self, constraint))
            return pg_depends_on(self, constraint, column);
    }
    return false;
}

static void set_not_null(PgWriting *self, const ColumnWork *work)
{
    if (!work->before || work->is_again || work->is_inherited || !differs(work, "notnull"))
        return;
    const char *hint = schema_hints_using(self->diff->hints, work->after->key);
    if (!schema_object_get(work->after, "notnull")) {
        alter_column(self, work, "DROP NOT NULL");
        return;
    }
    if (hint && !work->has_type)
        change_script_add(self->script, "UPDATE %s SET %s = %s WHERE %s IS NULL",
                          pg_name(work->after->parent), work->after->name, hint, work->after->name);
    if (!gets_primary_key(self, work->after))
        alter_column(self, work, "SET NOT NULL");
}

static void add_identity(PgWriting *self, const ColumnWork *work)
{
    g_autofree char *options = pg_sequence_options(work->after);
    g_autofree char *change =
        g_strdup_printf(*options ? "ADD GENERATED %s AS IDENTITY (%s)" : "ADD GENERATED %s AS IDENTITY",
                        pg_attribute(work->after, "identity"), *options ? options + 1 : "");
    alter_column(self, work, change);
    g_autofree char *table = sql_quote_literal(DIALECT_POSTGRES, pg_name(work->after->parent));
    g_autofree char *name = pg_unquoted(work->after->name);
    g_autofree char *column = sql_quote_literal(DIALECT_POSTGRES, name);
    const char *function = *pg_attribute(work->after, "increment") == '-' ? "min" : "max";
    ChangeStatement *statement =
        change_script_add(self->script, "SELECT setval(pg_get_serial_sequence(%s, %s), %s(%s)) FROM %s",
                          table, column, function, work->after->name, pg_name(work->after->parent));
    statement->comment = g_strdup("goes on behind the values that are there");
}

static void set_identity(PgWriting *self, const ColumnWork *work)
{
    const char *identity = schema_object_get(work->after, "identity");
    if (!work->before || !identity || work->is_again || work->is_inherited)
        return;
    if (!schema_object_get(work->before, "identity")) {
        add_identity(self, work);
        return;
    }
    g_autofree char *changes = pg_sequence_changes(work->before, work->after, "SET ");
    g_autofree char *kind =
        differs(work, "identity") ? g_strdup_printf(" SET GENERATED %s", identity) : g_strdup("");
    g_autofree char *whole = g_strconcat(kind, changes, NULL);
    if (*changes)
        pg_write_sequence_bounds(self, work->before, work->after, pg_attribute(work->before, "~sequence"));
    if (*whole)
        alter_column(self, work, whole + 1);
}

static void set_settings(PgWriting *self, const ColumnWork *work)
{
    if (!work->before || work->is_again)
        return;
    for (gsize i = 0; i < G_N_ELEMENTS(settings); i++)
        if (differs(work, settings[i].attribute))
            write_setting(self, work->after, i, schema_object_get(work->after, settings[i].attribute));
    const char *compression = schema_object_get(work->after, "compression");
    g_autofree char *change = g_strdup_printf("SET COMPRESSION %s", compression ? compression : "DEFAULT");
    if (differs(work, "compression"))
        alter_column(self, work, change);
    if (differs(work, "server_options")) {
        g_autofree char *changes = pg_foreign_option_changes(pg_attribute(work->before, "server_options"),
                                                             pg_attribute(work->after, "server_options"));
        g_autofree char *options = g_strdup_printf("OPTIONS (%s)", changes);
        alter_column(self, work, options);
    }
}

void pg_alter_column_settings(PgWriting *self, const SchemaObject *before, const SchemaObject *after)
{
    const ColumnWork work = {.before = before, .after = after};
    set_settings(self, &work);
}

/* ---- A table ---- */

typedef void (*ColumnStep)(PgWriting *self, ColumnWork *work);
typedef void (*ConstColumnStep)(PgWriting *self, const ColumnWork *work);

static void each(PgWriting *self, const GArray *works, ConstColumnStep step)
{
    for (guint i = 0; i < works->len; i++)
        step(self, &g_array_index(works, ColumnWork, i));
}

static void each_noted(PgWriting *self, GArray *works, ColumnStep step)
{
    for (guint i = 0; i < works->len; i++)
        step(self, &g_array_index(works, ColumnWork, i));
}

/* Columns of a table of a type are changed with the type. */
static bool is_of_type(const PgWriting *self, const SchemaObject *column)
{
    const SchemaObject *table = schema_model_find(self->diff->after, SCHEMA_TABLE, column->parent);
    return table && schema_object_get(table, "of_type");
}

static bool has_other_type(const PgWriting *self, const SchemaObject *before, const SchemaObject *after)
{
    return !pg_is_same_type(self, pg_attribute(before, "type"), pg_attribute(after, "type")) ||
           !g_str_equal(pg_attribute(before, "collation"), pg_attribute(after, "collation"));
}

static ColumnWork column_work(const PgWriting *self, const SchemaObject *after)
{
    const SchemaObject *before = pg_before(self, after);
    PgFate fate = before ? pg_fate(self, before) : PG_STAYS;
    ColumnWork work = {.before = before, .after = after};
    work.is_inherited = pg_is_passed_down(self, after) || is_of_type(self, after);
    work.is_again = fate == PG_REPLACED;
    g_autofree char *conversion = fate == PG_DISTURBED ? pg_type_conversion(self, before, after) : NULL;
    work.has_type = before && (has_other_type(self, before, after) || conversion);
    work.is_detached = fate == PG_DETACHED || (fate == PG_DISTURBED && !work.has_type);
    return work;
}

static void write_table(PgWriting *self, const SchemaObject *table)
{
    g_autoptr(GPtrArray) columns = schema_model_parts(self->diff->after, table->key, SCHEMA_COLUMN);
    g_autoptr(GArray) works = g_array_new(FALSE, FALSE, sizeof(ColumnWork));
    for (guint i = 0; i < columns->len; i++) {
        ColumnWork work = column_work(self, columns->pdata[i]);
        if (!work.before || schema_diff_of(self->diff, work.after) || pg_fate(self, work.before) != PG_STAYS)
            g_array_append_val(works, work);
    }
    each(self, works, drop_again);
    each_noted(self, works, drop_default);
    each_noted(self, works, drop_made_values);
    each(self, works, change_type);
    each(self, works, add_column);
    each(self, works, set_default);
    each(self, works, set_not_null);
    each(self, works, set_identity);
    each(self, works, set_settings);
}

static GPtrArray *tables_in_order(const PgWriting *self)
{
    g_autoptr(GPtrArray) tables = g_ptr_array_new();
    const GPtrArray *objects = schema_model_objects(self->diff->after);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *object = objects->pdata[i];
        if (object->kind == SCHEMA_TABLE && !pg_comes(self, object))
            g_ptr_array_add(tables, (gpointer)object);
    }
    return schema_model_in_order(self->diff->after, tables);
}

void pg_write_columns(PgWriting *self)
{
    g_autoptr(GPtrArray) tables = tables_in_order(self);
    for (guint i = 0; i < tables->len; i++)
        write_table(self, tables->pdata[i]);
}

void pg_detach_columns(PgWriting *self)
{
    const GPtrArray *objects = schema_model_objects(self->diff->before);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *object = objects->pdata[i];
        if (object->kind == SCHEMA_COLUMN && pg_fate(self, object) == PG_DETACHED && !pg_goes(self, object) &&
            schema_object_get(object, "default"))
            pg_alter_parent(self, object, "ALTER COLUMN %s DROP DEFAULT", object->name);
    }
}

/* ---- The kind ---- */

/* An expression cannot be changed before PostgreSQL 17, and a column that held values cannot begin to make
 * them. */
static PgFate column_fate(const PgWriting *self, const SchemaChange *change)
{
    const AttributeChange *generated = schema_change_attribute(change, "generated");
    if ((generated && generated->after) || schema_change_attribute(change, "virtual"))
        return PG_REPLACED;
    if (schema_object_get(change->before, "generated") && schema_change_attribute(change, "type"))
        return PG_REPLACED;
    return has_other_type(self, change->before, change->after) ? PG_DISTURBED : PG_STAYS;
}

static void column_drop(PgWriting *self, const SchemaObject *column)
{
    if (pg_is_passed_down(self, column) || is_of_type(self, column) || pg_after(self, column))
        return;
    ChangeStatement *statement = pg_alter_parent(self, column, "DROP COLUMN %s", column->name);
    if (!schema_object_get(column, "generated"))
        pg_mark_loss(statement, column);
}

const PgKind pg_columns = {.fate = column_fate, .drop = column_drop};
