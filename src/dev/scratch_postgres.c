/* Scratch databases of PostgreSQL: from template0, as the target's was made. Any thread. */
#include "dev/dev_servers_internal.h"

#include "sql/dialect.h"

static void append_option(GString *sql, const char *name, const char *value)
{
    g_autofree char *literal = sql_quote_literal(DIALECT_POSTGRES, value);
    if (value)
        g_string_append_printf(sql, " %s = %s", name, literal);
}

/* "i:de-DE" (ICU, since 15), "b:C.UTF-8" (built in, since 17). */
static void append_provider(GString *sql, const char *provider)
{
    if (!provider || !*provider || provider[1] != ':')
        return;
    bool icu = *provider == 'i';
    append_option(sql, "LOCALE_PROVIDER", icu ? "icu" : "builtin");
    append_option(sql, icu ? "ICU_LOCALE" : "BUILTIN_LOCALE", provider + 2);
}

/* A locale that this server lacks becomes C: it changes how rows are sorted, not how a schema reads. */
static char *create_sql(const char *name, const ScratchLike *like, bool exact)
{
    g_autofree char *ident = sql_quote_ident(DIALECT_POSTGRES, name);
    GString *sql = g_string_new(NULL);
    g_string_append_printf(sql, "CREATE DATABASE %s TEMPLATE = template0", ident);
    append_option(sql, "ENCODING", like->encoding);
    append_option(sql, "LC_COLLATE", exact ? like->collation : "C");
    append_option(sql, "LC_CTYPE", exact ? like->ctype : "C");
    if (exact)
        append_provider(sql, like->provider);
    return g_string_free(sql, FALSE);
}

static char *copy_sql(const char *name, const char *source)
{
    g_autofree char *ident = sql_quote_ident(DIALECT_POSTGRES, name);
    g_autofree char *from = sql_quote_ident(DIALECT_POSTGRES, source);
    return g_strdup_printf("CREATE DATABASE %s TEMPLATE = %s", ident, from);
}

static char *drop_sql(const char *name, bool even_in_use)
{
    g_autofree char *ident = sql_quote_ident(DIALECT_POSTGRES, name);
    return g_strdup_printf("DROP DATABASE IF EXISTS %s%s", ident, even_in_use ? " WITH (FORCE)" : "");
}

/* By way of JSON, since what a version lacks cannot be named in a query. */
static const char database_query[] =
    "SELECT pg_catalog.pg_encoding_to_char(d.encoding), d.datcollate, d.datctype, j ->> 'datlocprovider', "
    "COALESCE(j ->> 'datlocale', j ->> 'daticulocale') FROM pg_catalog.pg_database d, "
    "LATERAL (SELECT pg_catalog.to_jsonb(d.*) AS j) row WHERE d.datname = pg_catalog.current_database()";

/* What literals and names in DDL are read by. */
static const char settings_query[] =
    "SELECT name, setting FROM pg_catalog.pg_settings WHERE name IN ('TimeZone', 'DateStyle', "
    "'IntervalStyle', 'search_path', 'xmloption', 'transform_null_equals')";

static bool read_like(ScratchLike *like, Connection *connection, GError **error)
{
    g_autoptr(RowSet) database = connection_query(connection, database_query, error);
    g_autoptr(RowSet) settings = database ? connection_query(connection, settings_query, error) : NULL;
    if (!settings)
        return false;
    char *const *row = database->rows->pdata[0];
    like->encoding = g_strdup(row[0]);
    like->collation = g_strdup(row[1]);
    like->ctype = g_strdup(row[2]);
    bool libc = !row[3] || g_str_equal(row[3], "c") || !row[4];
    like->provider = libc ? NULL : g_strdup_printf("%s:%s", row[3], row[4]);
    like->settings = scratch_settings_of(settings);
    return true;
}

static bool settings_sql(Connection *connection, const ScratchLike *like, GPtrArray *statements,
                         GError **error)
{
    (void)connection;
    (void)error;
    /* What a crash would lose is made again. */
    g_ptr_array_add(statements, g_strdup("SET synchronous_commit = off"));
    GHashTableIter iter;
    gpointer name, value;
    g_hash_table_iter_init(&iter, like->settings);
    while (g_hash_table_iter_next(&iter, &name, &value)) {
        g_autofree char *what = sql_quote_literal(DIALECT_POSTGRES, name);
        g_autofree char *literal = sql_quote_literal(DIALECT_POSTGRES, value);
        g_ptr_array_add(statements,
                        g_strdup_printf("SELECT pg_catalog.set_config(%s, %s, false)", what, literal));
    }
    return true;
}

static const char *const keys[] = {"postgres", NULL};

const ScratchEngine scratch_postgres = {
    .keys = keys,
    .database = "postgres",
    .grant = "Grant it: ALTER ROLE … CREATEDB",
    .list = "SELECT datname FROM pg_catalog.pg_database WHERE datname LIKE 'dbfleet\\_dev\\_%'",
    .create = create_sql,
    .copy = copy_sql,
    .drop = drop_sql,
    .read = read_like,
    .settings = settings_sql,
};
