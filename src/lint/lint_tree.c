/* Tree: the JSON that libpg_query makes of a statement, walked for names. */
#include "lint/lint_tree_internal.h"

#ifdef HAVE_PG_QUERY
#include "base/json_tree.h"
#include "lint/libpg_query_late.h"

bool lint_tree_available(void)
{
    return late_library_load(&libpg_query_library, NULL);
}

static JsonTree *parse(const LintStatement *statement)
{
    PgQueryParseResult result = pg_query_parse(statement->text);
    JsonTree *tree = result.error ? NULL : json_tree_parse(result.parse_tree, NULL);
    pg_query_free_parse_result(result);
    return tree;
}

static void add_once(GPtrArray *names, const char *name)
{
    if (name && !g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
        g_ptr_array_add(names, g_strdup(name));
}

/* ---- Names without a schema ---- */

typedef struct NameSearch {
    GPtrArray *found;
    GPtrArray *own; /* of char *: names of WITH queries and temporary tables */
} NameSearch;

static void find_own(const char *key, const JsonNode *value, gpointer context)
{
    NameSearch *search = context;
    if (key && g_str_equal(key, "CommonTableExpr"))
        add_once(search->own, json_text(json_get(value, "ctename")));
    json_each(value, find_own, search);
}

static bool is_range(const JsonNode *value)
{
    return json_text(json_get(value, "relname")) && json_text(json_get(value, "relpersistence"));
}

static void find_names(const char *key, const JsonNode *value, gpointer context)
{
    NameSearch *search = context;
    const char *name = json_text(json_get(value, "relname"));
    bool temporary = g_strcmp0(json_text(json_get(value, "relpersistence")), "t") == 0;
    (void)key;
    if (is_range(value) && !json_get(value, "schemaname") && !temporary &&
        !g_ptr_array_find_with_equal_func(search->own, name, g_str_equal, NULL))
        add_once(search->found, name);
    json_each(value, find_names, search);
}

GPtrArray *lint_tree_unqualified(const LintStatement *statement)
{
    g_autoptr(JsonTree) tree = parse(statement);
    if (!tree)
        return NULL;
    g_autoptr(GPtrArray) own = g_ptr_array_new_with_free_func(g_free);
    NameSearch search = {g_ptr_array_new_with_free_func(g_free), own};
    find_own(NULL, json_tree_root(tree), &search);
    find_names(NULL, json_tree_root(tree), &search);
    return search.found;
}

/* ---- Columns twice ---- */

/* Where each item of a list has its column's name. */
typedef struct ListRow {
    const char *list;
    const char *node;
    const char *name;
} ListRow;

static const ListRow LISTS[] = {
    {"tableElts", "ColumnDef", "colname"},
    {"cols", "ResTarget", "name"},
    {"targetList", "ResTarget", "name"},
};

static void find_twice(const JsonNode *list, const ListRow *row, GPtrArray *found)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (gsize i = 0; i < json_length(list); i++) {
        const JsonNode *item = json_get(json_at(list, i), row->node);
        const char *name = json_text(json_get(item, row->name));
        /* a[1] = x, a[2] = y sets one column in two places. */
        if (name && !json_get(item, "indirection") && !g_hash_table_add(seen, (gpointer)name))
            add_once(found, name);
    }
}

static void find_statement(const char *key, const JsonNode *value, gpointer context)
{
    static const char *const statements[] = {"CreateStmt", "InsertStmt", "UpdateStmt", NULL};
    bool wanted = key && g_strv_contains(statements, key);
    for (gsize i = 0; wanted && i < G_N_ELEMENTS(LISTS); i++)
        find_twice(json_get(value, LISTS[i].list), &LISTS[i], context);
    json_each(value, find_statement, context);
}

GPtrArray *lint_tree_duplicates(const LintStatement *statement)
{
    g_autoptr(JsonTree) tree = parse(statement);
    if (!tree)
        return NULL;
    GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
    find_statement(NULL, json_tree_root(tree), found);
    return found;
}

#else

bool lint_tree_available(void)
{
    return false;
}

GPtrArray *lint_tree_unqualified(const LintStatement *statement)
{
    (void)statement;
    return NULL;
}

GPtrArray *lint_tree_duplicates(const LintStatement *statement)
{
    (void)statement;
    return NULL;
}
#endif
