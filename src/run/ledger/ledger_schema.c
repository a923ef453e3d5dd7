/* Ledger schema: the tables runs are recorded in, kept by revisions of our own.
 *
 * A revision is a row of the table below, applied in one transaction with its version row. The version table
 * and the guarded writes to it are those of every target (drivers/version_store.h), so two dbfleets cannot
 * both apply one; the steps are not run by step_apply.c: that needs a graph of revision files, a plan and a
 * job, and a ledger must open where none of them is there yet. The texts are what SQLite and PostgreSQL both
 * understand, but for {keyed}. A revision that was released is never edited. Refuses a ledger with a revision
 * it does not know. Main thread. */
#include "drivers/version_store.h"
#include "run/ledger/ledger_internal.h"
#include <stdlib.h>

#define VERSION_TABLE "dbfleet_ledger_version"
#define LOCK_POLL_US (G_USEC_PER_SEC / 20)
#define LOCK_WAIT_US (30 * G_USEC_PER_SEC)

typedef struct LedgerRevision {
    const char *id;
    const char *const *statements; /* NULL-terminated */
} LedgerRevision;

/* As 0.1.0 made it, in SQLite files with user_version 1. */
static const char *const first_tables[] = {
    "CREATE TABLE runs (id TEXT PRIMARY KEY, command TEXT NOT NULL, goal TEXT NOT NULL, track TEXT, "
    "selector TEXT, operator TEXT, plan_digest TEXT, dbfleet_version TEXT, jobs INTEGER, max_failures TEXT, "
    "started_us BIGINT NOT NULL, finished_us BIGINT NOT NULL, halt_reason TEXT, interrupted INTEGER NOT "
    "NULL)",
    "CREATE TABLE targets (run_id TEXT NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL, group_name "
    "TEXT, server TEXT, dialect TEXT, server_version TEXT, outcome TEXT NOT NULL, reason TEXT, rows_before "
    "TEXT, rows_after TEXT, rows_goal TEXT, steps_planned INTEGER, started_us BIGINT, duration_us BIGINT, "
    "error_class TEXT, code TEXT, message TEXT, detail TEXT, hint TEXT, revision TEXT, direction TEXT, file "
    "TEXT, line BIGINT, column_number BIGINT, statement BIGINT, sql TEXT, excerpt TEXT, PRIMARY KEY (run_id, "
    "position))",
    "CREATE TABLE steps (run_id TEXT NOT NULL, target TEXT NOT NULL, position INTEGER NOT NULL, step_id "
    "TEXT, "
    "revision TEXT, message TEXT, direction TEXT, state TEXT, started_us BIGINT, duration_us BIGINT, "
    "statements_total BIGINT, statements_done BIGINT, PRIMARY KEY (run_id, target, position))",
    "CREATE INDEX runs_started ON runs (started_us)",
    NULL,
};

static const char *const circumstances[] = {
    "ALTER TABLE runs ADD COLUMN of_run TEXT",
    "ALTER TABLE runs ADD COLUMN host TEXT",
    "ALTER TABLE runs ADD COLUMN process TEXT",
    "ALTER TABLE runs ADD COLUMN versions_commit TEXT",
    "ALTER TABLE runs ADD COLUMN per_host INTEGER",
    "ALTER TABLE runs ADD COLUMN max_unreachable TEXT",
    "ALTER TABLE runs ADD COLUMN on_halt TEXT",
    "ALTER TABLE runs ADD COLUMN allow_edited INTEGER",
    "ALTER TABLE runs ADD COLUMN purge INTEGER",
    "ALTER TABLE runs ADD COLUMN variables TEXT",
    "ALTER TABLE runs ADD COLUMN heartbeat_us BIGINT",
    "ALTER TABLE runs ADD COLUMN paused_by TEXT",
    "ALTER TABLE targets ADD COLUMN path TEXT",
    "ALTER TABLE targets ADD COLUMN backup TEXT",
    "ALTER TABLE targets ADD COLUMN blocker TEXT",
    "ALTER TABLE targets ADD COLUMN difference TEXT",
    "ALTER TABLE steps ADD COLUMN tries INTEGER",
    "CREATE TABLE paths (run_id TEXT NOT NULL, digest TEXT NOT NULL, dialect TEXT, PRIMARY KEY (run_id, "
    "digest))",
    "CREATE TABLE path_steps (run_id TEXT NOT NULL, digest TEXT NOT NULL, position INTEGER NOT NULL, "
    "revision "
    "TEXT, direction TEXT, checksum TEXT, PRIMARY KEY (run_id, digest, position))",
    "CREATE TABLE events (run_id TEXT NOT NULL, number BIGINT NOT NULL, time_us BIGINT, kind TEXT, target "
    "TEXT, "
    "text TEXT, PRIMARY KEY (run_id, number))",
    "CREATE TABLE controls (id TEXT PRIMARY KEY, run_id TEXT NOT NULL, time_us BIGINT NOT NULL, action TEXT "
    "NOT NULL, who TEXT NOT NULL, seen_us BIGINT)",
    "CREATE INDEX controls_run ON controls (run_id)",
    NULL,
};

static const char *const plan_files[] = {
    "ALTER TABLE runs ADD COLUMN plan_file TEXT",
    NULL,
};

static const char *const waves[] = {
    "ALTER TABLE runs ADD COLUMN on_failure TEXT",
    "ALTER TABLE targets ADD COLUMN wave INTEGER",
    "ALTER TABLE targets ADD COLUMN worker INTEGER",
    "CREATE TABLE waves (run_id TEXT NOT NULL, position INTEGER NOT NULL, name TEXT, state TEXT, targets "
    "INTEGER, started_us BIGINT, finished_us BIGINT, soak_until_us BIGINT, halt_reason TEXT, PRIMARY KEY "
    "(run_id, position))",
    "CREATE TABLE gates (run_id TEXT NOT NULL, wave INTEGER NOT NULL, position INTEGER NOT NULL, name TEXT, "
    "kind TEXT, target TEXT, passed INTEGER, saw TEXT, tries INTEGER, started_us BIGINT, duration_us BIGINT, "
    "PRIMARY KEY (run_id, wave, position))",
    "CREATE TABLE warnings (run_id TEXT NOT NULL, position INTEGER NOT NULL, text TEXT, PRIMARY KEY (run_id, "
    "position))",
    NULL,
};

static const char *const approvals[] = {
    "ALTER TABLE runs ADD COLUMN approved_by TEXT",
    NULL,
};

static const char *const estimates[] = {
    "ALTER TABLE runs ADD COLUMN estimate_us BIGINT",
    NULL,
};

#define KEYED "{keyed}" /* rows lie where their key is, if the ledger can be told so */

/* A step's id is its run and its number, and it says with which event it began. Of the tables with many rows,
 * rows and index are one. */
static const char *const keyed_tables[] = {
    "CREATE TABLE keyed_steps (run_id TEXT NOT NULL, target TEXT NOT NULL, position INTEGER NOT NULL, "
    "step_run TEXT, step_number INTEGER, revision TEXT, message TEXT, direction TEXT, state TEXT, started_us "
    "BIGINT, duration_us BIGINT, statements_total BIGINT, statements_done BIGINT, tries INTEGER, "
    "event_number BIGINT, PRIMARY KEY (run_id, target, position))" KEYED,
    "INSERT INTO keyed_steps SELECT run_id, target, position, step_id, 0, revision, message, direction, "
    "state, started_us, duration_us, statements_total, statements_done, tries, 0 FROM steps",
    "DROP TABLE steps",
    "ALTER TABLE keyed_steps RENAME TO steps",
    "CREATE TABLE keyed_events (run_id TEXT NOT NULL, number BIGINT NOT NULL, time_us BIGINT, kind TEXT, "
    "target TEXT, text TEXT, PRIMARY KEY (run_id, number))" KEYED,
    "INSERT INTO keyed_events SELECT run_id, number, time_us, kind, target, text FROM events",
    "DROP TABLE events",
    "ALTER TABLE keyed_events RENAME TO events",
    "CREATE TABLE keyed_path_steps (run_id TEXT NOT NULL, digest TEXT NOT NULL, position INTEGER NOT NULL, "
    "revision TEXT, direction TEXT, checksum TEXT, PRIMARY KEY (run_id, digest, position))" KEYED,
    "INSERT INTO keyed_path_steps SELECT run_id, digest, position, revision, direction, checksum FROM "
    "path_steps",
    "DROP TABLE path_steps",
    "ALTER TABLE keyed_path_steps RENAME TO path_steps",
    NULL,
};

static const LedgerRevision revisions[] = {
    {"0001_runs_targets_steps", first_tables},
    {"0002_circumstances_paths_events_controls", circumstances},
    {"0003_plan_files", plan_files},
    {"0004_waves_gates_warnings", waves},
    {"0005_approvals", approvals},
    {"0006_estimates", estimates},
    {"0007_keyed_tables", keyed_tables},
};

/* ---- Where the ledger stands ---- */

static VersionStore version_store(const Ledger *self)
{
    return (VersionStore){self->connection->server.dialect, self->connection->server.schema, VERSION_TABLE};
}

/* What 0.1.0 wrote into the file's header: 1, and no version table. */
static bool is_first_release(const Ledger *self)
{
    if (!self->is_file)
        return false;
    g_autoptr(RowSet) rows = connection_query(self->connection, "PRAGMA user_version", NULL);
    return rows && rows->rows->len && g_str_equal(((char **)rows->rows->pdata[0])[0], "1");
}

static bool place_of(const char *id, guint *applied, GError **error)
{
    for (guint i = 0; i < G_N_ELEMENTS(revisions); i++) {
        if (g_str_equal(revisions[i].id, id)) {
            *applied = i + 1;
            return true;
        }
    }
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                "it was written by a newer dbfleet (it stands at %s, this one knows up to %s): use that one, "
                "or another ledger",
                id, revisions[G_N_ELEMENTS(revisions) - 1].id);
    return false;
}

/* How many revisions are applied; *has_table: whether the version table is there. */
static bool read_version(const Ledger *self, guint *applied, bool *has_table, GError **error)
{
    g_autoptr(GError) problem = NULL;
    VersionStore store = version_store(self);
    g_autofree char *select = version_store_select_rows(&store);
    g_autoptr(RowSet) rows = connection_query(self->connection, select, &problem);
    *has_table = rows != NULL;
    *applied = 0;
    if (!rows && !g_error_matches(problem, DB_ERROR, DB_ERROR_UNDEFINED_TABLE)) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return false;
    }
    if (rows && rows->rows->len)
        return place_of(((char **)rows->rows->pdata[0])[0], applied, error);
    return true;
}

/* ---- Applying ---- */

static void add_version_write(const Ledger *self, Batch *batch, guint from, guint to)
{
    VersionStore store = version_store(self);
    const char *removed[] = {from ? revisions[from - 1].id : NULL, NULL};
    const char *added[] = {revisions[to - 1].id, NULL};
    g_autoptr(GPtrArray) statements = g_ptr_array_new();
    version_store_change(&store, removed, added, statements);
    for (guint i = 0; i < statements->len; i++)
        batch_take(batch, statements->pdata[i], false);
}

/* A dbfleet 0.1.0 that opens this file later says that it is too new, and leaves it alone. */
static void add_mark(const Ledger *self, Batch *batch)
{
    if (self->is_file)
        batch_take(batch, g_strdup("PRAGMA user_version = 2"), false);
}

/* As the ledger's dialect has it. */
static char *table_statement(const Ledger *self, const char *text)
{
    GString *statement = g_string_new(text);
    g_string_replace(statement, KEYED, self->is_file ? " WITHOUT ROWID" : "", 0);
    return g_string_free(statement, FALSE);
}

static bool apply(Ledger *self, guint index, GError **error)
{
    g_autoptr(Batch) batch = ledger_batch(self);
    for (const char *const *statement = revisions[index].statements; *statement; statement++)
        batch_take(batch, table_statement(self, *statement), false);
    add_version_write(self, batch, index, index + 1);
    add_mark(self, batch);
    if (ledger_commit(self, batch, error))
        return true;
    g_prefix_error(error, "its tables cannot be brought to %s: ", revisions[index].id);
    return false;
}

/* The version table, with the row of a ledger that is older than it. */
static bool make_version_table(Ledger *self, guint *applied, GError **error)
{
    VersionStore store = version_store(self);
    g_autoptr(Batch) batch = ledger_batch(self);
    g_autoptr(GPtrArray) tables = version_store_create(&store);
    *applied = is_first_release(self) ? 1 : 0;
    batch_take(batch, g_strdup(tables->pdata[0]), false); /* no history: a revision is one transaction */
    if (*applied)
        add_version_write(self, batch, 0, *applied);
    return ledger_commit(self, batch, error);
}

static bool apply_missing(Ledger *self, GError **error)
{
    guint applied;
    bool has_table;
    if (self->is_file && !connection_run(self->connection, "PRAGMA journal_mode = WAL", error))
        return false;
    if (!read_version(self, &applied, &has_table, error) ||
        !(has_table || make_version_table(self, &applied, error)))
        return false;
    for (; applied < G_N_ELEMENTS(revisions); applied++)
        if (!apply(self, applied, error))
            return false;
    return true;
}

/* ---- One at a time ---- */

static bool take_lock(Ledger *self, const char *key, GError **error)
{
    g_autoptr(Batch) nothing = batch_new();
    gint64 deadline = g_get_monotonic_time() + LOCK_WAIT_US;
    for (bool held = false;; g_usleep(LOCK_POLL_US)) {
        g_auto(BatchResult) result = {0};
        if (!self->connection->driver->try_lock(self->connection, key, nothing, &held, &result, error))
            return false;
        if (held)
            return true;
        if (g_get_monotonic_time() >= deadline)
            break;
    }
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_AGAIN, "another dbfleet is changing its tables");
    return false;
}

bool ledger_schema_prepare(Ledger *self, GError **error)
{
    guint applied;
    bool has_table;
    if (!read_version(self, &applied, &has_table, error))
        return false;
    if (applied == G_N_ELEMENTS(revisions))
        return true;
    g_autofree char *key = lock_key(&self->connection->server, VERSION_TABLE);
    if (!take_lock(self, key, error))
        return false;
    bool good = apply_missing(self, error);
    self->connection->driver->unlock(self->connection, key);
    return good;
}
