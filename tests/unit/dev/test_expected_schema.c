/* The expected schema: what decides it, and that it is made once. */
#include "dev_fixture.h"

#include "dev/expected_schema.h"

typedef struct Files {
    GPtrArray *revisions;
    RevisionGraph *graph;
} Files;

#define FIRST "-- revision: a1\n-- revises:\n-- migrate:up\nCREATE TABLE t (id integer);\n"
#define SECOND                                                                                               \
    "-- revision: b1\n-- revises: a1\n-- migrate:up\nCREATE TABLE {{ name | ident }} (id integer);\n"
#define SECOND_EDITED                                                                                        \
    "-- revision: b1\n-- revises: a1\n-- migrate:up\nCREATE TABLE {{ name | ident }} (id text);\n"

static Files files_of(const char *second)
{
    const char *const texts[] = {FIRST, second};
    g_autoptr(Diagnostics) problems = diagnostics_new();
    Files self = {.revisions = g_ptr_array_new_with_free_func((GDestroyNotify)revision_free)};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        g_ptr_array_add(self.revisions, revision_parse(texts[i], strlen(texts[i]), "x.sql", NULL, problems));
    self.graph = revision_graph_new(self.revisions, problems);
    cr_assert_not_null(self.graph);
    return self;
}

static void files_clear(Files *self)
{
    revision_graph_free(self->graph);
    g_ptr_array_unref(self->revisions);
}

static char *key_of(const Files *files, const char *row, GHashTable *variables, ScratchLike like, bool names)
{
    const char *const rows[] = {row, NULL};
    const ExpectedRequest request = {.graph = files->graph,
                                     .rows = rows,
                                     .dialect = DIALECT_SQLITE,
                                     .server = "SQLite 3",
                                     .like = &like,
                                     .variables = variables,
                                     .read = {.names = names}};
    g_autoptr(GError) error = NULL;
    char *key = expected_key(&request, &error);
    cr_assert(key, "%s", error ? error->message : "");
    return key;
}

Test(expected_schema, key_holds_all_that_decides)
{
    Files files = files_of(SECOND), edited = files_of(SECOND_EDITED);
    g_autoptr(GHashTable) one = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) two = g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_insert(one, (gpointer) "name", (gpointer) "u");
    g_hash_table_insert(one, (gpointer) "unused", (gpointer) "1");
    g_hash_table_insert(two, (gpointer) "name", (gpointer) "v");
    ScratchLike plain = {0}, coded = {.encoding = (char *)"UTF8"};
    char *const keys[] = {key_of(&files, "b1", one, plain, false), key_of(&files, "a1", one, plain, false),
                          key_of(&files, "b1", two, plain, false), key_of(&files, "b1", one, coded, false),
                          key_of(&files, "b1", one, plain, true),  key_of(&edited, "b1", one, plain, false)};
    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
        for (gsize j = 0; j < i; j++)
            cr_expect_str_neq(keys[i], keys[j], "%zu and %zu", i, j);
    g_hash_table_remove(one, "unused");
    g_autofree char *again = key_of(&files, "b1", one, plain, false);
    g_autofree char *below = key_of(&edited, "a1", two, plain, false);
    cr_expect_str_eq(again, keys[0], "a variable that no revision uses decides nothing");
    cr_expect_str_eq(below, keys[1], "nor does what stands above");
    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
        g_free(keys[i]);
    files_clear(&files);
    files_clear(&edited);
}

Test(expected_schema, is_made_once_and_refuses_rows_that_no_file_knows, .timeout = 60)
{
    static const char *const rows[] = {"a1", NULL}, *const unknown[] = {"zz", NULL};
    g_autoptr(DevFixture) f = fixture_new();
    Files files = files_of(SECOND);
    g_autoptr(SchemaCache) cache = schema_cache_new(NULL);
    g_autoptr(GError) error = NULL;
    ExpectedRequest request = {
        .graph = files.graph, .rows = rows, .dialect = DIALECT_SQLITE, .server = "SQLite 3"};
    g_autoptr(SchemaModel) model = expected_schema(f->servers, cache, &request, &error);
    cr_assert(model, "%s", error ? error->message : "");
    cr_expect_not_null(schema_model_find(model, SCHEMA_TABLE, "t"));
    g_autofree char *known = expected_fingerprint(NULL, cache, &request, &error);
    cr_assert(known, "asked again, it needs no dev server");
    cr_expect_str_eq(known, schema_model_fingerprint(model));
    request.rows = unknown;
    cr_expect_null(expected_fingerprint(f->servers, cache, &request, &error));
    cr_assert_not_null(error);
    cr_expect(error->domain == GRAPH_ERROR, "%s", error->message);
    files_clear(&files);
}
