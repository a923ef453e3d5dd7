/* A table made anew with its rows, as https://www.sqlite.org/lang_altertable.html#otheralter has it: a new
 * one, the rows, the old one away, the new one by its name, its indexes. Foreign keys are not enforced
 * meanwhile; whoever runs the section sees to that and checks them before it commits. Pure. */
#include "schema/sqlite/sqlite_schema_internal.h"

#include <string.h>

typedef struct Rebuild {
    LiteWriter *writer;
    const SchemaObject *before;
    const SchemaObject *after;
    char *new_name;     /* ready for a statement */
    GPtrArray *targets; /* of char *: columns that are filled … */
    GPtrArray *sources; /* … from these */
    GPtrArray *losses;  /* of char * */
} Rebuild;

static ChangeStatement *add_statement(Rebuild *self, char *sql)
{
    ChangeStatement *statement = change_script_take(self->writer->script, sql);
    statement->rebuild = true;
    return statement;
}

/* ---- Name ---- */

static bool name_is_taken(const SchemaDiff *diff, const char *key)
{
    static const SchemaKind kinds[] = {SCHEMA_TABLE, SCHEMA_VIEW, SCHEMA_INDEX};
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (schema_model_find(diff->before, kinds[i], key) || schema_model_find(diff->after, kinds[i], key))
            return true;
    return false;
}

static char *free_name(const SchemaDiff *diff, const SchemaObject *table)
{
    g_autofree char *plain = lite_unquoted(table->name);
    g_autofree char *name = g_strconcat("new_", plain, NULL);
    g_autofree char *key = lite_name(name);
    for (unsigned i = 2; name_is_taken(diff, key); i++) {
        g_free(name);
        g_free(key);
        name = g_strdup_printf("new%u_%s", i, plain);
        key = lite_name(name);
    }
    return g_steal_pointer(&key);
}

/* ---- What loses ---- */

typedef enum Affinity {
    AFFINITY_BLOB,
    AFFINITY_TEXT,
    AFFINITY_NUMERIC,
    AFFINITY_INTEGER,
    AFFINITY_REAL
} Affinity;

/* https://www.sqlite.org/datatype3.html#determination_of_column_affinity, in this order. */
static const struct {
    const char *part;
    Affinity affinity;
} affinity_rules[] = {
    {"int", AFFINITY_INTEGER}, {"char", AFFINITY_TEXT}, {"clob", AFFINITY_TEXT}, {"text", AFFINITY_TEXT},
    {"blob", AFFINITY_BLOB},   {"real", AFFINITY_REAL}, {"floa", AFFINITY_REAL}, {"doub", AFFINITY_REAL},
};

static Affinity affinity_of(const SchemaObject *table, const SchemaObject *column)
{
    const char *type = schema_object_get(column, "type");
    bool any = schema_object_get(table, "strict") && g_str_equal(type, "any");
    if (!*type || any)
        return AFFINITY_BLOB;
    for (gsize i = 0; i < G_N_ELEMENTS(affinity_rules); i++)
        if (strstr(type, affinity_rules[i].part))
            return affinity_rules[i].affinity;
    return AFFINITY_NUMERIC;
}

/* Values that a column held may be stored in another form now, from which the old one does not come back. */
static bool conversion_loses(Affinity from, Affinity to)
{
    bool numbers = from == AFFINITY_NUMERIC || from == AFFINITY_INTEGER || from == AFFINITY_REAL;
    if (from == to || to == AFFINITY_BLOB)
        return false;
    if (to == AFFINITY_TEXT)
        return from == AFFINITY_BLOB || from == AFFINITY_REAL;
    return !numbers || to == AFFINITY_REAL;
}

static void note_loss(Rebuild *self, const SchemaObject *column)
{
    g_ptr_array_add(self->losses, g_strdup_printf("column %s", column->key));
}

static void note_dropped_columns(Rebuild *self)
{
    const SchemaDiff *diff = self->writer->diff;
    g_autoptr(GPtrArray) columns = schema_model_parts(diff->before, self->before->key, SCHEMA_COLUMN);
    for (guint i = 0; i < columns->len; i++) {
        const SchemaObject *column = columns->pdata[i];
        const SchemaObject *new = schema_model_find(diff->after, SCHEMA_COLUMN, column->key);
        bool computed = schema_object_get(column, "generated") != NULL;
        if (!computed && (!new || schema_object_get(new, "generated")))
            note_loss(self, column);
    }
}

/* ---- What is copied ---- */

static void copy_column(Rebuild *self, const char *target, char *source)
{
    g_ptr_array_add(self->targets, g_strdup(target));
    g_ptr_array_add(self->sources, source);
}

static char *column_source(const Rebuild *self, const SchemaObject *old, const SchemaObject *new)
{
    const char *using = schema_hints_using(self->writer->diff->hints, new->key);
    const char *value = schema_object_get(new, "default");
    bool made_not_null = old && schema_object_get(new, "notnull") && !schema_object_get(old, "notnull");
    if (using)
        return g_strdup(using);
    if (!old)
        return NULL;
    if (made_not_null && value && g_ascii_strcasecmp(value, "null") != 0)
        return g_strdup_printf("coalesce(%s, %s)", old->name, value);
    return g_strdup(old->name);
}

static void copy_columns(Rebuild *self)
{
    const SchemaDiff *diff = self->writer->diff;
    g_autoptr(GPtrArray) columns = schema_model_parts(diff->after, self->after->key, SCHEMA_COLUMN);
    for (guint i = 0; i < columns->len; i++) {
        const SchemaObject *new = columns->pdata[i];
        const SchemaObject *old = schema_model_find(diff->before, SCHEMA_COLUMN, new->key);
        char *source = schema_object_get(new, "generated") ? NULL : column_source(self, old, new);
        if (source)
            copy_column(self, new->name, source);
        if (source && old && conversion_loses(affinity_of(self->before, old), affinity_of(self->after, new)))
            note_loss(self, old);
    }
}

/* ---- Row numbers ---- */

/* The constraint that is the table's primary key; NULL. */
static const char *primary_key(const SchemaModel *model, const SchemaObject *table)
{
    g_autoptr(GPtrArray) constraints = schema_model_parts(model, table->key, SCHEMA_CONSTRAINT);
    for (guint i = 0; i < constraints->len; i++) {
        const char *def = schema_object_get(constraints->pdata[i], "def");
        if (g_str_has_prefix(def, "primary key"))
            return def;
    }
    return NULL;
}

static bool has_autoincrement(const SchemaModel *model, const SchemaObject *table)
{
    const char *key = primary_key(model, table);
    return key && strstr(key, " autoincrement");
}

/* The column that is another name of the rowid; NULL. */
static const SchemaObject *rowid_column(const SchemaModel *model, const SchemaObject *table)
{
    const char *key = primary_key(model, table);
    g_autoptr(GPtrArray) columns = schema_model_parts(model, table->key, SCHEMA_COLUMN);
    for (guint i = 0; key && !strstr(key, "desc of its own") && i < columns->len; i++) {
        const SchemaObject *column = columns->pdata[i];
        g_autofree char *alone = g_strdup_printf("primary key (%s", column->key + strlen(table->key) + 1);
        const char *rest = g_str_has_prefix(key, alone) ? key + strlen(alone) : "-";
        if ((*rest == ')' || *rest == ' ') && g_str_equal(schema_object_get(column, "type"), "integer"))
            return column;
    }
    return NULL;
}

static bool has_column(const SchemaModel *model, const SchemaObject *table, const char *name)
{
    g_autofree char *key = lite_part_key(table->key, name);
    return schema_model_find(model, SCHEMA_COLUMN, key) != NULL;
}

/* The name of the rowid that neither table has a column of; NULL: there is none. */
static const char *rowid_name(const Rebuild *self)
{
    static const char *const names[] = {"rowid", "_rowid_", "oid"};
    const SchemaDiff *diff = self->writer->diff;
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if (!has_column(diff->before, self->before, names[i]) &&
            !has_column(diff->after, self->after, names[i]))
            return names[i];
    return NULL;
}

/* Rows keep their number, on which nothing but their place may depend, or a program. */
static void copy_rowid(Rebuild *self)
{
    const SchemaDiff *diff = self->writer->diff;
    const SchemaObject *column = rowid_column(diff->after, self->after);
    const char *name = rowid_name(self);
    bool numbered =
        !schema_object_get(self->before, "without rowid") && !schema_object_get(self->after, "without rowid");
    if (!numbered || !name || (column && schema_model_find(diff->before, SCHEMA_COLUMN, column->key)))
        return;
    copy_column(self, column ? column->name : name, g_strdup(name));
}

/* ---- Statements ---- */

static char *joined(const GPtrArray *texts)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < texts->len; i++)
        g_string_append_printf(text, "%s%s", i ? ", " : "", (const char *)texts->pdata[i]);
    return g_string_free(text, FALSE);
}

static void write_copy(Rebuild *self)
{
    if (self->targets->len == 0) {
        g_ptr_array_add(self->losses, g_strdup_printf("rows of table %s", self->before->key));
        return;
    }
    g_autofree char *targets = joined(self->targets);
    g_autofree char *sources = joined(self->sources);
    add_statement(self, g_strdup_printf("INSERT INTO %s (%s)\nSELECT %s\nFROM %s", self->new_name, targets,
                                        sources, self->before->name));
}

/* Copying alone would restart the numbers behind the highest that is there. */
static void write_sequence(Rebuild *self)
{
    const SchemaDiff *diff = self->writer->diff;
    if (!has_autoincrement(diff->before, self->before) || !has_autoincrement(diff->after, self->after))
        return;
    g_autofree char *old = lite_unquoted(self->before->name);
    g_autofree char *new = lite_unquoted(self->new_name);
    g_autofree char *old_literal = sql_quote_literal(DIALECT_SQLITE, old);
    g_autofree char *new_literal = sql_quote_literal(DIALECT_SQLITE, new);
    add_statement(self, g_strdup_printf("UPDATE sqlite_sequence SET seq = old.seq\n"
                                        "FROM sqlite_sequence AS old\n"
                                        "WHERE sqlite_sequence.name = %s AND old.name = %s COLLATE NOCASE",
                                        new_literal, old_literal));
}

static void write_swap(Rebuild *self)
{
    g_autofree char *losses = joined(self->losses);
    ChangeStatement *drop = add_statement(self, g_strdup_printf("DROP TABLE %s", self->before->name));
    if (*losses)
        drop->data_loss = g_steal_pointer(&losses);
    add_statement(self, g_strdup_printf("ALTER TABLE %s RENAME TO %s", self->new_name, self->after->name));
}

static void write_indexes(Rebuild *self)
{
    g_autoptr(GPtrArray) indexes =
        schema_model_parts(self->writer->diff->after, self->after->key, SCHEMA_INDEX);
    for (guint i = 0; i < indexes->len; i++)
        add_statement(self, lite_statement_text(schema_object_get(indexes->pdata[i], "~sql")));
}

void lite_rebuild_table(LiteWriter *writer, const SchemaObject *before, const SchemaObject *after)
{
    g_autoptr(GPtrArray) targets = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) sources = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) losses = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *name = free_name(writer->diff, after);
    Rebuild self = {writer, before, after, name, targets, sources, losses};
    note_dropped_columns(&self);
    copy_rowid(&self);
    copy_columns(&self);
    add_statement(&self, lite_renamed_text(schema_object_get(after, "~sql"), name));
    write_copy(&self);
    write_sequence(&self);
    write_swap(&self);
    write_indexes(&self);
}
