/* Scratch databases of MariaDB and MySQL: character set and collation of the target's database, and in the
 * session what else decides how DDL is read there. Any thread. */
#include "dev/dev_servers_internal.h"

#include "sql/dialect.h"

#include <string.h>

/* `exact` false leaves the collation to the server. */
static char *create_sql(const char *name, const ScratchLike *like, bool exact)
{
    g_autofree char *ident = sql_quote_ident(DIALECT_MARIADB, name);
    GString *sql = g_string_new(NULL);
    g_string_append_printf(sql, "CREATE DATABASE %s", ident);
    if (like->encoding)
        g_string_append_printf(sql, " CHARACTER SET %s", like->encoding);
    if (like->collation && exact)
        g_string_append_printf(sql, " COLLATE %s", like->collation);
    return g_string_free(sql, FALSE);
}

static char *drop_sql(const char *name, bool even_in_use)
{
    (void)even_in_use;
    g_autofree char *ident = sql_quote_ident(DIALECT_MARIADB, name);
    return g_strdup_printf("DROP DATABASE IF EXISTS %s", ident);
}

/* Which of these a server has depends on its version. */
static const char settings_query[] =
    "SHOW SESSION VARIABLES WHERE Variable_name IN ('character_set_server', 'collation_server', "
    "'default_storage_engine', 'explicit_defaults_for_timestamp', 'innodb_strict_mode', "
    "'lower_case_table_names', 'character_set_collations', 'default_collation_for_utf8mb4', "
    "'sql_generate_invisible_primary_key', 'system_versioning_alter_history')";

static bool read_like(ScratchLike *like, Connection *connection, GError **error)
{
    g_autoptr(RowSet) database = connection_query(
        connection, "SELECT @@character_set_database, @@collation_database, @@sql_mode", error);
    g_autoptr(RowSet) settings = database ? connection_query(connection, settings_query, error) : NULL;
    if (!settings)
        return false;
    char *const *row = database->rows->pdata[0];
    like->encoding = g_strdup(row[0]);
    like->collation = g_strdup(row[1]);
    like->sql_mode = g_strdup(row[2]);
    like->settings = scratch_settings_of(settings);
    return true;
}

static void add_set(GPtrArray *statements, const char *name, const char *value)
{
    g_autofree char *literal = sql_quote_literal(DIALECT_MARIADB, value);
    g_ptr_array_add(statements, g_strdup_printf("SET SESSION %s = %s", name, literal));
}

/* It decides whether "Orders" and "orders" are one table, and can only be said when a server is started. */
static bool check_case(const char *here, const char *there, GError **error)
{
    if (g_strcmp0(here, there) == 0)
        return true;
    g_set_error(error, DEV_ERROR, DEV_ERROR_VERSION,
                "lower_case_table_names is %s on the dev server and %s on the target, so names do not "
                "compare: name a dev server under dev: in dbfleet.yaml that was started with the target's",
                here, there);
    return false;
}

static bool settings_sql(Connection *connection, const ScratchLike *like, GPtrArray *statements,
                         GError **error)
{
    g_autoptr(RowSet) rows = connection_query(connection, settings_query, error);
    if (!rows)
        return false;
    if (like->sql_mode)
        add_set(statements, "sql_mode", like->sql_mode);
    for (guint i = 0; i < rows->rows->len; i++) {
        char *const *row = rows->rows->pdata[i];
        const char *wanted = scratch_like_setting(like, row[0]);
        bool same = !wanted || g_strcmp0(wanted, row[1]) == 0;
        if (g_str_equal(row[0], "lower_case_table_names") && wanted && !check_case(row[1], wanted, error))
            return false;
        if (!same)
            add_set(statements, row[0], wanted);
    }
    return true;
}

static const char *const mysql_keys[] = {"mysql", "mariadb", NULL};
static const char *const mariadb_keys[] = {"mariadb", "mysql", NULL};

#define ENGINE_OF_FAMILY(names)                                                                              \
    {                                                                                                        \
        .keys = (names), .database = "information_schema",                                                   \
        .grant = "Grant it: GRANT ALL PRIVILEGES ON `dbfleet\\_dev\\_%`.* TO …",                             \
        .list = "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE "                \
                "'dbfleet\\_dev\\_%'",                                                                       \
        .create = create_sql, .drop = drop_sql, .read = read_like, .settings = settings_sql                  \
    }

const ScratchEngine scratch_mysql = ENGINE_OF_FAMILY(mysql_keys);
const ScratchEngine scratch_mariadb = ENGINE_OF_FAMILY(mariadb_keys);
