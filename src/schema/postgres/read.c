/* PostgreSQL: a model read from the catalogs, in one message.
 *
 * Owns which queries are sent, what settings their texts depend on, and how rows become objects. Reads only,
 * in a read-only transaction of its own or within a savepoint of one that is open; the settings end with it.
 * Thread of the connection. */
#include "schema/postgres/catalog_internal.h"
#include "schema/postgres/postgres_internal.h"

#include <string.h>

/* ---- Sending ---- */

/* What texts depend on; the rest of a session's settings changes none. */
static const char *const settings[] = {
    "SET LOCAL DateStyle = 'ISO, YMD'",
    "SET LOCAL IntervalStyle = 'postgres'",
    "SET LOCAL TimeZone = 'UTC'",
    "SET LOCAL extra_float_digits = 1",
    "SET LOCAL quote_all_identifiers = off",
    "SET LOCAL bytea_output = 'hex'",
    "SET LOCAL jit = off",
    "SET LOCAL row_security = off",
    "SET LOCAL standard_conforming_strings = on",
    NULL,
};

/* Around the queries. A transaction of ours is ended, one that was open is left as it was found. */
static const char *const own_open[] = {"BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY", NULL};
static const char *const own_close[] = {"COMMIT", NULL};
static const char *const savepoint_open[] = {"SAVEPOINT dbfleet_schema", NULL};
static const char *const savepoint_close[] = {"ROLLBACK TO SAVEPOINT dbfleet_schema",
                                              "RELEASE SAVEPOINT dbfleet_schema", NULL};

static void add_constants(Batch *batch, const char *const *sql)
{
    for (; *sql; sql++)
        batch_add(batch, &(BatchItem){.sql = *sql, .length = strlen(*sql)});
}

static void add_settings(Batch *batch, const CatalogScope *scope)
{
    const char *schema = scope->options->schema ? scope->options->schema : "public";
    g_autofree char *path = sql_quote_ident(DIALECT_POSTGRES, schema);
    add_constants(batch, settings);
    batch_take(batch, g_strdup_printf("SET LOCAL search_path = %s", path), false);
}

static void leave(Connection *connection, bool in_transaction)
{
    if (!in_transaction) {
        connection_rollback(connection);
        return;
    }
    for (const char *const *sql = savepoint_close; *sql; sql++)
        connection_run(connection, *sql, NULL);
}

bool postgres_read_batch(Connection *connection, const CatalogScope *scope, const char *const *queries,
                         BatchResult *result, unsigned *first, GError **error)
{
    g_autoptr(Batch) batch = batch_new();
    bool in_transaction = connection->driver->in_transaction(connection);
    add_constants(batch, in_transaction ? savepoint_open : own_open);
    add_settings(batch, scope);
    *first = batch_length(batch);
    for (; *queries; queries++)
        batch_take(batch, catalog_query(scope, *queries), true);
    add_constants(batch, in_transaction ? savepoint_close : own_close);
    if (connection_execute(connection, batch, result, error))
        return true;
    leave(connection, in_transaction);
    return false;
}

/* ---- Objects ---- */

enum {
    COLUMN_KIND,
    COLUMN_ADDRESS,
    COLUMN_PARENT,
    COLUMN_SCHEMA,
    COLUMN_NAME,
    COLUMN_POSITION,
    COLUMN_FIRST
};

/* An attribute whose value is known once every object is. */
typedef struct Reference {
    SchemaObject *object;
    char *attribute;
    char *addresses;
} Reference;

typedef struct Reading {
    SchemaModel *model;
    GHashTable *by_address; /* char * -> SchemaObject * */
    GPtrArray *references;  /* of Reference * */
} Reading;

static void reference_free(gpointer data)
{
    Reference *self = data;
    g_free(self->attribute);
    g_free(self->addresses);
    g_free(self);
}

static void set_attribute(Reading *self, SchemaObject *object, const char *name, const char *value)
{
    if (!value)
        return;
    if (name[0] != '&') {
        schema_model_set(self->model, object, name, value);
        return;
    }
    Reference *reference = g_new(Reference, 1);
    *reference = (Reference){object, g_strdup(name + 1), g_strdup(value)};
    g_ptr_array_add(self->references, reference);
}

static char *object_key(const SchemaObject *parent, const char *schema, const char *name)
{
    if (schema)
        return g_strconcat(schema, ".", name, NULL);
    return parent ? g_strconcat(parent->key, ".", name, NULL) : g_strdup(name);
}

static void read_object(Reading *self, char **names, char **row, unsigned columns)
{
    SchemaKind kind;
    const SchemaObject *parent =
        row[COLUMN_PARENT] ? g_hash_table_lookup(self->by_address, row[COLUMN_PARENT]) : NULL;
    if (!schema_kind_parse(row[COLUMN_KIND], &kind) || (row[COLUMN_PARENT] && !parent))
        return;
    g_autofree char *key = object_key(parent, row[COLUMN_SCHEMA], row[COLUMN_NAME]);
    SchemaObject *object =
        schema_model_add(self->model, kind, key, parent ? parent->key : NULL, row[COLUMN_NAME]);
    if (row[COLUMN_POSITION])
        object->position = (unsigned)g_ascii_strtoull(row[COLUMN_POSITION], NULL, 10);
    for (unsigned i = COLUMN_FIRST; i < columns; i++)
        set_attribute(self, object, names[i], row[i]);
    g_hash_table_insert(self->by_address, g_strdup(row[COLUMN_ADDRESS]), object);
}

static void read_objects(Reading *self, const RowSet *set)
{
    for (guint i = 0; i < set->rows->len; i++)
        read_object(self, set->names, set->rows->pdata[i], set->columns);
}

/* ---- Addresses ---- */

/* The object at an address, or the one that it is part of where parts are not objects. */
static SchemaObject *object_at(const Reading *self, const char *address)
{
    SchemaObject *object = g_hash_table_lookup(self->by_address, address);
    const char *last = strrchr(address, '.');
    if (object || strchr(address, '.') == last)
        return object;
    g_autofree char *whole = g_strndup(address, (gsize)(last - address));
    return g_hash_table_lookup(self->by_address, whole);
}

static void read_aliases(Reading *self, const RowSet *set)
{
    for (guint i = 0; i < set->rows->len; i++) {
        char **row = set->rows->pdata[i];
        SchemaObject *object = g_hash_table_lookup(self->by_address, row[1]);
        if (object && !g_hash_table_contains(self->by_address, row[0]))
            g_hash_table_insert(self->by_address, g_strdup(row[0]), object);
    }
}

static void resolve_references(Reading *self)
{
    for (guint i = 0; i < self->references->len; i++) {
        const Reference *reference = self->references->pdata[i];
        g_autoptr(GString) keys = g_string_new(NULL);
        g_auto(GStrv) addresses = g_strsplit(reference->addresses, " ", -1);
        for (char **address = addresses; *address; address++) {
            const SchemaObject *object = object_at(self, *address);
            if (object)
                g_string_append_printf(keys, "%s%s", keys->len ? ", " : "", object->key);
        }
        if (keys->len)
            schema_model_set(self->model, reference->object, reference->attribute, keys->str);
    }
}

/* ---- Dependencies ---- */

static void depends(Reading *self, const SchemaObject *from, const SchemaObject *on)
{
    schema_model_depends(self->model, from->kind, from->key, on->kind, on->key);
}

static bool is_made_with_table(const SchemaObject *object)
{
    const char *type = schema_object_get(object, "type");
    return object->kind == SCHEMA_COLUMN ||
           (object->kind == SCHEMA_CONSTRAINT && g_strcmp0(type, "check") == 0);
}

/* A table needs what its columns and checks need: they are made in one statement. */
static void read_dependency(Reading *self, const SchemaObject *from, const SchemaObject *on)
{
    depends(self, from, on);
    const SchemaObject *table =
        is_made_with_table(from) ? schema_model_find(self->model, SCHEMA_TABLE, from->parent) : NULL;
    if (table && table != on && g_strcmp0(on->parent, table->key) != 0)
        depends(self, table, on);
}

static void read_dependencies(Reading *self, const RowSet *set)
{
    for (guint i = 0; i < set->rows->len; i++) {
        char **row = set->rows->pdata[i];
        const SchemaObject *from = object_at(self, row[0]);
        const SchemaObject *on = object_at(self, row[1]);
        if (from && on && from != on)
            read_dependency(self, from, on);
    }
}

static const SchemaKind holders[] = {SCHEMA_TABLE, SCHEMA_VIEW, SCHEMA_MATVIEW, SCHEMA_DOMAIN};

/* Every part needs what it is part of, and a table those that it refers to. */
static void add_part_dependencies(Reading *self)
{
    const GPtrArray *objects = schema_model_objects(self->model);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *part = objects->pdata[i];
        const char *table = schema_object_get(part, "references");
        if (table)
            schema_model_depends(self->model, SCHEMA_TABLE, part->parent, SCHEMA_TABLE, table);
        for (gsize j = 0; part->parent && j < G_N_ELEMENTS(holders); j++)
            schema_model_depends(self->model, part->kind, part->key, holders[j], part->parent);
    }
}

/* ---- Comments and grants ---- */

static void read_comments(Reading *self, const RowSet *set)
{
    for (guint i = 0; i < set->rows->len; i++) {
        char **row = set->rows->pdata[i];
        const SchemaObject *on = object_at(self, row[0]);
        if (!on)
            continue;
        bool of_field = row[1] && on->kind == SCHEMA_COMPOSITE;
        const char *kind = of_field ? "field" : schema_kind_name(on->kind);
        g_autofree char *key =
            g_strconcat(kind, " ", on->key, of_field ? "." : "", of_field ? row[1] : "", NULL);
        SchemaObject *comment =
            schema_model_add(self->model, SCHEMA_COMMENT, key, on->key, of_field ? row[1] : on->name);
        schema_model_set(self->model, comment, "~kind", kind);
        schema_model_set(self->model, comment, "text", row[2]);
        depends(self, comment, on);
    }
}

static void read_grants(Reading *self, const RowSet *set)
{
    for (guint i = 0; i < set->rows->len; i++) {
        char **row = set->rows->pdata[i];
        const SchemaObject *on = object_at(self, row[0]);
        if (!on)
            continue;
        const char *kind = schema_kind_name(on->kind);
        g_autofree char *key = g_strdup_printf("%s %s to %s", kind, on->key, row[1]);
        SchemaObject *grant = schema_model_add(self->model, SCHEMA_GRANT, key, on->key, row[1]);
        schema_model_set(self->model, grant, "~kind", kind);
        schema_model_set(self->model, grant, row[2], row[3]);
        depends(self, grant, on);
    }
}

static void read_default_grants(Reading *self, const RowSet *set)
{
    for (guint i = 0; i < set->rows->len; i++) {
        char **row = set->rows->pdata[i];
        g_autofree char *key = g_strdup_printf("%s%s%s of %s to %s", row[1], row[0] ? " in " : "",
                                               row[0] ? row[0] : "", row[2], row[3]);
        SchemaObject *grant = schema_model_add(self->model, SCHEMA_DEFAULT_GRANT, key, NULL, row[3]);
        schema_model_set(self->model, grant, "~schema", row[0]);
        schema_model_set(self->model, grant, "~objects", row[1]);
        schema_model_set(self->model, grant, "~role", row[2]);
        schema_model_set(self->model, grant, row[4], row[5]);
    }
}

/* ---- All of it ---- */

typedef void (*SetReader)(Reading *self, const RowSet *set);

typedef struct Question {
    const char *query;
    SetReader reader;
} Question;

static void add_questions(GArray *questions, const char *const *queries)
{
    for (; *queries; queries++)
        g_array_append_val(questions, ((Question){*queries, read_objects}));
}

static GArray *questions_new(const SchemaReadOptions *options)
{
    GArray *questions = g_array_new(FALSE, FALSE, sizeof(Question));
    const Question pairs[] = {{catalog_aliases, read_aliases},
                              {catalog_dependencies, read_dependencies},
                              {catalog_comments, read_comments}};
    const Question grants[] = {{catalog_grants, read_grants}, {catalog_default_grants, read_default_grants}};
    add_questions(questions, catalog_relations);
    add_questions(questions, catalog_objects);
    add_questions(questions, catalog_parts);
    g_array_append_vals(questions, pairs, G_N_ELEMENTS(pairs));
    if (options->privileges)
        g_array_append_vals(questions, grants, G_N_ELEMENTS(grants));
    return questions;
}

static bool ask(Connection *connection, const CatalogScope *scope, const GArray *questions,
                BatchResult *result, unsigned *first, GError **error)
{
    g_autoptr(GPtrArray) queries = g_ptr_array_new();
    for (guint i = 0; i < questions->len; i++)
        g_ptr_array_add(queries, (gpointer)g_array_index(questions, Question, i).query);
    g_ptr_array_add(queries, NULL);
    return postgres_read_batch(connection, scope, (const char *const *)queries->pdata, result, first, error);
}

SchemaModel *postgres_schema_read(Connection *connection, const SchemaReadOptions *options, GError **error)
{
    g_auto(CatalogScope) scope = {0};
    g_auto(BatchResult) result = {0};
    g_autoptr(GArray) questions = questions_new(options);
    unsigned first;
    catalog_scope_init(&scope, &connection->server, options);
    if (!ask(connection, &scope, questions, &result, &first, error))
        return NULL;
    g_autofree char *family = postgres_schema_family(connection->server.version);
    g_autoptr(GHashTable) by_address = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) references = g_ptr_array_new_with_free_func(reference_free);
    Reading reading = {schema_model_new(DIALECT_POSTGRES, family), by_address, references};
    for (guint i = 0; i < questions->len; i++)
        g_array_index(questions, Question, i).reader(&reading, batch_result_rows(&result, first + i));
    resolve_references(&reading);
    add_part_dependencies(&reading);
    schema_model_finish(reading.model);
    return reading.model;
}
