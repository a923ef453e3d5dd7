/* Scratch pool: how an empty database is had in each dialect. */
#include "scratch_pool.h"

#include "sql/script.h"

#include <string.h>
#include <unistd.h>

typedef struct PoolRow {
    const char *environment; /* NULL: no server */
    const char *create;
    const char *drop;
    const char *drop_again; /* what DROP may need before */
    const char *prepare;    /* of a session that loads */
} PoolRow;

static const PoolRow rows[DIALECT_COUNT] = {
    [DIALECT_POSTGRES] = {"DBFLEET_TEST_POSTGRES", "CREATE DATABASE %s TEMPLATE template0",
                          "DROP DATABASE IF EXISTS %s WITH (FORCE)", NULL, "SET check_function_bodies = off"},
    [DIALECT_MYSQL] = {"DBFLEET_TEST_MYSQL", "CREATE DATABASE %s", "DROP DATABASE IF EXISTS %s",
                       "SET foreign_key_checks = 0", "SET foreign_key_checks = 0"},
    [DIALECT_MARIADB] = {"DBFLEET_TEST_MYSQL", "CREATE DATABASE %s", "DROP DATABASE IF EXISTS %s",
                         "SET foreign_key_checks = 0", "SET foreign_key_checks = 0"},
    [DIALECT_SQLITE] = {.prepare = "PRAGMA foreign_keys = OFF"},
};

static Connection *connect_to(const PoolRow *row, const char *database, GError **error)
{
    const char *text = row->environment ? g_getenv(row->environment) : "sqlite::memory:";
    if (!text) {
        g_set_error(error, DEV_ERROR, DEV_ERROR_NO_SERVER, "%s is not set (tests/harness/servers start)",
                    row->environment);
        return NULL;
    }
    g_autoptr(DbUrl) url = db_url_parse(text, error);
    if (!url)
        return NULL;
    if (database) {
        g_free(url->database);
        url->database = g_strdup(database);
    }
    ConnectOptions options = {.url = url,
                              .password = url->password,
                              .create = true,
                              .foreign_keys = true,
                              .connect_timeout_ms = 20000,
                              .statement_timeout_ms = 60000,
                              .application_name = "dbfleet schema_pairs"};
    return connection_open(&options, error);
}

bool scratch_slot_init(ScratchSlot *self, Dialect dialect, const char *suffix, GError **error)
{
    *self = (ScratchSlot){.dialect = dialect,
                          .name = g_strdup_printf("dbfleet_pairs_%d_%s", (int)getpid(), suffix)};
    if (rows[dialect].environment)
        self->admin = connect_to(&rows[dialect], NULL, error);
    if (self->admin && rows[dialect].drop_again)
        connection_run(self->admin, rows[dialect].drop_again, NULL);
    return !rows[dialect].environment || self->admin;
}

static bool drop_and(ScratchSlot *self, bool create, GError **error)
{
    const PoolRow *row = &rows[self->dialect];
    g_clear_pointer(&self->scratch.connection, connection_close);
    if (!self->admin)
        return true;
    const char *const templates[] = {row->drop, create ? row->create : NULL};
    for (gsize i = 0; i < G_N_ELEMENTS(templates) && templates[i]; i++) {
        g_auto(GStrv) parts = g_strsplit(templates[i], "%s", 2);
        g_autofree char *sql = g_strjoin(self->name, parts[0], parts[1], NULL);
        if (!connection_run(self->admin, sql, error))
            return false;
    }
    return true;
}

void scratch_slot_clear(ScratchSlot *self)
{
    drop_and(self, false, NULL);
    g_clear_pointer(&self->admin, connection_close);
    g_clear_pointer(&self->name, g_free);
}

Scratch *scratch_slot_fresh(ScratchSlot *self, GError **error)
{
    if (!drop_and(self, true, error))
        return NULL;
    self->scratch.connection = connect_to(&rows[self->dialect], self->admin ? self->name : NULL, error);
    if (!self->scratch.connection)
        return NULL;
    self->scratch.dialect = self->scratch.connection->server.dialect;
    self->scratch.name = self->name;
    return &self->scratch;
}

/* ---- Loading ---- */

/* True if the statement failed for a role that is not there, and it is now: made here or by who tests beside
 * us. */
static bool made_role(Connection *connection, const GError *error)
{
    const DbErrorDetail *detail = db_error_detail(error);
    g_autoptr(GRegex) regex = g_regex_new("role \"([^\"]+)\" does not exist", 0, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    if (!detail || g_strcmp0(detail->code, "42704") != 0 || !g_regex_match(regex, error->message, 0, &match))
        return false;
    g_autofree char *role = g_match_info_fetch(match, 1);
    g_autofree char *sql = g_strdup_printf("CREATE ROLE \"%s\" NOLOGIN", role);
    g_autoptr(GError) problem = NULL;
    if (connection_run(connection, sql, &problem))
        return true;
    const DbErrorDetail *refusal = db_error_detail(problem);
    return refusal && g_strcmp0(refusal->code, "42710") == 0;
}

static bool run_statement(Connection *connection, const char *sql, GError **error)
{
    g_autoptr(GError) problem = NULL;
    if (connection_run(connection, sql, &problem))
        return true;
    if (made_role(connection, problem))
        return run_statement(connection, sql, error);
    g_propagate_prefixed_error(error, g_steal_pointer(&problem), "%.200s: ", sql);
    return false;
}

bool scratch_load(Scratch *scratch, const char *text, const char *what, GError **error)
{
    Connection *connection = scratch->connection;
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(Script) script =
        script_split(text, strlen(text), scratch->dialect, (SourcePlace){what, 1, 1}, problems);
    g_autoptr(Batch) restore = batch_new();
    g_auto(BatchResult) result = {0};
    if (!script) {
        g_autofree char *told = diagnostics_to_string(problems);
        g_set_error(error, DEV_ERROR, DEV_ERROR_STATEMENT, "%s: %s", what, told);
        return false;
    }
    if (!connection_run(connection, rows[scratch->dialect].prepare, error))
        return false;
    for (unsigned i = 0; i < script_length(script); i++) {
        g_autofree char *sql = script_statement_text(script, i);
        if (!run_statement(connection, sql, error)) {
            g_prefix_error(error, "-- %s: ", what);
            return false;
        }
    }
    connection_add_restore(connection, restore);
    return connection_execute(connection, restore, &result, error);
}
