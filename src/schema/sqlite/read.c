/* Reading a SQLite database: its schema table in one statement, so that all of it is of one moment, cut into
 * objects. Changes nothing. Owner of the connection only. */
#include "schema/sqlite/sqlite_schema_internal.h"

#include <string.h>

/* Virtual tables are asked for no columns: their module may not be here. */
static const char catalog_query[] =
    "SELECT 'object', s.type, s.name, s.tbl_name, s.sql, s.rootpage FROM main.sqlite_schema AS s"
    " UNION ALL SELECT 'column', s.name, x.name, NULL, NULL, x.cid"
    " FROM main.sqlite_schema AS s, pragma_table_xinfo(s.name, 'main') AS x"
    " WHERE s.type = 'table' AND s.rootpage <> 0"
    " ORDER BY 1, 2, 6";
/* Since 3.37. */
static const char shadow_query[] =
    "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow'";

typedef struct CatalogReader {
    SchemaModel *model;
    const RowSet *rows;
    const SchemaReadOptions *options;
    GHashTable *columns;  /* folded table -> GPtrArray of names */
    GHashTable *names;    /* set of folded names */
    GHashTable *left_out; /* set of folded names of tables */
} CatalogReader;

enum { ROW_WHAT, ROW_TYPE, ROW_NAME, ROW_TABLE, ROW_SQL };
#define ROW_COLUMN_TABLE ROW_TYPE

/* ---- What is left out ---- */

/* Tables in which modules of virtual tables keep what is theirs, for a library that does not tell. */
static const struct {
    const char *module;
    const char *suffix;
} shadows_of[] = {
    {"fts5", "_data"},      {"fts5", "_idx"},        {"fts5", "_content"},     {"fts5", "_docsize"},
    {"fts5", "_config"},    {"fts4", "_content"},    {"fts4", "_segments"},    {"fts4", "_segdir"},
    {"fts4", "_docsize"},   {"fts4", "_stat"},       {"fts3", "_content"},     {"fts3", "_segments"},
    {"fts3", "_segdir"},    {"rtree", "_node"},      {"rtree", "_rowid"},      {"rtree", "_parent"},
    {"rtree_i32", "_node"}, {"rtree_i32", "_rowid"}, {"rtree_i32", "_parent"}, {"geopoly", "_node"},
    {"geopoly", "_rowid"},  {"geopoly", "_parent"},
};

static bool is_virtual(char *const *row)
{
    return g_str_equal(row[ROW_WHAT], "object") && row[ROW_SQL] &&
           g_ascii_strncasecmp(row[ROW_SQL], "CREATE VIRTUAL TABLE", 20) == 0;
}

static void leave_out(CatalogReader *self, const char *name)
{
    g_hash_table_add(self->left_out, lite_fold(name));
}

static void leave_out_shadows_of(CatalogReader *self, char *const *row)
{
    g_autoptr(GPtrArray) words = sql_words(row[ROW_SQL], strlen(row[ROW_SQL]), DIALECT_SQLITE);
    guint name = words ? lite_name_index(words) : 0;
    const SqlWord *module = name && name + 2 < words->len ? words->pdata[name + 2] : NULL;
    for (gsize i = 0; module && i < G_N_ELEMENTS(shadows_of); i++) {
        g_autofree char *shadow = g_strconcat(row[ROW_NAME], shadows_of[i].suffix, NULL);
        if (sql_word_is(module, shadows_of[i].module))
            leave_out(self, shadow);
    }
}

static void leave_out_shadows(CatalogReader *self, const RowSet *shadows)
{
    for (guint i = 0; shadows && i < shadows->rows->len; i++)
        leave_out(self, ((char **)shadows->rows->pdata[i])[0]);
    for (guint i = 0; i < self->rows->rows->len; i++) {
        char *const *row = self->rows->rows->pdata[i];
        if (is_virtual(row))
            leave_out_shadows_of(self, row);
    }
}

static bool is_left_out(const CatalogReader *self, char *const *row)
{
    g_autofree char *table = lite_fold(row[ROW_TABLE]);
    return !row[ROW_SQL] || g_ascii_strncasecmp(row[ROW_NAME], "sqlite_", 7) == 0 ||
           g_hash_table_contains(self->left_out, table);
}

/* ---- Names ---- */

static void collect_names(CatalogReader *self)
{
    for (guint i = 0; i < self->rows->rows->len; i++) {
        char *const *row = self->rows->rows->pdata[i];
        g_hash_table_add(self->names, lite_fold(row[ROW_NAME]));
        if (g_str_equal(row[ROW_WHAT], "object"))
            continue;
        g_autofree char *table = lite_fold(row[ROW_COLUMN_TABLE]);
        GPtrArray *columns = g_hash_table_lookup(self->columns, table);
        if (!columns) {
            columns = g_ptr_array_new();
            g_hash_table_insert(self->columns, g_steal_pointer(&table), columns);
        }
        g_ptr_array_add(columns, row[ROW_NAME]);
    }
}

/* ---- Objects ---- */

/* Everything behind the object's own name. */
static char *definition(const CatalogReader *self, const char *sql, GPtrArray *words)
{
    guint name = words ? lite_name_index(words) : 0;
    return name ? lite_normal_text(words, name + 1, words->len, self->names) : g_strdup(sql);
}

static void add_virtual_table(CatalogReader *self, SchemaObject *table, const char *sql)
{
    g_autoptr(GPtrArray) words = sql_words(sql, strlen(sql), DIALECT_SQLITE);
    guint name = words ? lite_name_index(words) : 0;
    g_autofree char *module = name ? lite_normal_text(words, name + 2, words->len, NULL) : g_strdup(sql);
    schema_model_set(self->model, table, "virtual", module);
}

static void add_table(CatalogReader *self, SchemaObject *object, char *const *row)
{
    g_autofree char *folded = lite_fold(row[ROW_NAME]);
    GPtrArray *columns = g_hash_table_lookup(self->columns, folded);
    if (is_virtual(row)) {
        add_virtual_table(self, object, row[ROW_SQL]);
    } else if (!columns || !lite_add_table_parts(self->model, object, row[ROW_SQL], columns, self->names)) {
        g_autoptr(GPtrArray) words = sql_words(row[ROW_SQL], strlen(row[ROW_SQL]), DIALECT_SQLITE);
        g_autofree char *def = definition(self, row[ROW_SQL], words);
        schema_model_set(self->model, object, "def", def);
    }
}

/* "(a, b DESC) WHERE …": the table is the parent. */
static void add_index(CatalogReader *self, SchemaObject *object, char *const *row)
{
    g_autoptr(GPtrArray) words = sql_words(row[ROW_SQL], strlen(row[ROW_SQL]), DIALECT_SQLITE);
    guint name = words ? lite_name_index(words) : 0;
    bool cut = name && name + 3 < words->len && sql_word_is(words->pdata[name + 1], "on");
    g_autofree char *def = cut ? lite_normal_text(words, name + 3, words->len, self->names)
                               : definition(self, row[ROW_SQL], words);
    schema_model_set(self->model, object, "table", object->parent);
    schema_model_set(self->model, object, "def", def);
    if (name && sql_word_is(words->pdata[1], "unique"))
        schema_model_set(self->model, object, "unique", "true");
}

static void add_definition(CatalogReader *self, SchemaObject *object, char *const *row)
{
    g_autoptr(GPtrArray) words = sql_words(row[ROW_SQL], strlen(row[ROW_SQL]), DIALECT_SQLITE);
    g_autofree char *def = definition(self, row[ROW_SQL], words);
    schema_model_set(self->model, object, "def", def);
}

static const struct {
    const char *type;
    SchemaKind kind;
    bool has_parent;
    void (*add)(CatalogReader *self, SchemaObject *object, char *const *row);
} object_types[] = {
    {"table", SCHEMA_TABLE, false, add_table},
    {"index", SCHEMA_INDEX, true, add_index},
    {"view", SCHEMA_VIEW, false, add_definition},
    {"trigger", SCHEMA_TRIGGER, true, add_definition},
};

static void add_object(CatalogReader *self, char *const *row)
{
    g_autofree char *key = lite_key(row[ROW_NAME]);
    g_autofree char *name = lite_name(row[ROW_NAME]);
    g_autofree char *table = lite_key(row[ROW_TABLE]);
    for (gsize i = 0; i < G_N_ELEMENTS(object_types); i++) {
        if (!g_str_equal(object_types[i].type, row[ROW_TYPE]))
            continue;
        SchemaObject *object = schema_model_add(self->model, object_types[i].kind, key,
                                                object_types[i].has_parent ? table : NULL, name);
        object_types[i].add(self, object, row);
        schema_model_set(self->model, object, "~sql", row[ROW_SQL]);
    }
}

/* ---- Dependencies ---- */

static const SchemaKind named_kinds[] = {SCHEMA_TABLE, SCHEMA_VIEW};

/* On each table and view that its text names. */
static void add_dependencies(SchemaModel *model, const SchemaObject *object)
{
    const char *sql = schema_object_get(object, "~sql");
    g_autoptr(GPtrArray) words = sql_words(sql, strlen(sql), DIALECT_SQLITE);
    for (guint i = 0; words && i < words->len; i++) {
        const SqlWord *word = words->pdata[i];
        if (!sql_word_is_name(word))
            continue;
        g_autofree char *key = lite_key(word->text);
        for (gsize j = 0; j < G_N_ELEMENTS(named_kinds); j++)
            if (schema_model_find(model, named_kinds[j], key))
                schema_model_depends(model, object->kind, object->key, named_kinds[j], key);
    }
}

static void add_all_dependencies(SchemaModel *model)
{
    const GPtrArray *objects = schema_model_objects(model);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *object = objects->pdata[i];
        for (gsize j = 0; object->parent && j < G_N_ELEMENTS(named_kinds); j++)
            schema_model_depends(model, object->kind, object->key, named_kinds[j], object->parent);
        if (object->kind != SCHEMA_COLUMN && object->kind != SCHEMA_CONSTRAINT)
            add_dependencies(model, object);
    }
}

/* ---- All ---- */

static GHashTable *set_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static void add_objects(CatalogReader *self, const RowSet *shadows)
{
    for (const char *const *hidden = self->options->hidden; hidden && *hidden; hidden++)
        leave_out(self, *hidden);
    leave_out_shadows(self, shadows);
    collect_names(self);
    for (guint i = 0; i < self->rows->rows->len; i++) {
        char *const *row = self->rows->rows->pdata[i];
        if (g_str_equal(row[ROW_WHAT], "object") && !is_left_out(self, row))
            add_object(self, row);
    }
    add_all_dependencies(self->model);
}

SchemaModel *lite_read(Connection *connection, const SchemaReadOptions *options, GError **error)
{
    g_autoptr(RowSet) rows = connection_query(connection, catalog_query, error);
    if (!rows)
        return NULL;
    g_autoptr(RowSet) shadows = connection_query(connection, shadow_query, NULL);
    g_autofree char *family = schema_sqlite.family(connection->server.version);
    g_autoptr(SchemaModel) model = schema_model_new(DIALECT_SQLITE, family);
    g_autoptr(GHashTable) names = set_new();
    g_autoptr(GHashTable) left_out = set_new();
    g_autoptr(GHashTable) columns =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
    CatalogReader reader = {model, rows, options, columns, names, left_out};
    add_objects(&reader, shadows);
    schema_model_finish(model);
    return g_steal_pointer(&model);
}
