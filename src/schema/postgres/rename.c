/* PostgreSQL: renames that a person asked for, made before the models are compared. What only follows from
 * them (constraints, indexes, sequences) gets its name when they are. Pure. */
#include "schema/postgres/objects_internal.h"
#include "schema/postgres/postgres_internal.h"

#include <string.h>

/* ---- Names ---- */

/* Words that a name must not be without quotes (manual, appendix C: reserved, also those that may be
 * functions or types). */
static const char *const reserved_words[] = {"all",
                                             "analyse",
                                             "analyze",
                                             "and",
                                             "any",
                                             "array",
                                             "as",
                                             "asc",
                                             "asymmetric",
                                             "authorization",
                                             "binary",
                                             "both",
                                             "case",
                                             "cast",
                                             "check",
                                             "collate",
                                             "collation",
                                             "column",
                                             "concurrently",
                                             "constraint",
                                             "create",
                                             "cross",
                                             "current_catalog",
                                             "current_date",
                                             "current_role",
                                             "current_schema",
                                             "current_time",
                                             "current_timestamp",
                                             "current_user",
                                             "default",
                                             "deferrable",
                                             "desc",
                                             "distinct",
                                             "do",
                                             "else",
                                             "end",
                                             "except",
                                             "false",
                                             "fetch",
                                             "for",
                                             "foreign",
                                             "freeze",
                                             "from",
                                             "full",
                                             "grant",
                                             "group",
                                             "having",
                                             "ilike",
                                             "in",
                                             "initially",
                                             "inner",
                                             "intersect",
                                             "into",
                                             "is",
                                             "isnull",
                                             "join",
                                             "lateral",
                                             "leading",
                                             "left",
                                             "like",
                                             "limit",
                                             "localtime",
                                             "localtimestamp",
                                             "natural",
                                             "not",
                                             "notnull",
                                             "null",
                                             "offset",
                                             "on",
                                             "only",
                                             "or",
                                             "order",
                                             "outer",
                                             "overlaps",
                                             "placing",
                                             "primary",
                                             "references",
                                             "returning",
                                             "right",
                                             "select",
                                             "session_user",
                                             "similar",
                                             "some",
                                             "symmetric",
                                             "system_user",
                                             "table",
                                             "tablesample",
                                             "then",
                                             "to",
                                             "trailing",
                                             "true",
                                             "union",
                                             "unique",
                                             "user",
                                             "using",
                                             "variadic",
                                             "verbose",
                                             "when",
                                             "where",
                                             "window",
                                             "with",
                                             NULL};

/* As quote_ident() would have it. Caller frees. */
static char *quoted(const char *name)
{
    bool plain = (g_ascii_islower(*name) || *name == '_') && !g_strv_contains(reserved_words, name);
    for (const char *c = name; plain && *c; c++)
        plain = g_ascii_islower(*c) || g_ascii_isdigit(*c) || *c == '_';
    return plain ? g_strdup(name) : sql_quote_ident(DIALECT_POSTGRES, name);
}

/* The key as a person writes it: "shop.Order Items". Caller frees. */
static char *plain_key(const char *key)
{
    g_autoptr(GString) text = g_string_new(NULL);
    bool is_quoted = false;
    for (const char *c = key; *c; c++)
        if (*c == '"' && is_quoted && c[1] == '"')
            g_string_append_c(text, *c++);
        else if (*c == '"')
            is_quoted = !is_quoted;
        else
            g_string_append_c(text, *c);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* Of a function also without its arguments. */
static bool is_called(const SchemaObject *object, const char *written)
{
    g_autofree char *whole = plain_key(object->key);
    g_autofree char *name = plain_key(pg_name(object->key));
    gsize bare = object->kind == SCHEMA_FUNCTION || object->kind == SCHEMA_PROCEDURE ? strcspn(name, "(")
                                                                                     : strlen(name);
    return g_str_equal(written, whole) || g_str_equal(written, name) ||
           (strlen(written) == bare && strncmp(written, name, bare) == 0);
}

/* ---- What is there ---- */

typedef struct RenameWalk {
    const SchemaModel *model;
    ChangeScript *script;
    GHashTable *names; /* object -> its new name, quoted */
} RenameWalk;

/* What each kind of hint may mean, and the statement's word for it. */
static const struct {
    SchemaKind hint;
    SchemaKind kind;
    const char *word;
} forms[] = {
    {SCHEMA_TABLE, SCHEMA_TABLE, "TABLE"},
    {SCHEMA_VIEW, SCHEMA_VIEW, "VIEW"},
    {SCHEMA_VIEW, SCHEMA_MATVIEW, "MATERIALIZED VIEW"},
    {SCHEMA_MATVIEW, SCHEMA_MATVIEW, "MATERIALIZED VIEW"},
    {SCHEMA_SEQUENCE, SCHEMA_SEQUENCE, "SEQUENCE"},
    {SCHEMA_INDEX, SCHEMA_INDEX, "INDEX"},
    {SCHEMA_ENUM, SCHEMA_ENUM, "TYPE"},
    {SCHEMA_ENUM, SCHEMA_DOMAIN, "DOMAIN"},
    {SCHEMA_ENUM, SCHEMA_COMPOSITE, "TYPE"},
    {SCHEMA_ENUM, SCHEMA_RANGE, "TYPE"},
    {SCHEMA_DOMAIN, SCHEMA_DOMAIN, "DOMAIN"},
    {SCHEMA_COMPOSITE, SCHEMA_COMPOSITE, "TYPE"},
    {SCHEMA_RANGE, SCHEMA_RANGE, "TYPE"},
    {SCHEMA_FUNCTION, SCHEMA_FUNCTION, "FUNCTION"},
    {SCHEMA_FUNCTION, SCHEMA_PROCEDURE, "PROCEDURE"},
    {SCHEMA_PROCEDURE, SCHEMA_PROCEDURE, "PROCEDURE"},
    {SCHEMA_NAMESPACE, SCHEMA_NAMESPACE, "SCHEMA"},
};

/* The key it has by now, as a statement names it. Caller frees. */
static char *current_name(const RenameWalk *self, const SchemaObject *object)
{
    const char *renamed = g_hash_table_lookup(self->names, object);
    g_autofree char *prefix = pg_schema_prefix(object);
    return g_strconcat(prefix, renamed ? renamed : object->name, NULL);
}

static bool is_called_now(const RenameWalk *self, const SchemaObject *object, const char *written)
{
    const char *renamed = g_hash_table_lookup(self->names, object);
    if (!renamed)
        return is_called(object, written);
    g_autofree char *name = current_name(self, object);
    g_autofree char *plain = plain_key(name);
    return g_str_equal(written, plain);
}

static const SchemaObject *find_now(const RenameWalk *self, SchemaKind kind, const char *written)
{
    const GPtrArray *objects = schema_model_objects(self->model);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *object = objects->pdata[i];
        if (object->kind == kind && is_called_now(self, object, written))
            return object;
    }
    return NULL;
}

static const SchemaObject *find_column(const RenameWalk *self, const SchemaObject *table, const char *written)
{
    g_autoptr(GPtrArray) columns = schema_model_parts(self->model, table->key, SCHEMA_COLUMN);
    for (guint i = 0; i < columns->len; i++) {
        const SchemaObject *column = columns->pdata[i];
        const char *renamed = g_hash_table_lookup(self->names, column);
        g_autofree char *plain = plain_key(renamed ? renamed : column->name);
        if (g_str_equal(plain, written))
            return column;
    }
    return NULL;
}

/* The new name without a schema that is the old one's. */
static const char *bare_name(const char *written)
{
    const char *dot = strrchr(written, '.');
    return dot ? dot + 1 : written;
}

/* ---- Renaming ---- */

static void take_name(RenameWalk *self, const SchemaObject *object, const char *name)
{
    g_hash_table_insert(self->names, (gpointer)object, g_strdup(name));
}

/* The sequence of an identity column, which the server called after table and column, follows them: nothing
 * compares its name. */
static void rename_identity(RenameWalk *self, const SchemaObject *column, const char *old_stem,
                            const char *new_stem)
{
    const char *sequence = schema_object_get(column, "~sequence");
    g_autofree char *expected = g_strdup_printf("%s_seq", old_stem);
    g_autofree char *plain = sequence ? plain_key(sequence) : NULL;
    g_autofree char *name = g_strdup_printf("%s_seq", new_stem);
    g_autofree char *new_name = quoted(name);
    if (plain && g_str_equal(bare_name(plain), expected))
        change_script_add(self->script, "ALTER SEQUENCE %s RENAME TO %s", sequence, new_name);
}

static void rename_identities(RenameWalk *self, const SchemaObject *table, const char *new_name)
{
    g_autoptr(GPtrArray) columns = schema_model_parts(self->model, table->key, SCHEMA_COLUMN);
    for (guint i = 0; i < columns->len; i++) {
        const SchemaObject *column = columns->pdata[i];
        g_autofree char *old_stem = g_strdup_printf("%s_%s", table->name, column->name);
        g_autofree char *new_stem = g_strdup_printf("%s_%s", new_name, column->name);
        g_autofree char *old_plain = plain_key(old_stem);
        g_autofree char *new_plain = plain_key(new_stem);
        rename_identity(self, column, old_plain, new_plain);
    }
}

static void rename_object(RenameWalk *self, const SchemaObject *object, const char *word, const char *after)
{
    g_autofree char *old = current_name(self, object);
    g_autofree char *name = quoted(bare_name(after));
    gsize arguments = object->kind == SCHEMA_FUNCTION || object->kind == SCHEMA_PROCEDURE
                          ? strcspn(object->name, "(")
                          : strlen(object->name);
    g_autofree char *whole = g_strconcat(name, object->name + arguments, NULL);
    change_script_add(self->script, "ALTER %s %s RENAME TO %s", word, old, name);
    if (object->kind == SCHEMA_TABLE)
        rename_identities(self, object, name);
    take_name(self, object, whole);
}

static void refuse_both(RenameWalk *self, const SchemaRename *rename)
{
    change_script_refuse(
        self->script,
        "%s %s cannot be renamed to %s: both are there. Remove the hint, or drop one of them in a "
        "revision of its own first.",
        schema_kind_name(rename->kind), rename->before, rename->after);
}

typedef enum RenameOutcome { RENAME_NOTHING, RENAME_BLOCKED, RENAME_DONE } RenameOutcome;

/* All functions of that name. */
static RenameOutcome rename_whole(RenameWalk *self, const SchemaRename *rename)
{
    for (gsize i = 0; i < G_N_ELEMENTS(forms); i++) {
        const SchemaObject *object =
            forms[i].hint == rename->kind ? find_now(self, forms[i].kind, rename->before) : NULL;
        if (!object)
            continue;
        if (find_now(self, forms[i].kind, rename->after))
            return RENAME_BLOCKED;
        for (; object; object = find_now(self, forms[i].kind, rename->before))
            rename_object(self, object, forms[i].word, rename->after);
        return RENAME_DONE;
    }
    return RENAME_NOTHING;
}

static RenameOutcome rename_column(RenameWalk *self, const SchemaRename *rename)
{
    const SchemaObject *table = rename->parent ? find_now(self, SCHEMA_TABLE, rename->parent) : NULL;
    const SchemaObject *column = table ? find_column(self, table, rename->before) : NULL;
    if (!column || g_str_equal(pg_attribute(column, "~inherited"), "true"))
        return RENAME_NOTHING;
    if (find_column(self, table, rename->after))
        return RENAME_BLOCKED;
    const char *renamed = g_hash_table_lookup(self->names, column);
    g_autofree char *table_name = current_name(self, table);
    g_autofree char *name = quoted(rename->after);
    change_script_add(self->script, "ALTER TABLE %s RENAME COLUMN %s TO %s", table_name,
                      renamed ? renamed : column->name, name);
    take_name(self, column, name);
    return RENAME_DONE;
}

/* ---- In order ---- */

typedef RenameOutcome (*RenameFunction)(RenameWalk *self, const SchemaRename *rename);

static const struct {
    bool is_column;
    bool is_schema;
    RenameFunction rename;
} rounds[] = {{false, false, rename_whole}, {true, false, rename_column}, {false, true, rename_whole}};

static GPtrArray *renames_of_round(const SchemaHints *hints, gsize round)
{
    GPtrArray *found = g_ptr_array_new();
    for (guint i = 0; i < hints->renames->len; i++) {
        const SchemaRename *rename = hints->renames->pdata[i];
        bool is_label = rename->kind == SCHEMA_ENUM && rename->parent;
        if (!is_label && (rename->kind == SCHEMA_COLUMN) == rounds[round].is_column &&
            (rename->kind == SCHEMA_NAMESPACE) == rounds[round].is_schema)
            g_ptr_array_add(found, (gpointer)rename);
    }
    return found;
}

/* Again as long as one makes room for another. */
static void run_round(RenameWalk *self, const SchemaHints *hints, gsize round)
{
    g_autoptr(GPtrArray) waiting = renames_of_round(hints, round);
    for (bool moved = true; moved;) {
        moved = false;
        for (guint i = 0; i < waiting->len && !moved; i++)
            if (rounds[round].rename(self, waiting->pdata[i]) == RENAME_DONE) {
                g_ptr_array_remove_index(waiting, i);
                moved = true;
            }
    }
    for (guint i = 0; i < waiting->len; i++)
        if (rounds[round].rename(self, waiting->pdata[i]) == RENAME_BLOCKED)
            refuse_both(self, waiting->pdata[i]);
}

void postgres_schema_rename(const SchemaModel *model, const SchemaHints *hints, ChangeScript *script)
{
    if (!hints)
        return;
    g_autoptr(GHashTable) names = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    RenameWalk walk = {model, script, names};
    pg_rename_labels(model, hints, script);
    for (gsize round = 0; round < G_N_ELEMENTS(rounds); round++)
        run_round(&walk, hints, round);
}
