/* Words of the queries of PostgreSQL's catalogs, and what they are filled in with. Pure. */
#include "schema/postgres/catalog_internal.h"

#include <string.h>

/* ---- Scope ---- */

unsigned catalog_major(const char *version)
{
    const char *digits = version + strcspn(version, "0123456789");
    return (unsigned)g_ascii_strtoull(digits, NULL, 10);
}

static char *literals(const char *const *names)
{
    g_autoptr(GString) list = g_string_new(NULL);
    for (; names && *names; names++) {
        g_autofree char *literal = sql_quote_literal(DIALECT_POSTGRES, *names);
        g_string_append_printf(list, "%s%s", list->len ? ", " : "", literal);
    }
    return list->len ? g_string_free(g_steal_pointer(&list), FALSE) : NULL;
}

void catalog_scope_init(CatalogScope *self, const ServerInfo *server, const SchemaReadOptions *options)
{
    *self = (CatalogScope){
        .major = catalog_major(server->version),
        .options = options,
        .schema = options->schema ? sql_quote_literal(DIALECT_POSTGRES, options->schema) : NULL,
        .hidden = literals(options->hidden),
    };
}

void catalog_scope_clear(CatalogScope *self)
{
    g_clear_pointer(&self->schema, g_free);
    g_clear_pointer(&self->hidden, g_free);
}

/* ---- Words ---- */

typedef char *(*WordFunction)(const CatalogScope *scope, char **arguments);

static char *wanted_word(const CatalogScope *scope, G_GNUC_UNUSED char **arguments)
{
    if (scope->schema)
        return g_strdup_printf("n.nspname = %s", scope->schema);
    return g_strdup("n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'");
}

static char *whole_word(const CatalogScope *scope, G_GNUC_UNUSED char **arguments)
{
    return g_strdup(scope->schema ? "false" : "true");
}

static char *shown_word(const CatalogScope *scope, char **arguments)
{
    if (!scope->hidden)
        return g_strdup("true");
    return g_strdup_printf("%s.relname NOT IN (%s)", arguments[0], scope->hidden);
}

static char *own_word(G_GNUC_UNUSED const CatalogScope *scope, char **arguments)
{
    return g_strdup_printf("NOT EXISTS (SELECT FROM pg_catalog.pg_depend made WHERE made.classid = %s AND "
                           "made.objid = %s AND made.deptype = 'e')",
                           arguments[1], arguments[0]);
}

static char *schema_word(const CatalogScope *scope, char **arguments)
{
    g_autofree char *name = g_strdup_printf("pg_catalog.quote_ident(%s.nspname::text)", arguments[0]);
    if (!scope->schema)
        return g_steal_pointer(&name);
    return g_strdup_printf("CASE %s.nspname WHEN %s THEN '@' ELSE %s END", arguments[0], scope->schema, name);
}

static char *schema_name_word(const CatalogScope *scope, G_GNUC_UNUSED char **arguments)
{
    return g_strdup(scope->schema ? scope->schema : "NULL");
}

static char *relations_word(const CatalogScope *scope, G_GNUC_UNUSED char **arguments)
{
    g_autofree char *wanted = wanted_word(scope, NULL);
    return g_strdup_printf("SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n "
                           "ON n.oid = c.relnamespace WHERE %s",
                           wanted);
}

static char *owner_word(const CatalogScope *scope, char **arguments)
{
    if (!scope->options->owners)
        return g_strdup("NULL");
    return g_strdup_printf("pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(%s)::text)", arguments[0]);
}

static const struct {
    const char *word;
    WordFunction fill;
} words[] = {
    {"wanted", wanted_word}, {"whole", whole_word},         {"shown", shown_word},
    {"own", own_word},       {"schema", schema_word},       {"schema_name", schema_name_word},
    {"owner", owner_word},   {"relations", relations_word},
};

/* "14 TEXT" or "from14 TEXT". */
static char *since_word(const CatalogScope *scope, const char *text)
{
    bool or_nothing = g_str_has_prefix(text, "from");
    char *behind;
    guint64 major = g_ascii_strtoull(text + (or_nothing ? strlen("from") : 0), &behind, 10);
    if (scope->major >= major)
        return catalog_query(scope, behind);
    return g_strdup(or_nothing ? "" : "NULL");
}

static char *fill_word(const CatalogScope *scope, const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, " ", 3);
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_str_equal(words[i].word, parts[0]))
            return words[i].fill(scope, parts + 1);
    return since_word(scope, text);
}

/* What is behind the closing brace of the opening one at `open`. */
static const char *after_word(const char *open)
{
    unsigned depth = 0;
    const char *c = open;
    do {
        depth += *c == '{';
        depth -= *c == '}';
        c++;
    } while (depth);
    return c;
}

char *catalog_query(const CatalogScope *self, const char *text)
{
    GString *query = g_string_new(NULL);
    const char *open;
    while ((open = strchr(text, '{'))) {
        const char *end = after_word(open);
        g_autofree char *word = g_strndup(open + 1, (gsize)(end - open) - 2);
        g_autofree char *filled = fill_word(self, word);
        g_string_append_len(query, text, open - text);
        g_string_append(query, filled);
        text = end;
    }
    g_string_append(query, text);
    return g_string_free(query, FALSE);
}
