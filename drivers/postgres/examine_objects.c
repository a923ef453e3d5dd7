/* Examining a PostgreSQL database: rights in the schema, dbfleet's two tables, and what stands in the way of
 * DDL: invalid indexes, prepared transactions, old open ones. Reads the catalogs only. Owner's thread only.
 */
#include "drivers/postgres/examine_internal.h"

typedef struct Objects {
    Connection *connection;
    const ExamineOptions *options;
    Examination *examination;
    char *schema;  /* literals */
    char *version; /* qualified names as literals */
    char *history;
} Objects;

static char *table_literal(const Connection *connection, const char *table)
{
    g_autofree char *schema = sql_quote_ident(DIALECT_POSTGRES, connection->server.schema);
    g_autofree char *name = sql_quote_ident(DIALECT_POSTGRES, table);
    g_autofree char *qualified = g_strdup_printf("%s.%s", schema, name);
    return sql_quote_literal(DIALECT_POSTGRES, qualified);
}

static RowSet *query(const Objects *self, const char *subject, const char *format, ...) G_GNUC_PRINTF(3, 4);
static RowSet *query(const Objects *self, const char *subject, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *sql = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return examine_query(self->connection, self->examination, subject, sql);
}

/* ---- Rights ---- */

static void check_create(const Objects *self)
{
    const ServerInfo *server = &self->connection->server;
    g_autoptr(RowSet) rows =
        query(self, "privileges",
              "SELECT has_schema_privilege(%s, 'CREATE'), to_regclass(%s) IS NOT NULL AND to_regclass(%s) IS "
              "NOT NULL",
              self->schema, self->version, self->history);
    char *const *row = rows ? rows->rows->pdata[0] : NULL;
    if (!row || g_strcmp0(row[0], "f") != 0)
        return;
    bool have_tables = g_strcmp0(row[1], "t") == 0;
    g_autofree char *grant =
        g_strdup_printf("GRANT CREATE ON SCHEMA \"%s\" TO \"%s\".", server->schema, server->user);
    findings_add(self->examination->findings, have_tables ? FINDING_WARNING : FINDING_ERROR, "privileges",
                 grant, "role \"%s\" may create nothing in schema \"%s\"%s", server->user, server->schema,
                 have_tables ? ": revisions that make tables will fail" : ", not even dbfleet's tables");
}

static void check_table_rights(const Objects *self)
{
    const char *user = self->connection->server.user;
    g_autoptr(RowSet) rows = query(self, "privileges",
                                   "SELECT string_agg(p, '/') || ' on ' || to_regclass(t) FROM (VALUES (%s, "
                                   "'SELECT'), (%s, 'INSERT'), (%s, 'UPDATE'), (%s, "
                                   "'DELETE'), (%s, 'SELECT'), (%s, 'INSERT'), (%s, 'UPDATE')) v(t, p)\n"
                                   "WHERE to_regclass(t) IS NOT NULL AND NOT "
                                   "has_table_privilege(to_regclass(t), p) GROUP BY t ORDER BY t",
                                   self->version, self->version, self->version, self->version, self->history,
                                   self->history, self->history);
    if (!rows || rows->rows->len == 0)
        return;
    g_autoptr(GPtrArray) names = examine_names(rows);
    g_autofree char *list = finding_names(names, names->len);
    findings_add(
        self->examination->findings, FINDING_ERROR, "privileges",
        "Grant them, or connect as the role that owns dbfleet's tables; docs/grants/postgres.sql has "
        "the whole list.",
        "role \"%s\" lacks %s", user, list);
}

/* ALTER TABLE and DROP TABLE are the owner's. */
static void check_owners(const Objects *self)
{
    const ServerInfo *server = &self->connection->server;
    g_autoptr(RowSet) rows = query(
        self, "privileges",
        "SELECT c.relname FROM pg_catalog.pg_class c WHERE c.relnamespace = to_regnamespace(quote_ident(%s)) "
        "AND c.relkind IN ('r', 'p') AND NOT pg_has_role(c.relowner, 'USAGE') ORDER BY 1",
        self->schema);
    if (!rows || rows->rows->len == 0)
        return;
    g_autoptr(GPtrArray) names = examine_names(rows);
    g_autofree char *list = finding_names(names, EXAMINE_NAMES_SHOWN);
    findings_add(self->examination->findings, FINDING_NOTE, "owner",
                 "Make it a member of the owning role, or change the owner, if revisions are to alter them.",
                 "%u %s of schema \"%s\" belong to roles that \"%s\" is no member of (%s)", names->len,
                 names->len == 1 ? "table" : "tables", server->schema, server->user, list);
}

/* ---- dbfleet's tables ---- */

static void check_tables(const Objects *self)
{
    g_autoptr(RowSet) key =
        query(self, "version-table",
              "SELECT 1 FROM pg_catalog.pg_class c WHERE c.oid = to_regclass(%s) AND NOT EXISTS (SELECT FROM "
              "pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisunique AND i.indnkeyatts = 1)",
              self->version);
    if (key && key->rows->len > 0)
        findings_add(self->examination->findings, FINDING_WARNING, "version-table",
                     "Add the key: ALTER TABLE … ADD PRIMARY KEY (version_num).",
                     "table %s has no primary key: nothing keeps a revision from standing there twice",
                     self->options->version_table);
    g_autoptr(RowSet) columns = query(self, "history",
                                      "SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = "
                                      "to_regclass(%s) AND attnum > 0 AND NOT attisdropped",
                                      self->history);
    g_autoptr(GPtrArray) names = examine_names(columns);
    examine_history_columns(self->options, names, self->examination);
}

/* ---- What stands in the way ---- */

/* A partitioned table's index is not valid until every partition has its own: that is no failure. */
static void check_indexes(const Objects *self)
{
    g_autoptr(RowSet) rows =
        query(self, "invalid-index",
              "SELECT quote_ident(c.relname) || ' on ' || i.indrelid::regclass FROM pg_catalog.pg_index i "
              "JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid WHERE NOT i.indisvalid AND c.relkind = 'i' "
              "AND c.relnamespace = to_regnamespace(quote_ident(%s)) ORDER BY 1",
              self->schema);
    if (!rows || rows->rows->len == 0)
        return;
    g_autoptr(GPtrArray) names = examine_names(rows);
    g_autofree char *list = finding_names(names, EXAMINE_NAMES_SHOWN);
    findings_add(self->examination->findings, FINDING_WARNING, "invalid-index",
                 "If nothing is building it now: DROP INDEX CONCURRENTLY, then build it again.",
                 "invalid %s left by a CREATE INDEX CONCURRENTLY that did not finish: %s",
                 names->len == 1 ? "index" : "indexes", list);
}

static void check_prepared(const Objects *self)
{
    g_autoptr(RowSet) rows =
        query(self, "prepared-transaction",
              "SELECT quote_literal(gid) || ' since ' || to_char(prepared, 'YYYY-MM-DD HH24:MI:SSOF') FROM "
              "pg_catalog.pg_prepared_xacts WHERE database = current_database() ORDER BY prepared");
    if (!rows || rows->rows->len == 0)
        return;
    g_autoptr(GPtrArray) names = examine_names(rows);
    g_autofree char *list = finding_names(names, EXAMINE_NAMES_SHOWN);
    findings_add(self->examination->findings, FINDING_WARNING, "prepared-transaction",
                 "COMMIT PREPARED or ROLLBACK PREPARED, whichever its owner means.",
                 "prepared %s left open, holding locks until somebody ends %s: %s",
                 names->len == 1 ? "transaction" : "transactions", names->len == 1 ? "it" : "them", list);
}

static void check_old_transactions(const Objects *self)
{
    g_autoptr(RowSet) rows = query(
        self, "old-transaction",
        "SELECT concat_ws(', ', 'pid ' || pid, 'user ' || usename, 'application ' || "
        "nullif(application_name, ''), state || ' since ' || to_char(xact_start, 'YYYY-MM-DD HH24:MI:SSOF'))"
        "\nFROM pg_catalog.pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND backend_type = 'client backend' AND xact_start < clock_timestamp() - interval '%u minutes' "
        "ORDER "
        "BY xact_start",
        self->options->old_minutes);
    for (guint i = 0; rows && i < rows->rows->len && i < EXAMINE_NAMES_SHOWN; i++)
        findings_add(self->examination->findings, FINDING_WARNING, "old-transaction",
                     "See what it does, and end it: SELECT pg_terminate_backend(PID).",
                     "a transaction is open for more than %u minutes, and DDL on what it touched waits for "
                     "it: %s",
                     self->options->old_minutes, ((char **)rows->rows->pdata[i])[0]);
}

void postgres_examine_objects(Connection *base, const ExamineOptions *options, Examination *examination)
{
    g_autofree char *schema = sql_quote_literal(DIALECT_POSTGRES, base->server.schema);
    g_autofree char *version = table_literal(base, options->version_table);
    g_autofree char *history = table_literal(base, options->history_table);
    const Objects self = {base, options, examination, schema, version, history};
    check_create(&self);
    check_table_rights(&self);
    check_owners(&self);
    check_tables(&self);
    check_indexes(&self);
    check_prepared(&self);
    check_old_transactions(&self);
}
